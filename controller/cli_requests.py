"""The commands that ask the running controller for something."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from controller.cli_commissioning import DEFAULT_CONFIG, ConfigOption

_LENGTH = re.compile(r"^(\d+(?:\.\d+)?)(s|min|h)$")
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_FEEDER_WORDS = {"on": "closed", "off": "open", "auto": "auto"}
_GENSET_WORDS = {"run": "run", "on": "run", "rest": "rest", "off": "rest", "auto": "auto"}


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(order)


def order(
    subject: Annotated[str, typer.Argument(help="A feeder id of config.yaml, or `genset`.")],
    state: Annotated[str, typer.Argument(help="on, off or auto; for the genset run, rest or auto.")],
    length: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long it holds: 45min, 2h; a day at most.")
    ] = "1h",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Order a feeder on or off, or the genset to run or rest, for a time; `auto` gives it back.

    Protection goes first: what the battery or the inverters cannot bear stays off. When the time is over the
    controller decides again by itself. The order and who gave it stand in the log. Before working on a line,
    lock its breaker by hand: an order is no safety device.

    Exit status: 0 taken, 1 refused, 2 the controller did not answer.
    """
    from controller.commands.asking import ask

    words = _GENSET_WORDS if subject == "genset" else _FEEDER_WORDS
    if state not in words:
        raise typer.BadParameter(f"{state!r}; use {', '.join(words)}", param_hint="STATE")
    params: dict[str, object] = {"state": words[state], "for_s": _seconds(length)}
    if subject != "genset":
        params["feeder"] = subject
    sys.exit(ask(config, "genset" if subject == "genset" else "feeder", params))


def _seconds(text: str) -> float:
    """A length of time such as 90s, 45min or 2h in seconds."""
    match = _LENGTH.match(text)
    if match is None:
        raise typer.BadParameter(f"{text!r} is not a length of time such as 45min or 2h", param_hint="--for")
    return float(match[1]) * _SECONDS[match[2]]
