"""What the page says of heavy loads, the genset's next run, and whether the battery lasts with the plan."""

from __future__ import annotations

from datetime import timedelta

import pytest
from web_forecast import forecast
from web_plan import evening_turns, hour, plan, planned, scarce_day, show, standing, stretch, words_of
from web_village import EVENING, rationed, reason


async def test_whether_it_lasts_is_told_with_what_the_plan_does_about_it(powerhouse) -> None:
    powerhouse.put_forecast(forecast())
    document = evening_turns()
    said = await show(powerhouse, planned(), document)
    assert "As planned, the battery should hold 24 % to 40 % at sunrise, 06:10." in said
    assert "Without turns and genset: The battery will probably last until sunrise" in said
    document["soc_frac"] |= dict.fromkeys(("p10", "p90"), [0.3] * 49)
    assert "should hold about 30 % at sunrise" in await show(powerhouse, planned(), document)
    image = rationed(plan=standing("plan_soc_unseen"))
    assert "As planned" not in await show(powerhouse, image, document)


async def test_a_run_of_the_genset_alone_counts_as_a_plan_for_the_night(powerhouse) -> None:
    powerhouse.put_forecast(forecast())
    assert "As planned" in await show(powerhouse, planned(), scarce_day() | {"cuts": {}})


async def test_a_plan_that_does_nothing_for_the_night_adds_nothing(powerhouse) -> None:
    powerhouse.put_forecast(forecast())
    tomorrow = scarce_day()["genset"] | {"on": [step == 14 for step in range(48)]}
    said = await show(powerhouse, planned(), plan(genset=tomorrow))
    assert "The battery will probably last until sunrise" in said
    assert "As planned" not in said


async def test_good_hours_come_before_those_to_avoid(powerhouse) -> None:
    said = await show(powerhouse, planned(), plan())
    good, bad = said.index("Good: Tomorrow 10:00 to 14:30"), said.index("Better not: Today 21:20 to 22:00")
    assert good < bad
    assert "had better wait until 10:00" in said
    assert "ช่วงดี: พรุ่งนี้ 10:00 น. ถึง 14:30 น." in words_of(await powerhouse.page("/th"))


async def test_hours_into_the_next_day_say_so(powerhouse) -> None:
    assert "Better not: Today 21:20 to Tomorrow 17:00" in await show(powerhouse, planned(), scarce_day())


async def test_the_same_advice_is_given_once(powerhouse) -> None:
    hours = [(34, 36), (37, 38), (39, 40)]
    parts = [
        {**stretch("heavy_use_good", hour(EVENING, a), hour(EVENING, b)), "good": True} for a, b in hours
    ]
    said = await show(powerhouse, planned(), plan(heavy_use=parts))
    assert said.count("a good time for pumping") == 1
    assert said.count("Good: Tomorrow") == 2, "people plan a day, not a week"


async def test_hours_all_alike_are_told_as_such(powerhouse) -> None:
    over = {**stretch("heavy_use_bad", hour(EVENING, 17), hour(EVENING, 19)), "good": False}
    said = await show(powerhouse, planned(), plan(heavy_use=[over]))
    assert "no time is better or worse than another" in said


async def test_without_a_plan_in_force_the_forecast_tells_good_hours(powerhouse) -> None:
    powerhouse.put_forecast(forecast())
    image = rationed(plan=standing("plan_soc_unseen"))
    said = await show(powerhouse, image, scarce_day())
    assert "Good hours for heavy loads: Tomorrow 10:00 to 14:30" in said
    assert "Better not" not in said


async def test_the_next_run_of_the_genset_is_told_with_its_reason(powerhouse) -> None:
    said = await show(powerhouse, planned(), scarce_day())
    assert "planned to run from 23:00 to 02:00 although these are quiet hours" in said
    assert "No run is planned in the next 24 hours" in await show(powerhouse, planned(), plan())


async def test_a_run_that_the_card_gives_as_its_reason_is_told_once(powerhouse) -> None:
    document, image = scarce_day(), planned()
    image["genset"]["reason"] = next(why for why in document["genset"]["why"] if why)
    said = await show(powerhouse, image, document)
    assert said.count("planned to run from 23:00 to 02:00") == 1


@pytest.mark.parametrize("steps", [range(1), range(30, 34)])
async def test_a_run_that_is_over_or_far_ahead_is_not_told(powerhouse, steps: range) -> None:
    document = scarce_day(EVENING - timedelta(hours=2))
    run = next(why for why in document["genset"]["why"] if why)
    on = [step in steps for step in range(48)]
    document["genset"] = {"on": on, "why": [run if step else None for step in on]}
    said = await show(powerhouse, planned(), document)
    assert "planned to run from" not in said
    assert "No run is planned in the next 24 hours" in said


async def test_a_run_of_a_plan_that_is_not_followed_is_not_told(powerhouse) -> None:
    image = rationed(plan=standing("plan_soc_unseen"))
    assert "planned to run from" not in await show(powerhouse, image, scarce_day())


async def test_where_there_is_a_public_grid_it_is_said_how_the_village_stands_to_it(powerhouse) -> None:
    grid = {"sound": False, "connected": False, "power_w": 0.0, "voltage_v": 0.0, "frequency_hz": None}
    lost = reason("supply_grid_lost", lost_s=600.0, stable_s=300.0)
    supply = {"state": "islanded", "reason": lost, "grid": grid, "refusals": []}
    said = await show(powerhouse, planned(supply=supply), plan())
    assert "The public grid has been away for 10 minutes" in said
    assert "public grid" not in await show(powerhouse, planned(), plan())
