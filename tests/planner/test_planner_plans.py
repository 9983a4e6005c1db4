"""The planner process makes plans from its last forecast and from what the store knows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from planned_days import memory
from planner_store import store_quarters
from planner_village import ISSUED_S, default_config, default_site, past_grid, past_of_village

from controller.core.memory import to_json
from controller.planner.forecasts import SitePlanner
from controller.planner.plan_now import PlanNow, plan_now
from controller.planner.plan_past import with_past
from controller.runtime.child_wire import packed
from controller.runtime.plan_document import outline
from controller.settings import Config
from forecasting.grid import DAY_S, QUARTER_S
from forecasting.weather.source import NoWeather

DAYS = 8


def told(**changes: object) -> dict:
    """What the controller says with its request."""
    return {
        "now_s": ISSUED_S,
        "soc_frac": 0.3,
        "memory": to_json(memory()),
        "announced": {},
        "promised_until_utc": None,
        "fuel_frac": 0.5,
        **changes,
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("village") / "telemetry.db"
    columns = past_of_village(DAYS)
    genset_w = np.zeros(DAYS * DAY_S // QUARTER_S)
    genset_w[-200:-196] = -9000.0  # an hour, two days ago
    store_quarters(path, {**columns, ("site", "genset_w"): genset_w}, past_grid(DAYS).start_s)
    return path


@pytest.fixture(scope="module")
def planner(store: Path) -> SitePlanner:
    return SitePlanner(default_config(), store, NoWeather())


def test_before_the_first_forecast_there_is_no_plan_and_it_is_said_why(store: Path) -> None:
    answer = SitePlanner(default_config(), store, NoWeather()).plan(told())
    assert answer == {"plan": None, "why_none": "nothing has been forecast yet"}


def test_a_plan_from_the_last_forecast_fits_the_wire_and_the_controller(planner: SitePlanner) -> None:
    planner.forecast(ISSUED_S, 0.3)
    answer = planner.plan(told())
    assert len(packed(answer)) < 60_000
    found = outline(json.loads(json.dumps(answer["plan"])), default_site().core)
    assert found.issued_s == ISSUED_S
    assert answer["plan"]["solver"]["scenarios"] == 5


def test_a_forecast_that_is_over_gives_no_plan_but_a_reason(planner: SitePlanner) -> None:
    planner.forecast(ISSUED_S, 0.3)
    answer = planner.plan(told(now_s=ISSUED_S + 3 * DAY_S))
    assert answer["plan"] is None
    assert "forecast" in answer["why_none"]


def test_what_was_announced_comes_back_from_the_wire_as_it_was(planner: SitePlanner) -> None:
    cut = {
        "from_utc": "2026-04-01T12:00:00+00:00",
        "to_utc": "2026-04-01T13:00:00+00:00",
        "announced_utc": "2026-04-01T02:00:00+00:00",
        "reason": {
            "code": "turn_announced",
            "params": {"start": 68400, "end": 72000, "class": "household"},
            "th": "",
            "en": "",
        },
    }
    until = "2026-04-01T14:00:00+00:00"
    now = plan_now(told(announced={"houses_a": [cut]}, promised_until_utc=until, soc_frac=1.01))
    (found,) = now.announced["houses_a"]
    assert (found.to_s - found.from_s, found.from_s - found.announced_s) == (3600, 36_000)
    assert found.reason.params["class"] == "household"
    assert now.open_from_s == found.to_s + 3600
    assert now.soc_frac == 1.0


def with_flexible_pump_and_test() -> Config:
    data = default_config().model_dump()
    wants = {"energy_wh": 8000.0, "power_w": 4000.0, "begin": "08:00", "end": "17:00"}
    data["feeders"]["pump"]["flexible"] = wants
    return Config.model_validate(data)


def test_the_store_tells_how_long_the_genset_ran_and_what_the_pump_has_had_today(store: Path) -> None:
    now = with_past(PlanNow(ISSUED_S, 0.5), with_flexible_pump_and_test(), store)
    assert now.longest_run_s == 3600.0
    assert 0 < now.used_wh["pump"] < 30_000
    later = with_past(PlanNow(ISSUED_S + 7 * DAY_S, 0.5), with_flexible_pump_and_test(), store)
    assert later.longest_run_s == 0.0


def test_a_store_that_cannot_be_read_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "telemetry.db").write_bytes(b"no database at all, and longer than a header " * 9)
    now = PlanNow(ISSUED_S, 0.5)
    assert with_past(now, with_flexible_pump_and_test(), tmp_path / "telemetry.db") == now
