"""Which ways to the world outside a config asks for."""

from __future__ import annotations

from controller.settings.config import Config

OUTSIDE_FILE_NAME = "outside.json"
"""Beside image.json: how each service is doing."""


def services_wanted(config: Config) -> tuple[str, ...]:
    """Names of the services that the outside process is to run; empty: it need not be started."""
    sections = {"influx": config.influx, "mqtt": config.mqtt, "messages": config.messages}
    return tuple(name for name, section in sections.items() if section is not None)
