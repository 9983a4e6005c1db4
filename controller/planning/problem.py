"""What a plan is asked: the microgrid, what may come, and where it stands. Pure data.

All powers and energies are magnitudes [W, Wh] on the AC side; money is in whatever currency all prices share
(THB in a village). Steps may differ in length: fine at first, coarser later. Arrays have one column a step
and, where something is uncertain, one row a scenario.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Storage:
    """A battery with the inverter in front of it."""

    energy_wh: float
    """From SoC 0 to 1."""
    charge_w: float
    discharge_w: float
    """The most it takes from, and gives to, the AC bus."""
    charge_efficiency: float = 0.95
    discharge_efficiency: float = 0.95
    soc_min_frac: float = 0.0
    soc_max_frac: float = 1.0
    reserve_soc_frac: float = 0.0
    """Kept for what nobody foresaw: going below costs `reserve_price_per_wh_h`, but is never impossible."""
    reserve_price_per_wh_h: float = 0.0
    """For each Wh below the reserve and hour that it lasts."""
    wear_price_per_wh: float = 0.0
    """For each Wh discharged."""
    charge_wear_price_per_wh: float = 0.0
    """For each Wh charged."""
    end_prices: tuple[tuple[float, float], ...] = ()
    """What energy left at the end is worth: (Wh, price per Wh) pieces from empty upwards, prices falling."""
    standing_w: float = 0.0
    """What the inverters draw themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Generator:
    """A genset: it costs when it runs, whatever it gives, and cannot give just a little."""

    id: str
    rated_w: float
    least_w: float
    """While on load."""
    price_per_h: float
    """Of running without load."""
    price_per_wh: float
    start_price: float = 0.0
    min_run_h: float = 0.0
    min_rest_h: float = 0.0
    warm_up_h: float = 0.0
    """From its start until it takes load."""
    fuel_per_h: float = 0.0
    fuel_per_wh: float = 0.0
    """Litres."""
    allowed: Bools | None = None
    """Steps in which it may run (quiet hours, a fault), shape (n,); None: all. To break it has a price."""
    required: Bools | None = None
    """Steps in which it shall run (monthly test), shape (n,)."""
    disallowed_price_per_h: float = 0.0
    """Of running where it is not allowed; 0: it is forbidden there."""


@dataclass(frozen=True, slots=True, eq=False)
class GridSupply:
    """The public grid at the point of common coupling; all arrays have the shape (n,)."""

    import_w: Floats
    """The most that may be drawn; 0 in an outage."""
    export_w: Floats
    import_price_per_wh: Floats
    export_price_per_wh: Floats
    """What is paid for energy fed in."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadClass:
    """Demand that may be left unserved at a price: one priority class."""

    id: str
    demand_w: Floats
    """Shape (scenarios, n)."""
    unserved_prices: tuple[tuple[float, float], ...]
    """(part of the demand, price per Wh) pieces, the first unserved first; parts sum to 1, prices rise."""
    cut_at_will: bool = False
    """Whether its feeders are switched by announced turns: then the cut is the same in all scenarios for
    `Problem.announced_h`."""


@dataclass(frozen=True, slots=True, eq=False)
class FlexibleLoad:
    """An amount of energy that is wanted at some time within a window (pump, ice, rice mill)."""

    id: str
    power_w: float
    energy_wh: float
    """Within the horizon."""
    window: Bools
    """Steps in which it may draw, shape (n,)."""
    unserved_price_per_wh: float
    all_or_nothing: bool = False
    """It draws `power_w` or nothing, in the same steps in all scenarios; else anything up to it."""


@dataclass(frozen=True, slots=True)
class Present:
    """Where things stand when the plan begins."""

    soc_frac: float = 0.5
    generator_on: dict[str, bool] = field(default_factory=dict)
    """By generator; absent: off."""
    generator_since_h: dict[str, float] = field(default_factory=dict)
    """For how long it has been so; absent: long enough for anything."""
    fuel_l: dict[str, float] = field(default_factory=dict)
    """By generator; absent: as much as it wants."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """One plan to be made."""

    step_h: Floats
    """Length of each step [h], shape (n,)."""
    weights: Floats
    """Probability of each scenario, shape (scenarios,), sum 1."""
    pv_w: Floats
    """What the sun offers, shape (scenarios, n)."""
    loads: tuple[LoadClass, ...]
    storage: Storage | None = None
    generators: tuple[Generator, ...] = ()
    grid: GridSupply | None = None
    flexible: tuple[FlexibleLoad, ...] = ()
    present: Present = Present()
    curtailment_price_per_wh: float = 0.0
    """Of sun that is not used."""
    dumped_price_per_wh: float | None = None
    """Of a generator's power that nobody takes; None: the same as sun."""
    announced_h: float = 0.0
    """For so long cuts `at will` are the same in all scenarios: they are told to people."""
    early_frac: float = 1e-4
    """Worth of storing a Wh an hour earlier, as part of the median price. It decides where courses cost the
    same: a battery that fills early meets clouds better. 0: not moved by a hair, to compare exactly."""
    committed_h: float = 6.0
    """For so long a generator's runs are the same in all scenarios: not longer, as to wait and see is worth
    something. Later it may run for a part of a step, at that part of its least load."""
    announced_cut_w: dict[str, Floats] = field(default_factory=dict)
    """By class: what has been announced as cut already, shape (n,): to keep to it hardly costs anything."""
    promised_h: float = 0.0
    """For so long people have been promised that nothing is cut but what is in `announced_cut_w`."""
    unannounced_factor: float = 3.0
    """How much dearer a cut is of which people were not told within `announced_h`."""
    needless_frac: float = 0.4
    """Part of a cut's price that it costs to announce it and then not to need it."""
