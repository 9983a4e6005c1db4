"""Every alarm that can stand is in the catalogue, in both languages, with what to do first."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import controller
from controller.core.alarming import ALARMS, Escalation, Severity, alarm_kind, alarm_text
from controller.core.catalogue_alarms import ALARM_REASONS
from controller.core.catalogue_diagnosis import DIAGNOSIS
from controller.core.model import Text
from controller.core.reasons import CATALOGUE

CORE = Path(controller.__path__[0]) / "core"
PASSED_ON = {
    "overload_shed",
    "overload_alarm_shed",
    "frequency_shed",
    "grid_lost_shed",
    "import_shed",
    "feeder_suspect",
    "battery_empty",
    "battery_cell_low",
    "battery_drained",
    "battery_hot",
    "battery_unseen",
    "genset_start_failed",
    "genset_failed",
    "genset_stopped_by_itself",
    "genset_does_not_stop",
    "genset_not_automatic",
    "contactor_stuck_closed",
    "contactor_stuck_open",
}
"""Alarms whose reason is made elsewhere than where the alarm is."""
OF_THE_CONTROLLER = {
    "storage_failed",
    "storage_set_aside",
    "storage_salvaged",
    "planner_failing",
    "planning_failing",
    "outside_failing",
    "clock_doubted",
    "clock_stepped",
    "requests_unreadable",
    "pv_array_lost",
}
"""What the controller's parts call alarms (`own_alarms` in controller.commands.run)."""


def codes_in_alarms() -> set[str]:
    """Codes of literal Alarm(subject, Reason(code)) and Found(subject, Reason(code)) of the core."""
    return {
        code.value
        for path in CORE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("Alarm", "Found")
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "Reason"
        for code in ast.walk(inner.args[0])
        if isinstance(code, ast.Constant) and isinstance(code.value, str)
    }


def test_every_code_that_can_stand_is_in_the_catalogue() -> None:
    can_stand = codes_in_alarms() | set(ALARM_REASONS) | set(DIAGNOSIS) | PASSED_ON | OF_THE_CONTROLLER
    assert can_stand - ALARMS.keys() == set()


def test_every_alarm_has_a_sentence() -> None:
    assert ALARMS.keys() - CATALOGUE.keys() == set()


@pytest.mark.parametrize("code", sorted(ALARMS))
def test_an_alarm_says_in_both_languages_what_it_is_and_what_to_do_first(code: str) -> None:
    kind = ALARMS[code]
    for text in (kind.title, kind.first):
        assert re.search("[ก-๙]", text.th)
        assert not re.search("[ก-๙]", text.en)
        assert "  " not in text.th + text.en
    assert len(kind.title.en) <= 40
    assert not kind.title.en.endswith(".")
    assert kind.first.en.endswith(".")


@pytest.mark.parametrize("code", sorted(ALARMS))
def test_an_alarm_is_not_cleared_the_moment_that_it_is_over(code: str) -> None:
    assert ALARMS[code].clear_after_s >= 60
    assert ALARMS[code].raise_after_s >= 0


def test_what_is_critical_wakes_somebody_whatever_the_catalogue_says_of_it() -> None:
    assert all(kind.escalation(Severity.CRITICAL) is Escalation.NOW for kind in ALARMS.values())
    assert ALARMS["overload_shed"].escalation(Severity.WARNING) is Escalation.DIGEST
    assert ALARMS["battery_short_of_dawn"].escalation(Severity.WARNING) is Escalation.NOW
    assert ALARMS["device_lost"].escalation(Severity.WARNING) is Escalation.DAY


def test_two_alarms_are_never_told_by_the_same_title() -> None:
    titles = [(kind.title.th, kind.title.en) for kind in ALARMS.values()]
    assert len({th for th, _ in titles}) == len({en for _, en in titles}) == len(titles)


def test_an_alarm_is_told_with_its_figures() -> None:
    text = alarm_text("device_lost", {"device": "meter_pump", "lost_s": 90.0, "recurred": 2})
    assert text.title == Text("อุปกรณ์ไม่ตอบ", "Device lost")
    assert text.sentence.en == "Device meter_pump has not answered for 2 minutes. Check its cable and supply."


def test_an_alarm_of_another_tawan_is_told_by_its_code() -> None:
    assert alarm_kind("of_the_future").severity is Severity.WARNING
    assert alarm_text("of_the_future", {}).sentence == Text("of_the_future", "of_the_future")


def test_figures_of_another_tawan_leave_the_title() -> None:
    assert alarm_text("device_lost", {"device": "x"}).sentence == ALARMS["device_lost"].title
