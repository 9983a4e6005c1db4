"""Which column of a file holds which quantity, told by the site file or recognised by the column's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.config import hints
from controller.config.faults import Fault
from forecasting.backtest.site_file import TrialSite
from forecasting.backtest.site_schema import ColumnFacts
from forecasting.backtest.table import LOCAL_COLUMN, UTC_COLUMNS, DataError
from forecasting.grid import HOUR_S

_UNITS = {
    "w": ("power", 1.0),
    "kw": ("power", 1e3),
    "wh": ("energy", 1.0),
    "kwh": ("energy", 1e3),
    "wm2": ("irradiance", 1.0),
    "kwm2": ("irradiance", 1e3),
    "c": ("temperature", 1.0),
    "pct": ("share", 0.01),
    "frac": ("share", 1.0),
}
_KINDS = {
    "pv_w": "power",
    "ghi_wm2": "irradiance",
    "temp_c": "temperature",
    "nwp_ghi_wm2": "irradiance",
    "nwp_temp_c": "temperature",
    "nwp_rh_frac": "share",
    "nwp_cloud_frac": "share",
}
_NAMES = {
    "ghi": "ghi_wm2",
    "temp": "temp_c",
    "nwp_ghi": "nwp_ghi_wm2",
    "nwp_temp": "nwp_temp_c",
    "nwp_rh": "nwp_rh_frac",
    "nwp_cloud": "nwp_cloud_frac",
    "iwrf": "nwp_ghi_wm2",
    "twrf": "nwp_temp_c",
    "rhwrf": "nwp_rh_frac",
}
_TRUTHS = ("limited", "served")
_LOAD_WORDS = frozenset({"load", "demand", "consumption"})
_STAMPS = frozenset({*UTC_COLUMNS, LOCAL_COLUMN})


@dataclass(frozen=True, slots=True)
class Mapped:
    """A column and what its numbers are multiplied with."""

    column: str
    scale: float


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where everything stands in a file."""

    quantities: Mapping[str, Mapped]
    """By the names that docs/backtest.md gives them; temp_c and the like only where they exist."""
    loads: Mapping[str, Mapped]
    """By the load's name."""

    @property
    def wanted(self) -> tuple[str, ...]:
        """All columns that have to be read."""
        return tuple(mapped.column for mapped in (*self.quantities.values(), *self.loads.values()))


def map_columns(file: str, header: tuple[str, ...], site: TrialSite, step_s: int) -> ColumnMap:
    """Find the columns.

    Args:
        file: its name, for messages.
        header: the names in its first line.
        site: whose `columns` and `loads` come before what is recognised.
        step_s: over which energies were counted.

    Raises DataError for a column that does not exist, two that may be the same quantity, an unknown unit.
    """
    finder = _Finder(file, header, step_s)
    quantities = {name: finder.told(name, facts) for name, facts in (site.columns or {}).items()}
    loads = {name: finder.told(name, facts) for name, facts in (site.loads or {}).items()}
    taken = {mapped.column for mapped in (*quantities.values(), *loads.values()) if mapped}
    for name, columns in finder.recognised(taken).items():
        if name in quantities:
            continue
        if len(columns) > 1:
            finder.refuse(
                name, ", ".join(columns), f"several columns may be {name}: say which in the site file"
            )
        quantities[name] = finder.scaled(columns[0])
    if not site.loads:
        loads = {name: finder.scaled(column) for name, column in finder.loads(taken).items()}
    if finder.faults:
        raise DataError(tuple(finder.faults))
    return ColumnMap(
        {name: mapped for name, mapped in quantities.items() if mapped},
        {name: mapped for name, mapped in loads.items() if mapped},
    )


class _Finder:
    """Looks columns up, and collects what is wrong."""

    def __init__(self, file: str, header: tuple[str, ...], step_s: int) -> None:
        self.faults: list[Fault] = []
        self._file = file
        self._header = header
        self._step_s = step_s

    def told(self, name: str, facts: ColumnFacts) -> Mapped | None:
        """The column that the site file names for a quantity or a load."""
        if facts.column not in self._header:
            self.refuse(
                name, f"no column {facts.column}", f"the file has no such column{self._instead(facts.column)}"
            )
            return None
        if facts.scale is not None:
            return Mapped(facts.column, facts.scale)
        if name in _TRUTHS:
            return Mapped(facts.column, 1.0)
        return self._with_unit(facts.column, _KINDS.get(name, "power"), name)

    def scaled(self, column: str) -> Mapped:
        """A recognised column: its unit is known."""
        unit = _unit(column)
        if unit is None:
            return Mapped(column, 1.0)
        kind, factor = _UNITS[unit]
        return Mapped(column, factor * (HOUR_S / self._step_s if kind == "energy" else 1.0))

    def recognised(self, taken: set[str]) -> dict[str, list[str]]:
        """Quantities that names of columns make plain."""
        found: dict[str, list[str]] = {}
        for column in self._header:
            if column in taken or column in _STAMPS:
                continue
            name = _quantity(column)
            if name is not None:
                found.setdefault(name, []).append(column)
        return found

    def loads(self, taken: set[str]) -> dict[str, str]:
        """Columns of loads by the load's name: crous_load_kw is crous."""
        found: dict[str, str] = {}
        for column in self._header:
            words = column.split("_")
            if column in taken or not _is_power(column) or not _LOAD_WORDS & set(words):
                continue
            name = "_".join(word for word in words[:-1] if word not in _LOAD_WORDS) or "load"
            found[name] = column
        return found

    def refuse(self, name: str, found: str, message: str) -> None:
        """Note a fault of a quantity."""
        self.faults.append(Fault(self._file, name, 1, found, message))

    def _with_unit(self, column: str, kind: str, name: str) -> Mapped | None:
        unit = _unit(column)
        kinds = ("power", "energy") if kind == "power" else (kind,)
        if unit is None or _UNITS[unit][0] not in kinds:
            endings = ", ".join(f"_{word}" for word, (of, _) in _UNITS.items() if of in kinds)
            self.refuse(
                name,
                f"the column {column}",
                f"its unit is not told by its name ({endings}): write {name}: {{column: {column}, scale: 1}} "
                f"with the number that makes it {'watts' if kind == 'power' else name}",
            )
            return None
        return self.scaled(column)

    def _instead(self, column: str) -> str:
        return hints.instead(column, [name for name in self._header if name not in _STAMPS])


def _unit(column: str) -> str | None:
    ending = column.rpartition("_")[2].lower()
    return ending if ending in _UNITS else None


def _is_power(column: str) -> bool:
    unit = _unit(column)
    return unit is not None and _UNITS[unit][0] in ("power", "energy")


def _quantity(column: str) -> str | None:
    if column in _TRUTHS:
        return column
    if _is_power(column):
        return "pv_w" if "pv" in column.split("_") else None
    unit = _unit(column)
    name = None if unit is None else _NAMES.get(column.rpartition("_")[0].lower())
    return name if unit is not None and name is not None and _KINDS[name] == _UNITS[unit][0] else None
