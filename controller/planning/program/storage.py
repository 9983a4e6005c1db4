"""The battery's part of the programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from controller.planning.problem import Floats, Storage
from controller.planning.program.frame import Frame
from controller.planning.program.linear import Indices

RECOVERY_H = 24.0
"""A Wh that lacks to the least SoC costs in so many hours as much as a Wh of the dearest demand unserved."""
RELIEF_H = 1000.0
"""Likewise for a Wh above the greatest SoC."""


@dataclass(frozen=True, slots=True, eq=False)
class StorageColumns:
    """Numbers of the battery's variables."""

    charge: Indices
    discharge: Indices
    """(scenarios, n)."""
    stack: Indices
    """Energy above `floor` at the end of each step, bottom up: (scenarios, n, pieces)."""
    unpowered: Indices
    """What the inverters themselves lack, (scenarios, n)."""
    floor: float
    start: float
    """Energies, per unit times hours."""


@dataclass(frozen=True, slots=True, eq=False)
class _Stack:
    """SoC as pieces with a price for every hour in which they are empty, shape (pieces,).

    The prices fall from bottom to top, so that the pieces fill in order by themselves.
    """

    floor: float
    widths: Floats
    prices: Floats


def add_storage(frame: Frame, storage: Storage) -> StorageColumns:
    """Charging and discharging, and what they do to SoC; reserve, wear, and the worth of what is left."""
    linear, shape, hours = frame.linear, frame.shape, frame.problem.step_h
    energy = storage.energy_wh / frame.scale.power_w
    start = energy * min(max(frame.problem.present.soc_frac, 0.0), 1.0)
    pile = _stack(frame, storage, energy, start)
    charge_wear = frame.price(storage.charge_wear_price_per_wh) * frame.expected_h
    charge = linear.add_columns(shape, frame.power(storage.charge_w), charge_wear)
    wear = frame.price(storage.wear_price_per_wh) * frame.expected_h
    discharge = linear.add_columns(shape, frame.power(storage.discharge_w), wear)
    each_h = frame.expected_h[..., np.newaxis]
    stack = linear.add_columns(
        (*shape, pile.widths.size),
        pile.widths,
        -pile.prices * each_h,
        preference=-frame.problem.early_frac * each_h,
    )
    linear.constant += float(np.sum(np.maximum(pile.prices, 0.0) * pile.widths * each_h))
    gain, loss = hours * storage.charge_efficiency, hours / storage.discharge_efficiency
    flows = [
        (charge[..., np.newaxis], -gain[:, np.newaxis]),
        (discharge[..., np.newaxis], loss[:, np.newaxis]),
    ]
    begun = start - pile.floor
    linear.add_rows(
        (shape[0], 1), [(stack[:, :1], 1.0), *((c[:, :1], k[:1]) for c, k in flows)], begun, begun
    )
    linear.add_rows(
        (shape[0], shape[1] - 1),
        [(stack[:, 1:], 1.0), (stack[:, :-1], -1.0), *((c[:, 1:], k[1:]) for c, k in flows)],
        0.0,
        0.0,
    )
    frame.feeds(discharge)
    frame.feeds(charge, -1.0)
    _add_worth(frame, storage, stack, pile.floor)
    return StorageColumns(charge, discharge, stack, _add_standing(frame, storage), pile.floor, start)


def _stack(frame: Frame, storage: Storage, energy: float, start: float) -> _Stack:
    """Below the least SoC and above the greatest there are pieces only if the battery stands there now."""
    least, most = energy * storage.soc_min_frac, energy * storage.soc_max_frac
    reserve = min(max(energy * storage.reserve_soc_frac, least), most)
    edges = np.array([min(least, start), least, reserve, most, max(most, start)])
    dearest = frame.dearest_per_wh
    prices = [dearest / RECOVERY_H, storage.reserve_price_per_wh_h, 0.0, -dearest / RELIEF_H]
    widths = np.diff(edges)
    return _Stack(float(edges[0]), widths[widths > 0], frame.price(np.array(prices))[widths > 0])


def _add_worth(frame: Frame, storage: Storage, stack: Indices, floor: float) -> None:
    """What energy left at the end is worth, by pieces of falling price."""
    if not storage.end_prices:
        return
    widths = np.array([width for width, _ in storage.end_prices]) / frame.scale.power_w
    prices = frame.price(np.array([price for _, price in storage.end_prices]))
    chance = frame.problem.weights[:, np.newaxis]
    frame.linear.ideal += float(widths @ prices)
    worth = frame.linear.add_columns((chance.size, widths.size), widths, -prices * chance)
    frame.linear.add_rows((chance.size,), [(worth, 1.0), (stack[:, -1], -1.0)], -np.inf, floor)


def _add_standing(frame: Frame, storage: Storage) -> Indices:
    """The inverters' own draw; where nothing at all is left they go out, and no plan fails for it."""
    price = 2 * frame.price(frame.dearest_per_wh) * frame.expected_h
    unpowered = frame.linear.add_columns(frame.shape, frame.power(storage.standing_w), price)
    frame.feeds(unpowered)
    frame.demand += float(frame.power(storage.standing_w))
    return unpowered
