"""A profile file is either right as a whole or refused with every fault named."""

from __future__ import annotations

from pathlib import Path

import pytest

import drivers
from controller.core.model import Role
from drivers.errors import ProfileError
from drivers.model import DataType, PollClass, Table, WordOrder, derived_value
from drivers.profile import available_profiles, load_profile, parse_profile

HEAD = """
format: 1
model: acme-meter
role: meter
title: "Acme three-phase meter"
sources: {maker: "Acme manual V1, table 4", mbx: "acme/mbx driver, meters.go"}
confirmed_by: [maker, mbx]
verified: {by: bench, firmware: "1.07", date: 2026-11-02}
bus: {word_order: little, max_block: 20, timeout_s: 0.4, min_gap_ms: 15}
"""
POWER = """
read:
  power_w: {table: input, address: 52, type: float32, range: [-1000, 1000], class: fast}
"""


def faults(text: str) -> str:
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "acme-meter.yaml")
    return str(caught.value)


def test_a_good_file_becomes_a_profile() -> None:
    profile = parse_profile(HEAD + POWER, "acme-meter.yaml")
    power = profile.reads["power_w"]
    assert (profile.model, profile.role) == ("acme-meter", Role.METER)
    assert profile.verified == "at the bench, firmware 1.07, 2026-11-02"
    assert (profile.pace.max_block, profile.pace.timeout_s, profile.pace.min_gap_s) == (20, 0.4, 0.015)
    assert (power.table, power.address, power.type, power.poll) == (
        Table.INPUT,
        52,
        DataType.FLOAT32,
        PollClass.FAST,
    )
    assert power.word_order is WordOrder.LITTLE  # the bus's, unless the point says otherwise


def test_a_point_may_have_its_own_word_order() -> None:
    profile = parse_profile(HEAD + POWER.replace("class: fast", "class: fast, word_order: big"), "x.yaml")
    assert profile.reads["power_w"].word_order is WordOrder.BIG


def test_a_profile_cannot_be_changed_by_whom_it_is_lent_to() -> None:
    profile = load_profile("eastron-sdm630")
    with pytest.raises(TypeError):
        profile.reads["power_w"] = profile.reads["voltage_l1_v"]  # type: ignore[index]


def test_channels_expand_to_readable_and_writable_relays() -> None:
    text = HEAD.replace("role: meter", "role: switch") + "channels: {table: coil, address: 4, count: 3}"
    profile = parse_profile(text, "acme-meter.yaml")
    assert list(profile.reads) == list(profile.writes) == ["channel_1", "channel_2", "channel_3"]
    third = profile.writes["channel_3"]
    assert (third.address, third.readback, third.eeprom, third.release) == (6, "channel_3", False, None)


def test_missing_top_follows_the_type_of_each_point() -> None:
    text = (
        HEAD
        + "missing_top: 2\n"
        + POWER
        + """
  cell_temperature_c: {table: input, address: 1, type: int16, class: slow, missing: [0]}
  fuel_frac: {table: input, address: 2, type: uint16, class: slow}
  energy_import_wh: {table: input, address: 4, type: uint32, class: slow}
"""
    )
    reads = parse_profile(text, "acme-meter.yaml").reads
    assert reads["cell_temperature_c"].missing == {0, 0x7FFF, 0x7FFE}
    assert reads["fuel_frac"].missing == {0xFFFF, 0xFFFE}
    assert reads["energy_import_wh"].missing == {0xFFFF_FFFF, 0xFFFF_FFFE}
    assert reads["power_w"].missing == frozenset()


@pytest.mark.parametrize(
    ("point", "place", "remedy"),
    [
        ("watts: {table: input, address: 1, type: int16, class: fast}", "watts", "core/points"),
        ("channel_0: {table: coil, address: 1, type: bit, class: fast}", "channel_0", "core/points"),
        ("frequency_hz: {table: input, address: 1, type: int16}", "frequency_hz.class", "add it"),
        ("power_w: {table: input, address: 1, type: int16, class: fast}", "YAML", "duplicate"),
        ("frequency_hz: {table: input, address: 1, class: fast, type: bit}", "type", "coil and discrete"),
        ("frequency_hz: {table: coil, address: 1, class: fast, type: int16}", "type", "coil and discrete"),
        ("frequency_hz: {table: input, address: '1', class: fast, type: int16}", "address", "'1'"),
        ("frequency_hz: {table: input, address: 70000, class: fast, type: int16}", "address", "65535"),
        ("frequency_hz: {table: input, address: 65535, class: fast, type: int32}", "address", "lower it"),
        (
            "frequency_hz: {table: input, address: 53, class: fast, type: int16}",
            "address",
            "overlaps power_w",
        ),
        (
            "frequency_hz: {table: input, address: 52, class: fast, type: float32, scale: 2}",
            "address",
            "overlaps",
        ),
    ],
)
def test_a_fault_in_a_read_point_is_named_with_its_remedy(point: str, place: str, remedy: str) -> None:
    message = faults(HEAD + POWER + "  " + point)
    assert "acme-meter.yaml" in message
    assert place in message
    assert remedy in message


@pytest.mark.parametrize(
    ("key", "place", "remedy"),
    [
        ("unit_of: x", "unit_of", "no such key"),
        ("scale: 0", "scale", "factor"),
        ("scale: .nan", "scale", "finite"),
        ("range: [9, 1]", "range", "[lowest, highest]"),
        ("range: [9]", "range.1", "add it"),
        ("missing: [65536]", "missing", "65536"),
        ("codes: {on: run}", "codes.on", "integer"),
        ("unit: Vebus", "unit", "'Vebus'"),
    ],
)
def test_a_fault_in_a_key_is_named_with_its_remedy(key: str, place: str, remedy: str) -> None:
    message = faults(
        HEAD + POWER + f"  frequency_hz: {{table: input, address: 1, type: int16, class: fast, {key}}}"
    )
    assert f"read.frequency_hz.{place}" in message
    assert remedy in message


@pytest.mark.parametrize(
    ("section", "place", "remedy"),
    [
        ("derive: {power_w: {sum: [power_l1_w, power_l2_w]}}", "derive.power_w", "keep one"),
        ("derive: {energy_wh: {sum: [power_l1_w, power_w]}}", "derive.energy_wh", "power_l1_w"),
        ("derive: {energy_wh: {product: [power_w]}}", "derive.energy_wh.product", "at least 2"),
        ("derive: {energy_wh: {sum: [power_w], product: [power_w, power_w]}}", "energy_wh", "exactly one"),
        ("derive: {energy_wh: {value: power_w}}", "energy_wh", "negative_when"),
        ("identify: [{table: input, address: 1}]", "identify.0", "exactly one"),
        ("identify: [{table: input, address: 1, text: '(a'}]", "identify.0.text", "regular expression"),
        ("channels: {table: holding, address: 0, count: 2}", "channels.table", "coil"),
    ],
)
def test_a_fault_in_another_section_is_named_with_its_remedy(section: str, place: str, remedy: str) -> None:
    message = faults(HEAD + POWER + section)
    assert place in message
    assert remedy in message


@pytest.mark.parametrize(
    ("keys", "place", "remedy"),
    [
        ("table: input, type: uint16, range: [0, 1]", "table", "use holding or coil"),
        ("table: holding, type: uint16", "range", "add it"),
        ("table: holding, type: uint16, range: [1, 0]", "range", "ordered"),
        ("table: holding, type: uint16, range: [0, 1], scale: 0.00001", "range", "cannot be coded"),
        ("table: holding, type: uint16, range: [-1, 1]", "range", "cannot be coded"),
        ("table: holding, type: uint16, range: [0, 1], readback: voltage_l1_v", "readback", "voltage_l1_v"),
        ("table: holding, type: uint16, range: [0, 1], release: 2", "release", "inside"),
        ("table: holding, type: uint32, range: [0, 1], words: {2: [1, 2]}", "words.2", "inside"),
        ("table: holding, type: uint32, range: [0, 1], words: {1: [65536]}", "words.1", "65535"),
        ("table: holding, type: uint32, range: [0, 1], function: single", "function", "by 16"),
        (
            "table: holding, type: uint16, range: [0, 1], function: single, before: [[7, 0, 1]]",
            "before",
            "own entry",
        ),
        ("table: holding, type: uint16, range: [0, 1], expires_s: 0", "expires_s", "greater than 0"),
        ("table: holding, type: uint16, range: [0, 1], eeprom: no", "eeprom", "'no'"),
        ("table: holding, type: uint16, range: [0, 1], after: [[1]]", "after.0", "at least 2"),
    ],
)
def test_a_fault_in_a_control_point_is_named_with_its_remedy(keys: str, place: str, remedy: str) -> None:
    message = faults(HEAD + POWER + f"write:\n  limit_frac: {{address: 9, {keys}}}")
    assert f"write.limit_frac.{place}" in message
    assert remedy in message


def test_every_fault_is_reported_at_once() -> None:
    message = faults(
        HEAD
        + """
read:
  watts: {table: input, address: 1, type: int16, class: fast}
  frequency_hz: {table: input, address: 2, type: bit, class: fast, scale: 0, range: [9, 1]}
write:
  limit_frac: {table: discrete, address: 3, type: bit, range: [0, 1], readback: limit_frac}
"""
    )
    assert len(message.splitlines()) == 7
    assert "read.power_w: is missing; a meter needs it" in message


def test_yaml_traps_do_not_pass() -> None:
    assert "'1'" in faults(HEAD.replace("format: 1", "format: '1'") + POWER)
    assert "firmware" in faults(HEAD.replace('"1.07"', "1.10") + POWER)  # would become 1.1
    assert "table" in faults(HEAD + POWER.replace("table: input", "table: 4"))
    assert "not readable as YAML" in faults("read: {")
    assert "the file" in faults("just a sentence")


def test_equal_points_at_one_address_are_no_overlap() -> None:
    """A single-phase meter's total is its only phase."""
    text = HEAD + POWER + "  power_l1_w: {table: input, address: 52, type: float32, class: fast}"
    assert parse_profile(text, "acme-meter.yaml").reads["power_l1_w"].address == 52


def test_the_same_address_at_another_unit_is_another_register() -> None:
    text = HEAD + POWER + "  frequency_hz: {unit: vebus, table: input, address: 52, type: int16, class: fast}"
    assert parse_profile(text, "acme-meter.yaml").reads["frequency_hz"].unit_name == "vebus"


def test_channels_given_twice_or_beyond_the_last_coil_are_refused() -> None:
    text = (
        HEAD.replace("role: meter", "role: switch") + "channels: {table: coil, address: 65530, count: 10}\n"
    )
    message = faults(text + "read:\n  channel_2: {table: coil, address: 0, type: bit, class: fast}")
    assert "channels.count" in message
    assert "read.channel_2: is given twice" in message


def test_an_unknown_profile_names_those_there_are() -> None:
    with pytest.raises(ProfileError, match="victron-gx"):
        load_profile("victron")
    with pytest.raises(ProfileError, match="no profile"):
        load_profile("../../config")


def test_sunspec_is_offered_but_has_no_file() -> None:
    assert "sunspec" in available_profiles()
    with pytest.raises(ProfileError, match=r"drivers\.sunspec"):
        load_profile("sunspec")


def test_every_profile_on_disk_loads_and_is_called_as_its_file() -> None:
    files = {path.stem for path in Path(drivers.__file__).with_name("profiles").glob("*.yaml")}
    assert files == set(available_profiles()) - {"sunspec"}
    for name in files:
        profile = load_profile(name)
        assert profile.model == name
        assert ";" in profile.source, "cite a document and a second driver"


def test_a_minus_before_a_part_turns_its_sign() -> None:
    string = """
  pv1_voltage_v: {table: input, address: 60, type: uint16, class: slow}
  pv1_current_a: {table: input, address: 61, type: uint16, class: slow}
derive:
  pv1_power_w: {product: [-pv1_voltage_v, pv1_current_a]}
  apparent_power_va: {sum: [power_w, -pv1_voltage_v]}
"""
    derived = parse_profile(HEAD + POWER + string, "acme-meter.yaml").derived
    assert derived_value(derived["pv1_power_w"], [600, 5]) == -3000
    assert derived_value(derived["apparent_power_va"], [600, 5]) == 595
    assert derived_value(derived["pv1_power_w"], [600, None]) is None
