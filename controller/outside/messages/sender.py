"""Hands messages over to the child process that sends them, and kills it when it takes too long."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from controller.outside.messages.refusal import Answer, Outcome, answer_of
from controller.secret import SecretError, read_secret
from controller.settings.messages import ChannelSettings

_log = logging.getLogger(__name__)

DEADLINE_S = 45.0
"""Host seconds for all messages of one moment; a Raspberry Pi takes some 3 to load apprise."""
COMMAND = (sys.executable, "-m", "controller.outside.messages.sending")
_PLACE = "{secret}"
_SHOWN = "…"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one channel, ready to be sent."""

    channel: ChannelSettings
    title: str
    body: str


class Sender:
    """Sends letters, each time by a new child."""

    def __init__(self, command: Sequence[str] = COMMAND, deadline_s: float = DEADLINE_S) -> None:
        self._command = tuple(command)
        self._deadline_s = deadline_s

    async def send(self, letters: Sequence[Letter]) -> AsyncGenerator[tuple[int, Answer], None]:
        """What became of each letter, by its place in the sequence, as soon as it is known.

        Letters that nothing is known of when time is over may have arrived.
        """
        open_letters: dict[int, str] = {}
        jobs = []
        for number, letter in enumerate(letters):
            try:
                url, secret = filled(letter.channel)
            except SecretError as error:
                yield number, Answer(Outcome.REFUSED, str(error))
                continue
            open_letters[number] = secret
            jobs.append({"number": number, "url": url, "title": letter.title, "body": letter.body})
        if not jobs:
            return
        async with aclosing(self._by_child(jobs)) as answers:
            async for number, answer in answers:
                secret = open_letters.pop(number)
                yield number, Answer(answer.outcome, _without(secret, answer.said))
        for number in open_letters:
            yield number, Answer(Outcome.UNCERTAIN, f"nobody answered within {self._deadline_s:g} s")

    async def _by_child(self, jobs: Sequence[dict[str, Any]]) -> AsyncGenerator[tuple[int, Answer], None]:
        try:
            child = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
        except OSError as error:
            for job in jobs:
                yield job["number"], Answer(Outcome.BUSY, f"the sender cannot be started: {error}")
            return
        assert child.stdin is not None  # noqa: S101 - both are pipes
        assert child.stdout is not None  # noqa: S101
        try:
            async with asyncio.timeout(self._deadline_s):
                child.stdin.write(json.dumps(jobs).encode() + b"\n")
                child.stdin.close()
                async for line in child.stdout:
                    told = json.loads(line)
                    yield told["number"], _answer(told)
                await child.wait()
        except TimeoutError:
            _log.info("messages: the providers did not answer within %g s", self._deadline_s)
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()


def filled(channel: ChannelSettings) -> tuple[str, str]:
    """The channel's URL with its secret in place, and the secret (empty where there is none).

    Raises SecretError.
    """
    if channel.secret is None:
        return channel.url, ""
    secret = read_secret(channel.secret)
    return channel.url.replace(_PLACE, quote(secret, safe="")), secret


def _answer(told: Mapping[str, Any]) -> Answer:
    log = [(str(level), str(message)) for level, message in told["log"]]
    if not told["usable"]:
        return Answer(Outcome.REFUSED, log[-1][1])
    return answer_of(sent=bool(told["sent"]), log=log)


def _without(secret: str, said: str) -> str:
    """What was said, without the secret that may stand in it."""
    if not secret:
        return said
    return said.replace(secret, _SHOWN).replace(quote(secret, safe=""), _SHOWN)
