"""Writes village.json, the dashboard of a village: `python3 deploy/grafana/make_dashboard.py`.

The upper rows show the pushed history (docs/influx.md), which has no gaps after an outage of the network; the
last row shows the controller's own metrics (docs/metrics.md), where they are scraped.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SOURCE = {"type": "prometheus", "uid": "${source}"}
SITE = '{site=~"$site"}'
WIDTH = 24
HERE = Path(__file__).parent


def query(expression: str, legend: str) -> Json:
    """One query with the names of its lines."""
    return {"datasource": SOURCE, "expr": expression, "legendFormat": legend, "editorMode": "code"}


def panel(
    kind: str,
    title: str,
    queries: list[Json],
    unit: str,
    width: int,
    height: int = 8,
    **more: Any,  # noqa: ANN401 - whatever Grafana takes
) -> Json:
    """A panel without its place."""
    targets = [{**each, "refId": chr(ord("A") + number)} for number, each in enumerate(queries)]
    defaults = {"unit": unit, **more.pop("defaults", {})}
    return {
        "type": kind,
        "title": title,
        "datasource": SOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "gridPos": {"w": width, "h": height},
        **more,
    }


def row(title: str) -> Json:
    """A heading over the panels that follow."""
    return {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": {"w": WIDTH, "h": 1}}


def history() -> list[Json]:
    """What was pushed: energy, battery, feeders."""
    area = {"custom": {"fillOpacity": 15, "spanNulls": False}}
    on_off = [
        {"type": "value", "options": {"0": {"text": "ดับ · off"}, "1": {"text": "มีไฟ · on"}}},
    ]
    return [
        row("หมู่บ้าน · Village"),
        panel("gauge", "แบตเตอรี่ · Battery", [query(f"site_soc_frac{SITE}", "SoC")], "percentunit", 6,
              defaults={"min": 0, "max": 1}),
        panel("timeseries", "กำลังไฟ · Power",
              [query(f"-site_pv_w{SITE}", "แดด · sun"), query(f"site_load_w{SITE}", "ใช้ · load"),
               query(f"site_battery_w{SITE}", "เข้าแบตเตอรี่ · into battery"),
               query(f"-site_genset_w{SITE}", "เครื่องปั่นไฟ · genset")],
              "watt", 18, defaults=area),
        panel("timeseries", "ระดับประจุ · State of charge", [query(f"site_soc_frac{SITE}", "SoC")],
              "percentunit", 12, defaults={"min": 0, "max": 1, **area}),
        panel("timeseries", "หน่วยต่อวัน (24 ชม. ล่าสุด) · kWh in the last 24 h",
              [query(f"-avg_over_time(site_pv_w{SITE}[1d]) * 24 / 1000", "แดด · sun"),
               query(f"avg_over_time(site_load_w{SITE}[1d]) * 24 / 1000", "ใช้ · load"),
               query(f"-avg_over_time(site_genset_w{SITE}[1d]) * 24 / 1000", "เครื่องปั่นไฟ · genset")],
              "kwatth", 12),
        panel("state-timeline", "สายจ่ายไฟ · Feeders", [query(f"feeder_closed{SITE}", "{{id}}")], "short", 12,
              defaults={"mappings": on_off}),
        panel("timeseries", "การใช้ไฟแต่ละสาย · Power by feeder", [query(f"feeder_power_w{SITE}", "{{id}}")],
              "watt", 12, defaults={"custom": {"stacking": {"mode": "normal"}, "fillOpacity": 30}}),
        panel("timeseries", "อินเวอร์เตอร์โซลาร์ · PV inverters",
              [query(f"-pv_inverter_power_w{SITE}", "{{id}}")], "watt", 12),
        panel("timeseries", "อุณหภูมิแบตเตอรี่ · Battery temperature",
              [query('{__name__=~".*_battery_temperature_c",site=~"$site"}', "{{id}}")], "celsius", 12),
    ]  # fmt: skip


def controller() -> list[Json]:
    """What is scraped: the controller's own health."""
    return [
        row("ตัวควบคุม · Controller"),
        panel("stat", "ทำงานอยู่ · Running", [query("tawan_up", "{{instance}}")], "short", 4, 6),
        panel("stat", "การแจ้งเตือน · Alarms", [query("sum by (severity) (tawan_alarms)", "{{severity}}")],
              "short", 8, 6),
        panel("timeseries", "ความช้าของรอบควบคุม · Lateness of ticks",
              [query("tawan_tick_lateness_p99_seconds", "{{instance}}")], "s", 12, 6),
        panel("state-timeline", "อุปกรณ์ · Devices", [query("tawan_device_up", "{{device}}")], "short", 12),
        panel("timeseries", "คำถามที่ไม่มีคำตอบ · Requests without an answer",
              [query('rate(tawan_bus_requests_total{result="failed"}[5m])', "{{bus}}")], "reqps", 12),
    ]  # fmt: skip


def placed(panels: list[Json]) -> list[Json]:
    """Panels side by side while there is room, with ids."""
    x = y = height = 0
    for number, each in enumerate(panels, start=1):
        place = each["gridPos"]
        if x + place["w"] > WIDTH:
            x, y, height = 0, y + height, 0
        each["id"] = number
        each["gridPos"] = {"x": x, "y": y, **place}
        x, height = x + place["w"], max(height, place["h"])
    return panels


def dashboard() -> Json:
    """The whole dashboard."""
    variables = [
        {"name": "source", "type": "datasource", "query": "prometheus", "label": "Data source"},
        {
            "name": "site", "type": "query", "label": "Site", "datasource": SOURCE, "refresh": 2,
            "query": "label_values(site_load_w, site)", "multi": False, "includeAll": False,
        },
    ]  # fmt: skip
    return {
        "uid": "tawan-village",
        "title": "Tawan: หมู่บ้าน · village",
        "tags": ["tawan"],
        "timezone": "Asia/Bangkok",
        "refresh": "30s",
        "time": {"from": "now-2d", "to": "now"},
        "schemaVersion": 39,
        "templating": {"list": variables},
        "panels": placed([*history(), *controller()]),
    }


def text() -> str:
    """The file's content."""
    return json.dumps(dashboard(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (HERE / "village.json").write_text(text(), encoding="utf-8")
