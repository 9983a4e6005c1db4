"""Whatever could darken the village is tried only by its name: all control points of all profiles."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from controller.commands.trial_controls import Exercise, Limits, Skipped, plan
from drivers.model import Profile, WritePoint
from drivers.profile import SUNSPEC, ProfileLibrary, available_profiles

LIBRARY = ProfileLibrary()
PROFILES = [name for name in available_profiles() if name != SUNSPEC and LIBRARY.load(name).writes]
DARKENS = re.compile(r".*(enabled|mode|startup|shutdown|run|source|reset)$")
CHANNEL = re.compile(r"channel_\d+")
EVERYTHING = Limits(flash=True)


def present_values(profile: Profile) -> Iterator[dict[str, float | None]]:
    """The device as it may be found: nothing can be read, all is at its lowest, all at its highest."""
    yield {}
    for pick in (min, max):
        yield {
            point.readback: float(pick(point.codes or point.words or point.range))
            for point in profile.writes.values()
            if point.readback is not None
        }


def exercised(profile: Profile, limits: Limits) -> set[str]:
    return {
        each.point.name
        for now in present_values(profile)
        for each in plan("device", profile, now, None, limits)
        if isinstance(each, Exercise)
    }


@pytest.mark.parametrize("name", PROFILES)
def test_nothing_that_could_darken_the_village_is_tried_unless_it_is_named(name: str) -> None:
    profile = LIBRARY.load(name)
    assert not [point for point in exercised(profile, EVERYTHING) if DARKENS.fullmatch(point)]


@pytest.mark.parametrize("name", PROFILES)
def test_nothing_stored_in_flash_is_tried_without_being_allowed(name: str) -> None:
    profile = LIBRARY.load(name)
    names = frozenset(profile.writes)
    tried = exercised(profile, Limits()) | exercised(profile, Limits(named=names))
    assert not [point for point in tried if profile.writes[point].eeprom]


@pytest.mark.parametrize("name", PROFILES)
def test_every_relay_needs_a_yes_of_its_own(name: str) -> None:
    profile = LIBRARY.load(name)
    now = dict.fromkeys(profile.reads, 0.0)
    relays = [
        each for each in plan("device", profile, now, None, Limits()) if CHANNEL.fullmatch(each.point.name)
    ]
    assert all(isinstance(each, Exercise) and each.needs_yes for each in relays)


@pytest.mark.parametrize("name", ["deye-hybrid-1p", "solis-hybrid", "growatt-spf-offgrid"])
def test_the_output_of_an_inverter_takes_its_name_and_flash(name: str) -> None:
    profile = LIBRARY.load(name)
    now: dict[str, float | None] = {"enabled": 1.0}

    def planned(limits: Limits) -> Exercise | Skipped:
        return next(
            each for each in plan("device", profile, now, None, limits) if each.point.name == "enabled"
        )

    for limits in (Limits(), EVERYTHING, Limits(named=frozenset({"enabled"}))):
        assert isinstance(planned(limits), Skipped)
    assert isinstance(planned(Limits(flash=True, named=frozenset({"enabled"}))), Exercise)


@pytest.mark.parametrize(
    ("speed_rpm", "limits", "is_tried"),
    [
        (0.0, Limits(), False),
        (0.0, Limits(engine=True), True),
        (1500.0, Limits(engine=True), False),
        (None, Limits(engine=True), False),
    ],
)
def test_an_engine_is_started_when_it_is_allowed_and_never_stopped(
    speed_rpm: float | None, limits: Limits, is_tried: bool
) -> None:
    profile = LIBRARY.load("deepsea-gencomm")
    (run,) = (
        each
        for each in plan("genset", profile, {"engine_speed_rpm": speed_rpm}, None, limits)
        if each.point.name == "run"
    )
    assert isinstance(run, Exercise) is is_tried


def test_what_cannot_be_read_is_released_only_if_that_cannot_start_anything() -> None:
    profile = LIBRARY.load("sma-sunny-tripower")
    tried: dict[str, WritePoint] = {
        each.point.name: each.point
        for each in plan("pv", profile, {}, None, Limits())
        if isinstance(each, Exercise)
    }
    assert "limit_frac" in tried
    assert "enabled" not in tried
