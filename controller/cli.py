"""The command line: `tawan --help` teaches it. Commands import what they need when they run."""

from __future__ import annotations

import sys
from datetime import time
from pathlib import Path
from typing import Annotated

import typer

from controller import (
    cli_accounts,
    cli_alarms,
    cli_commissioning,
    cli_export,
    cli_forecast,
    cli_messages,
    cli_records,
    cli_requests,
    cli_storage,
)
from controller.cli_commissioning import DEFAULT_CONFIG, ConfigOption

app = typer.Typer(
    name="tawan",
    help="Tawan, a solar microgrid controller for villages.\n\n"
    "Try `tawan demo --speed 60` for a virtual village, or `tawan check` to test a "
    "config.yaml before `tawan run`.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.command()
def demo(
    config: ConfigOption = DEFAULT_CONFIG,
    speed: Annotated[
        float, typer.Option(min=0.1, max=120, help="How many times faster than life, wires included.")
    ] = 1.0,
    start: Annotated[
        str, typer.Option(help="Local time of day at which the village starts, HH:MM.")
    ] = "05:45",
    soc: Annotated[float, typer.Option(min=0, max=1, help="State of charge at the start.")] = 0.5,
    clouds: Annotated[str, typer.Option(help="auto, clear, partly or overcast.")] = "auto",
    seed: Annotated[int, typer.Option(help="Another seed: other clouds, other people.")] = 1,
    irradiance_csv: Annotated[
        Path | None, typer.Option(help="Measured sun instead of simulated: columns time, ghi_wm2.")
    ] = None,
    load_csv: Annotated[
        Path | None, typer.Option(help="Measured demand: columns time and feeder ids, in watts.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port of the page; default that of config.yaml.")] = None,
    duration: Annotated[
        float | None, typer.Option("--for", metavar="SECONDS", help="End after so many simulated seconds.")
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Print nothing while it runs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
    state: Annotated[
        Path | None, typer.Option(help="Keep the demo's files here instead of in a temporary folder.")
    ] = None,
) -> None:
    """Start a virtual village, the controller and the page: no hardware needed.

    The devices are simulated with their physics and served as real Modbus (TCP, and RTU lines paced at their
    baud rate); everything else is what runs in the power house. Ctrl+C ends it.
    """
    from controller.commands.demo import DemoOptions, run_demo

    try:
        start_time = time.fromisoformat(start)
    except ValueError:
        raise typer.BadParameter(
            f"{start!r} is not a time of day such as 05:45", param_hint="--start"
        ) from None
    if clouds not in {"auto", "clear", "partly", "overcast"}:
        raise typer.BadParameter(f"{clouds!r}; use auto, clear, partly or overcast", param_hint="--clouds")
    options = DemoOptions(
        config=config, speed=speed, start=start_time, soc_frac=soc, clouds=clouds, seed=seed, port=port,
        irradiance_csv=irradiance_csv, load_csv=load_csv,
        duration_s=duration, headless=headless, as_json=as_json, state=state,
    )  # fmt: skip
    sys.exit(run_demo(options))


@app.command()
def run(
    config: ConfigOption = DEFAULT_CONFIG,
    clock: Annotated[str | None, typer.Option(hidden=True, help="The demo's shared clock.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
) -> None:
    """Run the controller: poll the devices, decide every second, act, record.

    It runs until it is told to stop (SIGTERM or Ctrl+C); then it withdraws PV limits and the genset request
    and leaves the feeders as they are. Exit status 78: config.yaml is wrong.
    """
    from controller.commands.run import run_controller

    sys.exit(run_controller(config, clock_spec=clock, verbose=verbose))


@app.command()
def web(
    config: ConfigOption = DEFAULT_CONFIG,
    host: Annotated[str | None, typer.Option(help="Instead of web.host of config.yaml.")] = None,
    port: Annotated[int | None, typer.Option(help="Instead of web.port of config.yaml.")] = None,
) -> None:
    """Serve the village page and the API. It reads what the controller writes and can touch no bus."""
    from controller.commands.web import serve

    sys.exit(serve(config, host=host, port=port))


@app.command()
def check(
    config: ConfigOption = DEFAULT_CONFIG,
    devices: Annotated[bool, typer.Option("--devices", help="Also read every device once.")] = False,
) -> None:
    """Check config.yaml: every mistake with its place, what was found and what is allowed.

    With --devices it also talks to every device. Don't do that while the controller runs on the same lines:
    two masters on one RS485 line disturb each other. Exit status: 0 all well, 78 mistakes in the file,
    1 a device did not answer.
    """
    from controller.commands.check import check_config

    sys.exit(check_config(config, devices=devices))


@app.command()
def audit(
    config: ConfigOption = DEFAULT_CONFIG,
    file: Annotated[Path | None, typer.Option(help="A telemetry.db, instead of the site's own.")] = None,
    head: Annotated[
        str | None, typer.Option(help="The head hash noted at an earlier audit: it must be in the chain.")
    ] = None,
) -> None:
    """Prove that nobody rewrote who was cut and when: recompute the hash chain of the decision log.

    Exit status: 0 the chain is whole, 1 it is broken (the first broken entry is named), 3 it is whole but for
    entries that were lost with a damaged file, as the log itself says.
    """
    from controller.commands.audit import audit_log

    sys.exit(audit_log(config, file, head))


@app.command()
def watch(
    config: ConfigOption = DEFAULT_CONFIG,
    image: Annotated[Path | None, typer.Option(help="An image.json, instead of the site's own.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Print once and end.")] = False,
) -> None:
    """Watch the village live in the terminal: power, battery, feeders with reasons, devices, buses."""
    from controller.commands.watch import watch_image

    sys.exit(watch_image(config, image, once=once))


cli_commissioning.register(app)
cli_accounts.register(app)
cli_alarms.register(app)
cli_forecast.register(app)
cli_messages.register(app)
cli_records.register(app)
cli_export.register(app)
cli_requests.register(app)
cli_storage.register(app)


def main() -> None:
    """Entry point of the `tawan` command."""
    app()


if __name__ == "__main__":
    main()
