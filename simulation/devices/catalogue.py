"""From config.yaml's devices to stations on buses: which register map a profile name stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from controller.settings import Config, DeviceSettings
from simulation.devices import (
    deepsea_gencomm,
    eastron_sdm630,
    imt_si_rs485,
    sunspec_inverter,
    victron_gx,
    waveshare_relay,
)
from simulation.devices.register_map import RegisterMap
from simulation.household import metered_line
from simulation.modbus.bus import Station
from simulation.physics.village import Village

_BATTERY_V = 51.2
"""Nominal: what the GX reckons amp-hours with."""


class UnknownDeviceError(Exception):
    """config.yaml names a device that the virtual village has no model of; the message says what to do."""


@dataclass(frozen=True, slots=True)
class VirtualDevice:
    """A device of the village at its unit ids."""

    stations: Mapping[int, Station]
    maps: tuple[RegisterMap, ...]
    soc_gauge: victron_gx.SocGauge | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """What a builder needs to know."""

    device_id: str
    settings: DeviceSettings
    config: Config
    village: Village
    unix_s: Callable[[], float]

    @property
    def serial(self) -> int:
        """A serial number that tells the devices of a village apart."""
        return 21_000_000 + 1000 * sorted(self.config.devices).index(self.device_id) + self.settings.unit

    def single(
        self, registers: RegisterMap, turnaround_s: float, powered: Callable[[], bool] = lambda: True
    ) -> VirtualDevice:
        """A device with one unit id."""
        station = Station(self.device_id, registers, turnaround_s, powered)
        return VirtualDevice({self.settings.unit: station}, (registers,))


def build_device(
    device_id: str, config: Config, village: Village, unix_s: Callable[[], float]
) -> VirtualDevice:
    """The virtual device for a device of config.yaml. Raises UnknownDeviceError.

    `unix_s` is the village's date and time, which a GX tells.
    """
    settings = config.devices[device_id]
    build = _BUILDERS.get(settings.profile)
    if build is None:
        known = ", ".join(sorted(_BUILDERS))
        raise UnknownDeviceError(
            f"devices.{device_id}.profile: no virtual model of {settings.profile!r}; there are {known}"
        )
    return build(_Place(device_id, settings, config, village, unix_s))


def _sunspec(place: _Place) -> VirtualDevice:
    plant = place.village.pv[place.device_id]
    registers = sunspec_inverter.SunSpecInverter(plant, unit=place.settings.unit, serial=str(place.serial))
    return place.single(registers, sunspec_inverter.TURNAROUND_S)


def _victron(place: _Place) -> VirtualDevice:
    village = place.village
    gauge = victron_gx.SocGauge(village.storage)
    services = {
        "system": victron_gx.SystemService(
            village, gauge, serial=f"{place.serial:012x}", unix_s=place.unix_s
        ),
        "vebus": victron_gx.vebus_service(village.storage, gauge, village.grid),
        "battery": victron_gx.battery_service(
            village.storage, gauge, village.ledger, capacity_ah=place.config.battery.energy_wh / _BATTERY_V
        ),
    }
    stations = {}
    for name, unit in (place.settings.units or {"system": place.settings.unit}).items():
        if name not in services:
            raise UnknownDeviceError(
                f"devices.{place.device_id}.units.{name}: a virtual GX has only {', '.join(services)}"
            )
        stations[unit] = Station(place.device_id, services[name], victron_gx.TURNAROUND_S)
    return VirtualDevice(stations, tuple(services.values()), gauge)


def _sdm630(place: _Place) -> VirtualDevice:
    line = metered_line(place.device_id, place.config, place.village)
    if line is None:
        raise UnknownDeviceError(f"devices.{place.device_id}: no feeder or household has this meter")
    registers = eastron_sdm630.SdmMeter(line, unit=place.settings.unit, serial=place.serial)
    # The meter sits before the contactor and lives on the voltage of the bus.
    return place.single(registers, eastron_sdm630.TURNAROUND_S, lambda: place.village.storage.alive)


def _imt(place: _Place) -> VirtualDevice:
    return place.single(imt_si_rs485.ReferenceCell(place.village.sky), imt_si_rs485.TURNAROUND_S)


def _gencomm(place: _Place) -> VirtualDevice:
    village, settings = place.village, place.config.genset
    if village.genset is None or settings is None:
        raise UnknownDeviceError(f"devices.{place.device_id}: config.yaml has no genset section")
    registers = deepsea_gencomm.GencommController(
        village.genset,
        rated_w=settings.rated_w,
        serial=place.serial,
        energy_wh=lambda: village.ledger.genset,
    )
    return place.single(registers, deepsea_gencomm.TURNAROUND_S)


def _waveshare(place: _Place) -> VirtualDevice:
    contactors = {
        feeder.switch.channel - 1: place.village.feeders[feeder_id].contactor
        for feeder_id, feeder in place.config.feeders.items()
        if feeder.switch.device == place.device_id
    }
    registers = waveshare_relay.RelayBoard(contactors, unit=place.settings.unit)
    return place.single(registers, waveshare_relay.TURNAROUND_S)


_BUILDERS: Mapping[str, Callable[[_Place], VirtualDevice]] = {
    "sunspec": _sunspec,
    "victron-gx": _victron,
    "eastron-sdm630": _sdm630,
    "imt-si-rs485": _imt,
    "deepsea-gencomm": _gencomm,
    "waveshare-relay-16": _waveshare,
}
