"""The commands of commissioning: find a device, read it, set it, test it, look up what is known of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from controller.core.model import Role

if TYPE_CHECKING:
    from controller.commands.target import Chosen

ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config", "-c", envvar="TAWAN_CONFIG", help="The site's configuration.", show_default=True
    ),
]
DEFAULT_CONFIG = Path("config.yaml")
DeviceArgument = Annotated[str | None, typer.Argument(help="A device id of config.yaml.", show_default=False)]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="Without config.yaml: the device's profile, or sunspec.")
]
BusOption = Annotated[
    str | None,
    typer.Option("--bus", help="Where it is: /dev/serial/..., tcp://host:502, rtu+tcp://host:port."),
]
UnitOption = Annotated[int | None, typer.Option("--unit", min=0, max=247, help="Its unit id.")]
WithOption = Annotated[
    str | None, typer.Option("--with", help="Its further unit ids, as system=100,vebus=227.")
]
BaudOption = Annotated[int, typer.Option("--baud", help="Of a serial port.")]
ParityOption = Annotated[str, typer.Option("--parity", help="none, even or odd.")]
RoleOption = Annotated[Role | None, typer.Option("--role", help="Of a SunSpec device.")]

profiles_app = typer.Typer(no_args_is_help=True, help="Which devices Tawan knows.")


def discover(
    where: Annotated[
        str,
        typer.Argument(
            help="A serial port, a host, a small range (192.168.10.0/27), rtu+tcp://host:port, or a bus id "
            "of config.yaml."
        ),
    ],
    config: ConfigOption = DEFAULT_CONFIG,
    baud: Annotated[str | None, typer.Option(help="Of a serial line, as 9600,19200.")] = None,
    parity: Annotated[str | None, typer.Option(help="Of a serial line, as none,even.")] = None,
    units: Annotated[
        str | None, typer.Option(help="Unit ids to ask, as 1-32,100; default: the likely ones.")
    ] = None,
    every_setting: Annotated[
        bool, typer.Option("--every-setting", help="Go on with other baud rates after one has worked.")
    ] = False,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="More patience: for slow devices and long lines.")
    ] = False,
    anyway: Annotated[bool, typer.Option("--anyway", help="Though bytes come unasked on the line.")] = False,
    ask_all: Annotated[
        bool,
        typer.Option("--ask-all", help="Also registers from which some devices restart (Growatt SPF)."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Find out what hangs on a line or in the network, and propose stanzas for config.yaml.

    It only reads: nothing can be changed by it. Every unit id is asked one cheap thing, and only who answers
    is asked more. Ctrl+C prints what was found so far. Exit status: 0 something was found, 1 nothing.
    """
    from controller.commands.discover import DiscoverOptions
    from controller.commands.discover import discover as run

    options = DiscoverOptions(
        config, where, baud, parity, units, every_setting, thorough, anyway, ask_all, as_json
    )
    sys.exit(run(options))


def read(
    device: DeviceArgument = None,
    config: ConfigOption = DEFAULT_CONFIG,
    raw: Annotated[bool, typer.Option("--raw", help="Also every request with its registers.")] = False,
    watch: Annotated[
        float | None, typer.Option("--watch", min=0.5, metavar="SECONDS", help="Read again so often.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    profile: ProfileOption = None,
    bus: BusOption = None,
    unit: UnitOption = None,
    units: WithOption = None,
    baud: BaudOption = 9600,
    parity: ParityOption = "none",
    role: RoleOption = None,
) -> None:
    """Read every point of one device, now, and say what each means.

    The device is one of config.yaml, or is described by --profile, --bus and --unit. Stop the controller
    first where the device hangs on an RS485 line.
    """
    from controller.commands.read import ReadOptions, read_device

    chosen = _chosen(config, device, profile, bus, unit, units, baud, parity, role)
    sys.exit(read_device(ReadOptions(chosen, raw, watch, as_json)))


def set_point(
    device: Annotated[str, typer.Argument(help="A device id of config.yaml.")],
    point: Annotated[
        str, typer.Argument(help="One of its control points (`tawan profiles show` names them).")
    ],
    value: Annotated[str, typer.Argument(help="In the point's unit; also on, off, or the name of a state.")],
    config: ConfigOption = DEFAULT_CONFIG,
    write: Annotated[bool, typer.Option("--write", "--yes", help="Carry it out.")] = False,
    restore_after: Annotated[
        float | None,
        typer.Option("--restore-after", min=0, metavar="SECONDS", help="Then write the former value again."),
    ] = None,
    engine: Annotated[bool, typer.Option("--engine", help="Allow the start of an engine.")] = False,
) -> None:
    """Write one control point of a device. Without --write it only says what it would write.

    It says what goes over the wire, what the device holds now, for how long the value holds and what gives
    the device its freedom back. Negative values need two dashes before: tawan set hybrid battery_setpoint_w
    --write -- -2000
    """
    from controller.commands.set_point import SetOptions
    from controller.commands.set_point import set_point as run
    from controller.commands.target import Chosen

    sys.exit(run(SetOptions(Chosen(config, device), point, value, write, restore_after, engine)))


def try_device(
    device: DeviceArgument = None,
    config: ConfigOption = DEFAULT_CONFIG,
    yes: Annotated[bool, typer.Option("--yes", help="Try the control points without asking.")] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="Try no control point.")] = False,
    flash: Annotated[bool, typer.Option("--flash", help="Also control points stored in flash.")] = False,
    points: Annotated[
        list[str] | None,
        typer.Option(
            "--point",
            metavar="NAME",
            help="Only this control point; modes and on/off are tried in no other way.",
        ),
    ] = None,
    engine: Annotated[bool, typer.Option("--engine", help="Also the start of a genset's engine.")] = False,
    seconds: Annotated[float, typer.Option(min=0, max=3600, help="Between its two readings.")] = 5.0,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="Keep a report of it.", dir_okay=False)
    ] = None,
    by: Annotated[str, typer.Option(envvar="TAWAN_TECHNICIAN", help="Who tests: for the report.")] = "",
    profile: ProfileOption = None,
    bus: BusOption = None,
    unit: UnitOption = None,
    units: WithOption = None,
    baud: BaudOption = 9600,
    parity: ParityOption = "none",
    role: RoleOption = None,
) -> None:
    """Test one device: does it read well, do its values fit together, and does it obey?

    Each control point is tried with a value near its present one and restored; you are asked before each.
    What may stop the device or darken feeders is only tried when named: --point enabled. --yes asks nothing,
    but for relays, of which each needs a yes, or its name.
    Exit status: 0 passed, 1 something failed.
    """
    from controller.commands.trial import TrialOptions, run_trial
    from controller.commands.trial_controls import Limits

    chosen = _chosen(config, device, profile, bus, unit, units, baud, parity, role)
    limits = Limits(flash, engine, frozenset(points or ()))
    sys.exit(run_trial(TrialOptions(chosen, not read_only, yes, limits, seconds, report, by)))


@profiles_app.command("list")
def list_profiles(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Every profile: role, points, control points, what confirms it."""
    from controller.commands.profiles import list_profiles as run

    sys.exit(run(config))


@profiles_app.command("show")
def show_profile(
    name: Annotated[str, typer.Argument(help="As `tawan profiles list` has it.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """All of one profile: points, codes, control points, sources."""
    from controller.commands.profiles import show_profile as run

    sys.exit(run(config, name))


@profiles_app.command("validate")
def validate(
    files: Annotated[list[Path], typer.Argument(help="Profile files, as profiles/my-meter.yaml.")],
) -> None:
    """Check profile files: every fault with its point, key and remedy. Exit status 1: there is one."""
    from controller.commands.profiles import validate as run

    sys.exit(run(files))


@profiles_app.command("coverage")
def coverage(
    config: ConfigOption = DEFAULT_CONFIG,
    blocks: Annotated[
        Path | None, typer.Option(help="Folder of the tested register blocks (tests/drivers/blocks).")
    ] = None,
) -> None:
    """What the devices of each role offer, and what they lack of what is usual."""
    from controller.commands.profiles import coverage as run

    sys.exit(run(config, blocks))


def register(app: typer.Typer) -> None:
    """Add the commands of commissioning."""
    app.command()(discover)
    app.command()(read)
    app.command(name="set")(set_point)
    app.command(name="test")(try_device)
    app.add_typer(profiles_app, name="profiles")


def _chosen(
    config: Path,
    device: str | None,
    profile: str | None,
    bus: str | None,
    unit: int | None,
    units: str | None,
    baud: int,
    parity: str,
    role: Role | None,
) -> Chosen:
    """The device that the command line speaks of."""
    from controller.commands.addresses import AddressError, parities_in
    from controller.commands.target import Chosen

    try:
        (known,) = parities_in(parity)
    except (AddressError, ValueError) as error:
        raise typer.BadParameter("use none, even or odd", param_hint="--parity") from error
    return Chosen(config, device, profile, bus, unit, baud, known, units, role)
