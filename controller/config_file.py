"""Reading config.yaml: one good `Config`, or every fault at once.

The entrance to `controller.config`. Profiles are handed in, so that nothing here knows the drivers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from controller.config import (
    rules_accounts,
    rules_alarms,
    rules_bus,
    rules_devices,
    rules_forecast,
    rules_grid,
    rules_influx,
    rules_messages,
    rules_mqtt,
    rules_planning,
    rules_plant,
    rules_site,
)
from controller.config.draft import Draft, ProfileFacts
from controller.config.faults import EXIT_CONFIG, ConfigError, Fault
from controller.config.messages import schema_faults
from controller.config.source import Source, read_source
from controller.settings import Config

__all__ = ["EXIT_CONFIG", "Config", "ConfigError", "Fault", "ProfileFacts", "load_config"]

_RULES: tuple[Callable[[Draft], Iterator[Fault]], ...] = (
    *rules_site.RULES,
    *rules_bus.RULES,
    *rules_devices.RULES,
    *rules_plant.RULES,
    *rules_planning.RULES,
    *rules_forecast.RULES,
    *rules_grid.RULES,
    *rules_influx.RULES,
    *rules_messages.RULES,
    *rules_mqtt.RULES,
    *rules_alarms.RULES,
    *rules_accounts.RULES,
)


def load_config(path: Path, profiles: Mapping[str, ProfileFacts] | None = None) -> Config:
    """Read and check a config file; without profiles what depends on them is not checked.

    Raises ConfigError, which holds every fault, in the order of the file.
    """
    source = read_source(path)
    config, error = _validated(source)
    by_place = {**schema_faults(error, source), **source.faults}
    draft = Draft(source, frozenset(by_place), profiles)
    crossed = [fault for rule in _RULES for fault in rule(draft)]
    faults = sorted((*by_place.values(), *crossed), key=lambda fault: (fault.line or 0, fault.path))
    if config is None or faults:
        raise ConfigError(tuple(faults))
    return config


def _validated(source: Source) -> tuple[Config | None, ValidationError | None]:
    try:
        return Config.model_validate(source.data), None
    except ValidationError as err:
        return None, err
