"""What providers answer is found out and told: apprise and all, against servers on this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from message_provider import MONTHLY, PUSH, TOKEN, Provider, line_behind_a_proxy, served

from controller.outside.messages.refusal import Answer, Outcome
from controller.outside.messages.sender import Letter, Sender
from controller.settings.messages import ChannelSettings
from controller.settings.secret import SecretSettings

USER = "U4af4980629"
GROUP = "Cgroup0001"


@pytest.fixture(scope="module")
def line_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Provider, dict[str, str]]]:
    with line_behind_a_proxy(tmp_path_factory.mktemp("line")) as (provider, environment):
        yield provider, dict(environment)


@pytest.fixture
def line(line_server: tuple[Provider, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> Provider:
    provider, environment = line_server
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LINE_TOKEN", TOKEN)
    provider.arrived.clear()
    provider.members = {}
    provider.month_limit, provider.used = 300, 0
    return provider


def line_channel(to: str = USER, token: str = "LINE_TOKEN") -> ChannelSettings:
    return ChannelSettings(url=f"line://{{secret}}/{to}", secret=SecretSettings(env=token))


def letter(channel: ChannelSettings, title: str = "บ้านวังวน: ด่วน", body: str = "ไฟดับทั้งหมู่บ้าน") -> Letter:
    return Letter(channel, title, body)


async def answers(letters: list[Letter], sender: Sender | None = None) -> dict[int, Answer]:
    return {number: answer async for number, answer in (sender or Sender()).send(letters)}


async def test_line_gets_what_its_contract_asks_for(line: Provider) -> None:
    assert await answers([letter(line_channel())]) == {0: Answer(Outcome.SENT)}
    (body,) = line.arrived
    assert body["to"] == USER
    assert body["messages"][0]["type"] == "text"
    assert "ไฟดับทั้งหมู่บ้าน" in body["messages"][0]["text"]
    assert "iconUrl" not in body["messages"][0].get("sender", {})  # a phone would fetch it from elsewhere


async def test_a_spent_quota_a_wrong_token_and_a_wrong_user_are_told_apart(
    line: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLD_TOKEN", "expired/token==")
    line.members, line.month_limit = {GROUP: 20}, 15
    told = await answers(
        [
            letter(line_channel(GROUP)),
            letter(line_channel(token="OLD_TOKEN")),
            letter(line_channel("nobody")),
            letter(line_channel()),
        ]
    )
    assert told[0] == Answer(Outcome.QUOTA, f"429: {MONTHLY['message']}")
    assert told[1].outcome is Outcome.REFUSED
    assert "access token" in told[1].said
    assert told[2] == Answer(Outcome.REFUSED, "400: Failed to send messages")
    assert told[3] == Answer(Outcome.SENT)
    assert line.used == 1


async def test_a_provider_that_is_busy_or_silent_or_not_there_is_told_apart() -> None:
    with served() as busy, served() as slow:
        busy.answers.append((503, {"error": "come back later"}))
        slow.silent.set()
        told = await answers(
            [
                letter(ChannelSettings(url=f"json://{busy.url}")),
                letter(ChannelSettings(url=f"json://{slow.url}?rto=0.2")),
                letter(ChannelSettings(url="json://127.0.0.1:9")),
            ]
        )
    assert told[0] == Answer(Outcome.BUSY, "503: come back later")
    assert told[1].outcome is Outcome.UNCERTAIN
    assert told[2] == Answer(Outcome.UNREACHABLE, "it cannot be reached")


async def test_what_does_not_answer_in_time_is_given_up() -> None:
    hangs = Sender((sys.executable, "-c", "import sys; sys.stdin.read()\nwhile True: pass"), deadline_s=0.3)
    told = await answers([letter(ChannelSettings(url="json://127.0.0.1:9"))], hangs)
    assert told == {0: Answer(Outcome.UNCERTAIN, "nobody answered within 0.3 s")}


async def test_a_sender_that_breaks_leaves_messages_in_doubt() -> None:
    breaks = Sender((sys.executable, "-c", "import sys; sys.exit('no memory')"))
    told = await answers([letter(ChannelSettings(url="json://127.0.0.1:9"))], breaks)
    assert told[0].outcome is Outcome.UNCERTAIN


async def test_a_sender_that_cannot_be_started_is_no_defect() -> None:
    told = await answers([letter(ChannelSettings(url="json://127.0.0.1:9"))], Sender(("/no/such/python",)))
    assert told[0].outcome is Outcome.BUSY
    assert "cannot be started" in told[0].said


async def test_a_secret_that_cannot_be_read_and_a_url_that_means_nothing_are_refused(tmp_path: Path) -> None:
    missing = ChannelSettings(url="line://{secret}/U1", secret=SecretSettings(file=tmp_path / "token"))
    told = await answers([letter(missing), letter(ChannelSettings(url="carrier-pigeon://north"))])
    assert told[0].outcome is Outcome.REFUSED
    assert str(tmp_path / "token") in told[0].said
    assert told[1].outcome is Outcome.REFUSED
    assert "apprise knows no service" in told[1].said


async def test_no_answer_shows_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "s3cret/+word")
    with served() as provider:
        provider.answers.append((403, {"message": "s3cret/+word is not welcome"}))
        channel = ChannelSettings(
            url=f"json://user:{{secret}}@{provider.url}", secret=SecretSettings(env="TOKEN")
        )
        told = await answers([letter(channel)])
    assert told[0] == Answer(Outcome.REFUSED, "403: … is not welcome")


def test_the_contract_is_served_where_line_has_it() -> None:
    from apprise.plugins.line import NotifyLine

    assert NotifyLine.notify_url == f"https://api.line.me{PUSH}"
