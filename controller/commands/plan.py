"""`tawan plan`: what the coming two days are planned to be, from plan.json alone."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from rich.console import Console, Group, RenderableType
from rich.text import Text

from controller.commands.configuration import load_or_explain
from controller.commands.plan_svg import draw
from controller.commands.plan_table import Course, Json, picture, table
from controller.runtime.plan_document import FILE_NAME, STALE_S, UnusablePlanError, outline
from controller.settings import Config
from controller.site import site_from
from web.image import Image

EXIT_NONE = 1
_LIGHT_WH = 50.0
"""Less is rounding of the solver."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that has a reason; stamps as in the document."""

    from_utc: str
    to_utc: str
    reason: Json
    feeder: str | None = None
    announced_utc: str | None = None


def show_plan(config_path: Path, file: Path | None, *, why: bool, as_json: bool, svg: Path | None) -> int:
    """Print the plan that the controller follows; returns the exit status (1: there is none)."""
    config = load_or_explain(config_path, with_profiles=False)
    path = file or config.storage.image.with_name(FILE_NAME)
    try:
        text = path.read_text(encoding="utf-8")
        document: Json = json.loads(text)
        outline(document, site_from(config))
    except OSError as err:
        told = _why_none(config, path.with_name(config.storage.image.name))
        print(f"There is no plan: {path} cannot be read ({err.strerror}).\n{told}", file=sys.stderr)
        return EXIT_NONE
    except (UnusablePlanError, ValueError) as err:
        print(f"{path} is no plan of this version of Tawan, or of another site: {err}", file=sys.stderr)
        return EXIT_NONE
    now = _now(path.with_name(config.storage.image.name))
    course = Course(document, ZoneInfo(config.site.timezone), config.feeders, now)
    if svg is not None:
        return _write_svg(svg, course)
    if as_json:
        print(text)
        return 0
    Console().print(_reasons(course) if why else _page(course))
    return 0


def _now(image_path: Path) -> datetime:
    """What time it is to the controller: a demo has a clock of its own."""
    try:
        return Image.model_validate_json(image_path.read_text(encoding="utf-8")).clock.utc
    except (OSError, ValidationError):
        return datetime.now(UTC)


def _write_svg(path: Path, course: Course) -> int:
    try:
        path.write_text(draw(course), encoding="utf-8")
    except OSError as err:
        print(f"The picture cannot be written to {path}: {err.strerror}.", file=sys.stderr)
        return EXIT_NONE
    return 0


def _why_none(config: Config, image_path: Path) -> str:
    """Why the controller, as far as its image tells, has made no plan."""
    if not config.planning.enabled:
        return "config.yaml says `planning: {enabled: false}`, so the usual rules decide alone."
    try:
        image = Image.model_validate_json(image_path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return "The controller makes it a few minutes after it starts (`tawan run`); for a demo: --file."
    if not image.clock.synchronised:
        return (
            "The clock of this computer was not set since it started, so nobody knows where the sun stands.\n"
            "Connect it to the internet or fit a battery clock: docs/forecast.md says how."
        )
    if image.summary.soc_frac is None:
        return "The battery's level is not known: without it nothing can be planned. See `tawan watch`."
    failing = [alarm.en for alarm in image.alarms if alarm.code in {"planner_failing", "planning_failing"}]
    return next(iter(failing), "The controller runs and is still learning: look again in a minute.")


def _page(course: Course) -> RenderableType:
    return Group(_head(course), picture(course), table(course), _foot(course))


def _head(course: Course) -> Text:
    issued = datetime.fromisoformat(course.document["issued_utc"])
    text = Text(f"Plan of {issued.astimezone(course.zone):%Y-%m-%d %H:%M}\n", style="bold")
    if not timedelta(0) <= course.now - issued <= timedelta(seconds=STALE_S):
        text.append("It is older than three hours: the usual rules decide.\n", style="yellow")
    until = course.local(course.document["announced_until_utc"])
    if not course.cuts():
        text.append(f"ไม่มีรอบดับไฟจนถึง {until:%H:%M} น.\n", style="bold").append(
            f"Nobody is to be off until {until:%a %H:%M}.\n"
        )
    for name in course.document["cuts"]:
        times = [f"{begin:%a %H:%M} to {end:%H:%M}" for feeder, begin, end in course.cuts() if feeder == name]
        text.append(f"{course.feeders[name].name.th} / {course.feeders[name].name.en}", style="bold")
        text.append(f" off {', '.join(times)}\n")
    return text


def _foot(course: Course) -> Text:
    expected, solver = course.document["expected"], course.document["solver"]
    missing = {name: wh for name, wh in expected["unserved_wh"].items() if wh > _LIGHT_WH}
    told = ", ".join(f"{name} {wh / 1000:.1f} kWh" for name, wh in missing.items())
    text = Text(f"Expected in all: {expected['diesel_l']:.1f} l of diesel")
    text.append(f", {expected['pv_unused_wh'] / 1000:.1f} kWh of sun unused")
    text.append(f"; not served: {told}\n" if told else "; everybody is served\n")
    text.append(
        f"{solver['scenarios']} scenarios, solved in {solver['solve_s']:.2f} s to within "
        f"{solver['gap_frac']:.1%}. What binds: tawan plan --why\n",
        style="dim",
    )
    return text


def _reasons(course: Course) -> Text:
    """What binds, why people are cut and the genset runs, each with what would have to change."""
    document = course.document
    text = _head(course)
    parts = [_Part(each["from_utc"], each["to_utc"], each["reason"]) for each in document["why"]]
    parts += [_Part(each["from_utc"], each["to_utc"], each["reason"]) for each in document["heavy_use"]]
    parts += [
        _Part(cut["from_utc"], cut["to_utc"], cut["reason"], name, cut["announced_utc"])
        for name, cuts in document["cuts"].items()
        for cut in cuts
    ]
    parts += _runs(document)
    if not parts:
        text.append("\nNothing binds: there is enough of everything.\n")
    for part in sorted(parts, key=lambda part: (part.from_utc, part.to_utc)):
        begin, end = (course.local(stamp) for stamp in (part.from_utc, part.to_utc))
        text.append(f"\n{begin:%a %H:%M} to {end:%a %H:%M}", style="bold")
        if part.feeder is not None and part.announced_utc is not None:
            told = course.local(part.announced_utc)
            text.append(f"  {course.feeders[part.feeder].name.en}, announced {told:%a %H:%M}", style="bold")
        text.append(f"\n{part.reason['th']}\n{part.reason['en']}\n")
    return text


def _runs(document: Json) -> list[_Part]:
    """The runs of the genset."""
    genset, edges, found = document["genset"], document["edges_utc"], list[_Part]()
    for step, reason in enumerate(genset["why"] if genset else []):
        if reason is None:
            continue
        if found and found[-1].to_utc == edges[step] and found[-1].reason == reason:
            found[-1] = replace(found[-1], to_utc=edges[step + 1])
        else:
            found.append(_Part(edges[step], edges[step + 1], reason))
    return found
