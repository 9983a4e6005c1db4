"""What stored energy is worth: against a linear programme, by hand, and within what a battery can do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from controller.planning.problem import Floats, Storage
from controller.planning.stored_energy import Market, StoredEnergy

LOSSLESS = Storage(1000.0, 400.0, 500.0, charge_efficiency=1.0, discharge_efficiency=1.0)


def grid_market(prices: Floats, *, most_w: float = 300.0, sale_price: float = 0.0) -> Market:
    count = prices.size
    return Market(
        np.full((1, count), most_w),
        prices[np.newaxis],
        5.0,
        np.full(count, 1000.0),
        np.full(count, sale_price),
    )


def least_cost(storage: Storage, market: Market, net_w: Floats, begun_wh: float) -> float:
    """The same by a linear programme; columns a step: charge, discharge, bought, unserved, sold, unused."""
    count = net_w.size
    nothing = np.zeros(count)
    wear = np.full(count, storage.wear_price_per_wh)
    cost = np.concatenate(
        [nothing, wear, market.offer_price_per_wh[0], nothing + market.unserved_price_per_wh,
         -market.sale_price_per_wh, nothing]
    )  # fmt: skip
    one = np.eye(count)
    balance = np.hstack([-one, one, one, one, -one, -one])
    stored = np.tril(np.ones((count, count)))
    flows = np.hstack(
        [stored * storage.charge_efficiency, -stored / storage.discharge_efficiency, *[0 * one] * 4]
    )
    most = [storage.charge_w, storage.discharge_w, market.offer_w[0, 0], None, market.sale_w[0], None]
    answer = linprog(
        cost,
        A_ub=np.vstack([flows, -flows]),
        b_ub=np.concatenate([np.full(count, storage.energy_wh - begun_wh), np.full(count, begun_wh)]),
        A_eq=balance,
        b_eq=net_w,
        bounds=[(0, limit) for limit in most for _ in range(count)],
    )
    return float(answer.fun)


@given(
    net_w=st.lists(st.floats(-900, 900), min_size=2, max_size=8),
    efficiency=st.sampled_from([1.0, 0.9]),
    wear=st.sampled_from([0.0, 0.3]),
    sale_price=st.sampled_from([0.0, 0.5]),
)
@settings(max_examples=40, deadline=None)
def test_nobody_does_better_than_the_programme_says(net_w, efficiency, wear, sale_price) -> None:
    storage = Storage(1000.0, 400.0, 500.0, efficiency, efficiency, wear_price_per_wh=wear)
    prices = np.where(np.arange(len(net_w)) % 3 == 0, 1.0, 2.0)
    market, net = grid_market(prices, sale_price=sale_price), np.array(net_w)
    energy = StoredEnergy(storage, market, 1.0, nodes=101)
    found = energy.costs(net[np.newaxis], np.ones(1), np.zeros(101))[0]
    for node in (0, 37, 100):
        exact = least_cost(storage, market, net, float(energy.energy_wh[node]))
        assert exact - 1e-6 <= found[node] <= exact + 30.0  # straight lines between nodes lie above a curve


def test_following_the_moves_costs_what_was_said() -> None:
    rng = np.random.default_rng(3)
    net_w = rng.normal(0, 400, 24)
    market = grid_market(np.where(np.arange(24) < 6, 1.0, 2.0))
    energy = StoredEnergy(LOSSLESS, market, 1.0, nodes=201)
    costs = energy.costs(net_w[np.newaxis], np.ones(1), np.zeros(201))
    stored_wh, spent = 500.0, 0.0
    for step, net in enumerate(net_w):
        move_w = energy.best_move_w(stored_wh, float(net), step, costs[step + 1])
        assert -500 <= move_w <= 400
        spent += float(market.price_per_h(np.array(net + move_w), step))
        stored_wh += move_w
        assert -1e-6 <= stored_wh <= 1000 + 1e-6
    assert spent == pytest.approx(costs[0, 100], abs=15.0)


def test_more_energy_is_never_worse_and_each_wh_is_worth_less_than_the_one_before() -> None:
    rng = np.random.default_rng(5)
    energy = StoredEnergy(LOSSLESS, grid_market(rng.uniform(1, 3, 12)), 1.0)
    costs = energy.costs(rng.normal(0, 500, (4, 12)), np.full(4, 0.25), np.zeros(81))
    saved = -np.diff(costs, axis=1)
    assert (saved >= -1e-9).all()
    assert (np.diff(saved, axis=1) <= 1e-6).all()


def bought_at_night(*, learned_from: int) -> float:
    """Two hours of cheap night, then a day that is dull or bright with equal chance."""
    prices = np.array([1.0, 1.0, 1.6])
    net_w = np.array([[0.0, 0.0, 400.0], [0.0, 0.0, 0.0]])
    energy = StoredEnergy(LOSSLESS, grid_market(prices, most_w=400.0), 1.0)
    costs = energy.costs(net_w, np.array([0.5, 0.5]), np.zeros(81), learned_from=learned_from)
    stored_wh = 0.0
    for step in (0, 1):
        stored_wh += energy.best_move_w(stored_wh, 0.0, step, costs[step + 1])
    return stored_wh


def test_what_may_not_be_needed_is_bought_only_if_the_chance_is_worth_it() -> None:
    assert bought_at_night(learned_from=2) == 0.0  # 1.0 for half a chance to save 1.6


def test_what_is_likely_needed_is_bought_as_late_as_can_be() -> None:
    prices = np.array([1.0, 1.0, 3.0])
    net_w = np.array([[0.0, 0.0, 500.0], [0.0, 0.0, 0.0]])
    energy = StoredEnergy(LOSSLESS, grid_market(prices), 1.0)
    costs = energy.costs(net_w, np.array([0.5, 0.5]), np.zeros(81), learned_from=2)
    first_w = energy.best_move_w(0.0, 0.0, 0, costs[1])
    assert first_w == pytest.approx(200.0)
    assert energy.best_move_w(200.0, 0.0, 1, costs[2]) == pytest.approx(300.0)


def test_who_is_told_at_once_waits_and_who_is_told_late_does_not() -> None:
    prices = np.array([1.0, 1.0, 3.0])
    net_w = np.array([[0.0, 0.0, 500.0], [0.0, 0.0, 0.0]])
    energy = StoredEnergy(LOSSLESS, grid_market(prices, most_w=250.0), 1.0)
    known = energy.costs(net_w, np.array([0.5, 0.5]), np.zeros(81), learned_from=0)
    unknown = energy.costs(net_w, np.array([0.5, 0.5]), np.zeros(81), learned_from=2)
    assert known[0, 0] < unknown[0, 0]


def test_the_cheapest_offer_comes_first_whatever_their_order() -> None:
    offers = Market(
        np.array([[100.0], [100.0]]), np.array([[3.0], [1.0]]), 9.0, np.zeros(1), np.zeros(1)
    ).merit_order()
    assert offers.price_per_h(np.array([50.0, 150.0, 250.0]), 0).tolist() == [50.0, 250.0, 850.0]
