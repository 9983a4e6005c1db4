"""The parts of the page that are replaced whole, as HTML: each made of what is known at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment

from controller.core.language import Language, pick, say
from controller.core.model import Text
from controller.telemetry.decision_log import LoggedDecision
from web.ahead import day_chart, good_hours, how_good, why_none
from web.alarms import for_technicians, for_villagers
from web.charts import draw_days
from web.forecast import Forecast
from web.hours import heavy_hours
from web.i18n import catalogue as words
from web.i18n.formats import hours, kilowatt_hours, moment
from web.image import Image
from web.plan import Plan
from web.records import Energy, Records, Today
from web.shares import class_shares, days_told
from web.timeline import draw_axis
from web.turns import AHEAD, announced, turns_ahead

_ACTIONS = {
    "open": words.ACTION_OPEN,
    "close": words.ACTION_CLOSE,
    "start": words.ACTION_START,
    "stop": words.ACTION_STOP,
    "limit": words.ACTION_LIMIT,
    "release": words.ACTION_RELEASE,
    "adopt": words.ACTION_ADOPT,
    "mode": words.ACTION_MODE,
    "plan": words.ACTION_PLAN,
    "supply": words.ACTION_SUPPLY,
    "connect": words.ACTION_CONNECT,
    "disconnect": words.ACTION_DISCONNECT,
    "alarm": words.ACTION_ALARM,
    "clear": words.ACTION_CLEAR,
}
_ICONS = {"open": "off", "close": "on", "alarm": "alarm", "clear": "on"}
_REDRAWN_S = 60
"""The chart's mark of now moves so often; it is large, and visitors' radio is slow."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the page is made of besides the controller's state."""

    image: Image
    running: bool
    """Whether the image is of now."""
    latest: Sequence[LoggedDecision]
    today: Today | None
    forecast: Forecast | None
    """None: there is none to go by."""
    plan: Plan | None
    """None: there is none to go by."""


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision as the page shows it."""

    when: str
    machine_time: str
    name: str
    action: str
    reason: str
    icon: str


class Fragments:
    """Renders the fragments in one language."""

    def __init__(
        self, lang: Language, templates: Environment, phrases: Mapping[str, str], records: Records
    ) -> None:
        self._lang = lang
        self._templates = templates
        self._words = phrases
        self._records = records
        self._drawn: tuple[tuple[Today | None, Forecast | None, bool, int], str] | None = None

    def render(self, known: Known) -> dict[str, str]:
        """Each fragment by the id of the element that it fills; empty: nothing to say."""
        image = known.image
        return {
            "turns": self._turns(known),
            "heavy": self._heavy(known),
            "alarms": self._alarms(image),
            "chart": self._chart(known),
            "fairness": self._fairness(image),
            "decisions": self._fragment(
                "decisions.html", decisions=[self._line(decision, image) for decision in known.latest]
            ),
        }

    def _fragment(self, template: str, **values: object) -> str:
        return self._templates.get_template(template).render(w=self._words, **values)

    def _alarms(self, image: Image) -> str:
        technical = for_technicians(image, self._lang)
        return self._fragment(
            "alarms.html",
            alarms=[pick(alarm, self._lang) for alarm in for_villagers(image)],
            technical=technical,
            count=say(words.ALARMS_TECHNICAL, self._lang, count=str(len(technical))),
        )

    def _turns(self, known: Known) -> str:
        """Nothing while the controller does not run: nobody keeps turns then."""
        image, standing = known.image, known.image.plan
        if not known.running or (standing is None and known.plan is None):
            return ""
        plan = announced(image, known.plan)
        note = standing.reason if standing is not None else None
        told = plan if plan is None else turns_ahead(image, plan, self._lang)
        until = "" if told is None else told.until
        return self._fragment(
            "turns.html",
            turns=told,
            axis=draw_axis(told.start, AHEAD, pick(words.NOW, self._lang)) if told is not None else "",
            nobody=say(words.TURNS_NONE, self._lang, until=until),
            kept=say(words.TURNS_KEPT, self._lang, until=until),
            note=pick(note, self._lang) if note is not None else "",
            why=lambda announced: say(words.TURN_WHY, self._lang, time=announced),
            also=lambda announced: say(words.TURN_ALSO, self._lang, time=announced),
        )

    def _heavy(self, known: Known) -> str:
        """From the plan while it is followed, else from the forecast."""
        image, standing = known.image, known.image.plan
        if not known.running:
            return ""
        if known.plan is None or (standing is not None and not standing.in_force):
            sentence, stretches = good_hours(known.forecast, image, self._lang), []
        else:
            stretches = heavy_hours(known.plan, image.clock.utc, self._lang)
            sentence = "" if stretches else pick(words.HEAVY_NONE, self._lang)
        return (
            self._fragment("heavy.html", hours=stretches, sentence=sentence) if stretches or sentence else ""
        )

    def _fairness(self, image: Image) -> str:
        classes = class_shares(image, self._lang)
        if not classes:
            return ""
        return self._fragment("fairness.html", classes=classes, days=days_told(image, self._lang))

    def _chart(self, known: Known) -> str:
        """The chart, drawn anew when what it shows has changed."""
        clock = known.image.clock
        key = known.today, known.forecast, clock.synchronised, int(clock.utc.timestamp()) // _REDRAWN_S
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = key, self._draw_chart(known)
        return self._drawn[1]

    def _draw_chart(self, known: Known) -> str:
        image, today, forecast = known.image, known.today, known.forecast
        chart = day_chart(image, today, forecast, self._lang)
        drawn, clock_set = chart is not None, image.clock.synchronised
        return self._fragment(
            "chart.html",
            svg=draw_days(chart) if chart is not None else None,
            energy=self._energy(today.energy) if today is not None else "",
            ahead=forecast is not None,
            no_forecast=why_none(image, forecast, self._lang) if drawn or not clock_set else "",
            how_good=how_good(forecast, self._lang),
        )

    def _energy(self, energy: Energy | None) -> str:
        if energy is None:
            return ""
        told = say(
            words.ENERGY_TODAY,
            self._lang,
            pv=kilowatt_hours(energy.pv_wh),
            load=kilowatt_hours(energy.load_wh),
        )
        lacking = hours(energy.unknown)
        if lacking == "0":
            return told
        return f"{told} ({say(words.ENERGY_LACKS, self._lang, hours=lacking)})"

    def _line(self, decision: LoggedDecision, image: Image) -> DecisionLine:
        record = decision.record
        action: Text | None = _ACTIONS.get(record.action)
        return DecisionLine(
            when=moment(record.at_utc, image.clock.utc, self._lang),
            machine_time=record.at_utc.isoformat(timespec="seconds"),
            name=_subject_name(record.subject, image, self._lang),
            action=pick(action, self._lang) if action else record.action,
            reason=pick(self._records.explain(decision), self._lang),
            icon=_ICONS.get(record.action, "note"),
        )


def _subject_name(subject: str, image: Image, lang: Language) -> str:
    """The name people know a subject by; its id where it has none."""
    named = {"site": image.site.name}
    named |= {feeder.id: feeder.name for feeder in image.feeders}
    named |= {inverter.id: inverter.name for inverter in image.pv}
    if image.genset is not None:
        named[image.genset.id] = image.genset.name
    if subject == image.battery.id:
        return pick(words.BATTERY, lang)
    return pick(named[subject], lang) if subject in named else subject
