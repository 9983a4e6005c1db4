"""Open data: the history month by month as CSV, and a description of it for catalogues.

Only the site's sums and lines that nobody is recognised by: a line of a few houses is left out, devices and
household meters always are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException
from fastapi import Path as PathParameter
from fastapi.responses import Response, StreamingResponse

from controller.export.csv_file import csv_rows
from controller.export.tables import Table, units_of
from controller.settings import FeederSettings, OpenDataSettings, SiteSettings
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import SeriesKey, StorageError
from web.records import Records, RecordsBusyError

STEP_S = 900
_SITE_POINTS = {
    "pv_w": ("กำลังไฟจากแผงโซลาร์ (ค่าลบคือผลิต)", "Power of the solar arrays (negative: production)"),
    "load_w": ("กำลังไฟที่หมู่บ้านใช้", "Power that the village uses"),
    "battery_w": ("กำลังไฟเข้าแบตเตอรี่ (บวกคือชาร์จ)", "Power into the battery (positive: charging)"),
    "genset_w": ("กำลังไฟจากเครื่องปั่นไฟ (ค่าลบคือผลิต)", "Power of the genset (negative: production)"),
    "soc_frac": ("ระดับประจุแบตเตอรี่ 0 ถึง 1", "State of charge of the battery, 0 to 1"),
    "blackout": ("สัดส่วนเวลาที่ไฟดับทั้งหมู่บ้าน", "Part of the time that the whole village was dark"),
}
_FEEDER_POINTS = {
    "power_w": ("กำลังไฟของสายจ่าย", "Power of the feeder"),
    "closed": ("สัดส่วนเวลาที่สายจ่ายมีไฟ", "Part of the time that the feeder had power"),
}
_MAX_AGE_S = 86_400


@dataclass(frozen=True, slots=True)
class OpenData:
    """What a site publishes."""

    site: SiteSettings
    feeders: Mapping[str, FeederSettings]
    settings: OpenDataSettings

    @property
    def zone(self) -> ZoneInfo:
        """The site's own time."""
        return ZoneInfo(self.site.timezone)

    def columns(self) -> dict[SeriesKey, tuple[str, str]]:
        """The published series and what they are, in Thai and English."""
        columns = {("site", point): words for point, words in _SITE_POINTS.items()}
        for name, feeder in self.feeders.items():
            if feeder.kind == "houses" and feeder.households < self.settings.least_households:
                continue
            for point, (th, en) in _FEEDER_POINTS.items():
                columns[name, point] = (f"{th} {feeder.name.th}", f"{en} {feeder.name.en}")
        return columns


class OpenDataPages:
    """The addresses under /open-data."""

    def __init__(self, data: OpenData, reader: TelemetryReader, records: Records) -> None:
        self._data = data
        self._reader = reader
        self._records = records

    def router(self) -> APIRouter:
        """The routes under their public addresses."""
        router = APIRouter(tags=["open data"])
        router.get("/open-data", summary="What is published, for catalogues")(self.describe)
        router.get(
            "/open-data/{month}.csv",
            response_class=Response,
            summary="A month in quarters of an hour",
            responses={200: {"content": {"text/csv": {}}}},
        )(self.month)
        return router

    async def describe(self, response: Response) -> dict[str, Any]:
        """Publisher, licence, columns with units, and the months that there are."""
        response.headers["Cache-Control"] = "max-age=3600"
        site, settings, columns = self._data.site, self._data.settings, self._data.columns()
        units = units_of(tuple(columns))
        return {
            "title": {"th": f"ข้อมูลพลังงานชุมชน {site.name.th}", "en": f"Community energy of {site.name.en}"},
            "publisher": settings.publisher.model_dump(),
            "licence": settings.licence,
            "step_s": STEP_S,
            "timezone": site.timezone,
            "columns": [
                {"name": name, "unit": units[name], "th": th, "en": en}
                for (subject, point), (th, en) in columns.items()
                for name in [f"{subject}.{point}"]
            ],
            "months": [{"month": month, "csv": f"/open-data/{month}.csv"} for month in await self._months()],
        }

    async def month(
        self,
        month: Annotated[str, PathParameter(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-10"])],
    ) -> Response:
        """Means of each quarter of an hour in the local month; empty cells were not measured."""
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=self._data.zone)
        after = (first + timedelta(days=32)).replace(day=1)
        if month not in await self._months():
            raise HTTPException(404, "nothing was measured in that month")
        table = Table(tuple(self._data.columns()), first.astimezone(UTC), after.astimezone(UTC), STEP_S)
        name = f"{self._data.site.id}-{month}.csv"
        over = after < datetime.now(UTC)
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": f"max-age={_MAX_AGE_S if over else 900}",
        }
        return StreamingResponse(self._rows(table), media_type="text/csv; charset=utf-8", headers=headers)

    async def _rows(self, table: Table) -> AsyncIterator[str]:
        """The file a day at a time, so that the page's own questions come in between."""
        rows = csv_rows(table, self._reader, self._data.zone)
        while (text := await self._records.ask(lambda: next(rows, None))) is not None:
            yield text

    async def _months(self) -> Sequence[str]:
        """Local months with data, oldest first. Raises HTTPException while the store cannot be read."""
        try:
            span = await self._records.ask(self._reader.span)
        except (StorageError, RecordsBusyError) as err:
            raise HTTPException(503, "the history cannot be read now", {"Retry-After": "5"}) from err
        if span is None:
            return []
        at, last = (moment.astimezone(self._data.zone) for moment in span)
        months = []
        while (at.year, at.month) <= (last.year, last.month):
            months.append(f"{at:%Y-%m}")
            at = (at.replace(day=1) + timedelta(days=32)).replace(day=1)
        return months
