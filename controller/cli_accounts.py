"""The commands of the village's accounts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from controller.cli_commissioning import DEFAULT_CONFIG, ConfigOption

Household = Annotated[str, typer.Argument(metavar="HOUSE", help="Its id under accounts.households.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who enters it.")]
On = Annotated[str | None, typer.Option("--on", metavar="2026-10-31", help="The day; default today.")]

account = typer.Typer(
    help="Payments, meters read by hand, and closing a month. Nothing is ever rewritten: a slip is cancelled "
    "by a further entry. No account switches anybody off.",
    no_args_is_help=True,
)


@account.command()
def pay(
    household: Household,
    amount: Annotated[str, typer.Argument(metavar="BAHT", help="As 200 or 200.50.")],
    by: By,
    config: ConfigOption = DEFAULT_CONFIG,
    on: On = None,
    receipt: Annotated[str | None, typer.Option(help="Number of the paper receipt; it counts once.")] = None,
) -> None:
    """Enter a payment or top-up; it is on the disk once its number is printed."""
    from controller.commands.account import pay as enter

    sys.exit(enter(config, household, amount, by, on, receipt))


@account.command()
def read(
    household: Household,
    kwh: Annotated[str, typer.Argument(metavar="KWH", help="As the meter shows it.")],
    by: By,
    config: ConfigOption = DEFAULT_CONFIG,
    on: On = None,
    rolled_over: Annotated[
        str | None, typer.Option(metavar="KWH", help="It went back to 0 since, at this number.")
    ] = None,
) -> None:
    """Enter what a meter shows that Tawan cannot read; it counts as of the beginning of the day."""
    from controller.commands.account import read_meter

    sys.exit(read_meter(config, household, kwh, by, on, rolled_over))


@account.command()
def replace(
    household: Household,
    old: Annotated[str, typer.Option(metavar="KWH", help="What the old meter showed last.")],
    new: Annotated[str, typer.Option(metavar="KWH", help="What the new one showed first.")],
    by: By,
    config: ConfigOption = DEFAULT_CONFIG,
    on: On = None,
) -> None:
    """Enter that a meter read by hand was replaced. Meters on a line need it not: Tawan finds out."""
    from controller.commands.account import replace_meter

    sys.exit(replace_meter(config, household, old, new, by, on))


@account.command()
def cancel(
    number: Annotated[int, typer.Argument(help="The entry's number.")],
    by: By,
    because: Annotated[str, typer.Option(help="Why.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Have an earlier entry not count; it stays where it stands."""
    from controller.commands.account import cancel as enter

    sys.exit(enter(config, number, by, because))


@account.command()
def close(
    month: Annotated[str, typer.Argument(metavar="2026-10", help="A month that is over.")],
    by: By,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Close a month: what each household owes for it is entered, and does not change any more."""
    from controller.commands.account import close_month

    sys.exit(close_month(config, month, by))


@account.command("list")
def list_(
    household: Annotated[str | None, typer.Argument(metavar="HOUSE", help="Of one household only.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Print all entries, or those of one household."""
    from controller.commands.account import list_entries

    sys.exit(list_entries(config, household))


@account.command()
def balances(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print what every household has or owes now, and which prepaid balance is low."""
    from controller.commands.account import balances as show

    sys.exit(show(config))


@account.command()
def groups(
    month: Annotated[str, typer.Argument(metavar="2026-10")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Print what each group and its feeders used in a month and are to contribute to the fund."""
    from controller.commands.account import groups as show

    sys.exit(show(config, month))


@account.command()
def verify(
    config: ConfigOption = DEFAULT_CONFIG,
    head: Annotated[str | None, typer.Option(help="A head noted earlier: it must be in the chain.")] = None,
) -> None:
    """Prove that nobody rewrote or removed an entry. Exit status: 0 the chain is whole, 1 it is not."""
    from controller.commands.account import verify as prove

    sys.exit(prove(config, head))


def statement(
    month: Annotated[str, typer.Option(metavar="2026-10")],
    household: Annotated[str | None, typer.Argument(metavar="HOUSE", help="Or --all.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    everybody: Annotated[bool, typer.Option("--all", help="One sheet for every household.")] = False,
    lang: Annotated[Literal["th", "en"], typer.Option(help="Thai or English.")] = "th",
    text: Annotated[bool, typer.Option("--text", help="Print it instead of writing a page.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", dir_okay=False, help="Default: statement-MONTH-HOUSE.html, here."),
    ] = None,
) -> None:
    """Make a household's statement of a month: one HTML file, a sheet of A5 each, Thai first.

    A statement shows one household and nobody else. What was not measured is said, never guessed.
    Exit status: 0 made, 1 it cannot be, 78 a mistake in config.yaml.
    """
    from controller.commands.statement import make_statement

    if (household is None) != everybody:
        raise typer.BadParameter("name a household, or say --all", param_hint="HOUSE")
    sys.exit(make_statement(config, household, month, lang, out, text=text))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(account, name="account")
    app.command()(statement)
