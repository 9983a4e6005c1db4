"""Cross checks of the plant's numbers: bounds that must not cross, powers that must be plausible."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys
from controller.config.hints import plain
from controller.core.model import PriorityClass

_CLASSES = tuple(rank.value for rank in PriorityClass)
_SOC_MIN: Keys = ("protection", "soc_min_frac")
_SOC_MAX: Keys = ("protection", "soc_max_frac")
_INVERTER: Keys = ("battery", "inverter_w")
_START: Keys = ("genset", "start_below_soc_frac")
_STOP: Keys = ("genset", "stop_above_soc_frac")
_MIN_ON: Keys = ("sharing", "min_on_s")
_TURN: Keys = ("sharing", "turn_s")

_BELOW: tuple[tuple[Keys, Keys, str], ...] = (
    (_SOC_MIN, _SOC_MAX, "else no state of charge is left between the two"),
    (_START, _STOP, "else the genset would stop before it has charged anything"),
    (_STOP, _SOC_MAX, "else the genset would never stop"),
    (
        ("protection", "cell_voltage_min_v"),
        ("protection", "cell_voltage_max_v"),
        "a cell lives between the two",
    ),
    (
        ("protection", "temperature_min_c"),
        ("protection", "temperature_max_c"),
        "the battery lives between them",
    ),
    (("genset", "warm_up_s"), ("genset", "min_run_s"), "else a run could end before it gives power"),
    (("sharing", "stagger_s"), _TURN, "else not even two feeders are connected within a turn"),
)
_AT_MOST: tuple[tuple[Keys, Keys, str], ...] = (
    (
        _SOC_MIN,
        ("battery", "reserve_soc_frac"),
        "below it protection switches off: nothing of it is a reserve",
    ),
    (_SOC_MIN, _START, "else protection acts before the genset is started"),
    (_MIN_ON, _TURN, "else a turn would end while its feeder has to stay on"),
    (("sharing", "min_off_s"), _TURN, "else a turn would end while the next feeder has to stay off"),
)
_KILO = (("energy_wh", 500.0), ("inverter_w", 100.0), ("overload_w", 100.0), ("dc_w", 50.0), ("ac_w", 50.0))
_KILO_RATED = (("genset", 100.0), ("feeders", 20.0))


def bounds_in_order(draft: Draft) -> Iterator[Fault]:
    """Pairs of limits of which one must stay below the other."""
    for low, high, why in _BELOW:
        yield from _ordered(draft, low, high, why, equal=False)
    for low, high, why in _AT_MOST:
        yield from _ordered(draft, low, high, why, equal=True)


def _ordered(draft: Draft, low: Keys, high: Keys, why: str, *, equal: bool) -> Iterator[Fault]:
    """A fault at low unless it is below high."""
    small, large = draft.number(*low), draft.number(*high)
    if small is None or large is None or small < large or (equal and small == large):
        return
    relation = "at most" if equal else "below"
    yield draft.fault(low, f"it must be {relation} {'.'.join(high)}, which is {plain(large)}: {why}")


def class_thresholds(draft: Draft) -> Iterator[Fault]:
    """Off <= ration in each class, and every class keeps power at least as long as the next."""
    for name in _CLASSES:
        off: Keys = ("sharing", "classes", name, "off_below_soc_frac")
        ration: Keys = ("sharing", "classes", name, "ration_below_soc_frac")
        yield from _ordered(
            draft, off, ration, "a class takes turns first and is off further down", equal=True
        )
    for threshold_name in ("ration_below_soc_frac", "off_below_soc_frac"):
        places: list[Keys] = [("sharing", "classes", name, threshold_name) for name in _CLASSES]
        known = [keys for keys in places if draft.number(*keys) is not None]
        for before, after in pairwise(known):
            why = f"{before[2]} keeps power longer than {after[2]}"
            yield from _ordered(draft, before, after, why, equal=True)


def class_recovers(draft: Draft) -> Iterator[Fault]:
    """Every class leaves its turns before the battery is full."""
    rise, ceiling = draft.number("sharing", "hysteresis_soc_frac"), draft.number(*_SOC_MAX)
    if ceiling is None or ceiling <= (draft.number(*_SOC_MIN) or 0):
        return  # the ceiling itself is wrong
    for name in _CLASSES:
        keys = ("sharing", "classes", name, "ration_below_soc_frac")
        ration = draft.number(*keys)
        if ration is None or rise is None or ration + rise < ceiling:
            continue
        message = (
            f"with sharing.hysteresis_soc_frac ({plain(rise)}) on top it reaches protection.soc_max_frac "
            f"({plain(ceiling)}): the class would never leave its turns"
        )
        yield draft.fault(keys, message)


def every_class(draft: Draft) -> Iterator[Fault]:
    """All classes have rules."""
    keys = ("sharing", "classes")
    given = draft.names(*keys)
    missing = [name for name in _CLASSES if name not in given]
    strange = any(name not in _CLASSES for name in given)  # probably the missing one, misspelt
    if draft.sound(*keys) and missing and not strange:
        message = f"every class needs its thresholds: add {', '.join(missing)}"
        yield draft.fault(keys, message, f"only {', '.join(given)}" if given else "no classes")


def turns_hold_all_feeders(draft: Draft) -> Iterator[Fault]:
    """All feeders can be connected one after another within a turn."""
    stagger, turn = draft.number("sharing", "stagger_s"), draft.number(*_TURN)
    count = len(draft.names("feeders"))
    if stagger is not None and turn is not None and stagger < turn < stagger * count:
        message = f"connecting {count} feeders one by one would outlast a turn ({plain(turn)} s)"
        yield draft.fault(("sharing", "stagger_s"), message)


def overload_plausible(draft: Draft) -> Iterator[Fault]:
    """The overload limit is one that the inverters can reach."""
    limit, inverter = draft.number("protection", "overload_w"), draft.number(*_INVERTER)
    if limit is not None and inverter is not None and limit > 1.5 * inverter:
        message = (
            f"more than 1.5 times battery.inverter_w ({plain(inverter)}): the inverters would trip first; "
            f"allowed is up to {plain(1.5 * inverter)}"
        )
        yield draft.fault(("protection", "overload_w"), message)


def critical_feeders_carried(draft: Draft) -> Iterator[Fault]:
    """The inverters carry all critical feeders together."""
    inverter = draft.number(*_INVERTER)
    critical = [
        name for name in draft.names("feeders") if draft.text("feeders", name, "priority") == "critical"
    ]
    ratings = [draft.number("feeders", name, "rated_w") for name in critical]
    total = sum(rating for rating in ratings if rating is not None)
    if inverter is not None and total > inverter:
        message = (
            f"the critical feeders {', '.join(critical)} may draw {plain(total)} W together, more than the "
            "inverters give: give some another priority, or correct rated_w"
        )
        yield draft.fault(_INVERTER, message)


def array_fits_inverter(draft: Draft) -> Iterator[Fault]:
    """An inverter is not much larger than its array."""
    for array in draft.names("pv"):
        ac_w, dc_w = draft.number("pv", array, "ac_w"), draft.number("pv", array, "dc_w")
        if ac_w is not None and dc_w is not None and ac_w > 1.5 * dc_w:
            message = f"more than 1.5 times its panels' dc_w ({plain(dc_w)}): are the two swapped?"
            yield draft.fault(("pv", array, "ac_w"), message)


def watts_not_kilowatts(draft: Draft) -> Iterator[Fault]:
    """Powers so small that kilowatts must have been meant."""
    arrays = [("pv", array) for array in draft.names("pv")]
    sections: tuple[Keys, ...] = (("battery",), ("protection",), *arrays)
    places: list[tuple[Keys, float]] = [((*keys, key), least) for keys in sections for key, least in _KILO]
    for top, least in _KILO_RATED:
        owners: list[Keys] = [("genset",)] if top == "genset" else [(top, name) for name in draft.names(top)]
        places += [((*keys, "rated_w"), least) for keys in owners]
    for keys, least in places:
        value = draft.number(*keys)
        if value is not None and 0 < value < least:
            unit = "watt-hours" if keys[-1].endswith("_wh") else "watts"
            message = f"in {unit} this is next to nothing: kilo{unit} meant? write {plain(value * 1000)}"
            yield draft.fault(keys, message)


RULES = (
    bounds_in_order,
    class_thresholds,
    class_recovers,
    every_class,
    turns_hold_all_feeders,
    overload_plausible,
    critical_feeders_carried,
    array_fits_inverter,
    watts_not_kilowatts,
)
