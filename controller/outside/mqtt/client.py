"""A client of the broker as config.yaml wants it: the one place that knows aiomqtt's and paho's settings."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from controller.outside.mqtt.topics import Topics
from controller.secret import SecretError, read_secret
from controller.settings.mqtt import MqttSettings, MqttTlsSettings

KEEPALIVE_S = 30
TIMEOUT_S = 10.0
"""For the broker to acknowledge."""
SESSION_S = 3600
"""So long the broker keeps orders for us (MQTT 5); they expire sooner."""
MAX_INCOMING = 1000
"""Messages that wait for our loop; more are dropped."""
_REFUSALS = frozenset({132, 133, 134, 135, 138, 140})
"""Reason codes of MQTT 5 that time alone does not heal; paho gives those of 3.1.1 the same names."""


class UnusableError(Exception):
    """The broker or our settings are such that time does not heal it: somebody has to see to it.

    The text says what is wrong.
    """


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proves who is who, read anew for each connection: a password may have been put right."""

    password: str | None
    tls: ssl.SSLContext | None


def credentials_of(mqtt: MqttSettings) -> Credentials:
    """Read certificates and password; blocks. Raises UnusableError when they cannot be had."""
    try:
        password = None if mqtt.password is None else read_secret(mqtt.password)
    except SecretError as error:
        msg = f"mqtt.password: {error}"
        raise UnusableError(msg) from error
    return Credentials(password, None if mqtt.tls is None else _tls_context(mqtt.tls))


def client_of(mqtt: MqttSettings, topics: Topics, credentials: Credentials) -> aiomqtt.Client:
    """A client for one connection, not yet connected; its will says that we are gone."""
    five = mqtt.protocol == "mqtt5"
    persistent = mqtt.commands != "none"
    return aiomqtt.Client(
        mqtt.host,
        mqtt.port_used,
        username=mqtt.username,
        password=credentials.password,
        identifier=f"tawan-{topics.site}",
        protocol=aiomqtt.ProtocolVersion.V5 if five else aiomqtt.ProtocolVersion.V311,
        will=aiomqtt.Will(topics.availability, "offline", qos=1, retain=True),
        clean_session=None if five else not persistent,
        clean_start=not persistent if five else MQTT_CLEAN_START_FIRST_ONLY,  # it has a meaning in 5 alone
        properties=_session() if five and persistent else None,
        keepalive=KEEPALIVE_S,
        timeout=TIMEOUT_S,
        max_queued_incoming_messages=MAX_INCOMING,
        tls_context=credentials.tls,
    )


async def subscribe(client: aiomqtt.Client, topic: str, qos: int) -> None:
    """Subscribe, and see whether the broker agrees. Raises UnusableError and aiomqtt.MqttError."""
    for code in await client.subscribe(topic, qos=qos):
        if (code.value if isinstance(code, ReasonCode) else code) >= 128:
            msg = f"the broker does not let us read {topic}"
            raise UnusableError(msg)


def is_refusal(error: aiomqtt.MqttError) -> bool:
    """Whether the broker has turned us away, or shows a certificate that is not to be believed."""
    if isinstance(error, aiomqtt.MqttCodeError) and isinstance(error.rc, ReasonCode):
        return error.rc.value in _REFUSALS
    return "certificate" in str(error).lower()


def _session() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_S
    return properties


def _tls_context(tls: MqttTlsSettings) -> ssl.SSLContext:
    """The broker's certificate and name are checked, always. Raises UnusableError."""
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        if tls.certificate_file is not None:
            context.load_cert_chain(tls.certificate_file, tls.key_file, password=_no_password)
    except (OSError, ssl.SSLError) as error:
        place = _unreadable(tls)
        msg = f"a file of mqtt.tls cannot be used{place}: {getattr(error, 'strerror', None) or error}"
        raise UnusableError(msg) from error
    return context


def _no_password() -> str:
    """A key that is itself locked cannot be opened by a controller that nobody sits at."""
    return ""


def _unreadable(tls: MqttTlsSettings) -> str:
    """Which file it is, where that can be told."""
    files: tuple[Path | None, ...] = (tls.ca_file, tls.certificate_file, tls.key_file)
    for file in files:
        if file is not None and not file.is_file():
            return f" ({file} is not there)"
    return ""
