"""The page in a real browser: it fits, it lives, it says when the controller does not."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect
from web_plan import evening_turns, plan, planned, scarce_day
from web_village import EVENING, Json, blackout, put, rationed, reason, record_day, simulated, village

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = (360, 740), (1280, 800)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs Chromium at {CHROMIUM}"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        await browser.close()


async def open_page(
    browser: Browser, url: str, size: tuple[int, int] = PHONE, **options
) -> tuple[Page, list[str]]:
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(url)
    return page, complaints


def damaged(at: datetime) -> Json:
    """The card lost the store; the file set aside has a long name."""
    file = "/var/lib/tawan/telemetry.db.corrupt-20261122T120105Z"
    return village(at, alarms=[reason("storage_set_aside", file=file)])


@pytest.mark.parametrize("state", [village, rationed, blackout, simulated, damaged])
async def test_it_fits_every_screen_without_a_complaint_and_with_contrast(served, browser, state) -> None:
    record_day(served.telemetry, EVENING)
    for lang, size, scheme in (
        ("th", PHONE, "light"),
        ("en", PHONE, "dark"),
        ("th", DESK, "dark"),
        ("en", DESK, "light"),
    ):
        put(served.image, state(EVENING))
        page, complaints = await open_page(browser, f"{served.url}/{lang}", size, color_scheme=scheme)
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert await page.evaluate("document.documentElement.lang") == lang
        assert await page.evaluate(_FAINT_TEXTS) == [], "WCAG AA wants 4.5 to 1"
        assert complaints == []
        await page.context.close()


@pytest.mark.parametrize("document", [plan, evening_turns, scarce_day])
async def test_turns_fit_every_screen_unfolded_and_with_contrast(served, browser, document) -> None:
    record_day(served.telemetry, EVENING)
    put(served.image.with_name("plan.json"), document())
    for lang, size, scheme in (("th", PHONE, "dark"), ("en", PHONE, "light"), ("en", DESK, "dark")):
        put(served.image, planned(off=frozenset({"houses_b", "pump"})))
        page, complaints = await open_page(browser, f"{served.url}/{lang}", size, color_scheme=scheme)
        await page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert await page.evaluate(_FAINT_TEXTS) == [], "WCAG AA wants 4.5 to 1"
        assert await page.evaluate(_SMALL_TARGETS) == [], "WCAG 2.2 AA wants 24 by 24"
        assert complaints == []
        await page.context.close()


async def test_what_was_unfolded_stays_so_when_a_new_plan_comes(served, browser) -> None:
    put(served.image.with_name("plan.json"), evening_turns())
    put(served.image, planned())
    page, complaints = await open_page(browser, f"{served.url}/en")
    await page.evaluate("window.untouched = true")
    await page.locator("#why-houses_a summary").press("Enter")
    await expect(page.locator("#why-houses_a p").first).to_be_visible()
    put(served.image.with_name("plan.json"), scarce_day())
    put(served.image, planned(off=frozenset({"houses_a"})))
    await expect(page.locator("#turns")).to_contain_text("Off now, until 22:30", timeout=10_000)
    await expect(page.locator("#why-houses_a p").first).to_be_visible()
    await expect(page.locator("#why-houses_b p").first).to_be_hidden()
    await expect(page.locator("#why-houses_a summary")).to_be_focused()
    assert await page.evaluate("window.untouched") is True
    assert complaints == []


async def test_the_order_on_a_phone_is_that_of_peoples_questions(served, browser) -> None:
    put(served.image.with_name("plan.json"), evening_turns())
    put(served.image, planned())
    page, _ = await open_page(browser, served.url)
    tops = [
        await page.evaluate(f"document.querySelector('{name}').getBoundingClientRect().top")
        for name in (
            "#headline",
            ".battery",
            "#turns-card",
            "#heavy-card",
            ".contact",
            ".feeders",
            ".figures",
        )
    ]
    assert tops == sorted(tops)


async def test_thai_is_set_large_and_airy(served, browser) -> None:
    put(served.image.with_name("plan.json"), scarce_day())
    put(served.image, planned(EVENING))
    page, _ = await open_page(browser, served.url)
    style = await page.evaluate(
        "[...document.querySelectorAll('main *')]"
        ".filter(e => !e.closest('svg') && e.textContent.trim()).map(e => {"
        "const s = getComputedStyle(e), px = parseFloat(s.fontSize);"
        "return [px, parseFloat(s.lineHeight) / px, s.letterSpacing]})"
    )
    assert min(px for px, _, _ in style) >= 18
    assert {spacing for _, _, spacing in style} == {"normal"}
    assert min(height for _, height, _ in style) >= 1.4


async def test_a_new_image_changes_a_figure_without_a_reload(served, browser) -> None:
    page, complaints = await open_page(browser, f"{served.url}/en")
    await page.evaluate("window.untouched = true")
    await expect(page.locator("#load")).to_have_text("8.7")
    image = rationed()
    image["summary"]["load_w"] = 5550.0
    put(served.image, image)
    await expect(page.locator("#load")).to_have_text("5.5", timeout=10_000)
    await expect(page.locator("#headline-text")).to_have_text("There is power, but 3 of 8 lines are resting")
    await expect(page.locator("#f-pump")).to_have_attribute("data-state", "off")
    assert await page.evaluate("window.untouched") is True
    assert complaints == []


async def test_an_image_that_grows_old_is_called_so(served, browser) -> None:
    page, _ = await open_page(browser, f"{served.url}/en")
    put(served.image, village())
    await expect(page.locator("#not-running")).to_be_hidden(timeout=10_000)
    put(served.image, village(written_s=time.monotonic() - 4.5))
    await expect(page.locator("#state")).to_contain_text("has not been running since 12:00", timeout=10_000)
    await expect(page.locator("#not-running a")).to_have_attribute("href", "tel:0800000000")
    put(served.image, village())
    await expect(page.locator("#not-running")).to_be_hidden(timeout=10_000)


async def test_a_lost_connection_is_said_with_the_time_of_the_data(served, browser) -> None:
    page, _ = await open_page(browser, f"{served.url}/en")
    await page.wait_for_function("document.getElementById('offline').hidden")
    await page.context.set_offline(True)
    served.app.state.hub.close()
    await expect(page.locator("#offline")).to_contain_text(
        "Connection lost, trying again. Data of 12:00", timeout=20_000
    )


async def test_other_feeders_make_the_page_load_anew(served, browser) -> None:
    page, _ = await open_page(browser, f"{served.url}/en")
    image = village()
    del image["feeders"][0]
    put(served.image, image)
    await expect(page.locator("#f-clinic")).to_have_count(0, timeout=10_000)


async def test_without_javascript_the_page_is_whole(served, browser) -> None:
    page, _ = await open_page(browser, f"{served.url}/en", java_script_enabled=False)
    await expect(page.locator("#load")).to_have_text("8.7")
    assert 'http-equiv="refresh"' in await page.content()


_SMALL_TARGETS = """() => [...document.querySelectorAll('a[href], summary')]
  .filter(e => e.getClientRects().length && !e.classList.contains('skip') && !e.closest('footer'))
  .filter(e => { const box = e.getBoundingClientRect(); return Math.min(box.width, box.height) < 24; })
  .map(e => e.textContent.trim())"""

_FAINT_TEXTS = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const v = parse(c).slice(0, 3).map(x => { x /= 255;
    return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
    return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!(parse(c)[3] === 0)) return c; } return 'rgb(255, 255, 255)'; };
  const faint = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length || e.tagName === 'title' || e.tagName === 'desc') continue;
    const style = getComputedStyle(e), ink = e.closest('svg') ? style.fill : style.color;
    const [a, b] = [light(ink), light(ground(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) faint.push([e.id || e.className, ink, ground(e)]);
  }
  return faint;
}"""
