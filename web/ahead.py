"""What lies ahead, in words and as a chart: the forecast as the page shows it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from controller.core.dates import short_date
from controller.core.language import Language, pick, say
from web.charts import DayChart, Fan, Panel
from web.forecast import Forecast, fresh
from web.hours import at_sunrise
from web.i18n import catalogue as words
from web.i18n.formats import day_name, local, percent, power, time_of_day
from web.image import BatteryPart, Image
from web.plan import Plan
from web.records import CHART_STEP_S, Today

_SHOWN_LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
_SURELY, _WITHOUT_GENSET = "surely", "outlook_without_genset"
_HOURS_SHOWN = 2
"""Stretches of good hours that are named: people plan a day, not a week."""
_JUDGED_DAYS = 3
"""Below this many scored days nothing is said about how good the forecast was."""


def usable(forecast: Forecast | None, now: datetime) -> Forecast | None:
    """The forecast while it may be gone by, else None."""
    return forecast if forecast is not None and fresh(forecast, now) else None


def lasting(forecast: Forecast | None, plan: Plan | None, now: datetime, lang: Language) -> str:
    """Whether the battery lasts; empty without a forecast.

    plan: the one that is followed. Where it does something about it, that comes first; without one it is said
    if a genset might yet help.
    """
    if forecast is None or forecast.outlook is None:
        return ""
    outlook = forecast.outlook
    sunrise = outlook.sunrise_utc
    planned = at_sunrise(plan, sunrise, now, lang) if plan is not None and sunrise is not None else ""
    if planned:
        return f"{planned} {say(words.WITHOUT_PLAN, lang, outlook=pick(outlook.reason, lang))}"
    rests_on = [each for each in outlook.more_reasons if each.code == _WITHOUT_GENSET]
    told = [outlook.reason] if outlook.verdict == _SURELY else [outlook.reason, *rests_on]
    return " ".join(pick(each, lang) for each in told)


def why_none(image: Image, forecast: Forecast | None, lang: Language) -> str:
    """That there is no forecast, and why if that is known; empty when there is one."""
    if forecast is not None:
        return ""
    return pick(words.NO_FORECAST if image.clock.synchronised else words.NO_FORECAST_CLOCK_UNSET, lang)


def good_hours(forecast: Forecast | None, image: Image, lang: Language) -> str:
    """When there is sun to spare for heavy work; empty without a forecast.

    While panels are held back for a full battery nobody is told that there is none to spare.
    """
    if forecast is None or forecast.outlook is None:
        return ""
    now = image.clock.utc
    stretches = [
        (max(hours.from_utc, now), hours.to_utc)
        for hours in forecast.outlook.good_hours
        if hours.to_utc > now
    ]
    if not stretches:
        return "" if image.pv_reason is not None else pick(words.GOOD_HOURS_NONE, lang)
    spoken = [
        say(
            words.GOOD_HOURS_SPAN,
            lang,
            day=day_name(start, now, lang),
            start=time_of_day(start, lang),
            end=time_of_day(end, lang),
        )
        for start, end in stretches[:_HOURS_SHOWN]
    ]
    return say(words.GOOD_HOURS, lang, hours=pick(words.AND, lang).join(spoken))


def how_good(forecast: Forecast | None, lang: Language) -> str:
    """How often the bands of the last days held; empty while too few were scored."""
    if forecast is None:
        return ""
    sun, load = forecast.quality.pv, forecast.quality.load
    if (
        sun.coverage_80_frac is None
        or load.coverage_80_frac is None
        or min(sun.days, load.days) < _JUDGED_DAYS
    ):
        return ""
    return say(
        words.HOW_GOOD,
        lang,
        days=str(min(sun.days, load.days)),
        sun=f"{sun.coverage_80_frac * 10:.0f}",
        load=f"{load.coverage_80_frac * 10:.0f}",
    )


def day_chart(
    image: Image, today: Today | None, forecast: Forecast | None, lang: Language
) -> DayChart | None:
    """Today as measured, today and tomorrow as expected; None when there is nothing to draw."""
    now = image.clock.utc
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    if today is not None and today.start != midnight:
        today = None
    if (today is None or today.empty) and forecast is None:
        return None
    days = [pick(words.TODAY, lang), pick(words.TOMORROW, lang)][: 2 if forecast else 1]
    measured_h = 0.0 if today is None else len(today.pv_w) * CHART_STEP_S / 3600
    return DayChart(
        CHART_STEP_S,
        _panels(image.battery, today, forecast, midnight, lang),
        now_h=measured_h if forecast is None else (now - midnight) / timedelta(hours=1),
        days=days,
        title=say(words.CHART_TITLE, lang, date=short_date(midnight.date(), lang)),
        desc=_described(today, forecast, lang),
    )


def _panels(
    battery: BatteryPart, today: Today | None, forecast: Forecast | None, midnight: datetime, lang: Language
) -> list[Panel]:
    kw = pick(words.KW, lang)
    soc_rows = forecast.outlook.soc_frac if forecast and forecast.outlook else []

    def fan(rows: Sequence[Sequence[float]], unit: float) -> Fan | None:
        return _fan(forecast, rows, midnight, lambda value: value / unit) if forecast and rows else None

    return [
        Panel(
            "pv",
            f"{pick(words.CHART_PV, lang)} ({kw})",
            _in_unit(today.pv_w if today else (), 1000.0),
            fan(forecast.pv_w if forecast else (), 1000.0),
        ),
        Panel(
            "load",
            f"{pick(words.CHART_LOAD, lang)} ({kw})",
            _in_unit(today.load_w if today else (), 1000.0),
            fan(forecast.load_w if forecast else (), 1000.0),
        ),
        Panel(
            "soc",
            f"{pick(words.BATTERY, lang)} (%)",
            _in_unit(today.soc_frac if today else (), 0.01),
            fan(soc_rows, 0.01),
            full=100.0,
            level=None if battery.reserve_soc_frac is None else battery.reserve_soc_frac * 100,
        ),
    ]


def _in_unit(values: Sequence[float | None], unit: float) -> list[float | None]:
    return [None if value is None else value / unit for value in values]


def _fan(
    forecast: Forecast,
    rows: Sequence[Sequence[float]],
    midnight: datetime,
    convert: Callable[[float], float],
) -> Fan | None:
    """The rows of the shown levels; None when the forecast lacks one of them."""
    if any(level not in forecast.levels for level in _SHOWN_LEVELS):
        return None
    low, lower, median, upper, high = (
        [convert(value) for value in rows[forecast.levels.index(level)]] for level in _SHOWN_LEVELS
    )
    start_h = (forecast.grid.start_utc - midnight) / timedelta(hours=1)
    return Fan(start_h, forecast.grid.step_s / 3600, low, lower, median, upper, high)


def _described(today: Today | None, forecast: Forecast | None, lang: Language) -> str:
    """The chart in words, for who cannot see it."""
    soc = [value for value in (today.soc_frac if today else ()) if value is not None]
    told = say(
        words.CHART_DESC,
        lang,
        pv=power(_highest(today.pv_w if today else ()), lang),
        load=power(_highest(today.load_w if today else ()), lang),
        soc_min=percent(min(soc)) if soc else pick(words.UNKNOWN, lang),
        soc_max=percent(max(soc)) if soc else pick(words.UNKNOWN, lang),
    )
    if forecast is None or 0.50 not in forecast.levels:
        return told
    middle = forecast.levels.index(0.50)
    ahead = say(
        words.CHART_AHEAD,
        lang,
        pv=power(max(forecast.pv_w[middle]), lang),
        load=power(max(forecast.load_w[middle]), lang),
    )
    return f"{told} {ahead}"


def _highest(values: Sequence[float | None]) -> float:
    return max((value for value in values if value is not None), default=0.0)
