"""The broker that the village's state is told to, and who may give orders through it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from controller.settings.fields import Host, Port, Settings
from controller.settings.secret import SecretSettings

TopicPrefix = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]{1,40}(/[A-Za-z0-9_-]{1,40}){0,4}$",
        description="words of A to Z, a to z, 0 to 9, _ and -, with / between them, such as tawan",
    ),
]
Username = Annotated[
    str,
    Field(
        pattern=r"^[^\x00-\x1f\x7f]{1,100}$", description="a user name on the broker, 100 characters at most"
    ),
]
PLAIN_PORT = 1883
TLS_PORT = 8883


class MqttTlsSettings(Settings):
    """How the connection is encrypted, and both sides are known. An unknown broker is never trusted."""

    ca_file: Annotated[Path, Field(strict=False)] | None = None
    """Authorities to believe instead of the well-known ones."""
    certificate_file: Annotated[Path, Field(strict=False)] | None = None
    """Our own certificate, where the broker asks for one."""
    key_file: Annotated[Path, Field(strict=False)] | None = None
    """Its private key."""


class MqttSettings(Settings):
    """A broker of MQTT."""

    host: Host
    port: Port | None = None
    """None: 8883 with TLS, 1883 without."""
    protocol: Literal["mqtt311", "mqtt5"] = "mqtt311"
    tls: MqttTlsSettings | None = None
    username: Username | None = None
    password: SecretSettings | None = None
    prefix: TopicPrefix = "tawan"
    """First part of every topic, before the site's id."""
    discovery: bool = False
    """Whether Home Assistant is told what there is."""
    discovery_prefix: TopicPrefix = "homeassistant"
    language: Literal["th", "en"] = "th"
    """Of the names that Home Assistant shows."""
    commands: Literal["none", "broker", "signed"] = "none"
    """Who may give orders: nobody, whom the broker lets write, or whoever holds the key."""
    key: SecretSettings | None = None
    """Of signed orders."""

    @property
    def port_used(self) -> int:
        """The port, written or not."""
        if self.port is not None:
            return self.port
        return PLAIN_PORT if self.tls is None else TLS_PORT
