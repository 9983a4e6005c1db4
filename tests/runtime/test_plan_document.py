"""plan.json is checked before it is followed: control and readers need not doubt it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from core_world import make_site
from planned_village import ISSUED, edges, plan_document

from controller.runtime.plan_document import STALE_S, UnusablePlanError, outline

SITE = make_site()
AHEAD_S = 500.0 - ISSUED.timestamp()
"""The run's clock shows 500 s when the plan is issued."""


def test_a_plan_is_handed_to_control_on_the_runs_own_clock() -> None:
    plan = outline(plan_document(), SITE).on_clock(AHEAD_S)
    assert plan.made_s == pytest.approx(500.0)
    assert plan.valid_until_s == pytest.approx(500.0 + STALE_S)
    assert plan.edges_s[1] == pytest.approx(500.0 + 13 * 60)
    (turn,) = plan.cuts["houses_a"]
    assert plan.cut_at("houses_a", turn.from_s + 1) == turn
    assert turn.to_s - turn.from_s == pytest.approx(3600)
    assert turn.announced_s == pytest.approx(500.0)
    step = plan.step_at(plan.edges_s[12])
    assert step is not None
    assert plan.genset_on[step]
    assert plan.genset_why[step] is not None
    assert plan.corridor_at(500.0) is not None


def test_a_plan_of_a_short_horizon_is_over_with_it() -> None:
    found = outline(plan_document(), SITE)
    hour = replace(
        found,
        edges_s=found.edges_s[:4],
        soc_frac=tuple(row[:4] for row in found.soc_frac),
        wanted_w={},
        genset_on=(),
        genset_why=(),
    )
    assert hour.on_clock(AHEAD_S).valid_until_s == pytest.approx(500.0 + 58 * 60)


def test_what_went_through_json_is_the_same() -> None:
    document = plan_document()
    assert outline(json.loads(json.dumps(document)), SITE) == outline(document, SITE)


def test_a_site_without_a_genset_has_a_plan_without_one() -> None:
    document = {**plan_document(), "genset": None}
    found = outline(document, replace(SITE, genset=None))
    assert found.genset_on == ()
    with pytest.raises(UnusablePlanError, match="genset"):
        outline(document, SITE)
    with pytest.raises(UnusablePlanError, match="genset"):
        outline(plan_document(), replace(SITE, genset=None))


def _set(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def edit(document: dict[str, Any]) -> None:
        place: Any = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return edit


LATE = edges()[-1].replace(year=2027).isoformat()
PAST = edges()[0].replace(year=2025).isoformat()
A_CUT = plan_document()["cuts"]["houses_a"][0]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_set("format", value=2), "format"),
        (_set("edges_utc", value=[]), "in order"),
        (_set("edges_utc", 3, value=PAST), "in order"),
        (_set("edges_utc", -1, value=LATE), "too far"),
        (_set("edges_utc", 0, value="2026-04-01T05:02:00"), "no time zone"),
        (_set("issued_utc", value=PAST), "outside"),
        (_set("announced_until_utc", value=LATE), "outside"),
        (_set("announced_until_utc", value="soon"), "ValueError"),
        (_set("pv_w", value=[0.0]), "pv_w does not fit"),
        (_set("served_w", 0, value=float("nan")), "served_w holds impossible"),
        (_set("genset_w", 0, value=-1.0), "no magnitude"),
        (_set("charge_w", 0, value=1e12), "impossible"),
        (_set("energy_thb_per_kwh", 0, value=None), "TypeError"),
        (_set("unserved_w", "nobody", value=[]), "nobody"),
        (_set("soc_frac", "p10", 0, value=0.9), "crossing"),
        (_set("soc_frac", "p90", 0, value=1.2), "crossing"),
        (_set("soc_frac", "p50", value=[0.5]), "does not fit"),
        (_set("wanted_w", "clinic", value=[1.0]), "wanted_w.clinic"),
        (_set("wanted_w", "palace", value=[]), "other feeders"),
        (_set("cuts", "palace", value=[A_CUT]), "no feeder that a plan may cut"),
        (_set("cuts", "clinic", value=[A_CUT]), "no feeder that a plan may cut"),
        (_set("cuts", "houses_a", value=[A_CUT, A_CUT]), "overlap"),
        (_set("cuts", "houses_a", 0, "to_utc", value=LATE), "outside of the steps"),
        (_set("cuts", "houses_a", 0, "from_utc", value=PAST), "outside of the steps"),
        (_set("cuts", "houses_a", 0, "to_utc", value=A_CUT["from_utc"]), "ends before"),
        (_set("cuts", "houses_a", 0, "reason", "code", value="whim"), "whim"),
        (_set("cuts", "houses_a", 0, "reason", "params", value={}), "is missing in it"),
        (_set("cuts", "houses_a", 0, "reason", "en", value="Because."), "not the catalogue's"),
        (_set("genset", "on", value=[True]), "genset does not fit"),
        (_set("genset", "on", 0, value=1), "genset does not fit"),
        (_set("genset", "why", 12, "th", value=""), "not the catalogue's"),
        (_set("battery_setpoint_w", value=[1.0]), "battery_setpoint_w does not fit"),
        (_set("heavy_use", 0, "reason", value=None), "TypeError"),
        (_set("heavy_use", 0, "good", value="yes"), "good or bad"),
        (_set("why", value=[{}]), "from_utc"),
        (_set("expected", "diesel_l", value=-1.0), "sums"),
        (_set("expected", "cost_thb", value=float("inf")), "cost"),
        (_set("solver", "gap_frac", value=float("nan")), "sums"),
    ],
)
def test_a_plan_that_nobody_could_trust_is_refused(spoil: Callable[..., None], says: str) -> None:
    document = plan_document()
    spoil(document)
    with pytest.raises(UnusablePlanError, match=says):
        outline(document, SITE)


@pytest.mark.parametrize("key", plan_document())
def test_a_plan_that_lacks_something_is_refused(key: str) -> None:
    with pytest.raises(UnusablePlanError, match=key):
        outline({name: value for name, value in plan_document().items() if name != key}, SITE)
