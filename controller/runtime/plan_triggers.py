"""What a new plan is made for before its time: another state, or a forecast that went wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from controller.core.model import Decision, Plan
from controller.runtime.forecast_document import Outline

LEAST_PAUSE_S = 120.0
"""Between two plans made before their time."""
LASTING_S = 600.0
"""So long a forecast has to be wrong: a cloud and a kettle are no reason."""
CORRIDOR_MARGIN_FRAC = 0.03
_BROKEN = "plan_broken"
_TELLING_PHASES = frozenset({"failed", "manual"})


@dataclass(slots=True)
class PlanTriggers:
    """Told of each tick; cheap. Times are those of the run's monotonic clock but for what is named UTC."""

    _state: object = None
    _wrong_since_s: dict[str, float] = field(default_factory=dict)
    _wanted: bool = False
    _asked_s: float | None = None

    def look(
        self, decision: Decision, plan: Plan | None, forecast: Outline | None, now_s: float, at_utc_s: float
    ) -> None:
        """Take note of a tick."""
        state = _state(decision)
        cut = any(
            event.action == "open" and decision.feeders[event.subject].emergency for event in decision.events
        )
        if cut or (self._state is not None and state != self._state) or broken(decision):
            self._wanted = True
        self._state = state
        wrong = {
            "soc": plan is not None and _off_course(decision, plan, now_s),
            "load": forecast is not None and _load_wrong(decision, forecast, at_utc_s),
            "pv": forecast is not None and _pv_wrong(decision, forecast, at_utc_s),
        }
        for name, holds in wrong.items():
            if not holds:
                self._wrong_since_s.pop(name, None)
            elif now_s - self._wrong_since_s.setdefault(name, now_s) >= LASTING_S:
                self._wrong_since_s[name] = now_s  # and once more if the next one is wrong as well
                self._wanted = True

    def ripe(self, now_s: float) -> bool:
        """Whether a plan is wanted now; says so once."""
        if not self._wanted or (self._asked_s is not None and now_s - self._asked_s < LEAST_PAUSE_S):
            return False
        self._wanted, self._asked_s = False, now_s
        return True


def broken(decision: Decision) -> bool:
    """Whether the plan has just been given up, because reality left it too far behind."""
    return any(event.reason.code == _BROKEN for event in decision.events)


def _state(decision: Decision) -> object:
    """What of the village's state a plan depends on."""
    memory, phase = decision.memory, decision.memory.genset.phase
    return (
        decision.mode,
        None if decision.supply is None else decision.supply.state,
        phase if phase in _TELLING_PHASES else "",
        frozenset(memory.guards.items()),
    )


def _off_course(decision: Decision, plan: Plan, now_s: float) -> bool:
    soc_frac, step = decision.plant.soc_frac, plan.step_at(now_s)
    if soc_frac is None or step is None:
        return False
    low = min(plan.soc_low_frac[step : step + 2]) - CORRIDOR_MARGIN_FRAC
    high = max(plan.soc_high_frac[step : step + 2]) + CORRIDOR_MARGIN_FRAC
    return not low <= soc_frac <= high


def _load_wrong(decision: Decision, forecast: Outline, at_utc_s: float) -> bool:
    """While a feeder is off less is drawn than wanted: then only more than expected tells anything."""
    load_w, band = decision.plant.load_w, _band(forecast, "load", at_utc_s)
    if load_w is None or band is None:
        return False
    all_on = all(feeder.closed for feeder in decision.memory.feeders.values())
    return load_w > band[1] or (all_on and load_w < band[0])


def _pv_wrong(decision: Decision, forecast: Outline, at_utc_s: float) -> bool:
    """While it is held back less is given than the sun offers: then only more than expected counts."""
    pv_w, band = decision.plant.pv_w, _band(forecast, "pv", at_utc_s)
    if pv_w is None or band is None:
        return False
    return -pv_w > band[1] or (decision.pv_reason is None and -pv_w < band[0])


def _band(forecast: Outline, kind: str, at_utc_s: float) -> tuple[float, float] | None:
    """The lowest and the highest quantile of now [W]; None outside of the forecast."""
    step = int((at_utc_s - forecast.start_s) // forecast.step_s)
    if not 0 <= step < forecast.count:
        return None
    rows = forecast.kinds[kind]
    return rows[0][step], rows[-1][step]
