"""GET /api/history and /api/decisions: bounded answers, clear refusals."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_village import NOON, record_day

from web import api

DAY = {"from": "2026-11-21T00:00:00+07:00", "to": "2026-11-21T12:00:00+07:00"}


async def ask(powerhouse, path: str = "/api/history", **query):
    return await powerhouse.client.get(path, params=query)


async def test_history_keeps_gaps_as_gaps(powerhouse) -> None:
    record_day(powerhouse.telemetry, NOON)
    answer = (await ask(powerhouse, series="site.pv_w,site.load_w", step_s=3600, **DAY)).json()
    pv = answer["series"]["site.pv_w"]
    assert len(pv) == 12
    assert pv[9] is None
    assert pv[3] == 0
    assert pv[11] < -10_000
    assert all(value is None or value > 0 for value in answer["series"]["site.load_w"])


async def test_the_step_is_chosen_when_none_is_asked_for(powerhouse) -> None:
    answer = (await ask(powerhouse, series="site.soc_frac")).json()
    assert answer["step_s"] % 10 == 0
    assert 200 <= len(answer["series"]["site.soc_frac"]) <= api.MAX_POINTS


async def test_a_missing_database_is_an_empty_history(powerhouse) -> None:
    answer = (await ask(powerhouse, series="site.pv_w", step_s=3600, **DAY)).json()
    assert set(answer["series"]["site.pv_w"]) == {None}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({}, "Field required"),
        ({"series": "pv_w"}, "pattern"),
        ({"series": "site.pv_w;drop"}, "pattern"),
        ({"series": ",".join(f"site.p{i}" for i in range(13))}, "at most 12"),
        ({"series": "site.pv_w", "step_s": "15"}, "multiple of 10"),
        ({"series": "site.pv_w", "step_s": "10", **DAY}, "use 30 or more"),
        ({"series": "site.pv_w", "from": DAY["to"], "to": DAY["from"]}, "before to"),
        ({"series": "site.pv_w", "from": "2026-11-21T00:00:00"}, "offset"),
        ({"series": "site.pv_w", "from": "yesterday"}, "datetime"),
        ({"series": "site.pv_w", "from": "1990-01-01T00:00:00Z"}, "too long"),
        ({"series": "site.pv_w", "from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}, "too long"),
    ],
)
async def test_a_bad_question_is_refused_with_the_remedy(powerhouse, query, says: str) -> None:
    answer = await ask(powerhouse, **query)
    assert answer.status_code == 422
    assert says in answer.text


@given(length_s=st.integers(10, 12 * 366 * 86400), series=st.integers(1, 12))
def test_a_chosen_step_never_makes_too_many_points(length_s: int, series: int) -> None:
    window = (NOON, NOON + api.timedelta(seconds=length_s))
    if length_s / 86400 <= api.MAX_SERIES_DAYS / series:
        step_s = api._step(window, None, series)
        assert step_s % api.PERIOD_S == 0
        assert length_s / step_s <= api.MAX_POINTS


async def test_decisions_come_newest_first_in_both_languages(powerhouse) -> None:
    record_day(powerhouse.telemetry, NOON)
    answer = (await ask(powerhouse, "/api/decisions", limit=2)).json()
    first, second = answer["decisions"]
    assert (first["subject"], first["action"]) == ("genset", "start")
    assert first["text"]["th"] != first["text"]["en"]
    older = (await ask(powerhouse, "/api/decisions", limit=2, before=answer["next_before"])).json()
    assert [entry["seq"] for entry in older["decisions"]] == [second["seq"] - 1, second["seq"] - 2]
    of_pump = (await ask(powerhouse, "/api/decisions", subject="pump")).json()
    assert [entry["code"] for entry in of_pump["decisions"]] == ["code_of_tomorrow"]
    assert of_pump["next_before"] is None


async def test_a_reason_from_another_version_is_named_by_its_code(powerhouse) -> None:
    record_day(powerhouse.telemetry, NOON)
    entry = (await ask(powerhouse, "/api/decisions", subject="pump")).json()["decisions"][0]
    assert "code_of_tomorrow" in entry["text"]["th"]
    assert "code_of_tomorrow" in await powerhouse.page()


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"before": 0}, {"subject": "a b"}])
async def test_bad_decision_questions_are_refused(powerhouse, query) -> None:
    assert (await ask(powerhouse, "/api/decisions", **query)).status_code == 422


async def test_an_unreadable_database_costs_the_history_not_the_page(powerhouse) -> None:
    powerhouse.telemetry.write_bytes(b"not a database, but long enough to look like something" * 100)
    answer = await ask(powerhouse, series="site.pv_w")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert (await ask(powerhouse, "/api/decisions")).status_code == 503
    assert "There is power" in await powerhouse.page()


async def test_a_wall_of_questions_is_turned_away(powerhouse) -> None:
    import asyncio

    record_day(powerhouse.telemetry, NOON)
    answers = await asyncio.gather(*(ask(powerhouse, series="site.pv_w,site.load_w") for _ in range(60)))
    codes = {answer.status_code for answer in answers}
    assert codes == {200, 503}


async def test_reading_never_changes_the_database(powerhouse) -> None:
    record_day(powerhouse.telemetry, NOON)
    before = powerhouse.telemetry.read_bytes()
    await powerhouse.page()
    await ask(powerhouse, series="site.pv_w")
    assert powerhouse.telemetry.read_bytes() == before
    with sqlite3.connect(powerhouse.telemetry) as check:
        assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
