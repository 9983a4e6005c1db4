"""`tawan message`: what the providers say to a test, and what waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from message_provider import Provider, served
from typer.testing import CliRunner

from controller.cli import app

DEFAULT = Path(__file__).parents[2] / "config.yaml"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with served() as provider:
        yield provider


@pytest.fixture
def run(tmp_path: Path, provider: Provider) -> Run:
    text = DEFAULT.read_text(encoding="utf-8")
    assert "/run/tawan/image.json" in text
    text = text.replace("/run/tawan/image.json", str(tmp_path / "image.json"))
    text += f"""
messages:
  people:
    somchai: {{channels: [ntfy]}}
    office: {{channels: [mail], lang: en, level: 2}}
  channels:
    ntfy: {{url: "ntfy://{provider.url}/somchai", quota: line}}
    mail: {{url: "json://{provider.url}/office"}}
  quotas:
    line: {{messages_per_month: 300}}
"""
    config = tmp_path / "config.yaml"
    config.write_text(text, encoding="utf-8")

    def command(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["message", *words, "--config", str(config)])
        return result.exit_code, result.output

    return command


def test_everybody_gets_a_test_message_in_their_language(run: Run, provider: Provider) -> None:
    status, said = run("test")
    assert status == 0
    assert sorted(said.splitlines()) == ["office by mail: sent", "somchai by ntfy: sent"]
    assert any("ข้อความทดสอบ" in text for text in provider.texts)
    assert any("test message" in text for text in provider.texts)


def test_one_person_may_be_tried_and_a_refusal_is_told_with_its_reason(run: Run, provider: Provider) -> None:
    provider.answers.append((401, {"message": "unauthorized"}))
    assert run("test", "--to", "office") == (1, "office by mail: refused (401: unauthorized)\n")


def test_somebody_who_is_not_there_cannot_be_tried(run: Run) -> None:
    status, said = run("test", "--to", "nobody")
    assert status == 1
    assert "There is no nobody under messages.people: somchai, office." in said


@pytest.mark.parametrize("words", [["test"], ["status"]])
def test_without_a_section_it_says_where_to_read(words: list[str]) -> None:
    result = CliRunner().invoke(app, ["message", *words, "--config", str(DEFAULT)])
    assert result.exit_code == 1
    assert "docs/messages.md" in result.output


def test_nothing_is_known_while_nothing_runs(run: Run) -> None:
    status, said = run("status")
    assert status == 1
    assert "Is the controller running?" in said


TROUBLED: dict[str, Any] = {
    "ok": False,
    "detail": "the channel ntfy refuses messages: 401: unauthorized",
    "month": "2026-11",
    "quotas": [
        {
            "id": "line",
            "spent": 241,
            "per_month": 300,
            "kept_for_critical": 60,
            "refused_until_utc": "2026-11-21T13:00:00+00:00",
        }
    ],
    "channels": [
        {
            "id": "ntfy",
            "ok": False,
            "refuses": True,
            "said": "401: unauthorized",
            "failing_since_utc": "2026-11-21T12:00:00+00:00",
            "next_try_utc": "2026-11-21T13:00:00+00:00",
        },
        {
            "id": "mail",
            "ok": True,
            "refuses": False,
            "said": None,
            "failing_since_utc": None,
            "next_try_utc": None,
        },
    ],
    "waiting_count": 1,
    "waiting": [
        {
            "person": "somchai",
            "code": "blackout",
            "subject": "site",
            "severity": "critical",
            "title": {"th": "ไฟดับทั้งหมู่บ้าน", "en": "Blackout"},
            "raised_utc": "2026-11-21T12:00:00+00:00",
            "why": {"code": "channel", "th": "ส่งไม่ได้", "en": "it cannot be sent now"},
            "channel": "ntfy",
        }
    ],
    "refusals": [{"at_utc": "2026-11-21T12:00:00+00:00", "channel": "ntfy", "said": "401: unauthorized"}],
}


def test_the_status_shows_quotas_channels_what_waits_and_refusals(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    (tmp_path / "outside.json").write_text(json.dumps({"services": {"messages": TROUBLED}}), encoding="utf-8")
    status, said = run("status")
    assert status == 1
    for part in (
        "Needs attention: the channel ntfy refuses messages: 401: unauthorized",
        "241",
        "the provider says it is used up; asked again 2026-11-21 20:00",
        "refuses: 401: unauthorized",
        "critical: Blackout (site)",
        "ไฟดับทั้งหมู่บ้าน",
        "2026-11-21 19:00  ntfy: 401: unauthorized",
    ):
        assert part in said


def test_a_service_that_is_just_starting_has_nothing_to_show_yet(run: Run, tmp_path: Path) -> None:
    starting = {"services": {"messages": {"ok": True, "detail": None}}}
    (tmp_path / "outside.json").write_text(json.dumps(starting), encoding="utf-8")
    status, said = run("status")
    assert status == 1
    assert "just starting" in said
