"""The web process: one page for the village and the API behind it. It writes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import Response
from starlette.middleware.gzip import GZipMiddleware

from controller.core.language import Language
from controller.core.reasons import render
from controller.settings import SiteSettings
from controller.telemetry.reader import TelemetryReader
from web import forecast, plan
from web.api import Api
from web.assets import load_assets, serve_asset
from web.forecast import ForecastStore
from web.image import SitePart
from web.image_store import ImageStore, host_boot_id
from web.metrics import CONTENT_TYPE, Metrics
from web.open_data import OpenData, OpenDataPages
from web.page import Page
from web.plan import PlanStore
from web.records import Records
from web.security import SecurityHeaders
from web.status import StatusView
from web.stream import MAX_LISTENERS, Hub

_COOKIE = "lang"
_COOKIE_AGE_S = 365 * 86400
_ABOUT = (
    "Live state, forecast, plan, history and decisions of a village's solar microgrid. Power into a "
    "component is positive: PV and genset <= 0, load >= 0, battery charging > 0; those of forecast and plan "
    "are magnitudes. "
    "Missing is null, never 0."
)


def create_app(
    image_path: Path,
    telemetry_path: Path,
    *,
    site: SiteSettings | None = None,
    open_data: OpenData | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    boot_id: Callable[[], str | None] = host_boot_id,
    max_listeners: int = MAX_LISTENERS,
) -> FastAPI:
    """The ASGI application.

    site: whom to call while there is no image yet. open_data: what of the history everybody may have.
    monotonic: the clock of `written.monotonic_s`.
    `app.state.hub.close()` ends the event streams, so that the server can stop.
    """
    images = ImageStore(image_path, monotonic, boot_id())
    reader = TelemetryReader(telemetry_path)
    records = Records(reader, render, monotonic)
    assets = load_assets()
    known_site = _site_part(site)
    forecasts = ForecastStore(image_path.with_name(forecast.FILE_NAME))
    plans = PlanStore(image_path.with_name(plan.FILE_NAME))
    pages = {lang: Page(lang, images, records, forecasts, plans, assets, known_site) for lang in Language}
    views = {f"page:{lang}": page for lang, page in pages.items()}
    hub = Hub({"status": StatusView(images), **views}, max_listeners=max_listeners)

    app = FastAPI(title="Tawan", version="1", description=_ABOUT, docs_url=None, redoc_url=None)
    app.state.hub = hub
    app.include_router(Api(images, records, forecasts, plans, hub).router())
    if open_data is not None:
        app.include_router(OpenDataPages(open_data, reader, records).router())
    _add_pages(app, pages)
    metrics = Metrics(images, image_path)

    @app.get("/metrics", include_in_schema=False)
    async def figures() -> Response:
        return Response(metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})

    @app.get("/static/{name}", include_in_schema=False)
    async def static(name: str, request: Request) -> Response:
        if name not in assets:
            raise HTTPException(404, "no such file")
        return serve_asset(assets[name], request)

    app.add_middleware(GZipMiddleware, minimum_size=600, compresslevel=6)
    app.add_middleware(SecurityHeaders)
    return app


def _add_pages(app: FastAPI, pages: dict[Language, Page]) -> None:
    @app.get("/", include_in_schema=False)
    async def home(request: Request, lang: Annotated[str | None, Query()] = None) -> Response:
        chosen = _language(lang)
        remembered = _language(request.cookies.get(_COOKIE))
        return await _answer(pages, request, chosen or remembered or Language.TH, remember=chosen is not None)

    @app.get("/th", include_in_schema=False)
    async def thai(request: Request) -> Response:
        return await _answer(pages, request, Language.TH, remember=True)

    @app.get("/en", include_in_schema=False)
    async def english(request: Request) -> Response:
        return await _answer(pages, request, Language.EN, remember=True)


async def _answer(
    pages: dict[Language, Page], request: Request, lang: Language, *, remember: bool
) -> Response:
    page = await pages[lang].render()
    headers = {
        "ETag": f'W/"{page.etag}"',
        "Cache-Control": "no-cache",
        "Content-Language": lang.value,
        "Vary": "Cookie",
    }
    response = Response(page.body, media_type="text/html; charset=utf-8", headers=headers)
    if request.headers.get("if-none-match") == headers["ETag"]:
        response = Response(status_code=304, headers=headers)
    if remember:
        response.set_cookie(_COOKIE, lang.value, max_age=_COOKIE_AGE_S, httponly=True, samesite="lax")
    return response


def _language(text: str | None) -> Language | None:
    return next((lang for lang in Language if lang.value == text), None)


def _site_part(site: SiteSettings | None) -> SitePart | None:
    return None if site is None else SitePart.model_validate(site.model_dump())
