"""Made-up microgrids of the kind that public simulators publish, and what living in them costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from controller.planning.problem import Bools, Floats, Generator, Storage
from controller.planning.stepwise import Microgrid, Outlook, Setpoints

DAY = 24
UNSERVED_PRICE, DUMPED_PRICE = 10.0, 2.0
"""For each kWh."""
CO2_PRICE = 0.1
"""For each kg."""
GENSET_CO2 = 2.0
"""kg for each kWh."""
GENSET = "genset"
CLOSE = 1e-6
"""Of the largest power: what is smaller is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A microgrid with all that happens to it; kW and kWh, arrays of the shape (hours,)."""

    site: Microgrid
    load_w: Floats
    pv_w: Floats
    import_price: Floats
    """With that of its CO2."""
    grid_up: Bools
    soc_frac: float
    """To begin with."""

    @property
    def storage(self) -> Storage:
        """Each of them has one."""
        if self.site.storage is None:
            raise ValueError("a microgrid without a battery")
        return self.site.storage

    def outlook(self, hour: int, known: int) -> Outlook:
        """Perfect forecast of the hours from one on."""
        part = slice(hour, hour + known)
        return Outlook(
            self.pv_w[part],
            self.load_w[part],
            import_price_per_wh=self.import_price[part],
            grid_up=self.grid_up[part],
            last=hour + known >= self.load_w.size,
        )


def made(seed: int, hours: int) -> Made:
    """A microgrid of any size: in turn with a genset only, a grid only, both, both with outages."""
    rng = np.random.default_rng(seed)
    hour = np.arange(hours) % DAY
    shape = 0.4 + 0.3 * np.exp(-(((hour - 19) / 3) ** 2)) + 0.25 * np.exp(-(((hour - 12) / 4) ** 2))
    load = shape * np.clip(1 + 0.15 * rng.standard_normal(hours), 0.3, None)
    load *= 10 ** rng.uniform(0.5, 4.5) / load.max()
    clear = np.repeat(rng.beta(2, 1, hours // DAY + 1), DAY)[:hours] * rng.uniform(0.7, 1.0, hours)
    sun = np.maximum(0.0, np.sin((hour - 6) / 12 * np.pi)) * clear
    capacity = rng.integers(3, 6) * load.mean()
    kind, rated = seed % 4, load.max() / 0.9
    genset = Generator(GENSET, 0.9 * rated, 0.05 * rated, 0.0, 0.4 + CO2_PRICE * GENSET_CO2)
    grid_up = np.ones(hours, dtype=bool)
    for start in np.flatnonzero(rng.random(hours) < (0.7 / DAY if kind == 3 else 0.0)):
        grid_up[start : start + rng.integers(1, 8)] = False
    storage = Storage(
        capacity, capacity / 4, capacity / 4, 0.9, 0.9, soc_min_frac=0.2,
        wear_price_per_wh=0.02, charge_wear_price_per_wh=0.02,
    )  # fmt: skip
    site = Microgrid(
        UNSERVED_PRICE,
        storage,
        () if kind == 1 else (genset,),
        import_w=0.0 if kind == 0 else 2 * load.max(),
        export_w=0.0 if kind == 0 else 2 * load.max(),
        dumped_price_per_wh=DUMPED_PRICE,
    )
    prices = _tariff(hour, steep=rng.random() < 0.5) + CO2_PRICE * rng.uniform(0.1, 0.4, hours)
    return Made(site, load, sun / sun.max() * load.max() * rng.uniform(0.3, 1.5), prices, grid_up, 0.5)


def _tariff(hour: npt.NDArray[np.int64], *, steep: bool) -> Floats:
    if steep:
        return np.where((hour >= 12) & (hour < 18), 0.59, np.where((hour < 8) | (hour >= 21), 0.22, 0.29))
    return np.where((hour < 5) | ((hour >= 14) & (hour < 17)), 0.08, 0.11)


Controller = Callable[[Made, int, float], Setpoints]
"""Setpoints for an hour that begins with a state of charge."""


def lived(made: Made, controller: Controller) -> float:
    """What an hourly simulator charges for a controller's setpoints. Raises ValueError if they cannot be.

    It keeps accounts of its own: nothing here is shared with what plans.
    """
    battery, total, soc_frac = made.storage, 0.0, made.soc_frac
    for hour in range(made.load_w.size):
        do = controller(made, hour, soc_frac)
        _check(made, hour, do)
        stored = do.charge_w * battery.charge_efficiency - do.discharge_w / battery.discharge_efficiency
        soc_frac += stored / battery.energy_wh
        if not battery.soc_min_frac - CLOSE <= soc_frac <= battery.soc_max_frac + CLOSE:
            raise ValueError(f"hour {hour}: the battery cannot do that")
        total += battery.wear_price_per_wh * do.discharge_w + battery.charge_wear_price_per_wh * do.charge_w
        total += sum(one.price_per_wh * do.generator_w[one.id] for one in made.site.generators)
        total += made.import_price[hour] * do.import_w
        total += UNSERVED_PRICE * do.unserved_w + DUMPED_PRICE * do.dumped_w
    return total


def _check(made: Made, hour: int, do: Setpoints) -> None:
    """Whether powers balance and everyone can do what is asked; else ValueError."""
    tiny, up = CLOSE * float(made.load_w.max()), float(made.grid_up[hour])
    given = do.pv_w + do.discharge_w + sum(do.generator_w.values()) + do.import_w + do.unserved_w
    taken = made.load_w[hour] + do.charge_w + do.export_w + do.dumped_w
    limits = [
        ("powers balance", abs(given - taken), 0.0),
        ("the sun gives", do.pv_w, float(made.pv_w[hour])),
        ("the grid gives", do.import_w, made.site.import_w * up),
        ("the grid takes", do.export_w, made.site.export_w * up),
        ("the battery takes", do.charge_w, made.storage.charge_w),
        ("the battery gives", do.discharge_w, made.storage.discharge_w),
        *((f"{one.id} gives", do.generator_w[one.id], one.rated_w) for one in made.site.generators),
    ]
    for what, asked, most in limits:
        if asked > most + tiny:
            raise ValueError(f"hour {hour}: {what}: {asked:.3f} of {most:.3f}")
    for one in made.site.generators:
        if tiny < do.generator_w[one.id] < one.least_w - tiny:
            raise ValueError(f"hour {hour}: {one.id} below its least load")
