"""The dashboard and the rules are what their code says, and name only what Tawan gives."""

from __future__ import annotations

import json
import re
import runpy
from itertools import combinations
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from controller.core.model import Role
from controller.runtime.journal import SAMPLED_POINTS

ROOT = Path(__file__).resolve().parents[2]
GRAFANA = ROOT / "deploy" / "grafana"
DASHBOARD = json.loads((GRAFANA / "village.json").read_text(encoding="utf-8"))
RULES = YAML(typ="safe").load((GRAFANA / "rules.yaml").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
SCRAPED = set(re.findall(r"`(tawan_[a-z0-9_]+)`", (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")))
SITE_POINTS = ("pv_w", "load_w", "battery_w", "genset_w", "soc_frac", "blackout")
PUSHED = {f"site_{point}" for point in SITE_POINTS} | {"feeder_power_w", "feeder_closed"}
PUSHED |= {f"{role}_{point}" for role in Role for point in SAMPLED_POINTS[role]}


def names_in(expression: str) -> set[str]:
    """Names of metrics in an expression; what stands in braces and brackets is none."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\bby \([^)]*\)", "", expression)
    return {
        word
        for word in re.findall(r"[a-z][a-z0-9_]+", bare)
        if "_" in word and not word.endswith("_over_time")
    }


def test_the_file_is_what_its_code_makes() -> None:
    made = runpy.run_path(str(GRAFANA / "make_dashboard.py"))["text"]()
    assert made == (GRAFANA / "village.json").read_text(encoding="utf-8"), (
        "run deploy/grafana/make_dashboard.py"
    )


def test_no_panels_overlap_and_each_has_its_own_id() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    for a, b in combinations(places, 2):
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        assert beside or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_panels_ask_only_for_what_there_is(panel: dict) -> None:
    for target in panel["targets"]:
        assert names_in(target["expr"]) <= PUSHED | SCRAPED


def test_rules_ask_only_for_what_there_is() -> None:
    rules = [rule for group in RULES["groups"] for rule in group["rules"]]
    assert rules
    for rule in rules:
        assert names_in(rule["expr"]) <= PUSHED | SCRAPED
        assert rule["labels"]["severity"] in ("critical", "warning")
