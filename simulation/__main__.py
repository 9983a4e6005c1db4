"""`python -m simulation`: the virtual village in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from controller.clock import Clock, clock_from
from controller.config_file import EXIT_CONFIG, ConfigError, load_config
from simulation.devices.catalogue import UnknownDeviceError
from simulation.host import VillageHost
from simulation.physics.village import Village
from simulation.process import run_village


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="config.yaml of the village to be virtual")
    parser.add_argument("--clock", help="clock to share, as its spec(); without it the host's own")
    parser.add_argument("--state", type=Path, required=True, help="directory for addresses, truth and socket")
    parser.add_argument("--seed", type=int, default=1, help="of weather and demand")
    parser.add_argument("--soc", type=float, default=0.5, help="state of charge to begin with, 0 to 1")
    parser.add_argument("--clouds", choices=("auto", "clear", "partly", "overcast"), default="auto")
    parser.add_argument(
        "--irradiance-csv", type=Path, help="measured irradiance instead of the virtual sky's"
    )
    parser.add_argument("--load-csv", type=Path, help="measured demand instead of the virtual one")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the village until it is stopped; the exit status."""
    arguments = _arguments(argv)
    clock = clock_from(arguments.clock)
    try:
        host = _build(arguments, clock)
    except (ConfigError, UnknownDeviceError, ValueError, OSError) as error:  # the latter two: a bad CSV file
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIG
    arguments.state.mkdir(parents=True, exist_ok=True)
    asyncio.run(run_village(host, arguments.state, seed=arguments.seed))
    return 0


def _build(arguments: argparse.Namespace, clock: Clock) -> VillageHost:
    config = load_config(arguments.config)
    start_utc, started_s = clock.utc_now(), clock.monotonic()
    village = Village(
        config,
        start_utc=start_utc,
        seed=arguments.seed,
        soc_frac=arguments.soc,
        clouds=arguments.clouds,
        irradiance_csv=arguments.irradiance_csv,
        load_csv=arguments.load_csv,
    )
    return VillageHost(config, village, clock, started_s)


if __name__ == "__main__":
    sys.exit(main())
