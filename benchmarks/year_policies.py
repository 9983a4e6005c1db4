"""Who controls the village in the year: nobody, or the rules alone. Plans are in year_planned.py."""

from __future__ import annotations

from typing import Protocol

from controller.core.decide import decide
from controller.core.memory import from_json, to_json
from controller.core.model import Memory
from controller.settings import GensetSettings
from simulation.direct import DirectVillage


class Policy(Protocol):
    """Looks at the village once in every control step and moves what it can."""

    def begin(self, direct: DirectVillage) -> None:
        """Another stretch of days begins; what was learned and owed is remembered."""
        ...

    def step(self, direct: DirectVillage, tick: int) -> None:
        """One control step."""
        ...


class NoControl:
    """Feeders are never opened; the inverters' own relay starts the genset at config.yaml's thresholds."""

    def __init__(self, genset: GensetSettings | None) -> None:
        self._genset = genset

    def begin(self, direct: DirectVillage) -> None:
        """Nothing is remembered."""

    def step(self, direct: DirectVillage, tick: int) -> None:
        """Start the genset when the battery is low, stop it when it has recovered."""
        del tick
        genset, spec = direct.village.genset, self._genset
        if genset is None or spec is None:
            return
        soc_frac = direct.village.storage.soc_frac
        if soc_frac < spec.start_below_soc_frac:
            genset.telemetry_start(on=True)
        elif soc_frac >= spec.stop_above_soc_frac:
            genset.telemetry_start(on=False)


class Rules:
    """The controller without a plan: protection and the default rules."""

    def __init__(self) -> None:
        self._memory = Memory()

    def begin(self, direct: DirectVillage) -> None:
        """Go on as after a restart of the controller."""
        del direct
        self._memory = restarted(self._memory)

    def step(self, direct: DirectVillage, tick: int) -> None:
        """Decide as in operation."""
        decision = decide(direct.image(tick), direct.site, self._memory)
        self._memory = decision.memory
        direct.apply(decision)


def restarted(memory: Memory) -> Memory:
    """What a controller finds after a restart."""
    return from_json(to_json(memory))
