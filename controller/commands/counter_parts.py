"""Puts together what `tawan run` needs to watch energy counters."""

from __future__ import annotations

import logging

from controller.core.counters import CounterSpec
from controller.core.model import Site
from controller.runtime.counter_keeper import CounterKeeper, counter_spec, most_power, site_power
from controller.runtime.field import Field
from controller.runtime.journal import counter_keys
from controller.runtime.unstamped_breaks import NOTE
from controller.settings import Config
from controller.telemetry.notes import read_note
from controller.telemetry.schema import SeriesKey, StorageError
from controller.telemetry.store import TelemetryStore

_log = logging.getLogger(__name__)


def build_counters(
    config: Config, site: Site, field: Field, store: TelemetryStore, boot_id: str
) -> CounterKeeper:
    """The watch over all sampled counters, going on from where they stood. The store is open."""
    most_w, any_w = most_power(site), site_power(site)
    homes = () if config.accounts is None else config.accounts.households.values()
    most_w |= {home.meter: config.feeders[home.feeder].rated_w for home in homes if home.meter is not None}

    def spec_of(key: SeriesKey) -> CounterSpec:
        device, point = key
        return counter_spec(field.devices[device].profile, point, most_w.get(device, any_w))

    try:
        note = read_note(config.storage.telemetry, NOTE)
    except StorageError as error:
        _log.warning("what was noted of energy counters cannot be read: %s", error)
        note = None
    last = store.load_counters()
    return CounterKeeper(store, counter_keys(field.roles), spec_of, last, boot_id=boot_id, note=note)
