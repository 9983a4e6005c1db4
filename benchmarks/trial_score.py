"""What a trial is worth: one cost in baht for all that went wrong. The formula is in docs/trial.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from controller.core.model import PriorityClass
from controller.settings import Config
from simulation.direct import DirectVillage
from simulation.limits import LimitWatch, Strain

SWITCHING_THB = 1.0
"""A contactor bears about a hundred thousand moves."""
DARK_THB_PER_MIN = 20.0
"""On top of what people went without: a dark village is worse than its unserved energy."""
BEYOND_THB_PER_S, BEYOND_THB_EACH = 10.0, 500.0
"""A second beyond a device's limits; a run or rest of the genset cut short, a start beyond the most."""
BLACKOUT_OVER_S = 30.0
"""So long after the bus is back the inverters may settle before the clinic must have power."""
_EACH = ("short_runs", "short_rests", "wearing_starts")


@dataclass(slots=True)
class Tally:
    """Sums of a phase, or of all of them; energies [Wh] are magnitudes."""

    wanted_wh: dict[PriorityClass, float] = field(default_factory=dict)
    unserved_wh: dict[PriorityClass, float] = field(default_factory=dict)
    diesel_l: float = 0.0
    genset_starts: int = 0
    switchings: int = 0
    dark_s: float = 0.0
    critical_out_s: float = 0.0
    """Of the critical feeders, outside of blackouts."""
    recovery_s: float = 0.0
    """After the worst disturbance, until everybody had power again who had it before."""
    strain: Strain = field(default_factory=Strain)

    def add(self, other: Tally) -> None:
        """Sum up."""
        for mine, theirs in ((self.wanted_wh, other.wanted_wh), (self.unserved_wh, other.unserved_wh)):
            for priority, wh in theirs.items():
                mine[priority] = mine.get(priority, 0.0) + wh
        for name in ("diesel_l", "genset_starts", "switchings", "dark_s", "critical_out_s"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.recovery_s = max(self.recovery_s, other.recovery_s)
        self.strain = _summed((self.strain, other.strain))

    def cost_thb(self, config: Config) -> float:
        """What all that went wrong costs."""
        genset = config.genset
        fuel_thb, start_thb = (0.0, 0.0) if genset is None else (genset.fuel_thb_per_l, genset.start_thb)
        return (
            _priced(self.unserved_wh, config)
            + self.diesel_l * fuel_thb
            + self.genset_starts * start_thb
            + self.switchings * SWITCHING_THB
            + self.dark_s / 60.0 * DARK_THB_PER_MIN
            + _beyond_thb(self.strain)
        )

    def score(self, config: Config) -> float:
        """100: everybody had everything for nothing; 0: as costly as a village that gets nothing."""
        return 100.0 * (1.0 - self.cost_thb(config) / max(1e-9, _priced(self.wanted_wh, config)))


class Bookkeeper:
    """Follows the physics of one village, second by second."""

    def __init__(self, village: DirectVillage) -> None:
        self._direct = village
        self._watch = LimitWatch(village.site, village.village)
        self._diesel_l = 0.0
        self._critical_out_s = 0.0
        self._alive_s = BLACKOUT_OVER_S
        self._served: frozenset[str] = frozenset()
        self._owed: frozenset[str] = frozenset()
        self._owed_s = 0.0
        self._recovery_s = 0.0
        self._closed = self._sums()

    def step(self, dt_s: float) -> None:
        """Book the dt_s that have just passed."""
        village = self._direct.village
        self._watch.look(dt_s)
        self._alive_s = self._alive_s + dt_s if village.storage.alive else 0.0
        critical = [line for line in village.feeders.values() if line.priority is PriorityClass.CRITICAL]
        if self._alive_s >= BLACKOUT_OVER_S and not all(line.powered for line in critical):
            self._critical_out_s += dt_s
        self._diesel_l += self._litres_per_h() * dt_s / 3600.0
        self._follow_recovery(dt_s)

    def close(self) -> Tally:
        """The tally since the last close."""
        before, self._closed = self._closed, self._sums()
        now = self._closed
        tally = Tally(
            wanted_wh=_difference(now.wanted_wh, before.wanted_wh),
            unserved_wh=_difference(now.unserved_wh, before.unserved_wh),
            strain=_summed((now.strain,), minus=before.strain),
            recovery_s=self._recovery_s,
        )
        for name in ("diesel_l", "genset_starts", "switchings", "dark_s", "critical_out_s"):
            setattr(tally, name, getattr(now, name) - getattr(before, name))
        self._recovery_s, self._owed, self._owed_s = 0.0, frozenset(), 0.0
        return tally

    def _sums(self) -> Tally:
        ledger, watch = self._direct.village.ledger, self._watch
        unserved = dict(ledger.unserved_by_class)
        wanted = {priority: wh + unserved[priority] for priority, wh in ledger.load_by_class.items()}
        return Tally(
            wanted, unserved, self._diesel_l, watch.genset_starts, sum(watch.switchings.values()),
            watch.dark_s, self._critical_out_s, 0.0, _summed((watch.strain,)),
        )  # fmt: skip

    def _litres_per_h(self) -> float:
        genset, told = self._direct.village.genset, self._direct.config.genset
        if genset is None or told is None or not genset.running:
            return 0.0
        idle = 0.08 * told.rated_w / 1000.0 if told.idle_l_per_h is None else told.idle_l_per_h
        return idle + told.l_per_kwh * genset.power_w / 1000.0

    def _follow_recovery(self, dt_s: float) -> None:
        """For how long somebody goes without who had power before."""
        served = frozenset(name for name, line in self._direct.village.feeders.items() if line.powered)
        self._owed = (self._owed | (self._served - served)) - served
        self._served = served
        self._owed_s = self._owed_s + dt_s if self._owed else 0.0
        self._recovery_s = max(self._recovery_s, self._owed_s)


def _priced(energy_wh: dict[PriorityClass, float], config: Config) -> float:
    prices = config.planning.unserved_thb_per_kwh.model_dump()
    return sum(wh / 1000.0 * prices[priority.value] for priority, wh in energy_wh.items())


def _beyond_thb(strain: Strain) -> float:
    values = {each.name: float(getattr(strain, each.name)) for each in fields(strain)}
    seconds = sum(value for name, value in values.items() if name not in _EACH)
    return BEYOND_THB_PER_S * seconds + BEYOND_THB_EACH * sum(values[name] for name in _EACH)


def _difference(
    now: dict[PriorityClass, float], before: dict[PriorityClass, float]
) -> dict[PriorityClass, float]:
    return {priority: wh - before[priority] for priority, wh in now.items()}


def _summed(strains: Iterable[Strain], minus: Strain | None = None) -> Strain:
    total = Strain()
    for each in fields(Strain):
        value = sum(getattr(strain, each.name) for strain in strains)
        setattr(total, each.name, value - (getattr(minus, each.name) if minus is not None else 0))
    return total
