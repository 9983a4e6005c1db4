"""Through every kind of failure all that was measured arrives, and what does not is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from influx_server import (
    InfluxServer,
    answers,
    babbles,
    is_a_login_page,
    running,
    takes_it_but_hangs_up,
)
from influx_village import KEYS, START_S, FakeStore, Post, arrived

from controller.core.reasons import render

BANGKOK = ZoneInfo("Asia/Bangkok")


@pytest.fixture
def server() -> Iterator[InfluxServer]:
    with running() as started:
        yield started


@pytest.fixture
def post(tmp_path: Path, server: InfluxServer) -> Iterator[Post]:
    made = Post(tmp_path, server.url)
    yield made
    made.notebook.close()


def codes(post: Post) -> list[str]:
    alarms = post.forwarder.health.alarms(post.forwarder.progress, BANGKOK)
    for alarm in alarms:
        render(alarm)
    return [alarm.code for alarm in alarms]


def test_all_that_was_measured_arrives_once(post: Post, server: InfluxServer) -> None:
    post.store.measure(400)
    post.steps()
    assert arrived(server.points) == post.store.expected()
    assert server.writes == len(server.points)
    post.store.measure(3)
    post.steps()
    assert arrived(server.points) == post.store.expected()
    assert server.writes == len(server.points)
    assert post.status()["ok"]
    assert post.status()["lag_s"] == 2.0
    assert codes(post) == []


def test_nothing_is_asked_of_the_server_before_there_is_anything(post: Post, server: InfluxServer) -> None:
    post.steps()
    assert server.requests == []


def test_after_an_outage_the_newest_go_first_and_then_the_oldest(post: Post, server: InfluxServer) -> None:
    post.store.measure(10)
    post.steps()
    server.requests.clear()
    post.store.measure(600)
    post.forwarder.step()
    newest = max(each.at_s for each in post.store.by_seq.values())
    assert {line.at for line in server.requests[0]} == set(range(newest - 50, newest + 10, 10))
    post.forwarder.step()
    assert min(line.at for line in server.requests[1]) == START_S + 100
    post.steps()
    assert arrived(server.points) == post.store.expected()
    assert server.writes == len(server.points)


def test_live_data_go_past_the_gap_while_it_is_filled(post: Post, server: InfluxServer) -> None:
    post.store.measure(10)
    post.steps()
    post.store.measure(1000)
    post.forwarder.step()
    while post.status()["waiting_periods"]:
        post.store.measure(1)
        newest = post.store.by_seq[post.store.newest_seq()].at_s
        post.forwarder.step()
        assert newest in server.values("pv_w")
        post.forwarder.step()
    assert arrived(server.points) == post.store.expected()


def test_periods_that_get_their_stamps_late_are_sent_too(post: Post, server: InfluxServer) -> None:
    post.store.measure(50)
    post.steps()
    post.store.measure(20, at_s=START_S - 4000)
    post.store.measure(20, seq=200, at_s=START_S + 500)
    post.steps()
    assert arrived(server.points) == post.store.expected()
    assert server.writes == len(server.points)


@pytest.mark.parametrize(
    "mood", [answers(500), answers(503), answers(502), takes_it_but_hangs_up, babbles, is_a_login_page]
)
def test_whatever_goes_wrong_on_the_way_it_is_brought_again(post: Post, server: InfluxServer, mood) -> None:
    post.store.measure(100)
    server.moods = [mood] * 3
    post.works_off()
    assert arrived(server.points) == post.store.expected()
    assert server.moods == []


def test_a_server_that_is_away_is_asked_ever_more_rarely_and_nothing_is_lost(tmp_path: Path) -> None:
    with running() as server:
        post = Post(tmp_path, server.url)
        post.store.measure(50)
    for _ in range(12):
        post.steps()
    assert not post.status()["ok"]
    assert "refused" in post.status()["detail"]
    assert max(post.waits) <= 300.0
    assert max(post.waits[6:]) > 10.0
    assert codes(post) == []
    post.notebook.close()


@pytest.mark.parametrize(
    ("told", "least_s", "most_s"),
    [
        ("120", 120.0, 126.0),
        (format_datetime(datetime.fromtimestamp(START_S + 990 + 12 + 90, UTC), usegmt=True), 89.0, 96.0),
        ("soon", 0.0, 4.0),
        ("1e99", 3600.0, 3605.0),
        ("inf", 0.0, 4.0),
        (format_datetime(datetime(2020, 1, 1, tzinfo=UTC) - timedelta(days=1)), 0.0, 6.0),
    ],
)
def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(
    post: Post, server: InfluxServer, told: str, least_s: float, most_s: float
) -> None:
    post.store.measure(100)
    server.moods = [answers(429, "write rate limit", Retry_After=told)]
    post.steps()
    assert least_s <= post.waits[-1] <= most_s
    post.works_off()
    assert arrived(server.points) == post.store.expected()


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (lambda server: setattr(server, "bucket", "another"), 'bucket "village" not found'),
        (
            lambda server: setattr(server, "always", answers(401, "unauthorized access")),
            "unauthorized access",
        ),
        (lambda server: setattr(server, "always", answers(403, "insufficient permissions")), "insufficient"),
        (lambda server: setattr(server, "always", answers(302)), "302"),
        (
            lambda server: setattr(server, "always", answers(400, "precision is not valid")),
            "nothing is taken",
        ),
    ],
)
def test_who_is_not_accepted_says_so_and_waits_with_the_data(
    post: Post, server: InfluxServer, trouble, words: str
) -> None:
    post.store.measure(100)
    trouble(server)
    post.steps()
    assert words in post.status()["detail"]
    assert codes(post) == ["influx_not_accepted"]
    assert len(server.requests) < 30
    server.bucket, server.always = "village", None
    post.works_off()
    assert arrived(server.points) == post.store.expected()
    assert codes(post) == []
    assert post.status()["refused_values"] == 0


def test_a_new_token_is_taken_up_without_a_restart(post: Post, server: InfluxServer, tmp_path: Path) -> None:
    right = (tmp_path / "token").read_text()
    (tmp_path / "token").write_text("an old one")
    post.store.measure(5)
    post.steps()
    assert "unauthorized" in post.status()["detail"]
    (tmp_path / "token").write_text(right)
    post.works_off()
    assert arrived(server.points) == post.store.expected()


def test_a_token_that_anybody_can_read_is_not_used(post: Post, server: InfluxServer, tmp_path: Path) -> None:
    (tmp_path / "token").chmod(0o644)
    post.store.measure(5)
    post.steps()
    assert "chmod 640" in post.status()["detail"]
    assert server.requests == []


def test_what_is_too_much_at_once_goes_in_parts(post: Post, server: InfluxServer) -> None:
    server.most_bytes = 400
    post.store.measure(300)
    post.works_off()
    assert arrived(server.points) == post.store.expected()


def test_a_slow_server_gets_less_at_once(post: Post, server: InfluxServer) -> None:
    post.store.measure(500)
    post.steps()
    most = max(len({line.at for line in request}) for request in server.requests)

    def takes_long(handler, lines) -> bool:
        post.now_s += 0.1 * len({line.at for line in lines})
        return False

    server.always = takes_long
    post.store.measure(600)
    post.steps()
    server.requests.clear()
    post.store.measure(600)
    post.steps()
    slowest = [len({line.at for line in request}) for request in server.requests]
    assert most == 120
    assert sorted(slowest)[len(slowest) // 2] <= 40
    assert arrived(server.points) == post.store.expected()


def test_a_series_that_is_refused_holds_up_nothing_else(post: Post, server: InfluxServer) -> None:
    server.rejects = lambda name, value: (
        "field type conflict: closed is an integer" if name == "closed" else None
    )
    post.store.measure(200)
    post.steps()
    expected = {key: value for key, value in post.store.expected().items() if key[1] != "closed"}
    assert arrived(server.points) == expected
    status = post.status()
    assert status["ok"]
    assert status["refused_values"] == 200
    assert "closed is refused" in status["detail"]
    assert "field type conflict" in status["detail"]
    assert codes(post) == ["influx_values_refused"]
    requests = len(server.requests)
    post.store.measure(1)
    post.steps()
    assert len(server.requests) == requests + 2
    post.now_s += 300.0
    post.forwarder.step()
    with post.notebook.reading() as connection:
        rows = connection.execute("SELECT line, words FROM influx_refused").fetchall()
    assert len(rows) == 201
    assert all("closed=" in line and "field type conflict" in words for line, words in rows)


def test_a_series_that_was_refused_is_taken_again_once_the_server_takes_it(
    post: Post, server: InfluxServer
) -> None:
    server.rejects = lambda name, value: "field type conflict" if name == "closed" else None
    post.store.measure(20)
    post.steps()
    server.rejects = lambda name, value: None
    post.store.measure(20)
    post.steps()
    assert len(server.values("closed")) == 20
    requests = len(server.requests)
    post.store.measure(1)
    post.steps()
    assert len(server.requests) == requests + 1


def test_one_poisonous_value_costs_only_itself(post: Post, server: InfluxServer) -> None:
    post.store.measure(200)
    poison = post.store.by_seq[77].values["site", "pv_w"]
    server.rejects = lambda name, value: "out of range" if name == "pv_w" and value == poison else None
    post.steps()
    missing = post.store.expected().keys() - arrived(server.points).keys()
    assert missing == {("site", "pv_w", post.store.by_seq[77].at_s)}
    assert post.status()["refused_values"] == 1


def test_when_half_of_the_series_are_refused_the_other_half_arrives(post: Post, server: InfluxServer) -> None:
    bad = {"pv_w", "closed", "energy_import_wh"}
    server.rejects = lambda name, value: "field type conflict" if name in bad else None
    post.store.measure(12)
    post.works_off()
    expected = {key: value for key, value in post.store.expected().items() if key[1] not in bad}
    assert arrived(server.points) == expected


def test_what_the_server_keeps_no_longer_is_no_poison(post: Post, server: InfluxServer) -> None:
    server.rejects = lambda name, value: None
    server.moods = [answers(422, "partial write: points beyond retention policy dropped=5")]
    post.store.measure(30)
    post.steps()
    assert post.status()["refused_values"] == 0
    assert post.status()["waiting_periods"] == 0


def test_what_has_arrived_is_remembered_over_a_restart(post: Post, server: InfluxServer) -> None:
    post.store.measure(10)
    post.steps()
    post.store.measure(1000)
    for _ in range(4):
        post.forwarder.step()
    post.forwarder.save()
    before = server.writes
    post.forwarder = post.begun()
    post.steps()
    assert arrived(server.points) == post.store.expected()
    assert server.writes == len(server.points)
    assert before < server.writes


def test_after_a_power_cut_the_last_minutes_are_sent_once_more(post: Post, server: InfluxServer) -> None:
    post.store.measure(10)
    post.steps()
    post.forwarder.save()
    post.store.measure(20)
    post.steps()
    post.forwarder = post.begun()
    post.steps()
    assert arrived(server.points) == post.store.expected()
    assert server.writes == len(server.points) + 20 * len(KEYS)


def test_a_store_begun_anew_is_sent_from_its_start(post: Post, server: InfluxServer) -> None:
    post.store.measure(100)
    post.steps()
    post.forwarder.save()
    post.store = FakeStore()
    post.store.measure(30, at_s=START_S + 5000)
    post.forwarder = post.begun()
    post.steps()
    assert arrived(server.points).items() >= post.store.expected().items()


def test_a_restored_store_that_has_grown_past_the_cursor_is_noticed(post: Post, server: InfluxServer) -> None:
    post.store.measure(100)
    post.steps()
    post.forwarder.save()
    post.store = FakeStore()
    post.store.measure(200, at_s=START_S + 7770)
    post.forwarder = post.begun()
    post.steps()
    assert arrived(server.points).items() >= post.store.expected().items()


def test_another_server_gets_everything(post: Post, server: InfluxServer, tmp_path: Path) -> None:
    post.store.measure(100)
    post.steps()
    post.forwarder.save()
    with running() as other:
        post = Post(tmp_path, other.url, post.store)
        post.steps()
        assert arrived(other.points) == post.store.expected()
        post.notebook.close()


def test_what_fell_out_of_the_store_goes_as_means_of_a_minute(post: Post, server: InfluxServer) -> None:
    post.store.measure(10)
    post.steps()
    old = post.store.expected()
    post.store.measure(2000)
    post.store.forget_before(1000)
    post.steps()
    gone = range(START_S + 120, START_S + 9960, 60)
    minutes = {(*key, at): value for at in gone for key, value in post.store.minutes[at].items()}
    assert arrived(server.points) == {**minutes, **old, **post.store.expected()}
    assert post.status()["thinned_periods"] == 6 * len(gone)
    assert codes(post) == ["influx_samples_thinned"]
    alarm = post.forwarder.health.alarms(post.forwarder.progress, BANGKOK)[0]
    assert dict(alarm.params) == {"thinned_s": 60 * len(gone), "day": "2026-11-18"}
    post.forwarder = post.begun()
    assert post.forwarder.step() == 0.0


def test_where_minutes_are_gone_quarters_are_sent(post: Post, server: InfluxServer) -> None:
    post.store.measure(6)
    post.steps()
    server.points.clear()
    post.store.measure(2000)
    post.store.forget_before(2000)
    post.store.minutes_from_s = START_S + 7200
    post.steps()
    stamps = set(server.values("pv_w"))
    assert {at for at in stamps if at < START_S + 7200} == set(range(START_S + 900, START_S + 7200, 900))
    assert {at for at in stamps if START_S + 7200 <= at < START_S + 10_800} == set(
        range(START_S + 7200, START_S + 10_800, 60)
    )


def test_a_time_in_which_nothing_was_measured_is_no_loss(post: Post, server: InfluxServer) -> None:
    post.store.measure(6)
    post.steps()
    post.store.measure(100, seq=9000, at_s=START_S + 86_400)
    post.store.forget_before(9000)
    post.steps()
    assert arrived(server.points).items() >= post.store.expected().items()
    assert post.status()["thinned_periods"] == 0
    assert codes(post) == []


def test_data_that_wait_for_days_are_an_alarm_before_they_thin(tmp_path: Path) -> None:
    with running() as server:
        post = Post(tmp_path, server.url)
        post.store.measure(10)
        post.steps()
    post.store.measure(10, at_s=START_S + 86_400)
    post.steps()
    assert codes(post) == []
    post.store.measure(10, at_s=START_S + 7 * 86_400)
    post.steps()
    assert codes(post) == ["influx_waits_long"]
    post.notebook.close()


def test_a_store_that_cannot_be_read_is_told_and_tried_again(post: Post, server: InfluxServer) -> None:
    post.store.measure(10)
    post.store.damaged = True
    post.steps()
    assert "disk I/O error" in post.status()["detail"]
    post.store.damaged = False
    post.steps()
    assert post.status()["ok"]
    assert arrived(server.points) == post.store.expected()


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_through_any_weather_all_arrives(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    moods = [
        answers(500),
        answers(429, Retry_After="3"),
        answers(401),
        takes_it_but_hangs_up,
        lambda *_: False,
    ]
    with running() as server:
        post = Post(tmp_path_factory.mktemp("weather"), server.url)
        for _ in range(data.draw(st.integers(1, 5))):
            post.store.measure(data.draw(st.integers(1, 100)))
            server.moods = data.draw(st.lists(st.sampled_from(moods), max_size=6))
            for _ in range(data.draw(st.integers(0, 5))):
                post.forwarder.step()
            if data.draw(st.booleans()):
                post.forwarder.save()
                post.forwarder = post.begun()
        server.moods = []
        post.works_off()
        assert arrived(server.points) == post.store.expected()
        post.notebook.close()
