"""What the page and the API say of tonight and tomorrow."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from web_forecast import forecast
from web_village import EVENING, NOON, rationed, reason, record_day, village


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("<main", 1)[-1]))


def put(powerhouse, image: dict, document: dict | None) -> None:
    image["written"]["monotonic_s"] = powerhouse.clock.now_s
    powerhouse.put(image)
    if document is not None:
        powerhouse.put_forecast(document)


async def test_will_it_last_tonight_is_answered_in_plain_words(powerhouse) -> None:
    put(powerhouse, rationed(), forecast())
    assert "The battery will probably last until sunrise" in words_of(await powerhouse.page("/en"))
    assert "แบตเตอรี่น่าจะพอถึงเช้า" in words_of(await powerhouse.page("/th"))


async def test_without_a_forecast_the_present_draw_is_gone_by(powerhouse) -> None:
    put(powerhouse, rationed(), None)
    said = words_of(await powerhouse.page("/en"))
    assert "Enough until about 03:40" in said
    assert "There is no forecast" not in said, "nothing is drawn at all yet"


async def test_where_a_genset_may_help_the_answer_says_that_it_is_left_out(powerhouse) -> None:
    document = forecast()
    document["outlook"]["more_reasons"] = [reason("outlook_without_genset")]
    put(powerhouse, rationed(), document)
    assert "reckoned without the genset" in words_of(await powerhouse.page("/en"))
    document["outlook"]["verdict"] = "surely"
    put(powerhouse, rationed(), document)
    assert "reckoned without the genset" not in words_of(await powerhouse.page("/en"))


async def test_while_the_clock_is_not_set_it_is_said_why_there_is_no_forecast(powerhouse) -> None:
    image = rationed()
    image["clock"]["synchronised"] = False
    put(powerhouse, image, None)
    assert "clock is set: a technician should" in words_of(await powerhouse.page("/en"))
    assert "จนกว่านาฬิกาของระบบจะตรง" in words_of(await powerhouse.page("/th"))


async def test_good_hours_are_named_with_their_day(powerhouse) -> None:
    put(powerhouse, rationed(), forecast())
    assert "Good hours for heavy loads: Tomorrow 10:00 to 14:30" in words_of(await powerhouse.page("/en"))
    assert "พรุ่งนี้ 10:00 น. ถึง 14:30 น." in words_of(await powerhouse.page("/th"))


async def test_hours_that_are_over_are_not_good_any_more(powerhouse) -> None:
    document = forecast()
    document["outlook"]["good_hours"] = [
        {
            "from_utc": (EVENING - timedelta(hours=5)).isoformat(),
            "to_utc": (EVENING - timedelta(hours=3)).isoformat(),
        }
    ]
    put(powerhouse, rationed(), document)
    assert "there may be no sun to spare" in words_of(await powerhouse.page("/en"))


async def test_while_panels_are_held_back_nobody_hears_that_no_sun_is_to_spare(powerhouse) -> None:
    document = forecast()
    document["outlook"]["good_hours"] = []
    image = rationed()
    put(powerhouse, image, document)
    assert "there may be no sun to spare" in words_of(await powerhouse.page("/en"))
    put(powerhouse, image | {"pv_reason": reason("normal")}, document)
    assert "there may be no sun to spare" not in words_of(await powerhouse.page("/en"))


async def test_measured_and_expected_share_one_picture(powerhouse) -> None:
    record_day(powerhouse.telemetry, EVENING)
    put(powerhouse, rationed(), forecast())
    page = await powerhouse.page("/en")
    svg = page[page.index('<svg class="chart" viewBox="0 0 340') :]
    svg = svg[: svg.index("</svg>")]
    for name, count in (("measured", 6), ("outer", 3), ("inner", 3), ("expected", 3), ("limit", 1)):
        assert svg.count(f'class="{name}"') == count, name
    assert "Expected from now on: panels up to about" in svg


async def test_how_good_the_bands_were_is_told(powerhouse) -> None:
    record_day(powerhouse.telemetry, EVENING)
    put(powerhouse, rationed(), forecast())
    assert "held 8 (sun) and 8 (use) over the last 14 days" in words_of(await powerhouse.page("/en"))


async def test_an_old_forecast_is_not_shown(powerhouse) -> None:
    put(powerhouse, rationed(EVENING), forecast(EVENING - timedelta(hours=7)))
    said = words_of(await powerhouse.page("/en"))
    assert "Enough until about 03:40" in said
    assert (await powerhouse.client.get("/api/forecast")).json()["fresh"] is False


async def test_a_forecast_of_the_future_is_not_gone_by(powerhouse) -> None:
    put(powerhouse, village(NOON), forecast(EVENING))
    assert (await powerhouse.client.get("/api/forecast")).json()["fresh"] is False


async def test_the_api_gives_all_quantiles(powerhouse) -> None:
    put(powerhouse, rationed(), forecast())
    reply = (await powerhouse.client.get("/api/forecast")).json()
    assert reply["fresh"] is True
    assert reply["age_s"] == pytest.approx(304, abs=1)
    assert reply["forecast"]["levels"] == [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]
    assert len(reply["forecast"]["feeders"]["clinic"]["values_w"]) == 7
    assert reply["forecast"]["outlook"]["lasts_until_sunrise_prob"] == 0.83


async def test_no_forecast_is_null_and_no_error(powerhouse) -> None:
    reply = await powerhouse.client.get("/api/forecast")
    assert reply.status_code == 200
    assert reply.json() == {"fresh": False, "age_s": None, "forecast": None}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.update(pv_w=document["pv_w"][:6]),
        lambda document: document["load_w"][3].pop(),
        lambda document: document["pv_w"][0].__setitem__(5, -1.0),
        lambda document: document.update(format=2),
        lambda document: document.pop("issued_utc"),
    ],
)
async def test_a_forecast_that_does_not_fit_is_none(powerhouse, spoil) -> None:
    document = forecast()
    spoil(document)
    put(powerhouse, rationed(), document)
    assert (await powerhouse.client.get("/api/forecast")).json()["forecast"] is None
    assert "Enough until about 03:40" in words_of(await powerhouse.page("/en"))


async def test_a_new_forecast_reaches_the_page_without_a_new_image(powerhouse) -> None:
    put(powerhouse, rationed(), forecast())
    document = forecast()
    document["outlook"]["reason"] |= {"en": "Light may run out about three"}
    await powerhouse.page("/en")
    powerhouse.put_forecast(document)
    assert "Light may run out about three" in words_of(await powerhouse.page("/en"))
