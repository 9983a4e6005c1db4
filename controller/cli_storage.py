"""The commands that keep what was recorded: backup and restore."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from controller.cli_commissioning import DEFAULT_CONFIG, ConfigOption


def backup(
    file: Annotated[
        Path | None, typer.Argument(help="The file to write; or else --to.", show_default=False)
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="A folder on another disk: named by site and time in there."),
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="How many of the newest stay in --to.")] = 7,
) -> None:
    """Copy everything recorded, and config.yaml, into one file, and read it back; the controller may run.

    It gets its name only once it was found sound. Exit status: 0 there is a new backup, 1 there is none.
    """
    from controller.commands.backup import back_up

    sys.exit(back_up(config, file, to, keep))


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `tawan backup` made.", show_default=False)],
    config: ConfigOption = DEFAULT_CONFIG,
    with_config: Annotated[
        bool, typer.Option("--with-config", help="Also put the backup's config.yaml in its place.")
    ] = False,
) -> None:
    """Put a backup in the place of what is recorded; the controller must stand still.

    The backup is read wholly before anything is touched. What stood there is set aside, not deleted.
    """
    from controller.commands.backup import restore as put_back

    sys.exit(put_back(config, file, with_config=with_config))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(backup)
    app.command()(restore)
