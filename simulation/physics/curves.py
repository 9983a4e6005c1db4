"""Piecewise-linear curves of plain floats, for the hot path of the simulation."""

from __future__ import annotations

from bisect import bisect_right


class Curve:
    """A piecewise-linear function through ascending points, constant beyond its ends."""

    __slots__ = ("_xs", "_ys")

    def __init__(self, *points: tuple[float, float]) -> None:
        self._xs = [x for x, _ in points]
        self._ys = [y for _, y in points]
        if not points or any(b <= a for a, b in zip(self._xs, self._xs[1:], strict=False)):
            raise ValueError("a curve needs points with ascending x")

    def __call__(self, x: float) -> float:
        """The curve's value at x."""
        xs, ys = self._xs, self._ys
        right = bisect_right(xs, x)
        if right == 0:
            return ys[0]
        if right == len(xs):
            return ys[-1]
        left = right - 1
        return ys[left] + (ys[right] - ys[left]) * (x - xs[left]) / (xs[right] - xs[left])
