"""Cross checks of the broker and of who may give orders through it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import PurePosixPath

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys

_FILES = ("ca_file", "certificate_file", "key_file")


def commands_have_an_origin(draft: Draft) -> Iterator[Fault]:
    """Signed orders have a key, and orders that the broker vouches for come over an encrypted line."""
    mode, given = draft.text("mqtt", "commands"), draft.names("mqtt")
    if mode == "signed" and "key" not in given:
        message = "with signed commands their key is needed: add `key: {file: /etc/tawan/mqtt-command-key}`"
        yield draft.fault(("mqtt", "commands"), message)
    if "key" in given and mode in (None, "none", "broker") and draft.sound("mqtt", "key"):
        message = "only signed commands have a key: write `commands: signed`, or remove the key"
        yield draft.fault(("mqtt", "key"), message)
    host = draft.text("mqtt", "host")
    if mode == "broker" and host is not None and "tls" not in given and not _is_this_machine(host):
        message = (
            "the broker can vouch for nobody over a line that anybody may write on: add `tls: {}` and what "
            "it needs, or take `commands: signed`"
        )
        yield draft.fault(("mqtt", "commands"), message)


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def credentials_complete(draft: Draft) -> Iterator[Fault]:
    """A password has its user, a certificate its key."""
    given, tls = draft.names("mqtt"), draft.names("mqtt", "tls")
    if "password" in given and "username" not in given:
        message = "a password needs its user: add `username: tawan`"
        yield draft.fault(("mqtt", "password"), message)
    for one, other in (("certificate_file", "key_file"), ("key_file", "certificate_file")):
        if one in tls and other not in tls:
            yield draft.fault(("mqtt", "tls", one), f"it is of no use alone: add `{other}`")


def files_are_absolute(draft: Draft) -> Iterator[Fault]:
    """Files are found wherever the controller is started from."""
    places: list[Keys] = [("mqtt", "tls", name) for name in _FILES]
    places += [("mqtt", "password", "file"), ("mqtt", "key", "file")]
    for keys in places:
        text = draft.text(*keys)
        if text is not None and not PurePosixPath(text).is_absolute():
            yield draft.fault(keys, "allowed is a path beginning with /, such as /etc/tawan/mqtt-password")


def topics_apart(draft: Draft) -> Iterator[Fault]:
    """What we tell does not stand among what Home Assistant takes for discoveries."""
    prefix = draft.text("mqtt", "prefix")
    discovery_prefix = draft.text("mqtt", "discovery_prefix") or "homeassistant"
    if prefix is not None and f"{prefix}/".startswith(f"{discovery_prefix}/"):
        message = (
            f"Home Assistant takes what stands below {discovery_prefix} for its own: write `prefix: tawan`"
        )
        yield draft.fault(("mqtt", "prefix"), message)


RULES = (commands_have_an_origin, credentials_complete, files_are_absolute, topics_apart)
