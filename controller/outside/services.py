"""Which services a site has: each is asked for by a section of config.yaml, and imports its library then.

`controller.settings.outside` names them for the controller: without one this process is not started.
"""

from __future__ import annotations

from controller.outside.notebook import Notebook
from controller.outside.process import Service, Setup


def services_of(setup: Setup, notebook: Notebook) -> list[Service]:
    """The services that config.yaml asks for. They share the notebook."""
    services: list[Service] = []
    config = setup.config
    if config.influx is not None:
        from controller.outside.influx.service import InfluxService

        services.append(InfluxService(setup, config.influx, notebook))
    if config.mqtt is not None:
        from controller.outside.mqtt.service import MqttService
        from controller.telemetry.reader import TelemetryReader

        services.append(MqttService(setup, config.mqtt, notebook, TelemetryReader(setup.telemetry)))
    if config.messages is not None:
        from controller.outside.messages.service import messages_service

        services.append(messages_service(setup, config.messages, notebook))
    return services
