"""A mixed-integer linear programme, put together block by block; it knows nothing of energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from controller.planning.problem import Bools, Floats

Indices = npt.NDArray[np.int32]
Term = tuple[Indices, Floats | float]
"""Columns and their coefficients."""
TINY = 1e-9
"""HiGHS takes a coefficient below it for 0, and says so."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Bounds and costs of all variables, each of the shape (columns,)."""

    lower: Floats
    upper: Floats
    cost: Floats
    preference: Floats
    """A hair of cost that decides between courses that cost the same; no part of what a plan costs."""
    integer: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Constraints lower <= A x <= upper with A in compressed rows."""

    lower: Floats
    upper: Floats
    start: Indices
    index: Indices
    value: Floats


@dataclass(slots=True)
class LinearProgram:
    """Minimise cost @ x + constant. Blocks of columns and rows are numbered as they are added."""

    constant: float = 0.0
    ideal: float = 0.0
    """How far below nothing the cost could be at best: with it added a gap in per cent has a meaning."""
    column_count: int = 0
    row_count: int = 0
    _columns: list[Columns] = field(default_factory=list)
    _row_bounds: list[tuple[Floats, Floats]] = field(default_factory=list)
    _entries: list[tuple[Indices, Indices, Floats]] = field(default_factory=list)

    def add_columns(
        self,
        shape: tuple[int, ...],
        upper: Floats | float,
        cost: Floats | float = 0.0,
        *,
        preference: Floats | float = 0.0,
        integer: bool = False,
    ) -> Indices:
        """Variables from 0 to `upper`; returns their numbers in the shape asked for."""
        size = int(np.prod(shape))

        def flat(values: Floats | float) -> Floats:
            return np.broadcast_to(np.asarray(values, dtype=np.float64), shape).ravel()

        self._columns.append(
            Columns(np.zeros(size), flat(upper), flat(cost), flat(preference), np.full(size, integer))
        )
        numbers = np.arange(self.column_count, self.column_count + size, dtype=np.int32)
        self.column_count += size
        return numbers.reshape(shape)

    def add_rows(
        self, shape: tuple[int, ...], terms: Sequence[Term], lower: Floats | float, upper: Floats | float
    ) -> Indices:
        """Constraints lower <= sum of terms <= upper; returns their numbers in the shape asked for.

        The columns of a term have the shape of the rows, or one axis more, along which they are summed.
        """
        size = int(np.prod(shape))
        numbers = np.arange(self.row_count, self.row_count + size, dtype=np.int32).reshape(shape)
        for columns, coefficients in terms:
            wide = numbers if columns.ndim == len(shape) else numbers[..., np.newaxis]
            values = np.broadcast_to(np.asarray(coefficients, dtype=np.float64), columns.shape)
            used = np.abs(values) > TINY
            self._entries.append((np.broadcast_to(wide, columns.shape)[used], columns[used], values[used]))
        bounds = [np.broadcast_to(np.asarray(b, dtype=np.float64), shape).ravel() for b in (lower, upper)]
        self._row_bounds.append((bounds[0], bounds[1]))
        self.row_count += size
        return numbers

    def columns(self) -> Columns:
        """All variables."""
        return Columns(
            *(
                np.concatenate([getattr(block, name) for block in self._columns])
                for name in ("lower", "upper", "cost", "preference", "integer")
            )
        )

    def rows(self) -> Rows:
        """All constraints."""
        rows, columns, values = (np.concatenate(parts) for parts in zip(*self._entries, strict=True))
        order = np.lexsort((columns, rows))
        rows, columns, values = rows[order], columns[order], values[order]
        first = np.flatnonzero(np.diff(rows, prepend=-1) | np.diff(columns, prepend=-1))
        start = np.searchsorted(rows[first], np.arange(self.row_count + 1)).astype(np.int32)
        lower, upper = (np.concatenate(parts) for parts in zip(*self._row_bounds, strict=True))
        return Rows(lower, upper, start, columns[first], np.add.reduceat(values, first))
