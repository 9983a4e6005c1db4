"""A server may be away, busy, slow or choosy: what it takes arrives, and what it does not take is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

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
from influx_village import START_S, Post, arrived, codes


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
