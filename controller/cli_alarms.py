"""The command about alarms."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from controller.cli_commissioning import DEFAULT_CONFIG, ConfigOption


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(alarms)


def alarms(
    config: ConfigOption = DEFAULT_CONFIG,
    every: Annotated[
        bool, typer.Option("--all", help="Also those that are over, of the last 30 days.")
    ] = False,
    acknowledge: Annotated[
        int | None, typer.Option(metavar="ID", help='"I see to it": messages stop, the lamp goes out.')
    ] = None,
    confirm_contacts: Annotated[
        bool,
        typer.Option("--confirm-contacts", help="All technicians were called, their numbers are right."),
    ] = False,
) -> None:
    """Show what stands, in Thai and English, and what to do first; or acknowledge an alarm.

    Exit status: 1 when something critical stands that nobody has acknowledged, else 0; with --acknowledge and
    --confirm-contacts: 0 done, 1 refused, 2 the controller did not answer.
    """
    if acknowledge is not None and confirm_contacts:
        raise typer.BadParameter("one at a time: --acknowledge or --confirm-contacts")
    if acknowledge is not None or confirm_contacts:
        from controller.commands.asking import ask

        kind = "confirm_contacts" if confirm_contacts else "acknowledge"
        sys.exit(ask(config, kind, {} if acknowledge is None else {"alarm": acknowledge}))
    from controller.commands.alarms import show_alarms

    sys.exit(show_alarms(config, every=every))
