"""Cross checks of where history is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys

_RESERVED = ("site", "id", "code", "action", "severity")
"""Tags that every line, or every decision and alarm, has already."""
_WRITE_PATHS = ("/api/v2/write", "/write")


def address_without_its_end(draft: Draft) -> Iterator[Fault]:
    """The address is that of the server, not of its door for writing."""
    url = draft.text("influx", "url")
    for end in _WRITE_PATHS:
        if url is not None and url.rstrip("/").endswith(end):
            message = f"the end is added by itself: write `url: {url.rstrip('/').removesuffix(end)}`"
            yield draft.fault(("influx", "url"), message)
            return


def authorities_of_a_secure_address(draft: Draft) -> Iterator[Fault]:
    """Certificates are looked at only where there are any."""
    url = draft.text("influx", "url")
    if url is not None and url.startswith("http://") and "ca_file" in draft.names("influx"):
        message = "an address with http:// has no certificate: write https:// there, or remove ca_file"
        yield draft.fault(("influx", "ca_file"), message)


def files_are_absolute(draft: Draft) -> Iterator[Fault]:
    """Files are found wherever the controller is started from."""
    places: tuple[Keys, ...] = (("influx", "ca_file"), ("influx", "token", "file"))
    for keys in places:
        text = draft.text(*keys)
        if text is not None and not PurePosixPath(text).is_absolute():
            yield draft.fault(keys, "allowed is a path beginning with /, such as /etc/tawan/influx-token")


def own_tags_apart(draft: Draft) -> Iterator[Fault]:
    """Own tags do not replace those that tell villages and things apart."""
    for name in draft.names("influx", "tags"):
        if name in _RESERVED:
            message = f"Tawan gives this tag itself: choose another name, such as my_{name}"
            yield draft.fault(("influx", "tags", name), message)


RULES = (
    address_without_its_end,
    authorities_of_a_secure_address,
    files_are_absolute,
    own_tags_apart,
)
