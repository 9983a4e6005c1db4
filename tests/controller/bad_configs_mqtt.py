"""Mistakes about the broker and who may give orders through it."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad, bad

_HERE = "sharing:\n"


def _mqtt(text: str, path: str, *says: str) -> Bad:
    return bad(_HERE, f"mqtt: {{host: 10.0.0.9, {text}}}\n{_HERE}", f"mqtt.{path}", *says)


MQTT: Mapping[str, Bad] = {
    "a broker without its host": bad(_HERE, f"mqtt: {{port: 1883}}\n{_HERE}", "mqtt.host", "nothing"),
    "an unknown way of ordering": _mqtt(
        "commands: everybody", "commands", "everybody", "none, broker, signed"
    ),
    "signed orders without a key": _mqtt("commands: signed", "commands", "signed", "add `key: {file:"),
    "a key that signs nothing": _mqtt("key: {file: /etc/tawan/key}", "key", "write `commands: signed`"),
    "a broker that vouches over an open line": _mqtt(
        "commands: broker", "commands", "broker", "add `tls: {}`"
    ),
    "a password of nobody": _mqtt("password: {file: /etc/tawan/p}", "password", "add `username: tawan`"),
    "a password in the file itself": _mqtt("username: a, password: secret", "password", "secret", "section"),
    "a password of nowhere in particular": _mqtt(
        "username: a, password: {file: secret}", "password.file", "secret", "path beginning with /"
    ),
    "a certificate without its key": _mqtt(
        "tls: {certificate_file: /etc/tawan/c.pem}", "tls.certificate_file", "add `key_file`"
    ),
    "an authority of nowhere in particular": _mqtt(
        "tls: {ca_file: ca.pem}", "tls.ca_file", "beginning with /"
    ),
    "a prefix with a wildcard": _mqtt('prefix: "tawan/#"', "prefix", "tawan/#", "such as tawan"),
    "state among the discoveries": _mqtt(
        "prefix: homeassistant/x", "prefix", "homeassistant", "prefix: tawan"
    ),
    "a version that does not exist": _mqtt("protocol: mqtt4", "protocol", "mqtt4", "mqtt311"),
}
