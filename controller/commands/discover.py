"""`tawan discover`: what hangs on a line or in the network, as stanzas for config.yaml."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from controller.commands.addresses import (
    AddressError,
    Parity,
    bauds_in,
    buses_at,
    numbers_in,
    parities_in,
)
from controller.commands.configuration import load_or_explain, profiles_of
from controller.commands.discover_report import as_json, proposal
from controller.commands.layout import wrapped
from controller.commands.occupancy import occupied
from controller.config_file import ConfigError, load_config
from controller.settings import BusSettings, Config, RtuBus, TcpBus
from drivers.discovery import HostScan, LineScan, Survey, Suspects, scan_hosts, scan_line
from drivers.discovery.findings import Tell
from drivers.discovery.port import overheard, why_not
from drivers.errors import DeviceUnreachableError, ProfileError
from drivers.model import Profile
from drivers.profile import SUNSPEC, ProfileLibrary

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
_USUAL: tuple[tuple[int, Parity], ...] = ((9600, "none"), (19200, "none"), (19200, "even"), (9600, "even"))
_RARE: tuple[tuple[int, Parity], ...] = ((2400, "none"), (38400, "none"), (57600, "none"), (115200, "none"))
_STICK_UNITS = (1, 2, 3)
_STRAY_BYTES = 3


@dataclass(frozen=True, slots=True)
class DiscoverOptions:
    """What the command line asked for."""

    config: Path
    where: str
    baud: str | None
    parity: str | None
    units: str | None
    every_setting: bool
    thorough: bool
    anyway: bool
    ask_all: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be searched."""

    buses: tuple[BusSettings, ...]
    units: tuple[int, ...] | None
    in_full: int | None


def discover(options: DiscoverOptions) -> int:
    """Search and print what was found; returns the exit status (1: nothing found, or no way to search)."""
    logging.basicConfig(level=logging.CRITICAL)  # what fails is told in sentences
    config = _config(options)
    try:
        plan = _plan(options, config)
    except AddressError as error:
        print(wrapped(f"tawan discover: {error}."), file=sys.stderr)
        return EXIT_USAGE
    busy = None if config is None else next(filter(None, (occupied(config, bus) for bus in plan.buses)), None)
    if busy is not None:
        print(wrapped(f"tawan discover: {busy}."), file=sys.stderr)
        return 1
    survey = Survey()
    suspects = _suspects(profiles_of(options.config), survey)
    if options.ask_all:
        suspects = replace(suspects, ceiling=None)
    try:
        status = _search(_scan(plan, options, suspects, survey), survey)
    except KeyboardInterrupt:
        status = EXIT_INTERRUPTED
        survey.remarks.append("The search was interrupted: this is what had been found by then.")
    if options.as_json:
        print(json.dumps(as_json(survey), ensure_ascii=False, indent=2))
    else:
        print(proposal(survey, config))
    return status or int(not survey.found)


def _config(options: DiscoverOptions) -> Config | None:
    """The site's config.yaml if there is a good one; an address can be searched without."""
    if not options.config.exists():
        return None
    if not any(sign in options.where for sign in "/:."):
        return load_or_explain(options.config)
    try:
        return load_config(options.config)
    except ConfigError:
        return None


def _plan(options: DiscoverOptions, config: Config | None) -> _Plan:
    """Raises AddressError."""
    units = None if options.units is None else numbers_in(options.units, 0, 247)
    if config is not None and options.where in config.buses:
        bus = config.buses[options.where]
        return _Plan(_ways(bus, options) if isinstance(bus, RtuBus) else (bus,), units, None)
    if config is not None and "." not in options.where and re.fullmatch(r"[a-z0-9_]+", options.where):
        raise AddressError(
            f"config.yaml has no bus {options.where!r}; it has {', '.join(config.buses)} "
            f"(a host of that name is tcp://{options.where})"
        )
    buses = buses_at(options.where)
    if isinstance(buses[0], RtuBus):
        asked = options.baud is not None or options.parity is not None
        return _Plan(_ways(buses[0], options, guess=True), units, None if asked else len(_USUAL))
    if units is None and buses[0].type == "solarman":
        units = _STICK_UNITS
    return _Plan(buses, units, None)


def _ways(bus: RtuBus, options: DiscoverOptions, *, guess: bool = False) -> tuple[RtuBus, ...]:
    """The line at each baud rate and parity to try. Raises AddressError."""
    if options.baud is None and options.parity is None:
        pairs = (*_USUAL, *_RARE) if guess else ((bus.baud, bus.parity),)
    else:
        usual = tuple(dict.fromkeys(baud for baud, _ in _USUAL)) if guess else (bus.baud,)
        bauds = usual if options.baud is None else bauds_in(options.baud)
        parities = ("none", "even") if options.parity is None else parities_in(options.parity)
        pairs = tuple((baud, parity) for parity in parities for baud in bauds)
    return tuple(bus.model_copy(update={"baud": baud, "parity": parity}) for baud, parity in pairs)


def _suspects(library: ProfileLibrary, survey: Survey) -> Suspects:
    """What may be found; a faulty profile is left out, and said."""
    profiles: list[Profile] = []
    with Console(stderr=True).status("Reading the profiles ..."):
        for name in library.names():
            if name == SUNSPEC:
                continue
            try:
                profiles.append(library.load(name))
            except ProfileError as error:
                fault, *more = str(error).splitlines()
                others = f", and {len(more)} more" if more else ""
                told = f"the profile {name} is left out, for it is faulty: {fault}{others}"
                survey.remarks.append(f"{told} (`tawan profiles validate`)")
    return Suspects.of(profiles)


async def _scan(plan: _Plan, options: DiscoverOptions, suspects: Suspects, survey: Survey) -> None:
    """Search; raises DeviceUnreachableError where that cannot begin or go on."""
    hosts = tuple(bus for bus in plan.buses if isinstance(bus, TcpBus))
    with _ProgressBar() as tell:
        if hosts:
            await scan_hosts(HostScan(hosts, plan.units), suspects, survey, tell)
            return
        first = plan.buses[0]
        if isinstance(first, RtuBus):
            await _listen(first, anyway=options.anyway)
        scan = LineScan(plan.buses, plan.units, options.every_setting, plan.in_full, options.thorough)
        await scan_line(scan, suspects, survey, tell)


async def _listen(bus: RtuBus, *, anyway: bool) -> None:
    """Open the port and keep quiet for a moment. Raises DeviceUnreachableError: no port, or no quiet."""
    try:
        strays = await overheard(bus)
    except OSError as error:
        raise DeviceUnreachableError(why_not(bus.port, error)) from error
    if strays > _STRAY_BYTES and not anyway:
        raise DeviceUnreachableError(
            f"{bus.port}: somebody talks on this line already ({strays} bytes came unasked). Another master, "
            "such as an inverter that reads its meter, would be disturbed: disconnect it first, or give "
            "--anyway if it is mere noise"
        )


def _search(scan: Coroutine[None, None, None], survey: Survey) -> int:
    """Run a search; 1 if it had to be given up."""
    try:
        asyncio.run(scan)
    except DeviceUnreachableError as error:
        survey.remarks.append(str(error))
        return 1
    return 0


class _ProgressBar:
    """A progress bar on the terminal; gives the function that moves it."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)

    def __enter__(self) -> Tell:
        self._bar.start()
        task = self._bar.add_task("Searching ...", total=None)

        def tell(what: str, done: int, total: int) -> None:
            self._bar.update(task, description=what, completed=done, total=total)

        return tell

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
