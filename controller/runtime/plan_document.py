"""plan.json: what the planner intends, for control, for the page and for whoever asks.

The planner makes the document but may be wrong or broken: here it is checked as far as readers rely on it,
and turned into what `decide` sees. The schema is in docs/architecture.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from controller.core.model import Cut, Plan, PriorityClass, Reason, Site
from controller.core.reasons import render
from controller.runtime.child_wire import Json

FILE_NAME = "plan.json"
"""Beside image.json."""
FORMAT = 1
STALE_S = 3 * 3600.0
"""So long after its issue a plan is in force; then the rules decide alone."""
_LONGEST_S = 4 * 86_400
"""No plan looks further ahead."""
_MOST_W = 1e8
_POWERS = (
    "pv_w", "curtailed_w", "served_w", "charge_w", "discharge_w", "genset_w", "import_w", "export_w",
    "energy_thb_per_kwh",
)  # fmt: skip
"""Magnitudes, one a step."""
_QUANTILES = ("p10", "p50", "p90")

Numbers = tuple[float, ...]


class UnusablePlanError(Exception):
    """The document is not what was agreed; the text says where."""


@dataclass(frozen=True, slots=True)
class ToldCut:
    """A cut as people are told of it; Unix seconds."""

    from_s: float
    to_s: float
    announced_s: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class PlanOutline:
    """What the controller itself needs of a plan; times are Unix seconds."""

    issued_s: float
    edges_s: Numbers
    announced_until_s: float
    soc_frac: tuple[Numbers, Numbers, Numbers]
    """P10, P50 and P90 at the edges."""
    wanted_w: Mapping[str, Numbers]
    cuts: Mapping[str, tuple[ToldCut, ...]]
    genset_on: tuple[bool, ...]
    genset_why: tuple[Reason | None, ...]
    battery_w: Numbers

    @property
    def ends_s(self) -> float:
        """End of the horizon."""
        return self.edges_s[-1]

    def on_clock(self, ahead_s: float) -> Plan:
        """The plan on a monotonic clock that is `ahead_s` ahead of Unix time (mostly behind: < 0)."""
        low, mid, high = self.soc_frac
        return Plan(
            made_s=self.issued_s + ahead_s,
            valid_until_s=min(self.issued_s + STALE_S, self.ends_s) + ahead_s,
            edges_s=tuple(edge_s + ahead_s for edge_s in self.edges_s),
            soc_low_frac=low,
            soc_mid_frac=mid,
            soc_high_frac=high,
            wanted_w=self.wanted_w,
            cuts={
                name: tuple(
                    Cut(cut.from_s + ahead_s, cut.to_s + ahead_s, cut.announced_s + ahead_s, cut.reason)
                    for cut in cuts
                )
                for name, cuts in self.cuts.items()
            },
            genset_on=self.genset_on,
            genset_why=self.genset_why,
            battery_w=self.battery_w,
        )


def outline(document: Json, site: Site) -> PlanOutline:
    """The checked outline of a document. Raises UnusablePlanError."""
    try:
        return _outline(document, site)
    except KeyError as error:
        msg = f"{error} is missing in it, or is no name that is known"
        raise UnusablePlanError(msg) from error
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        msg = f"{type(error).__name__}: {error}"
        raise UnusablePlanError(msg) from error


def _outline(document: Json, site: Site) -> PlanOutline:
    if document["format"] != FORMAT:
        raise UnusablePlanError("its format is not as agreed")
    edges_s = tuple(_unix_s(stamp) for stamp in document["edges_utc"])
    if len(edges_s) < 2 or any(after <= before for before, after in pairwise(edges_s)):
        raise UnusablePlanError("the edges of its steps are not in order")
    if edges_s[-1] - edges_s[0] > _LONGEST_S:
        raise UnusablePlanError("its steps reach too far ahead")
    issued_s, until_s = _unix_s(document["issued_utc"]), _unix_s(document["announced_until_utc"])
    if not edges_s[0] <= issued_s < edges_s[-1] or not issued_s <= until_s <= edges_s[-1]:
        raise UnusablePlanError("it was issued, or announces, outside of its steps")
    count = len(edges_s) - 1
    for name in _POWERS:
        _magnitudes(document[name], count, name)
    for name, values in document["unserved_w"].items():
        _magnitudes(values, count, f"unserved_w.{PriorityClass(name)}")
    _figures(document)
    for part in ("heavy_use", "why"):
        for stretch in document[part]:
            _stretch(stretch, part)
            _reason(stretch["reason"], part)
    if not all(isinstance(stretch["good"], bool) for stretch in document["heavy_use"]):
        raise UnusablePlanError("heavy_use does not say what is good or bad")
    on, why = _genset(document["genset"], count, with_genset=site.genset is not None)
    return PlanOutline(
        issued_s=issued_s,
        edges_s=edges_s,
        announced_until_s=until_s,
        soc_frac=_corridor(document["soc_frac"], count + 1),
        wanted_w=_wanted(document["wanted_w"], count, site),
        cuts=_cuts(document["cuts"], edges_s, site),
        genset_on=on,
        genset_why=why,
        battery_w=_setpoints(document["battery_setpoint_w"], count),
    )


def _figures(document: Json) -> None:
    """The sums people are told. Raises UnusablePlanError."""
    expected, solver = document["expected"], document["solver"]
    told = [expected["diesel_l"], expected["pv_unused_wh"], *expected["unserved_wh"].values()]
    told += [solver["scenarios"], solver["gap_frac"], solver["solve_s"]]
    if not all(math.isfinite(figure) and figure >= 0 for figure in told):
        raise UnusablePlanError("its sums are impossible")
    if not math.isfinite(expected["cost_thb"]):
        raise UnusablePlanError("its cost is no number")


def _unix_s(stamp: str) -> float:
    at = datetime.fromisoformat(stamp)
    if at.tzinfo is None:
        raise UnusablePlanError(f"the stamp {stamp} has no time zone")
    return at.timestamp()


def _magnitudes(values: Sequence[Any], count: int, where: str) -> Numbers:
    found = _numbers(values, count, where)
    if min(found) < 0:
        raise UnusablePlanError(f"{where} holds what is no magnitude")
    return found


def _numbers(values: Sequence[Any], count: int, where: str) -> Numbers:
    if len(values) != count:
        raise UnusablePlanError(f"{where} does not fit the steps")
    found = tuple(map(float, values))
    if not all(math.isfinite(value) and abs(value) <= _MOST_W for value in found):
        raise UnusablePlanError(f"{where} holds impossible numbers")
    return found


def _corridor(soc_frac: Json, count: int) -> tuple[Numbers, Numbers, Numbers]:
    low, mid, high = (_magnitudes(soc_frac[name], count, f"soc_frac.{name}") for name in _QUANTILES)
    if any(not p10 <= p50 <= p90 <= 1 for p10, p50, p90 in zip(low, mid, high, strict=True)):
        raise UnusablePlanError("soc_frac holds impossible or crossing quantiles")
    return low, mid, high


def _wanted(wanted_w: Json, count: int, site: Site) -> Mapping[str, Numbers]:
    if wanted_w.keys() != {feeder.id for feeder in site.feeders}:
        raise UnusablePlanError("wanted_w names other feeders than the site has")
    return {name: _magnitudes(values, count, f"wanted_w.{name}") for name, values in wanted_w.items()}


def _cuts(cuts: Json, edges_s: Numbers, site: Site) -> Mapping[str, tuple[ToldCut, ...]]:
    """Who is off when. Raises UnusablePlanError unless cuts may be, and come one after another."""
    may_be_cut = {feeder.id for feeder in site.feeders if feeder.priority is not PriorityClass.CRITICAL}
    found = {}
    for name, told in cuts.items():
        if name not in may_be_cut:
            raise UnusablePlanError(f"cuts: {name} is no feeder that a plan may cut")
        ends_s, mine = edges_s[0], []
        for each in told:
            from_s, to_s = _stretch(each, f"cuts.{name}")
            if from_s < ends_s or to_s > edges_s[-1]:
                raise UnusablePlanError(f"cuts.{name} overlap, or lie outside of the steps")
            announced_s, ends_s = _unix_s(each["announced_utc"]), to_s
            mine.append(ToldCut(from_s, to_s, announced_s, _reason(each["reason"], f"cuts.{name}")))
        found[name] = tuple(mine)
    return found


def _stretch(part: Json, where: str) -> tuple[float, float]:
    from_s, to_s = _unix_s(part["from_utc"]), _unix_s(part["to_utc"])
    if from_s >= to_s:
        raise UnusablePlanError(f"{where}: a stretch of time ends before it begins")
    return from_s, to_s


def _reason(told: Json, where: str) -> Reason:
    """The reason of a part. Raises KeyError or UnusablePlanError for one that is not the catalogue's."""
    code = told["code"]
    reason = Reason(code, dict(told["params"]))
    text = render(reason)
    if (text.th, text.en) != (told["th"], told["en"]):
        raise UnusablePlanError(f"{where}: the sentence of {reason.code} is not the catalogue's")
    return reason


def _genset(
    genset: Json | None, count: int, *, with_genset: bool
) -> tuple[tuple[bool, ...], tuple[Reason | None, ...]]:
    if (genset is not None) != with_genset:
        raise UnusablePlanError("it plans with a genset that is not there, or without the one that is")
    if genset is None:
        return (), ()
    on, why = tuple(genset["on"]), genset["why"]
    if len(on) != count or len(why) != count or not all(isinstance(step, bool) for step in on):
        raise UnusablePlanError("genset does not fit the steps")
    return on, tuple(None if told is None else _reason(told, "genset.why") for told in why)


def _setpoints(setpoints_w: Sequence[Any] | None, count: int) -> Numbers:
    return () if setpoints_w is None else _numbers(setpoints_w, count, "battery_setpoint_w")
