"""forecast.json is checked before it is published: readers need not doubt it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import pytest

from controller.core.model import Reason
from controller.runtime.forecast_document import UnusableForecastError, outline
from controller.runtime.image_document import said

DOCUMENT = {
    "format": 1,
    "issued_utc": "2026-04-01T05:02:00+00:00",
    "grid": {"start_utc": "2026-04-01T05:00:00+00:00", "step_s": 900, "count": 2},
    "levels": [0.1, 0.5, 0.9],
    "pv_w": [[0.0, 1.0], [2.0, 3.0], [2.0, 5.0]],
    "load_w": [[1, 1], [2, 2], [3, 3]],
    "arrays": {"pv_south": {"name": {"th": "ใต้", "en": "South"}, "values_w": [[0, 1], [2, 3], [4, 5]]}},
    "feeders": {"clinic": {"name": {"th": "อนามัย", "en": "Clinic"}, "values_w": [[1, 1], [2, 2], [3, 3]]}},
    "findings": [],
    "learned": {"at_utc": "2026-04-01T04:00:00+00:00", "days": 30, "arrays": {}},
}
LOST = Reason("pv_array_lost", {"array": "pv_south", "date": "2026-03-29", "lost_frac": 0.5})
DUSTY = Reason("pv_array_soiled", {"array": "pv_south", "lost_frac": 0.2})


def test_the_outline_of_a_good_document() -> None:
    found = outline(DOCUMENT)
    assert found.kinds["pv"] == ((0.0, 1.0), (2.0, 3.0), (2.0, 5.0))
    assert found.kinds.keys() == {"pv", "load"}
    assert found.start_s % 900 == 0
    assert found.issued_s - found.start_s == 120
    assert found.ends_s - found.start_s == 1800


def test_what_the_models_said_is_checked_likewise() -> None:
    models = {"pv_w": DOCUMENT["pv_w"], "load_w": DOCUMENT["load_w"]}
    assert outline(DOCUMENT, models).kinds["load_model"] == ((1.0, 1.0), (2.0, 2.0), (3.0, 3.0))
    with pytest.raises(UnusableForecastError, match="load_model does not fit"):
        outline(DOCUMENT, {**models, "load_w": [[1.0]]})


def test_a_lost_array_is_an_alarm_and_dust_is_for_technicians() -> None:
    document = json.loads(json.dumps({**DOCUMENT, "findings": [said(DUSTY), said(LOST)]}))
    assert outline(document).alarms == (LOST,)
    assert outline(DOCUMENT).alarms == ()


def test_who_has_not_learned_knows_of_no_alarm_nor_of_its_end() -> None:
    assert outline({**DOCUMENT, "learned": {"at_utc": None}}).alarms is None


def test_an_alarm_that_cannot_be_said_spoils_the_forecast() -> None:
    mute = {"code": "pv_array_lost", "params": {}, "th": "", "en": ""}
    with pytest.raises(UnusableForecastError, match="array"):
        outline({**DOCUMENT, "findings": [mute]})


def _set(*path: str | int, value: object) -> Callable[[dict], None]:
    def edit(document: dict) -> None:
        place = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return edit


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_set("format", value=2), "as agreed"),
        (_set("levels", value=[0.9, 0.5, 0.1]), "as agreed"),
        (_set("grid", "count", value=3), "does not fit"),
        (_set("grid", value=None), "TypeError"),
        (_set("grid", "step_s", value=float("inf")), "OverflowError"),
        (_set("pv_w", 0, value=[0.0]), "pv does not fit"),
        (_set("pv_w", 0, 0, value=-1.0), "pv holds impossible"),
        (_set("pv_w", 0, 0, value=9.0), "pv holds impossible or crossing"),
        (_set("pv_w", 0, 0, value=float("inf")), "impossible"),
        (_set("load_w", 2, 1, value=None), "TypeError"),
        (_set("load_w", 2, 1, value="many"), "ValueError"),
        (_set("arrays", "pv_south", "values_w", 2, 0, value=0.5), "arrays.pv_south"),
        (_set("feeders", "clinic", "values_w", value=[]), "feeders.clinic"),
        (_set("issued_utc", value="2026-04-01T05:02:00"), "no time zone"),
        (_set("issued_utc", value="noon"), "ValueError"),
    ],
)
def test_a_document_that_readers_could_not_trust_is_refused(spoil: Callable, says: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    spoil(document)
    with pytest.raises(UnusableForecastError, match=says):
        outline(document)


@pytest.mark.parametrize("key", DOCUMENT)
def test_a_document_that_lacks_something_is_refused(key: str) -> None:
    with pytest.raises(UnusableForecastError, match=key):
        outline({name: value for name, value in DOCUMENT.items() if name != key})
