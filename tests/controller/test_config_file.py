"""A good config file is read as it is; a bad one is refused as a whole, with all its faults."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from bad_configs import DEFAULT, PROFILES, default_text, swap, swap_all, without
from bad_configs_numbers import NUMBERS
from bad_configs_parts import PARTS
from bad_configs_schema import SCHEMA
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.config_file import EXIT_CONFIG, ConfigError, load_config
from controller.settings import Config, RtuOverTcpBus, SolarmanBus, TcpBus


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_config(path, PROFILES)
    return caught.value


def test_the_default_village_is_good() -> None:
    config = load_config(DEFAULT, PROFILES)
    assert config.site.id == "ban-wang-won"
    assert len(config.feeders) == 8
    assert config.battery.inverter_w == 24000


def test_the_exit_status_for_bad_configuration_is_that_of_sysexits() -> None:
    assert EXIT_CONFIG == 78


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_editors_of_all_systems_may_save_it(prefix: bytes, newline: str, tmp_path: Path) -> None:
    text = default_text().replace("\n", newline)
    assert load_config(written(tmp_path, prefix + text.encode()), PROFILES) == load_config(DEFAULT, PROFILES)


def test_optional_parts_may_be_left_out(tmp_path: Path) -> None:
    text = swap_all(
        ("irradiance_sensor: sun\n", ""),
        ("  sun: {role: irradiance_sensor, profile: imt-si-rs485, bus: meters, unit: 9}\n", ""),
        ("meter: meter_clinic, ", ""),
        ("  meter_clinic: {role: meter, profile: eastron-sdm630, bus: meters, unit: 1}\n", ""),
    )(default_text())
    config = load_config(written(tmp_path, text), PROFILES)
    assert config.irradiance_sensor is None
    assert config.feeders["clinic"].meter is None


def test_what_nobody_wrote_down_of_the_panels_may_be_left_out(tmp_path: Path) -> None:
    text = swap_all(("dc_w: 22000, ", ""), (", tilt_deg: 12, azimuth_deg: 180", ""))(default_text())
    south = load_config(written(tmp_path, text), PROFILES).pv["pv_south"]
    assert (south.dc_w, south.tilt_deg, south.azimuth_deg) == (None, None, None)
    assert south.ac_w == 18000


def test_the_forecast_needs_no_settings_and_takes_those_it_is_given(tmp_path: Path) -> None:
    bare = load_config(written(tmp_path, without("forecast:")(default_text())), PROFILES).forecast
    assert (bare.weather.source, bare.country, bare.altitude_m, bare.linke_turbidity) == (
        "none",
        "TH",
        0.0,
        None,
    )
    text = default_text().replace("{source: none}", "{source: csv, path: /srv/weather.csv}")
    haze = "[4, 4.2, 4.6, 5, 5, 5, 5, 5, 4.6, 4.2, 4, 3.8]"
    text = text.replace("  altitude_m: 20\n", f"  altitude_m: 20\n  linke_turbidity: {haze}\n")
    told = load_config(written(tmp_path, text), PROFILES).forecast
    assert told.weather.path == Path("/srv/weather.csv")
    assert told.linke_turbidity is not None
    assert told.linke_turbidity[2] == 4.6


def test_without_profiles_only_what_depends_on_them_is_not_checked(tmp_path: Path) -> None:
    text = swap("profile: sunspec", "profile: homemade")(default_text())
    path = written(tmp_path, text)
    assert load_config(path).devices["pv_south"].profile == "homemade"
    assert "homemade" in str(refusal(path))


def test_a_gateway_has_a_default_baud_rate_and_tcp_a_default_port(tmp_path: Path) -> None:
    bus = "relays: {type: rtu, port: /dev/serial/by-id/usb-relays, baud: 19200, parity: none, stop_bits: 1}"
    text = swap(bus, "relays: {type: rtu_over_tcp, host: gateway.local, port: 4196}")(default_text())
    buses = load_config(written(tmp_path, text), PROFILES).buses
    assert isinstance(buses["gx"], TcpBus)
    assert buses["gx"].port == 502
    assert isinstance(buses["relays"], RtuOverTcpBus)
    assert buses["relays"].baud == 9600


def test_a_solarman_stick_has_a_usual_port_and_needs_its_serial_number(tmp_path: Path) -> None:
    bus = "relays: {type: rtu, port: /dev/serial/by-id/usb-relays, baud: 19200, parity: none, stop_bits: 1}"
    stick = "relays: {type: solarman, host: stick.local, serial: 2712345678}"
    relays = load_config(written(tmp_path, swap(bus, stick)(default_text())), PROFILES).buses["relays"]
    assert isinstance(relays, SolarmanBus)
    assert (relays.port, relays.serial) == (8899, 2712345678)
    nameless = swap(bus, "relays: {type: solarman, host: stick.local}")(default_text())
    assert "serial" in str(refusal(written(tmp_path, nameless)))


def test_anchors_and_merges_save_typing(tmp_path: Path) -> None:
    text = swap_all(
        ("flexible: {ration", "flexible: &usual {ration"),
        (
            "household: {ration_below_soc_frac: 0.42, off_below_soc_frac: 0.20}",
            "household: {<<: *usual, off_below_soc_frac: 0.20}",
        ),
    )(default_text())
    classes = load_config(written(tmp_path, text), PROFILES).sharing.classes
    household = next(rules for rank, rules in classes.items() if rank == "household")
    assert household.ration_below_soc_frac == 0.55
    assert household.off_below_soc_frac == 0.20


def test_a_whole_alias_stands_for_its_section(tmp_path: Path) -> None:
    text = swap_all(
        ("flexible: {ration", "flexible: &usual {ration"),
        ("household: {ration_below_soc_frac: 0.42, off_below_soc_frac: 0.20}", "household: *usual"),
    )(default_text())
    assert isinstance(load_config(written(tmp_path, text), PROFILES), Config)


def test_all_faults_come_at_once_whatever_found_them(tmp_path: Path) -> None:
    mistakes = [
        SCHEMA["a misspelt key"],
        SCHEMA["kilowatts in the key"],
        NUMBERS["a time zone that does not exist"],
        PARTS["two devices with one unit id"],
        PARTS["a channel taken twice"],
        NUMBERS["off above ration"],
        NUMBERS["an overload that is never seen"],
        NUMBERS["cell voltages crossed"],
    ]
    text = default_text()
    for mistake in mistakes:
        text = mistake.edit(text)
    faults = refusal(written(tmp_path, text)).faults
    assert {fault.path for fault in faults} == {mistake.path for mistake in mistakes}
    assert [fault.line for fault in faults] == sorted(fault.line or 0 for fault in faults)


def test_a_bad_value_does_not_hide_its_neighbours(tmp_path: Path) -> None:
    text = swap_all(
        ("overload_w: 24000", "overload_w: 24 kW"),
        ("cell_voltage_min_v: 2.90", "cell_voltage_min_v: 3.90"),
        (
            "households: 1, rated_w: 5000,\n     meter: meter_school",
            "households: 0, rated_w: 5000,\n     meter: x",
        ),
    )(default_text())
    assert [fault.path for fault in refusal(written(tmp_path, text)).faults] == [
        "feeders.school.households",
        "feeders.school.meter",
        "protection.cell_voltage_min_v",
        "protection.overload_w",
    ]


def test_a_fault_is_printed_with_line_path_finding_and_remedy(tmp_path: Path) -> None:
    path = written(tmp_path, swap("channel: 1,", "channel: 17,")(default_text()))
    line = default_text()[: default_text().index("channel: 1,")].count("\n") + 1
    assert str(refusal(path)) == (
        f"{path}:{line}  feeders.clinic.switch.channel\n"
        "    found 17; allowed are channels 1 to 16 of the board relays (waveshare-relay-16)"
    )


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("  id: ban", "\tid: ban", "id: ban", "a tab"),
        ("  id: ban", "  id:ban", "id:ban", "write `id: ban-wang-won`"),
        ("format: 1", "format:1", "format:1", "write `format: 1`"),
        ('"080-000-0000"', '"080-000-0000', "phone:", "never closed"),
        ("overload_w: 24000", "overload_w: '24000", "overload_w", "never closed"),
        ("host: 192.168.10.11}", "host: 192.168.10.11", "pv_south", "without its }"),
        ("tcp, host", "tcp host", "pv_south", "without a comma"),
        ("  port: 8080", "   port: 8080", "port: 8080", "indent alike"),
        ("  port: 8080", "  port = 8080", "port = 8080", "a colon and a space"),
        ("id: ban-wang-won", "id: ban: wang", "id: ban: wang", "in quotes"),
        ("id: ban-wang-won", "id: *ban", "*ban", "an anchor"),
        ("id: ban-wang-won", "id: @ban", "@ban", "needs quotes"),
        ("id: ban-wang-won", "id: ban\x07", "U+0007", "control character"),
        ('"080-000-0000"', '"\\q"', "\\q", "single quotes"),
        ("format: 1", "%YAML 1.1\n---\nformat: 1", "%YAML 1.1", "remove it"),
        ("format: 1", "format: 1\n---", "---", "second document"),
        ("format: 1", "x: " + "[" * 500, "[[[", "brackets"),
    ],
)
def test_a_slip_of_the_finger_is_named_with_its_line(
    old: str, new: str, at: str, says: str, tmp_path: Path
) -> None:
    text = swap(old, new)(default_text())
    (fault,) = refusal(written(tmp_path, text)).faults
    assert fault.line is not None
    assert fault.found is not None
    assert at in fault.found
    assert at.removeprefix("U+0007") in text.splitlines()[fault.line - 1]
    assert says in fault.message


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "an empty file"),
        (b"# nothing but a remark\n", "an empty file"),
        (b"hello", "keys with a colon"),
        (b"- a\n- b\n", "keys with a colon"),
        ("site: {name: บ้าน}".encode("cp874"), "UTF-8"),
        ("format: 1".encode("utf-16"), "UTF-16"),
        (b"#" * (1 << 21), "more than 1 MiB"),
        (b'format: "\\UFFFFFFFF"', "not YAML"),
        (b"a: &a [*a]", "alias of its own"),
        (b"a: &a {<<: *a}", "anchor"),
        (b"? {a: b}\n: c", "plain words"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(raw: bytes, says: str, tmp_path: Path) -> None:
    assert says in str(refusal(written(tmp_path, raw)))


def test_aliases_that_multiply_are_stopped(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "too many values" in str(refusal(written(tmp_path, "\n".join(lines))))


def test_a_missing_file_is_named_with_the_place_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = str(refusal(Path("village.yaml")))
    assert str(tmp_path / "village.yaml") in said
    assert "tawan check --config PATH" in said


def test_a_directory_is_not_a_config_file(tmp_path: Path) -> None:
    assert "a directory" in str(refusal(tmp_path))


def test_a_file_below_a_file_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read" in str(refusal(written(tmp_path, "x") / "config.yaml"))


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=200) | st.text(alphabet="ab:-?[]{}&*!|>'\"%@`#,<~ \n\t0.\\xU", max_size=60))
def test_garbage_is_refused_and_never_breaks_the_reader(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigError) as caught:
        load_config(path, PROFILES)
    assert caught.value.faults


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_but_never_breaks_the_reader(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = default_text()
    start = data.draw(st.integers(0, len(text)), label="start")
    length = data.draw(st.integers(0, 40), label="length")
    junk = data.draw(st.text(alphabet="ab:-[]{}&*!|>'\"# \n\t0.", max_size=8), label="junk")
    path = tmp_path_factory.getbasetemp() / "damaged.yaml"
    path.write_text(text[:start] + junk + text[start + length :], encoding="utf-8")
    with contextlib.suppress(ConfigError):
        load_config(path, PROFILES)
