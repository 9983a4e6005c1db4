"""What the page and the API say of the plan: whose turn to be off is when, and when to use heavy loads."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_plan import cut, evening_turns, hour, plan, planned, scarce_day, show, standing, words_of
from web_village import EVENING, rationed, reason, village

from web.timeline import WIDTH, Stretch, draw_bar


async def test_an_evening_without_turns_is_good_news(powerhouse) -> None:
    said = await show(powerhouse, planned(), plan())
    assert "Nobody has to be off: every line should have power until tomorrow 09:15." in said
    assert "hatched" not in said
    assert "ไม่มีรอบดับไฟ ทุกสายน่าจะมีไฟตลอดถึง พรุ่งนี้ 09:15 น." in words_of(await powerhouse.page("/th"))


async def test_everybody_finds_her_turn_why_and_since_when_it_is_known(powerhouse) -> None:
    image = planned(off=frozenset({"houses_b", "pump"}))
    said = await show(powerhouse, image, evening_turns())
    for phrase in (
        "Houses A Off 23:00 to 00:30",
        "Houses B Off now, until 21:30",
        "Houses D Off tonight 00:30 to 02:00",
        "Water pump Off now, until 09:00",
        "Why? Announced 09:15",
        "sun and battery do not suffice for households all at once",
        "No turn to be off: School, Street lights, Clinic",
        "Told until tomorrow 09:15.",
    ):
        assert phrase in said
    thai = words_of(await powerhouse.page("/th"))
    assert "บ้านกลุ่ม ก ดับ 23:00 น. ถึง 00:30 น." in thai
    assert "บ้านกลุ่ม ง ดับ คืนนี้ 00:30 น. ถึง 02:00 น." in thai
    assert "ทำไม? ประกาศเมื่อ 09:15 น." in thai


async def test_homes_come_first_and_in_the_order_of_the_village(powerhouse) -> None:
    await show(powerhouse, planned(), scarce_day())
    page = await powerhouse.page()
    assert re.findall(r"<h3>([^<]*)</h3>", page) == [
        "Houses A", "Houses B", "Houses C", "Houses D", "School", "Water pump",
    ]  # fmt: skip


async def test_a_turn_after_the_small_hours_is_tomorrows(powerhouse) -> None:
    said = await show(powerhouse, planned(off=frozenset({"houses_a"})), scarce_day())
    assert "Houses A Off now, until 22:30 Off tonight 02:00 to 04:00" in said
    assert "Houses D Off 23:00 to 01:30 Off tomorrow 05:00 to 07:00" in said


async def test_a_long_turn_says_on_which_day_it_ends(powerhouse) -> None:
    said = await show(powerhouse, planned(off=frozenset({"pump"})), scarce_day())
    assert "Water pump Off now, until tomorrow 17:00" in said
    cuts = {"houses_a": [cut(hour(EVENING, 32), 4, told=EVENING)]}
    said = await show(powerhouse, planned(), plan(cuts=cuts))
    assert "Houses A Off tomorrow 08:00 to 12:00" in said


async def test_a_turn_that_is_lifted_is_told_as_good_news_with_its_reason(powerhouse) -> None:
    image = planned()
    image["feeders"][5]["reason"] = reason("cut_lifted", wait_s=600)
    said = await show(powerhouse, image, evening_turns())
    assert "Houses B Stays on after all (turn 20:00 to 21:30)" in said
    assert said.count("there is more energy than expected") == 2, "of the line, and as the answer to why"
    assert 'class="spared"' in await powerhouse.page()


async def test_turns_that_are_over_or_far_ahead_are_not_told(powerhouse) -> None:
    told = hour(EVENING, 9)
    cuts = {"houses_a": [cut(hour(EVENING, 18), 2, told=told), cut(hour(EVENING, 34), 2, told=told)]}
    assert "Nobody has to be off" in await show(powerhouse, planned(), plan(cuts=cuts))


async def test_cuts_without_a_pause_between_them_are_one_turn(powerhouse) -> None:
    told = [hour(EVENING, 9), hour(EVENING, 13)]
    cuts = [cut(hour(EVENING, 22), 3, told=told[0]), cut(hour(EVENING, 25), 4, told=told[1])]
    said = await show(powerhouse, planned(), plan(cuts={"houses_a": cuts}))
    assert "Houses A Off 22:00 to 05:00 Why? Announced 09:00" in said
    assert "Off in turn from 01:00 to 05:00" in said
    assert said.count("(Announced 13:00)") == 1
    assert (await powerhouse.page()).count('class="hatched"') == 1 + 1


async def test_only_what_is_lifted_is_told_as_lifted(powerhouse) -> None:
    cuts = [cut(hour(EVENING, 21), 1, told=EVENING), cut(hour(EVENING, 22), 3, told=EVENING)]
    image = planned()
    image["feeders"][4]["reason"] = reason("cut_lifted", wait_s=600)
    said = await show(powerhouse, image, plan(cuts={"houses_a": cuts}))
    assert "Houses A Stays on after all (turn 21:00 to 22:00) Off 22:00 to 01:00" in said


async def test_lines_with_the_same_turns_are_told_together(powerhouse) -> None:
    names = ("houses_a", "houses_b", "houses_d")
    cuts = {name: [cut(hour(EVENING, 22), 3, told=EVENING)] for name in names}
    cuts["houses_c"] = [cut(hour(EVENING, 22), 4, told=EVENING)]
    said = await show(powerhouse, planned(), plan(cuts=cuts))
    assert "Houses A, Houses B, Houses D Off 22:00 to 01:00" in said
    assert "Houses C Off 22:00 to 02:00" in said


async def test_off_is_hatched_and_never_told_by_colour_alone(powerhouse) -> None:
    await show(powerhouse, planned(), evening_turns())
    page = await powerhouse.page()
    assert page.count('class="hatched"') == 5 + 1, "one a line, and the legend"
    assert 'fill="' not in page
    bars = re.findall(r'<svg class="bar[^>]*>', page)
    assert bars
    assert all('aria-hidden="true"' in bar for bar in bars), "the text beside them says it all"


@given(
    begins_h=st.floats(-30, 30),
    lasts_h=st.floats(0.01, 40),
    known_h=st.floats(0, 14),
    hatched=st.booleans(),
)
def test_a_bar_stays_on_its_canvas(begins_h: float, lasts_h: float, known_h: float, hatched: bool) -> None:
    start = EVENING + timedelta(hours=begins_h)
    off = Stretch(start, start + timedelta(hours=lasts_h), hatched=hatched)
    end = EVENING + timedelta(hours=12)
    svg = draw_bar(EVENING, end, min(end, EVENING + timedelta(hours=known_h)), [off])
    for left, width in re.findall(r' x="([\d.]+)" y="1" width="([\d.]+)"', svg):
        assert float(left) + float(width) <= WIDTH + 2.1


async def test_what_lies_beyond_the_announcement_is_left_blank(powerhouse) -> None:
    document = evening_turns() | {"announced_until_utc": hour(EVENING, 30).isoformat()}
    assert "Told until tomorrow 06:00" in await show(powerhouse, planned(), document)
    assert 'class="open"' in await powerhouse.page()


# ---------------------------------------------------------------- a plan that is not followed
async def test_turns_of_a_broken_plan_stand_and_it_is_said_that_the_rules_decide(powerhouse) -> None:
    image = rationed(plan=standing("plan_broken", soc_frac=0.31, expected_frac=0.38))
    said = await show(powerhouse, image, evening_turns())
    assert "the usual rules decide until there is a newer plan" in said
    assert "Houses A Off 23:00 to 00:30" in said


@pytest.mark.parametrize(
    ("code", "params"),
    [("plan_expired", {"age_s": 12_000.0}), ("plan_clock_unset", {}), ("plan_missing", {})],
)
async def test_turns_that_the_controller_dropped_are_not_told(powerhouse, code: str, params: dict) -> None:
    said = await show(powerhouse, village(EVENING, plan=standing(code, **params)), evening_turns())
    assert "the usual rules decide" in said
    assert "Turns cannot be told ahead at the moment." in said
    assert "Off 23:00" not in said


async def test_a_plan_older_than_three_hours_is_not_told(powerhouse) -> None:
    said = await show(powerhouse, planned(), evening_turns(EVENING - timedelta(hours=4)))
    assert "Turns cannot be told ahead at the moment." in said


async def test_a_plan_that_has_come_to_its_end_is_not_told(powerhouse) -> None:
    ahead = [(EVENING - timedelta(minutes=120 - 2 * step)).isoformat() for step in range(49)]
    document = evening_turns(EVENING - timedelta(hours=2)) | {"edges_utc": ahead}
    assert "Turns cannot be told ahead at the moment." in await show(powerhouse, planned(), document)


async def test_while_the_controller_does_not_run_nobody_promises_turns(powerhouse) -> None:
    await show(powerhouse, planned(), evening_turns())
    powerhouse.clock.now_s += 60
    said = words_of(await powerhouse.page())
    assert "has not been running" in said
    assert "Which line is off when" not in said
    assert "heavy loads" not in said


async def test_where_no_plan_was_ever_heard_of_there_is_no_card(powerhouse) -> None:
    image = village(EVENING)
    for key in ("plan", "voice", "supply", "fairness"):
        del image[key]
    said = await show(powerhouse, image, None)
    assert "There is power" in said
    assert "Which line is off when" not in said


# ---------------------------------------------------------------- the API
async def test_the_api_gives_the_plan_with_its_reasons(powerhouse) -> None:
    document = evening_turns()
    await show(powerhouse, planned(), document)
    reply = (await powerhouse.client.get("/api/plan")).json()
    assert reply["fresh"] is True
    assert reply["age_s"] == pytest.approx(214, abs=1)
    told = reply["plan"]["cuts"]["houses_a"][0]
    assert told["reason"] == document["cuts"]["houses_a"][0]["reason"]
    assert datetime.fromisoformat(told["announced_utc"]) == hour(EVENING, 9.25)
    assert reply["plan"]["soc_frac"] == document["soc_frac"]


async def test_an_old_plan_is_given_and_called_so(powerhouse) -> None:
    await show(powerhouse, planned(), plan(EVENING - timedelta(hours=4)))
    reply = (await powerhouse.client.get("/api/plan")).json()
    assert reply["fresh"] is False
    assert reply["plan"] is not None


async def test_no_plan_is_null_and_no_error(powerhouse) -> None:
    reply = await powerhouse.client.get("/api/plan")
    assert reply.status_code == 200
    assert reply.json() == {"fresh": False, "age_s": None, "plan": None}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.update(pv_w=document["pv_w"][:6]),
        lambda document: document["wanted_w"].update(houses_a=[-1.0] * 48),
        lambda document: document["soc_frac"].update(p10=[0.5] * 48),
        lambda document: document["genset"].update(on=[True]),
        lambda document: document.update(edges_utc=document["edges_utc"][::-1]),
        lambda document: document["cuts"]["pump"][0].update(to_utc=document["cuts"]["pump"][0]["from_utc"]),
        lambda document: document["heavy_use"][0].pop("good"),
        lambda document: document.update(format=2),
        lambda document: document.pop("issued_utc"),
    ],
)
async def test_a_plan_that_does_not_fit_is_none(powerhouse, spoil) -> None:
    document = evening_turns()
    spoil(document)
    said = await show(powerhouse, planned(), document)
    assert "Turns cannot be told ahead at the moment." in said
    assert (await powerhouse.client.get("/api/plan")).json()["plan"] is None


async def test_a_new_plan_reaches_the_page_without_a_new_image(powerhouse) -> None:
    await show(powerhouse, planned(), plan())
    powerhouse.put_plan(evening_turns())
    assert "Houses A Off 23:00 to 00:30" in words_of(await powerhouse.page())


@pytest.mark.parametrize("document", [plan, evening_turns, scarce_day])
async def test_nothing_of_the_plan_carries_a_minus(powerhouse, document) -> None:
    for path in ("/th", "/en"):
        said = await show(powerhouse, planned(), document(), path)
        assert not re.search(r"[-−]\d", said.replace("080-000-0000", ""))
