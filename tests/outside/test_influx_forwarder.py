"""The cursor over the store: what was measured arrives once, newest first, through outages and restarts."""

from __future__ import annotations

from pathlib import Path

from influx_server import (
    InfluxServer,
    running,
)
from influx_village import BANGKOK, KEYS, START_S, FakeStore, Post, arrived, codes


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
