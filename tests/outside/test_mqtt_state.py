"""The topics say what image.json says: magnitudes with their direction in the name, None where unknown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from mqtt_village import CONFIG, NOON, Figures, image_of

from controller.outside.mqtt.state import number, state_of

CUT = {
    "from_utc": (NOON + timedelta(hours=2)).isoformat(),
    "to_utc": (NOON + timedelta(hours=3)).isoformat(),
    "reason": {"code": "planned_cut", "params": {}, "th": "ตามรอบ", "en": "Its turn."},
}


def plan(cuts: dict, age_h: float = 0.0) -> dict:
    return {"issued_utc": (NOON - timedelta(hours=age_h)).isoformat(), "cuts": cuts}


def forecast(age_h: float = 0.0) -> dict:
    outlook = {"verdict": "probably", "lasts_until_sunrise_prob": 0.83, "sunrise_utc": "x", "reason": None}
    return {"issued_utc": (NOON - timedelta(hours=age_h)).isoformat(), "outlook": outlook}


def test_powers_are_magnitudes_whose_direction_is_in_the_name() -> None:
    charging = state_of(image_of(CONFIG, Figures(battery_w=3600.0)), None, None)
    assert (charging["battery/charge_w"], charging["battery/discharge_w"]) == ("3600", "0")
    giving = state_of(image_of(CONFIG, Figures(battery_w=-900.4)), None, None)
    assert (giving["battery/charge_w"], giving["battery/discharge_w"]) == ("0", "900")
    assert giving["site/pv_w"] == "12000"
    assert giving["pv/pv_south/power_w"] == "6000"


def test_a_feeder_says_whether_it_has_power_and_why() -> None:
    values = state_of(image_of(CONFIG, off=frozenset({"pump"})), None, None)
    assert (values["feeder/pump/closed"], values["feeder/clinic/closed"]) == ("OFF", "ON")
    assert values["feeder/clinic/power_w"] == "310"
    assert values["feeder/school/power_w"] == "None", "its meter says nothing"
    assert '"th":' in values["feeder/pump/reason"]


def test_the_next_cut_is_the_one_that_is_not_over() -> None:
    past = {**CUT, "from_utc": (NOON - timedelta(hours=2)).isoformat(), "to_utc": NOON.isoformat()}
    values = state_of(image_of(CONFIG), None, plan({"houses_a": [past, CUT]}))
    assert values["feeder/houses_a/next_cut_from"] == CUT["from_utc"]
    assert "Its turn." in values["feeder/houses_a/next_cut_reason"]
    assert values["feeder/houses_b/next_cut_from"] == "None"


def test_what_is_too_old_is_not_told() -> None:
    values = state_of(image_of(CONFIG), forecast(age_h=6.1), plan({"houses_a": [CUT]}, age_h=3.1))
    assert values["feeder/houses_a/next_cut_from"] == "None"
    assert values["forecast/verdict"] == "None"
    assert state_of(image_of(CONFIG), forecast(age_h=5.9), None)["forecast/lasts_percent"] == "83.0"


def test_the_same_site_has_the_same_topics_whatever_is_known() -> None:
    nothing = image_of(CONFIG)
    for feeder in nothing["feeders"]:
        feeder |= {"closed": None, "power_w": None, "reason": None}
    nothing["battery"] |= {"soc_frac": None, "power_w": None, "temperature_c": None}
    nothing["summary"] = dict.fromkeys(nothing["summary"])
    full = state_of(image_of(CONFIG), forecast(), plan({"houses_a": [CUT]}))
    assert state_of(nothing, None, None).keys() == full.keys()


@pytest.mark.parametrize(
    ("value", "decimals", "said"), [(None, 0, "None"), (-0.2, 0, "0"), (12.345, 1, "12.3"), (-0.04, 1, "0.0")]
)
def test_a_figure_has_no_minus_before_a_zero(value, decimals, said) -> None:
    assert number(value, decimals) == said


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        state_of({"clock": {"utc": "noon"}}, None, None)
