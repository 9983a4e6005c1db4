"""/metrics: what Prometheus reads is the present, well named and bounded; what is not known is absent."""

from __future__ import annotations

import json
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from web_village import village

ROOT = Path(__file__).resolve().parents[2]


async def scraped(powerhouse) -> dict[tuple[str, frozenset], float]:
    answer = await powerhouse.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of(figures: dict, name: str, **labels: str) -> float | None:
    return figures.get((name, frozenset(labels.items())))


async def test_alarms_of_each_severity_are_counted_also_where_none_stands(powerhouse) -> None:
    figures = await scraped(powerhouse)
    assert [of(figures, "tawan_alarms", severity=name) for name in ("critical", "warning", "notice")] == [
        0,
        0,
        0,
    ]


async def test_the_present_is_told_with_units_in_the_names(powerhouse) -> None:
    figures = await scraped(powerhouse)
    assert of(figures, "tawan_up") == 1
    assert of(figures, "tawan_pv_power_watts") == 12040
    assert of(figures, "tawan_battery_power_watts") == 3150
    assert of(figures, "tawan_battery_soc_ratio") == 0.64
    assert of(figures, "tawan_mode", mode="normal") == 1
    assert of(figures, "tawan_mode", mode="blackout") == 0
    assert of(figures, "tawan_ticks_total") == 17


async def test_what_is_not_known_is_absent_and_never_zero(powerhouse) -> None:
    image = village(written_s=powerhouse.clock.now_s)
    image["summary"]["soc_frac"] = None
    powerhouse.put(image)
    figures = await scraped(powerhouse)
    assert of(figures, "tawan_battery_soc_ratio") is None
    assert of(figures, "tawan_grid_power_watts") is None


async def test_a_controller_that_stands_still_tells_nothing_of_the_present(powerhouse) -> None:
    powerhouse.clock.now_s += 60
    figures = await scraped(powerhouse)
    assert of(figures, "tawan_up") == 0
    assert of(figures, "tawan_image_age_seconds") == 60
    assert {name for name, _ in figures} == {"tawan_up", "tawan_image_age_seconds"}


async def test_ways_to_the_outside_are_told(powerhouse) -> None:
    influx = {"ok": False, "detail": "x", "lag_s": 40.5, "waiting_s": 90.0}
    document = {"pid": 1, "services": {"influx": influx, "mqtt": {"ok": True}}}
    powerhouse.image.with_name("outside.json").write_text(json.dumps(document))
    figures = await scraped(powerhouse)
    assert of(figures, "tawan_service_up", service="influx") == 0
    assert of(figures, "tawan_service_up", service="mqtt") == 1
    assert of(figures, "tawan_service_lag_seconds", service="influx") == 40.5
    assert of(figures, "tawan_service_waiting_seconds", service="influx") == 90
    assert of(figures, "tawan_service_lag_seconds", service="mqtt") is None


async def test_what_the_store_takes_of_the_disk_is_told(powerhouse) -> None:
    image = village(written_s=powerhouse.clock.now_s)
    image["storage"] = {"used_bytes": 5_000_000, "budget_bytes": 2_000_000_000, "error": None}
    powerhouse.put(image)
    figures = await scraped(powerhouse)
    assert of(figures, "tawan_store_used_bytes") == 5_000_000
    assert of(figures, "tawan_store_written_bytes_per_day") is None
    assert of(figures, "tawan_store_dropped_samples_total") == 0
    assert of(figures, "tawan_store_failed") == 0
    image["storage"] = {"dropped_samples": 12, "error": "the disk is full"}
    powerhouse.put(image)
    figures = await scraped(powerhouse)
    assert of(figures, "tawan_store_used_bytes") is None
    assert of(figures, "tawan_store_dropped_samples_total") == 12
    assert of(figures, "tawan_store_failed") == 1


async def test_every_metric_is_well_named_and_documented(powerhouse) -> None:
    image = village(written_s=powerhouse.clock.now_s)
    powerhouse.put(image | {"storage": {"used_bytes": 1}})
    powerhouse.image.with_name("outside.json").write_text('{"services": {"influx": {"ok": true}}}')
    answer = await powerhouse.client.get("/metrics")
    documented = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    for family in text_string_to_metric_families(answer.text):
        assert re.fullmatch(r"tawan_[a-z][a-z0-9_]*", family.name)
        assert family.documentation
        assert f"`{family.name}" in documented, family.name
