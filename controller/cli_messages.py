"""The commands of messages to people: `tawan message test` and `tawan message status`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from controller.cli_commissioning import DEFAULT_CONFIG, ConfigOption

message = typer.Typer(
    name="message",
    help="Messages to people: try the channels, see what waits and how much of the quotas is used.",
    no_args_is_help=True,
)


@message.command("test")
def send_test(
    config: ConfigOption = DEFAULT_CONFIG,
    to: Annotated[str | None, typer.Option(metavar="NAME", help="Only this person of config.yaml.")] = None,
) -> None:
    """Send everybody a test message by each of their channels, now, and say what the providers answered.

    The providers count these messages; Tawan's own count leaves them out. Exit status: 0 all were taken,
    1 some were not, 78 config.yaml is wrong.
    """
    from controller.commands.message import send_tests

    sys.exit(send_tests(config, to))


@message.command()
def status(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Show the quotas, what waits and why, and what was refused.

    It reads what the running controller's outside process tells. Exit status: 0 all well, 1 something needs
    attention or nothing runs.
    """
    from controller.commands.message import show_status

    sys.exit(show_status(config))


def register(app: typer.Typer) -> None:
    """Add the commands of messages."""
    app.add_typer(message, name="message")
