"""The public page: rendered once for all visitors of a language, then kept live by small differences."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from controller.core.dates import short_date
from controller.core.language import Language, pick, say
from controller.telemetry.decision_log import LoggedDecision
from web.ahead import lasting, usable
from web.assets import Asset
from web.forecast import ForecastStore
from web.fragments import Fragments, Known
from web.i18n import catalogue as words
from web.i18n.catalogue import phrases
from web.i18n.formats import local
from web.image import SitePart
from web.image_store import ImageStore, Snapshot
from web.plan import PlanStore, fresh
from web.records import Records, Today
from web.stream import Update, event
from web.view import Ahead, Fields, compose
from web.watched_file import FileStamp

_MadeOf = tuple[int, tuple[LoggedDecision, ...], Today | None, FileStamp | None, FileStamp | None]


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
        plans: PlanStore,
        assets: Mapping[str, Asset],
        site: SitePart | None,
    ) -> None:
        self._lang = lang
        self._images = images
        self._records = records
        self._forecasts = forecasts
        self._plans = plans
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
        self._fragments = Fragments(lang, self._templates, self._words, records)
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
        now = image.clock.utc
        latest = await self._records.latest()
        today = await self._records.today(now)
        forecast_stamp, forecast = self._forecasts.look()
        plan_stamp, plan = self._plans.look()
        made_of = (snapshot.version, latest, today, forecast_stamp, plan_stamp)
        if self._composed is None or self._composed[0] != made_of:
            forecast = usable(forecast, now)
            plan = plan if plan is not None and fresh(plan, now) else None
            followed = plan if image.plan is not None and image.plan.in_force else None
            fields = compose(
                snapshot, self._lang, Ahead(lasting(forecast, followed, now, self._lang), followed)
            )
            known = Known(image, snapshot.running, latest, today, forecast, plan)
            fields.html |= self._fragments.render(known)
            for name in ("turns", "heavy", "fairness"):
                fields.show(f"{name}-card", bool(fields.html[name]))
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


def _changed(now: Mapping[str, str | None], before: Mapping[str, str | None]) -> dict[str, str | None]:
    return {key: value for key, value in now.items() if key not in before or before[key] != value}
