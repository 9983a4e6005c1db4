"""The report as people read it: both languages, nothing fetched, nothing made up."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest
from report_month import FUEL, SITE, ZONE, MadeMonth

from controller.core.language import Language
from controller.core.model import Text
from controller.reports import sections
from controller.reports.figures.month import Month, Steps
from controller.reports.figures.series import Columns
from controller.reports.figures.whole import Material, month_figures, overview
from controller.reports.page import render_report
from controller.reports.report import Report
from controller.reports.voice import Voice

MONTH = Month(2026, 10)
MADE = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
LANGUAGES = list(Language)


def report(made: MadeMonth, *others: MadeMonth) -> Report:
    told = {other.month: overview(other.material(), SITE, FUEL) for other in others}
    return Report(SITE, made.month, month_figures(made.material(), SITE, FUEL), told)


def whole_month() -> MadeMonth:
    made = MadeMonth(MONTH, clear=0.66)
    made.gap(1000, 1020)
    made.gap(1500, 1700, "pump")
    return made


@pytest.fixture(scope="module")
def pages() -> dict[Language, str]:
    told = report(whole_month(), MadeMonth(MONTH.before, seed=5))
    return {lang: render_report(told, Voice(lang, ZONE), MADE) for lang in LANGUAGES}


def words(page: str) -> str:
    """What is read: without tags, styles and drawings' paths."""
    page = re.sub(r"<style>.*?</style>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def figure_beside(page: str, name: str) -> list[str]:
    """The cells of the row of that name."""
    row = re.search(rf'<th scope="row">{re.escape(name)}</th>(.*?)</tr>', page, flags=re.DOTALL)
    assert row is not None, name
    return [" ".join(html.unescape(cell).split()) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row[1])]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_fetched_from_anywhere(pages: dict[Language, str], lang: Language) -> None:
    assert not re.search(r"<(script|link|img|iframe)\b|@import|url\((?!#)|https?://", pages[lang])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_well_formed(pages: dict[Language, str], lang: Language) -> None:
    class Nesting(HTMLParser):
        empty = frozenset({"meta", "path", "rect"})

        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in self.empty:
                self.open.append(tag)

        def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            pass

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    nesting = Nesting()
    nesting.feed(pages[lang])
    assert nesting.open == []
    ids = re.findall(r'\bid="([^"]+)"', pages[lang])
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_figure_wears_a_minus_and_nothing_is_left_unsaid(
    pages: dict[Language, str], lang: Language
) -> None:
    told = words(pages[lang])
    assert not re.search(r"(?<![\w])[-\u2212\u2013]\s?\d", told)
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b|[{}]", told)


def test_thai_years_are_buddhist_and_thousands_are_separated(pages: dict[Language, str]) -> None:
    thai, english = words(pages[Language.TH]), words(pages[Language.EN])
    assert "รายงานไฟฟ้าประจำเดือนตุลาคม 2569" in thai
    assert "2026" not in thai
    assert "Electricity report for October 2026" in english
    assert re.search(r"ใช้ไฟ \d,\d{3} หน่วย", thai)


def test_the_tables_hold_the_figures(pages: dict[Language, str]) -> None:
    made = whole_month()
    homes_wh = sum(np.nansum(made.values[f"houses_{each}", "power_w"]) / 4 for each in "abcd")
    page = pages[Language.EN]
    assert figure_beside(page, "Homes")[0] == f"{homes_wh / 1000:,.0f}"
    sun_wh = -np.nansum(made.values["site", "pv_w"]) / 4
    assert figure_beside(page, "From the sun")[0] == f"{sun_wh / 1000:,.0f}"
    assert figure_beside(page, "From the sun")[2] == "99.3 %"
    assert figure_beside(page, "Without power, average household (h)")[2] == "no data"


def test_what_was_not_measured_is_named(pages: dict[Language, str]) -> None:
    assert "Nothing at all was measured: from 11 Oct 2026 10:00 for 5 hours." in words(pages[Language.EN])
    assert "from 16 Oct 2026 15:00 for 2 days 2 hours" in words(pages[Language.EN])


def test_the_factor_of_co2_is_printed_with_its_source(pages: dict[Language, str]) -> None:
    for page in pages.values():
        told = words(page)
        assert "2006 IPCC Guidelines" in told
        assert "2.68" in told


@pytest.mark.parametrize(("factor", "told"), [(0.8, "25 % more than in"), (1.25, "20 % less than in")])
def test_use_is_compared_with_the_month_before(factor: float, told: str) -> None:
    made, before = MadeMonth(MONTH), MadeMonth(MONTH.before)
    for month, scale in ((made, 1.0), (before, factor)):
        for feeder in SITE.feeders:
            month.values[feeder.id, "power_w"] = np.full(month.steps.count, 1000.0 * scale)
    page = words(render_report(report(made, before), Voice(Language.EN, ZONE), MADE))
    assert re.search(f"{told} September 2026", page)


def test_a_month_that_runs_says_so() -> None:
    told = report(MadeMonth(MONTH, count=10 * 96 + 8))
    page = words(render_report(told, Voice(Language.EN, ZONE), MADE))
    assert "This month is not over: the report goes to 11 Oct 2026 02:00 only." in page
    assert "not over" not in words(render_report(report(whole_month()), Voice(Language.EN, ZONE), MADE))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_of_a_village_of_which_nothing_is_known_nothing_is_made_up(lang: Language) -> None:
    steps = Steps.whole(MONTH, ZONE)
    figures = month_figures(Material(Columns(steps, {}), [], []), SITE, FUEL)
    told = words(render_report(Report(SITE, MONTH, figures), Voice(lang, ZONE), MADE))
    assert not re.search(r"\bnan\b|\bNone\b", told)
    assert not re.search(r"[1-9]\d* (หน่วย|kWh) ", told.split("·")[-1].split("2.")[0])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_village_without_a_genset_has_a_report_too(lang: Language) -> None:
    site = replace(SITE, genset=None)
    figures = month_figures(whole_month().material(), site, None)
    told = words(render_report(Report(site, MONTH, figures), Voice(lang, ZONE), MADE))
    assert figures.genset is None
    assert figures.savings is not None
    assert "2006 IPCC" in told


def test_every_sentence_names_the_same_things_in_both_languages() -> None:
    from importlib import import_module
    from pkgutil import iter_modules

    names = [f"{sections.__name__}.{each.name}" for each in iter_modules(sections.__path__)]
    found = 0
    for name in (*names, "controller.reports.page", "controller.reports.voice"):
        for value in vars(import_module(name)).values():
            texts = value.values() if isinstance(value, dict) else [value]
            for text in texts:
                if isinstance(text, Text):
                    found += 1
                    assert set(re.findall(r"{(\w+)}", text.th)) == set(re.findall(r"{(\w+)}", text.en)), text
                    assert text.th.count("|") == text.en.count("|"), text
    assert found > 120
