"""The page as a villager without JavaScript sees it."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta

import pytest
from web_forecast import forecast
from web_plan import planned, scarce_day
from web_village import BOOT, EVENING, NOON, blackout, rationed, reason, record_day, simulated, village

from controller.clock import SystemClock
from controller.telemetry.decision_log import DecisionRecord
from controller.telemetry.store import TelemetryStore


def words_of(page: str) -> str:
    """The visible text."""
    page = re.sub(r"<(\w+)[^>]* hidden[ >].*?</\1>", " ", page.split("<main", 1)[-1], flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def show(powerhouse, image: dict, path: str = "/en") -> str:
    image["written"]["monotonic_s"] = powerhouse.clock.now_s
    powerhouse.put(image)
    return words_of(await powerhouse.page(path))


async def test_a_sunny_noon(powerhouse) -> None:
    said = await show(powerhouse, village())
    for phrase in (
        "There is power",
        "64 %",
        "Charging 3.1 kW",
        "12.0 kW",
        "Strong sun",
        "8.7 kW",
        "Clinic On",
    ):
        assert phrase in said


async def test_an_evening_of_taking_turns_in_thai(powerhouse) -> None:
    said = await show(powerhouse, rationed(), "/")
    for phrase in (
        "มีไฟ แต่พักไว้ 3 จาก 8 สาย",
        "กำลังจ่ายไฟ 4.5 กิโลวัตต์",
        "พอใช้ถึงประมาณ 03:40 น.",
        "ไม่มีแดด",
        "21 พ.ย. 2569",
        "ปั๊มน้ำ ไม่มีไฟ",
        "ตั้งแต่ 20:07 น.",
    ):
        assert phrase in said


async def test_a_blackout_says_so_and_what_is_wrong(powerhouse) -> None:
    said = await show(powerhouse, blackout())
    for phrase in (
        "The whole village is without power",
        "Needs attention: 2",
        "Water pump Not known",
        "Starting",
    ):
        assert phrase in said


async def test_while_nothing_answers_nobody_is_told_that_there_is_power(powerhouse) -> None:
    image = village()
    image["mode"] = {"code": "unknown", "reason": reason("unknown")}
    said = await show(powerhouse, image)
    assert "The state of the power is not known" in said
    assert "There is power" not in said


async def test_no_figure_carries_a_minus(powerhouse) -> None:
    record_day(powerhouse.telemetry, EVENING)
    for image in (village(), rationed(), blackout(), simulated()):
        for path in ("/th", "/en"):
            assert not re.search(r"[-−]\d", (await show(powerhouse, image, path)).replace("080-000-0000", ""))


async def test_missing_is_said_and_never_zero(powerhouse) -> None:
    image = village()
    image["summary"] |= {"pv_w": None, "load_w": None, "soc_frac": None}
    image["battery"] |= {"soc_frac": None, "power_w": None}
    said = await show(powerhouse, image)
    assert said.count("Not known") >= 4
    assert "0.0 kW" not in said


@pytest.mark.parametrize(
    ("mode", "closed", "headline"),
    [
        ("normal", [True] * 8, "There is power"),
        ("saving", [True] * 8, "There is power, please save"),
        ("saving", [True] * 7 + [False], "There is power, but 1 of 8 lines are resting"),
        ("emergency", [False] * 2 + [True] * 6, "Emergency: 2 of 8 lines are cut"),
        ("saving", [False] * 8, "All lines are off now"),
        ("black_start", [False] * 8, "Power is coming back, line by line"),
        ("a_mode_of_tomorrow", [True] * 8, "There is power"),
    ],
)
async def test_the_headline(powerhouse, mode: str, closed: list[bool], headline: str) -> None:
    image = village()
    image["mode"]["code"] = mode
    for feeder, state in zip(image["feeders"], closed, strict=True):
        feeder["closed"] = state
    await show(powerhouse, image)
    page = await powerhouse.page()
    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", page) == [headline]


@pytest.mark.parametrize(
    ("left_h", "said"),
    [(None, ""), (0.0, "Down to the reserve"), (30.0, "more than a day"), (2.25, "Enough until about 23:40")],
)
async def test_how_long_it_lasts(powerhouse, left_h: float | None, said: str) -> None:
    image = rationed()
    image["summary"]["energy_left_h"] = left_h
    page = await show(powerhouse, image)
    assert said in page
    assert ("Enough until" in page) == (left_h == 2.25)


async def test_a_dead_controller_is_plain_to_see(powerhouse) -> None:
    powerhouse.clock.now_s += 60
    said = words_of(await powerhouse.page())
    assert "not known" in said
    assert "has not been running since 12:00" in said
    assert "Please call: Village technician 080-000-0000" in said
    assert "There is power" not in said


async def test_without_an_image_the_page_still_says_whom_to_call(powerhouse) -> None:
    powerhouse.image.unlink()
    said = words_of(await powerhouse.page("/th"))
    assert "ระบบควบคุมยังไม่ได้เริ่มทำงาน" in said
    assert "080-000-0000" in said


async def test_a_demonstration_is_no_secret(powerhouse) -> None:
    assert "หมู่บ้านจำลอง – simulated, 60x" in await show(powerhouse, simulated(), "/th")
    assert "นาฬิกาของระบบยังไม่ตรง" in await show(powerhouse, simulated(), "/th")
    assert "simulated" not in (await show(powerhouse, village())).lower()


async def test_the_chart_is_accessible_and_keeps_the_gap(powerhouse) -> None:
    record_day(powerhouse.telemetry, NOON)
    page = await powerhouse.page()
    chart = page[page.index('<svg class="chart"') : page.index("</svg>", page.index('<svg class="chart"'))]
    assert 'role="img"' in chart
    assert "<title" in chart
    assert "<desc" in chart
    assert chart.count('class="measured"') == 6, "three panels, before and after the missing hour"
    assert "no data for 1 h" in words_of(page)


async def test_the_day_is_bangkoks(powerhouse) -> None:
    record_day(powerhouse.telemetry, EVENING)
    after_midnight = datetime(2026, 11, 21, 17, 20, tzinfo=UTC)
    said = await show(powerhouse, village(after_midnight))
    assert "22 Nov 2026" in said
    assert "kWh made" not in said, "nothing was sampled since midnight"


async def test_language_is_remembered_by_a_cookie_only(powerhouse) -> None:
    client = powerhouse.client
    assert '<html lang="th">' in await powerhouse.page("/")
    assert not client.cookies
    assert '<html lang="en">' in await powerhouse.page("/?lang=en")
    assert '<html lang="en">' in await powerhouse.page("/")
    assert '<html lang="th">' in await powerhouse.page("/th")
    assert '<html lang="th">' in await powerhouse.page("/?lang=xx")


async def test_names_from_the_image_cannot_inject_markup(powerhouse) -> None:
    image = village()
    image["feeders"][0]["name"]["en"] = "<script>alert(1)</script>"
    image["alarms"] = [{"code": "x", "params": {}, "th": "<b>", "en": "<img src=x>"}]
    image["written"]["monotonic_s"] = powerhouse.clock.now_s
    powerhouse.put(image)
    page = await powerhouse.page()
    assert "<script>alert" not in page
    assert "<img" not in page


async def test_headers_keep_strangers_out(powerhouse) -> None:
    for path in ("/", "/api/status", "/static/page.css", "/nowhere"):
        headers = (await powerhouse.client.get(path)).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    page = await powerhouse.page()
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"(src|href)=\"https?:", page)


async def test_the_whole_page_is_light(powerhouse) -> None:
    record_day(powerhouse.telemetry, EVENING)
    image = planned(off=frozenset({"houses_a", "houses_b", "pump"}))
    image["written"]["monotonic_s"] = powerhouse.clock.now_s
    powerhouse.put(image)
    powerhouse.put_forecast(forecast())
    powerhouse.put_plan(scarce_day())
    page = await powerhouse.page("/th")
    total = len(gzip.compress(page.encode(), 6))
    for url in re.findall(r"/static/[^\"]+", page):
        asset = await powerhouse.client.get(url, headers={"Accept-Encoding": "gzip"})
        assert asset.status_code == 200
        total += int(asset.headers["content-length"])
    assert total < 30_000
    answer = await powerhouse.client.get("/th", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


async def test_an_unchanged_page_is_not_sent_again(powerhouse) -> None:
    etag = (await powerhouse.client.get("/th")).headers["etag"]
    again = await powerhouse.client.get("/th", headers={"If-None-Match": etag})
    assert again.status_code == 304
    powerhouse.put(rationed(written_s=powerhouse.clock.now_s))
    assert (await powerhouse.client.get("/th", headers={"If-None-Match": etag})).status_code == 200


async def test_assets_are_kept_for_ever_under_their_contents_name(powerhouse) -> None:
    url = re.search(r"/static/page\.css\?v=\w+", await powerhouse.page())
    assert url is not None
    by_name = await powerhouse.client.get(url.group())
    assert "immutable" in by_name.headers["cache-control"]
    plain = await powerhouse.client.get("/static/page.css")
    assert plain.headers["cache-control"] == "no-cache"
    known = {"If-None-Match": plain.headers["etag"]}
    assert (await powerhouse.client.get("/static/page.css", headers=known)).status_code == 304
    for path in ("/static/nothing.css", "/static/../app.py", "/static/%2e%2e%2fapp.py"):
        assert (await powerhouse.client.get(path)).status_code == 404


async def test_openapi_describes_every_path_and_loads_nothing(powerhouse) -> None:
    schema = (await powerhouse.client.get("/openapi.json")).json()
    assert set(schema["paths"]) == {
        "/api/status",
        "/api/forecast",
        "/api/plan",
        "/api/history",
        "/api/decisions",
        "/api/events",
        "/healthz",
    }
    for path in schema["paths"].values():
        assert path["get"]["summary"]
        assert path["get"]["description"]
    for docs in ("/docs", "/redoc"):
        assert (await powerhouse.client.get(docs)).status_code == 404


async def test_a_decision_of_yesterday_has_its_date(powerhouse) -> None:
    record_day(powerhouse.telemetry, NOON)
    said = await show(powerhouse, village(NOON + timedelta(days=1)))
    assert "21 Nov 2026 11:36" in said


async def test_that_a_technician_ordered_it_is_told_but_not_who(powerhouse) -> None:
    store = TelemetryStore(powerhouse.telemetry, boot_id=BOOT, clock=SystemClock())
    await store.open()
    ordered = DecisionRecord(NOON, BOOT, 1.0, "houses_a", "open", "feeder_ordered_off", {"left_s": 1200.0})
    taken = {"who": "somchai", "on": False, "for_s": 1200.0}
    override = DecisionRecord(NOON, BOOT, 1.0, "houses_a", "override", "override_taken", taken)
    await store.append_decisions([ordered, override], {})
    await store.close()
    said = await show(powerhouse, village(NOON + timedelta(minutes=1)))
    assert "Off because a technician ordered it" in said
    assert "somchai" not in said
