"""The HTTP API: what is now, expected, past and decided, and the live stream. All reading, no writing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response

from controller.core.language import Language
from controller.telemetry.decision_log import LoggedDecision
from controller.telemetry.schema import PERIOD_S, StorageError
from web import forecast as forecasts
from web import plan as plans
from web.forecast import ForecastReply, ForecastStore
from web.image import BilingualText
from web.image_store import ImageStore
from web.plan import PlanReply, PlanStore
from web.records import Records, RecordsBusyError
from web.status import DecisionEntry, DecisionsReply, Fault, Health, HistoryReply, Status, status_of
from web.stream import EventStream, Hub

MAX_POINTS = 2000
"""Most values of one series in one answer."""
MAX_SERIES = 12
MAX_SERIES_DAYS = 12 * 366
"""Most days, of all series together, that an answer may be made of: it bounds what a visitor can cause."""
_DEFAULT_POINTS = 500
_SERIES = r"^[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39}(,[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39})*$"
_SUBJECT = r"^[a-z][a-z0-9_]{0,39}$"
_BUSY: dict[int | str, dict[str, Any]] = {
    503: {"model": Fault, "description": "Too busy or the database cannot be read; see Retry-After."}
}

SeriesText = Annotated[
    str,
    Query(
        pattern=_SERIES,
        max_length=1000,
        description=f"At most {MAX_SERIES} names `subject.point`, separated by commas. Subjects: `site` "
        "(pv_w, load_w, battery_w, inverter_w, genset_w, soc_frac), feeder ids (power_w, closed), devices.",
        examples=["site.pv_w,site.load_w"],
    ),
]
Instant = Annotated[
    datetime | None,
    Query(description="ISO 8601 with its offset.", examples=["2026-11-21T00:00:00+07:00"]),
]


class Api:
    """The handlers and what they read from."""

    def __init__(
        self, images: ImageStore, records: Records, forecast: ForecastStore, plan: PlanStore, hub: Hub
    ) -> None:
        self._images = images
        self._records = records
        self._forecast = forecast
        self._plan = plan
        self._hub = hub

    def router(self) -> APIRouter:
        """The routes under their public addresses."""
        router = APIRouter(tags=["village"])
        router.get("/api/status", response_model=Status, summary="What is now")(self.status)
        router.get("/api/forecast", response_model=ForecastReply, summary="What is expected, and how sure")(
            self.forecast
        )
        router.get(
            "/api/plan", response_model=PlanReply, summary="Who is off when, and what else is intended"
        )(self.plan)
        router.get(
            "/api/history", response_model=HistoryReply, responses=_BUSY, summary="What was, in equal steps"
        )(self.history)
        router.get(
            "/api/decisions",
            response_model=DecisionsReply,
            responses=_BUSY,
            summary="What was decided, and why",
        )(self.decisions)
        router.get(
            "/api/events",
            response_class=Response,
            summary="Live updates as server-sent events",
            responses={
                200: {
                    "content": {
                        "text/event-stream": {"example": 'event: status\ndata: {"controller": {}}\n\n'}
                    },
                    "description": "An event whenever the image changes, a `beat` when nothing does.",
                },
                **_BUSY,
            },
        )(self.events)
        router.get("/healthz", response_model=Health, summary="Is the web process alive")(self.health)
        return router

    async def status(self, response: Response) -> Status:
        """The latest process image: powers, battery, feeders with reasons, devices; signs as in the docs."""
        response.headers["Cache-Control"] = "no-store"
        return status_of(self._images.look())

    async def forecast(self, response: Response) -> ForecastReply:
        """Sun, load and battery of the next two days as quantiles; powers here are magnitudes."""
        response.headers["Cache-Control"] = "no-store"
        now = self._now()
        _, found = self._forecast.look()
        return ForecastReply.model_construct(
            fresh=found is not None and forecasts.fresh(found, now),
            age_s=None if found is None else round(forecasts.age(found, now).total_seconds(), 1),
            forecast=found,
        )

    async def plan(self, response: Response) -> PlanReply:
        """The announced turns of each feeder, good and bad hours for heavy loads, and the plan behind them.

        Powers here are magnitudes. Each cut and each planned run of the genset has its reason.
        """
        response.headers["Cache-Control"] = "no-store"
        now = self._now()
        _, found = self._plan.look()
        return PlanReply.model_construct(
            fresh=found is not None and plans.fresh(found, now),
            age_s=None if found is None else round(plans.age(found, now).total_seconds(), 1),
            plan=found,
        )

    async def health(self, response: Response) -> Health:
        """Answers 200 as long as the web process works, whatever the controller does."""
        response.headers["Cache-Control"] = "no-store"
        return Health(controller_running=self._images.look().running, listeners=self._hub.listeners)

    async def history(
        self,
        series: SeriesText,
        start: Annotated[Instant, Query(alias="from")] = None,
        end: Annotated[Instant, Query(alias="to")] = None,
        step_s: Annotated[
            int | None, Query(ge=PERIOD_S, le=86400, multiple_of=PERIOD_S, description="Seconds of a step.")
        ] = None,
    ) -> HistoryReply:
        """Means of series in equal steps. Without `to`: until now; without `from`: the day before `to`."""
        keys = _parse_series(series)
        window = _window(start, end, self._now())
        step = _step(window, step_s, len(keys))
        try:
            values = await self._records.history(list(keys.values()), *window, step)
        except (StorageError, RecordsBusyError) as err:
            raise _unavailable(err) from err
        return HistoryReply.model_validate(
            {
                "from": window[0],
                "to": window[1],
                "step_s": step,
                "series": {name: values[key] for name, key in keys.items()},
            }
        )

    async def decisions(
        self,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[int | None, Query(ge=1, description="Only entries older than this `seq`.")] = None,
        subject: Annotated[
            str | None, Query(pattern=_SUBJECT, description="Only this feeder or device.")
        ] = None,
    ) -> DecisionsReply:
        """The decision log, newest first."""
        try:
            found = await self._records.decisions(limit, before, subject)
        except (StorageError, RecordsBusyError) as err:
            raise _unavailable(err) from err
        return DecisionsReply(
            decisions=[self._entry(decision) for decision in found],
            next_before=found[-1].seq if len(found) == limit else None,
        )

    async def events(
        self,
        view: Annotated[
            str,
            Query(pattern="^(status|page)$", description="`status`: all; `page`: the page's changed fields."),
        ] = "status",
        lang: Annotated[Language, Query(description="Language of the view `page`.")] = Language.TH,
    ) -> Response:
        """The first event holds everything. Slow listeners skip events; none is queued."""
        if self._hub.full:
            raise HTTPException(503, "too many listeners, come again shortly", {"Retry-After": "30"})
        return EventStream(self._hub, view if view == "status" else f"page:{lang}")

    def _now(self) -> datetime:
        """The controller's time, which in a demonstration is not the host's."""
        return self._images.look().at or datetime.now(UTC)

    def _entry(self, decision: LoggedDecision) -> DecisionEntry:
        record = decision.record
        text = self._records.explain(decision)
        return DecisionEntry(
            seq=decision.seq,
            at_utc=record.at_utc,
            subject=record.subject,
            action=record.action,
            code=record.code,
            params=dict(record.params),
            text=BilingualText(th=text.th, en=text.en),
            hash=decision.hash,
        )


def _parse_series(text: str) -> dict[str, tuple[str, str]]:
    names = dict.fromkeys(text.split(","))
    if len(names) > MAX_SERIES:
        raise HTTPException(422, f"series: {len(names)} names, at most {MAX_SERIES} are allowed")
    keys = {}
    for name in names:
        subject, point = name.split(".")
        keys[name] = (subject, point)
    return keys


def _window(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    if any(at is not None and at.tzinfo is None for at in (start, end)):
        raise HTTPException(
            422, "from and to need an offset, e.g. 2026-11-21T00:00:00+07:00 (write + as %2B)"
        )
    to = end or now
    since = start or to - timedelta(days=1)
    if to - since < timedelta(seconds=PERIOD_S):
        raise HTTPException(422, f"from must be at least {PERIOD_S} s before to")
    floor = timedelta(seconds=since.timestamp() % PERIOD_S)
    return since - floor, to


def _step(window: tuple[datetime, datetime], asked_s: int | None, series: int) -> int:
    """The step in seconds, chosen if not asked for. Raises HTTPException when the answer would be too big."""
    length_s = (window[1] - window[0]).total_seconds()
    longest_d = MAX_SERIES_DAYS / series
    if length_s > longest_d * 86400:
        raise HTTPException(
            422, f"too long a window: at most {longest_d:.0f} days of {series} series at once"
        )
    if asked_s is None:
        return max(PERIOD_S, -int(-length_s // (_DEFAULT_POINTS * PERIOD_S)) * PERIOD_S)
    if length_s / asked_s > MAX_POINTS:
        least_s = -int(-length_s // (MAX_POINTS * PERIOD_S)) * PERIOD_S
        raise HTTPException(422, f"step_s: more than {MAX_POINTS} points; use {least_s} or more")
    return asked_s


def _unavailable(err: Exception) -> HTTPException:
    detail = (
        "too many questions at once"
        if isinstance(err, RecordsBusyError)
        else "the history cannot be read now"
    )
    return HTTPException(503, detail, {"Retry-After": "5"})
