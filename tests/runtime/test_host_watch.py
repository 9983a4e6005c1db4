"""What the alarm rules are told of the host: its disk, clock and backups, as far as anybody knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from controller.core.alarming.facts import NightOutlook
from controller.runtime.host_watch import (
    ACCOUNTS_AFTER_S,
    ACCOUNTS_EVERY_S,
    HostSources,
    HostWatch,
    disk_of,
)
from controller.runtime.night_outlook import night_of

NOON = datetime(2026, 4, 1, 5, 0, tzinfo=UTC)
NIGHT = NightOutlook(NOON + timedelta(hours=18), 0.4, None)


@dataclass
class Time:
    """A clock moved by hand."""

    speed: float = 1.0
    now_s: float = 100.0
    known: bool = True

    def monotonic(self) -> float:
        return self.now_s

    def utc_now(self) -> datetime:
        return NOON + timedelta(seconds=self.now_s - 100.0)

    def synchronised(self) -> bool:
        return self.known


def host(folder: Path, clock: Time, backup: datetime | None = None, **sources) -> HostWatch:
    given = HostSources(night=lambda: NIGHT, **sources)
    zone = ZoneInfo("Asia/Bangkok")
    return HostWatch(folder / "telemetry.db", zone, clock, lambda _: backup, given, starts_in_hour=5)


async def test_the_disk_and_the_last_backup_are_looked_at(tmp_path: Path) -> None:
    clock = Time()
    watch = host(tmp_path, clock, NOON - timedelta(days=3))
    assert watch.facts().disk is None
    assert watch.facts().backed_up  # nobody has looked yet
    await watch.look()
    facts = watch.facts()
    assert facts.disk is not None
    assert 0 <= facts.disk.free_bytes <= facts.disk.size_bytes
    assert facts.backup_age_s == 3 * 86_400.0
    assert facts.local_offset_s == 7 * 3600.0


async def test_that_there_was_never_a_backup_is_known_after_the_first_look(tmp_path: Path) -> None:
    watch = host(tmp_path, Time())
    await watch.look()
    assert not watch.facts().backed_up
    assert watch.facts().backup_age_s is None


def test_a_folder_that_is_gone_has_no_disk(tmp_path: Path) -> None:
    assert disk_of(tmp_path / "nowhere") is None


def test_without_a_clock_nothing_is_said_of_ages_and_nights(tmp_path: Path) -> None:
    clock = Time(known=False)
    watch = host(tmp_path, clock, contacts_utc=lambda: NOON, lived_s=lambda: 77.0)
    clock.now_s += 50
    facts = watch.facts()
    assert facts.clock_unset_s == 50.0
    assert (facts.night, facts.backup_age_s, facts.contacts_age_s) == (None, None, None)
    clock.known = True
    clock.now_s += 50
    assert watch.facts().clock_unset_s == 0.0
    assert watch.facts().night == NIGHT
    assert watch.facts().contacts_age_s == 100.0


def test_contacts_that_were_never_confirmed_are_as_old_as_the_controller(tmp_path: Path) -> None:
    assert host(tmp_path, Time(), lived_s=lambda: 77.0).facts().contacts_age_s == 77.0


async def test_accounts_are_looked_at_rarely_and_never_without_a_clock(tmp_path: Path) -> None:
    clock, asked = Time(known=False), []
    watch = host(tmp_path, clock, low_accounts=lambda at: asked.append(at) or len(asked))
    clock.now_s += ACCOUNTS_AFTER_S
    await watch.look()
    assert not asked
    clock.known = True
    await watch.look()
    await watch.look()
    assert (watch.facts().low_accounts, asked) == (1, [clock.utc_now()])
    clock.now_s += ACCOUNTS_EVERY_S
    await watch.look()
    assert watch.facts().low_accounts == 2


def test_starts_are_forgotten_after_an_hour_of_calm(tmp_path: Path) -> None:
    clock = Time()
    watch = host(tmp_path, clock)
    assert watch.facts().starts_in_hour == 5
    clock.now_s += 3601
    assert watch.facts().starts_in_hour == 1


def test_the_outlook_of_a_forecast_is_taken_up() -> None:
    outlook = {
        "lasts_until_sunrise_prob": 0.3,
        "sunrise_utc": "2026-04-01T23:15:00+00:00",
        "reserve_reached_utc": {"p10": None, "p50": "2026-04-01T20:00:00+00:00"},
    }
    found = night_of({"outlook": outlook})
    assert found == NightOutlook(
        datetime(2026, 4, 1, 23, 15, tzinfo=UTC), 0.3, datetime(2026, 4, 1, 20, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"outlook": None},
        {"outlook": {"lasts_until_sunrise_prob": None, "sunrise_utc": "2026-04-01T23:15:00+00:00"}},
        {"outlook": {"lasts_until_sunrise_prob": 0.5, "sunrise_utc": "2026-04-01T23:15:00"}},
        {"outlook": {"lasts_until_sunrise_prob": "much", "sunrise_utc": "2026-04-01T23:15:00+00:00"}},
    ],
)
def test_an_outlook_that_makes_no_sense_is_none(document: dict) -> None:
    assert night_of(document) is None
