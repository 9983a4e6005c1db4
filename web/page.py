"""The public page: rendered once for all visitors of a language, then kept live by small differences."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from controller.telemetry.decision_log import LoggedDecision
from web.ahead import day_chart, good_hours, how_good, lasting, usable, why_none
from web.assets import Asset
from web.charts import draw_days
from web.forecast import Forecast, ForecastStore
from web.i18n import catalogue as words
from web.i18n.catalogue import Language, phrases, pick, say
from web.i18n.formats import hours, kilowatt_hours, local, moment, short_date
from web.image import Image, SitePart
from web.image_store import ImageStore, Snapshot
from web.records import Energy, Records, Today
from web.stream import Update, event
from web.view import Fields, compose
from web.watched_file import FileStamp

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

_MadeOf = tuple[int, tuple[LoggedDecision, ...], Today | None, FileStamp | None]


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision as the page shows it."""

    when: str
    machine_time: str
    name: str
    action: str
    reason: str
    icon: str


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """The page for one moment and language."""

    body: bytes
    etag: str


class Page:
    """Renders the page and its live fields in one language."""

    def __init__(
        self,
        lang: Language,
        images: ImageStore,
        records: Records,
        forecasts: ForecastStore,
        assets: Mapping[str, Asset],
        site: SitePart | None,
    ) -> None:
        self._lang = lang
        self._images = images
        self._records = records
        self._forecasts = forecasts
        self._assets = assets
        self._site = site
        self._templates = Environment(
            loader=PackageLoader("web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._words = phrases(lang)
        self._drawn: tuple[tuple[Today | None, FileStamp | bool | None, int], str] | None = None
        self._rendered: tuple[tuple[str, Fields], RenderedPage] | None = None
        self._composed: tuple[_MadeOf, Fields] | None = None
        self._sent: Fields | None = None

    async def render(self) -> RenderedPage:
        """The whole page as it is now."""
        snapshot = self._images.look()
        fields = await self._fields(snapshot)
        key = self._layout(snapshot), fields
        if self._rendered is None or self._rendered[0] != key:
            body = self._html(snapshot, fields).encode()
            self._rendered = key, RenderedPage(body, hashlib.sha256(body).hexdigest()[:16])
        return self._rendered[1]

    async def refresh(self) -> Update | None:
        """See `stream.View`: the live fields that changed, and all of them."""
        snapshot = self._images.look()
        fields = await self._fields(snapshot)
        before, self._sent = self._sent, fields
        if before == fields:
            return None
        whole = self._message(snapshot, fields, Fields())
        return Update(whole, self._message(snapshot, fields, before) if before is not None else whole)

    def _message(self, snapshot: Snapshot, fields: Fields, before: Fields) -> bytes:
        """The fields that are not as before, as an event; `t` texts, `a` attributes, `h` fragments."""
        content = {
            "l": self._layout(snapshot),
            "t": _changed(fields.texts, before.texts),
            "a": _changed(fields.attributes, before.attributes),
            "h": _changed(fields.html, before.html),
        }
        data = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return event("page", data.encode(), snapshot.written_s)

    def forget(self) -> None:
        """See `stream.View`."""
        self._sent = None

    async def _fields(self, snapshot: Snapshot) -> Fields:
        """The fields as they are now, composed anew only when something they are made of changed."""
        image = snapshot.image
        if image is None:
            return compose(snapshot, self._lang)
        latest = await self._records.latest()
        today = await self._records.today(image.clock.utc)
        stamp, forecast = self._forecasts.look()
        forecast = usable(forecast, image.clock.utc)
        made_of = (snapshot.version, latest, today, stamp)
        if self._composed is None or self._composed[0] != made_of:
            fields = compose(snapshot, self._lang, lasting(forecast, self._lang))
            alarms = [pick(alarm, self._lang) for alarm in image.alarms]
            lines = [self._line(decision, image) for decision in latest]
            fields.html["alarms"] = self._fragment("alarms.html", alarms=alarms)
            fields.html["decisions"] = self._fragment("decisions.html", decisions=lines)
            fields.html["chart"] = self._drawn_chart(image, today, forecast, stamp)
            self._composed = made_of, fields
        return self._composed[1]

    def _html(self, snapshot: Snapshot, fields: Fields) -> str:
        image = snapshot.image
        site = image.site if image is not None else self._site
        name = pick(site.name, self._lang) if site else ""
        return self._templates.get_template("page.html").render(
            lang=self._lang.value,
            other=(Language.EN if self._lang is Language.TH else Language.TH).value,
            w=self._words,
            t=fields.texts,
            a=fields.attributes,
            h={key: Markup(value) for key, value in fields.html.items()},  # noqa: S704 - our own templates
            title=say(words.TITLE, self._lang, site=name) if site else self._words["title_plain"],
            site=name,
            contact=self._contact(site),
            demo=say(words.DEMO, self._lang, speed=f"{image.clock.speed:g}") if image and image.demo else "",
            date=short_date(local(image.clock.utc).date(), self._lang) if image else "",
            image=image,
            assets=self._assets,
            layout=self._layout(snapshot),
            hide=lambda element: Markup("hidden") if fields.attributes.get(f"{element}@hidden") == "" else "",
        )

    def _contact(self, site: SitePart | None) -> dict[str, str] | None:
        if site is None:
            return None
        name = pick(site.contact.name, self._lang)
        return {
            "name": name,
            "call": say(words.CALL, self._lang, name=name),
            "please": say(words.PLEASE_CALL, self._lang, name=name),
            "phone": site.contact.phone,
            "tel": site.contact.phone.replace(" ", "").replace("-", ""),
        }

    def _layout(self, snapshot: Snapshot) -> str:
        """Changes when the page must be loaded anew: other feeders, another day, a new version."""
        image = snapshot.image
        shape: list[object] = [asset.digest for asset in self._assets.values()]
        if image is not None:
            shape += [feeder.id for feeder in image.feeders]
            shape += [image.genset is not None, image.demo, image.clock.speed, image.site]
            shape.append(str(local(image.clock.utc).date()))
        return hashlib.sha256(repr(shape).encode()).hexdigest()[:8]

    def _line(self, decision: LoggedDecision, image: Image) -> DecisionLine:
        record = decision.record
        action = _ACTIONS.get(record.action)
        return DecisionLine(
            when=moment(record.at_utc, image.clock.utc, self._lang),
            machine_time=record.at_utc.isoformat(timespec="seconds"),
            name=_subject_name(record.subject, image, self._lang),
            action=pick(action, self._lang) if action else record.action,
            reason=pick(self._records.explain(decision), self._lang),
            icon=_ICONS.get(record.action, "note"),
        )

    def _drawn_chart(
        self, image: Image, today: Today | None, forecast: Forecast | None, stamp: FileStamp | None
    ) -> str:
        """The chart, drawn anew when what it shows has changed."""
        clock = image.clock
        shown = stamp if forecast is not None else clock.synchronised
        key = today, shown, int(clock.utc.timestamp()) // _REDRAWN_S
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = key, self._chart(image, today, forecast)
        return self._drawn[1]

    def _chart(self, image: Image, today: Today | None, forecast: Forecast | None) -> str:
        chart = day_chart(image, today, forecast, self._lang)
        drawn, clock_set = chart is not None, image.clock.synchronised
        return self._fragment(
            "chart.html",
            svg=draw_days(chart) if chart is not None else None,
            energy=self._energy(today.energy) if today is not None else "",
            ahead=forecast is not None,
            no_forecast=why_none(image, forecast, self._lang) if drawn or not clock_set else "",
            good_hours=good_hours(forecast, image, self._lang),
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

    def _fragment(self, template: str, **values: object) -> str:
        return self._templates.get_template(template).render(w=self._words, **values)


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


def _changed(now: Mapping[str, str | None], before: Mapping[str, str | None]) -> dict[str, str | None]:
    return {key: value for key, value in now.items() if key not in before or before[key] != value}
