"""Which services a site has: each is asked for by a section of config.yaml, and imports its library then."""

from __future__ import annotations

from controller.outside.process import Service, Setup


def services_of(_setup: Setup) -> list[Service]:
    """The services that config.yaml asks for."""
    services: list[Service] = []
    return services
