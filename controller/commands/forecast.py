"""`tawan forecast`: the next 48 hours in the terminal, from forecast.json alone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from controller.commands.configuration import load_or_explain
from controller.core.axis import axis_top
from controller.settings import Config
from web.forecast import FILE_NAME, FRESH_FOR, Forecast, ScorePart
from web.image import Image, ReasonPart

EXIT_NONE = 1
_COLUMN_S = 2700
"""64 columns for 48 hours: a phone's terminal turned sideways."""
_ROWS = 6
_ROW_S = 3 * 3600
_SURE, _LIKELY, _POSSIBLE = "█", "▒", "·"


def show_forecast(config_path: Path, file: Path | None, *, as_json: bool) -> int:
    """Print the forecast that the controller made last; returns the exit status (1: there is none)."""
    config = load_or_explain(config_path, with_profiles=False)
    path = file or config.storage.image.with_name(FILE_NAME)
    console = Console()
    try:
        text = path.read_text(encoding="utf-8")
        forecast = Forecast.model_validate_json(text)
    except OSError as err:
        why = _why_none(path.with_name(config.storage.image.name))
        print(f"There is no forecast: {path} cannot be read ({err.strerror}).\n{why}", file=sys.stderr)
        return EXIT_NONE
    except ValidationError as err:
        fault = err.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the file"
        print(f"{path} is no forecast of this version of Tawan: {place}: {fault['msg']}", file=sys.stderr)
        return EXIT_NONE
    if as_json:
        print(text)
        return 0
    console.print(_page(forecast, config))
    return 0


def _why_none(image_path: Path) -> str:
    """Why the controller, as far as its image tells, has written no forecast."""
    try:
        image = Image.model_validate_json(image_path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return (
            "The controller writes it soon after it starts (`tawan run`); for a demo name its file: --file."
        )
    if not image.clock.synchronised:
        return (
            "The clock of this computer was not set since it started, so nobody knows where the sun stands.\n"
            "Connect it to the internet or fit a battery clock: docs/forecast.md says how."
        )
    failing = [alarm.en for alarm in image.alarms if alarm.code == "planner_failing"]
    return next(iter(failing), "The controller runs and is still learning: look again in a minute.")


def _page(forecast: Forecast, config: Config) -> RenderableType:
    zone = ZoneInfo(config.site.timezone)
    parts: list[RenderableType] = [_head(forecast, zone)]
    parts += [
        _picture("Sun [kW]", forecast, forecast.pv_w, zone),
        _picture("Use [kW]", forecast, forecast.load_w, zone),
    ]
    if forecast.outlook is not None and forecast.outlook.soc_frac:
        parts.append(
            _picture("Battery [%]", forecast, forecast.outlook.soc_frac, zone, unit=0.01, full=100.0)
        )
    parts.append(
        Text(
            f"{_SURE} at least, 19 of 20   {_LIKELY} up to the middle   {_POSSIBLE} at most, 19 of 20",
            style="dim",
        )
    )
    parts += [_table(forecast, zone), _foot(forecast, zone)]
    return Group(*parts)


def _head(forecast: Forecast, zone: ZoneInfo) -> Text:
    old = datetime.now(UTC) - forecast.issued_utc > FRESH_FOR
    text = Text(f"Forecast of {forecast.issued_utc.astimezone(zone):%Y-%m-%d %H:%M}", style="bold")
    text.append(
        "  (old: the controller may not be running, or this is a demo's clock)\n" if old else "\n",
        style="yellow",
    )
    if forecast.outlook is not None:
        _say(text, forecast.outlook.reason)
        told = [each.en for each in forecast.outlook.more_reasons if each.code == "outlook_without_genset"]
        text.append("".join(f" {sentence}" for sentence in told))
        for hours in forecast.outlook.good_hours:
            start, end = hours.from_utc.astimezone(zone), hours.to_utc.astimezone(zone)
            text.append(f"\nSun to spare for heavy loads: {start:%a %H:%M} to {end:%H:%M}", style="green")
    return text


def _say(text: Text, reason: ReasonPart) -> None:
    text.append(f"{reason.th}\n", style="bold")
    text.append(reason.en)


def _picture(
    name: str,
    forecast: Forecast,
    rows: Sequence[Sequence[float]],
    zone: ZoneInfo,
    *,
    unit: float = 1000.0,
    full: float | None = None,
) -> Text:
    """A fan of block letters: one column for 45 minutes, six rows high."""
    low, middle, high = (
        _columns(forecast, rows[forecast.levels.index(level)], unit) for level in (0.05, 0.50, 0.95)
    )
    top = full or axis_top(max(high))
    text = Text(f"\n{name}\n", style="bold")
    for row in range(_ROWS, 0, -1):
        floor = top * (row - 0.5) / _ROWS
        label = f"{top * row / _ROWS:5.3g} " if row in {_ROWS, _ROWS // 2} else " " * 6
        text.append(label, style="dim")
        for sure, likely, possible in zip(low, middle, high, strict=True):
            text.append(
                _SURE
                if sure >= floor
                else _LIKELY
                if likely >= floor
                else _POSSIBLE
                if possible >= floor
                else " "
            )
        text.append("\n")
    text.append(" " * 6 + _clock(forecast, len(low), zone), style="dim")
    return text


def _columns(forecast: Forecast, values: Sequence[float], unit: float) -> list[float]:
    """Means over each column's steps, in the unit."""
    steps = max(1, _COLUMN_S // forecast.grid.step_s)
    return [
        sum(values[first : first + steps]) / len(values[first : first + steps]) / unit
        for first in range(0, len(values), steps)
    ]


def _clock(forecast: Forecast, columns: int, zone: ZoneInfo) -> str:
    """Hours of the day under the columns, every six hours."""
    marks = [" "] * columns
    seen: int | None = None
    for column in range(columns):
        at = (forecast.grid.start_utc + timedelta(seconds=column * _COLUMN_S)).astimezone(zone)
        sixth = at.hour // 6
        if sixth != seen and seen is not None and column + 5 <= columns:
            marks[column : column + 5] = f"{sixth * 6:02}:00"
        seen = sixth
    return "".join(marks)


def _table(forecast: Forecast, zone: ZoneInfo) -> Table:
    table = Table(title="\nMean of three hours: middle (8 of 10 times between)", title_justify="left")
    outlook = forecast.outlook
    for column in ("from", "sun kW", "use kW", "battery %", "above reserve"):
        table.add_column(column, justify="right")
    steps = max(1, _ROW_S // forecast.grid.step_s)
    for first in range(0, forecast.grid.count, steps):
        at = (forecast.grid.start_utc + timedelta(seconds=first * forecast.grid.step_s)).astimezone(zone)
        part = slice(first, first + steps)
        soc = outlook.soc_frac if outlook else []
        lasting = outlook.above_reserve_prob[part] if outlook else []
        table.add_row(
            f"{at:%a %H:%M}",
            _between(forecast, forecast.pv_w, part, 1000.0, "{:.1f}"),
            _between(forecast, forecast.load_w, part, 1000.0, "{:.1f}"),
            _between(forecast, soc, part, 0.01, "{:.0f}") if soc else "not known",
            f"{round(min(lasting) * 10)} of 10" if lasting else "not known",
        )
    return table


def _between(
    forecast: Forecast, rows: Sequence[Sequence[float]], part: slice, unit: float, shape: str
) -> str:
    low, middle, high = (
        shape.format(sum(values) / len(values) / unit)
        for values in (rows[forecast.levels.index(level)][part] for level in (0.10, 0.50, 0.90))
    )
    return f"{middle} ({low}–{high})"


def _foot(forecast: Forecast, zone: ZoneInfo) -> Text:
    text = Text()
    sources = ", ".join(
        f"{source.name} of {source.issued_utc.astimezone(zone):%a %H:%M}"
        for source in forecast.weather.sources
    )
    text.append(f"Weather: {sources or 'none, from the experience of this site alone'}\n")
    learned = forecast.learned
    text.append(
        f"Learned from {learned.days} days\n"
        if learned.days
        else "Nothing learned yet: nameplates and priors\n"
    )
    for identity, array in learned.arrays.items():
        if array.capacity_w is not None:
            direction = _direction(array.tilt_deg, array.azimuth_deg)
            text.append(f"  {identity}: gives like {array.capacity_w / 1000:.1f} kW{direction}\n")
    text.append(f"{_score('sun', forecast.quality.pv)}\n{_score('use', forecast.quality.load)}", style="dim")
    for finding in forecast.findings:
        text.append("\n! ", style="bold yellow")
        _say(text, finding)
    return text


def _direction(tilt_deg: float | None, azimuth_deg: float | None) -> str:
    if tilt_deg is None or azimuth_deg is None:
        return ""
    return f", tilted {tilt_deg:.0f} degrees towards {azimuth_deg:.0f}"


def _score(name: str, score: ScorePart) -> str:
    if score.coverage_80_frac is None:
        return f"How good ({name}): not scored yet"
    held = f"{score.coverage_80_frac * 10:.1f} of 10"
    told = f"How good ({name}), last {score.days} days: 8 of 10 bands held {held}"
    if score.pinball_skill_frac is None:
        return told
    word = "better" if score.pinball_skill_frac >= 0 else "worse"
    return f"{told}, {abs(score.pinball_skill_frac):.0%} {word} than {score.reference or 'the reference'}"
