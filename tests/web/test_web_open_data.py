"""Open data: a month as a file and a description for catalogues, with nobody's household in it."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from web_village import BOOT

from controller.clock import SystemClock
from controller.config_file import load_config
from controller.settings import FeederSettings, OpenDataSettings
from controller.telemetry.store import TelemetryStore
from web.app import create_app
from web.open_data import OpenData

ROOT = Path(__file__).resolve().parents[2]
NAME = {"th": "กองทุนไฟฟ้า", "en": "Energy fund"}
SWITCH = {"device": "relays", "channel": 1, "closed_when": "released"}
START = datetime(2026, 10, 30, 20, tzinfo=UTC)


def feeder(kind: str, households: int) -> FeederSettings:
    return FeederSettings.model_validate(
        {
            "name": {"th": "บ้าน", "en": kind},
            "kind": kind,
            "priority": "household",
            "households": households,
            "rated_w": 3000.0,
            "switch": SWITCH,
        }
    )


class StandingClock(SystemClock):
    """Its monotonic time moves with the samples."""

    def synchronised(self) -> bool:
        return True


@pytest.fixture
async def client(tmp_path):
    telemetry = tmp_path / "telemetry.db"
    store = TelemetryStore(telemetry, boot_id=BOOT, clock=StandingClock())
    await store.open()
    for step in range(0, 8 * 3600, 900):
        at = START + timedelta(seconds=step)
        values = {
            ("site", "load_w"): 1000.0 + step // 900,
            ("few", "power_w"): 100.0,
            ("many", "power_w"): 900.0,
            ("meter_few", "energy_import_wh"): 5.0,
        }
        store.add_samples(at, True, values)
    await store.close()
    site = load_config(ROOT / "config.yaml").site
    feeders = {"few": feeder("houses", 2), "many": feeder("houses", 16), "clinic": feeder("clinic", 1)}
    settings = OpenDataSettings.model_validate({"publisher": NAME})
    app = create_app(
        tmp_path / "image.json", telemetry, site=site, open_data=OpenData(site, feeders, settings)
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://village") as found:
        yield found


async def test_what_is_published_is_described_for_catalogues(client) -> None:
    found = (await client.get("/open-data")).json()
    assert found["licence"] == "CC-BY-4.0"
    assert found["publisher"] == NAME
    assert [month["month"] for month in found["months"]] == ["2026-10"]
    columns = {column["name"]: column for column in found["columns"]}
    assert columns["many.power_w"]["unit"] == "W"
    assert columns["site.load_w"]["th"]
    assert "clinic.power_w" in columns


async def test_lines_of_a_few_homes_and_devices_are_left_out(client) -> None:
    names = {column["name"] for column in (await client.get("/open-data")).json()["columns"]}
    assert not [name for name in names if name.startswith(("few.", "meter_"))]
    head = (await client.get("/open-data/2026-10.csv")).text.splitlines()[0]
    assert set(head.split(",")[2:]) == names


async def test_a_month_has_its_quarters_and_begins_and_ends_in_local_time(client) -> None:
    answer = await client.get("/open-data/2026-10.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert rows[0]["time_local"] == "2026-10-31T00:00:00+07:00"
    measured = [row for row in rows if row["site.load_w"]]
    assert measured[0]["time_utc"] == "2026-10-30T20:00:00Z"
    assert [float(row["site.load_w"]) for row in measured] == [1000.0 + n for n in range(32)]
    assert {row["site.pv_w"] for row in rows} == {""}


@pytest.mark.parametrize("month", ["2026-09", "2031-01"])
async def test_a_month_without_data_is_not_found(client, month: str) -> None:
    assert (await client.get(f"/open-data/{month}.csv")).status_code == 404


async def test_nonsense_is_refused(client) -> None:
    assert (await client.get("/open-data/2026-13.csv")).status_code == 422


async def test_without_the_section_there_is_no_open_data(powerhouse) -> None:
    assert (await powerhouse.client.get("/open-data")).status_code == 404
