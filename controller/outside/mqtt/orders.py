"""From a message to a request: who may order what is settled here, what is done about it by the controller.

Pure: no clock, no I/O. An order is authentic because the broker lets only technicians write to its topic, or
because it is signed with a key that they hold (docs/mqtt.md).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from controller.core.model import Reason
from controller.requests.box import Request
from controller.telemetry.decision_log import canonical_json

ORIGIN = "mqtt"
MAX_BYTES = 4096
"""Of an order; a longer one is none."""
MAX_AHEAD = timedelta(minutes=15)
"""So far ahead an order may expire: what was recorded on the way is worth nothing soon."""
_ID = re.compile(r"[A-Za-z0-9._:-]{1,80}")
_KEYS = frozenset({"id", "site", "kind", "params", "expires", "who", "signature"})
_LONGEST_WHO = 80
_WORDS = {
    "feeder": {"ON": "closed", "OFF": "open", "AUTO": "auto"},
    "genset": {"RUN": "run", "REST": "rest", "AUTO": "auto"},
}
"""Orders of one word: kind -> word -> state."""
_OWN_IDS = f"{ORIGIN}:"
"""What our requests' ids begin with in the box, so that nobody here can take another door's id."""


class OrderRefusedError(Exception):
    """An order that does not become a request; `reason` says why."""

    def __init__(self, reason: Reason, order_id: str | None = None) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.order_id = order_id
        """The order's own id, where it has one."""


@dataclass(frozen=True, slots=True)
class Door:
    """Whom the door lets in."""

    site: str
    """The site's id."""
    key: str | None
    """Of signed orders; None: the broker vouches for whoever writes."""


def request_of(
    payload: bytes, door: Door, now_utc: datetime, *, clock_right: bool, retained: bool
) -> Request:
    """The request that an order in JSON makes. Raises OrderRefusedError.

    now_utc: aware; clock_right: whether it can be trusted; retained: the broker kept the order.
    """
    order = _parsed(payload)
    order_id = order.get("id")
    if not isinstance(order_id, str) or not _ID.fullmatch(order_id):
        raise OrderRefusedError(_wrong("id"))
    try:
        _check_fresh(retained=retained)
        _check_origin(order, door)
        return Request(
            id=box_id(order_id),
            made_utc=now_utc,
            origin=ORIGIN,
            who=_who(order),
            kind=_text(order, "kind"),
            params=_params(order),
            expires_utc=_expiry(order, now_utc if clock_right else None),
        )
    except OrderRefusedError as refusal:
        refusal.order_id = order_id
        raise


def request_of_word(
    part: str, payload: bytes, order_id: str, now_utc: datetime, *, retained: bool
) -> Request:
    """The request that an order of one word makes; part: of its topic. Raises OrderRefusedError."""
    _check_fresh(order_id, retained=retained)
    kind, _, subject = part.partition("/")
    word = payload[:MAX_BYTES].decode(errors="replace").strip().upper()
    state = _WORDS.get(kind, {}).get(word)
    if state is None or bool(subject) != (kind == "feeder"):
        raise OrderRefusedError(_wrong(f"set/{part}"[:_LONGEST_WHO]), order_id)
    params = {"state": state} | ({"feeder": subject} if subject else {})
    return Request(box_id(order_id), now_utc, ORIGIN, "MQTT", kind, params)


def signature(order: Mapping[str, Any], key: str) -> str:
    """HMAC-SHA256 over an order's canonical JSON without its signature, in hexadecimal.

    Raises ValueError or TypeError for what JSON has no word for.
    """
    text = canonical_json({name: value for name, value in order.items() if name != "signature"})
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def box_id(order_id: str) -> str:
    """The id of an order's request in the box."""
    return _OWN_IDS + order_id


def order_id_of(request_id: str) -> str | None:
    """The order that made a request; None for another door's."""
    return request_id.removeprefix(_OWN_IDS) if request_id.startswith(_OWN_IDS) else None


def _parsed(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_BYTES:
        raise OrderRefusedError(_wrong("JSON"))
    try:
        order = json.loads(payload, parse_constant=_unwritable)
    except (ValueError, RecursionError) as error:
        raise OrderRefusedError(_wrong("JSON")) from error
    if not isinstance(order, dict):
        raise OrderRefusedError(_wrong("JSON"))
    for key in order:
        if key not in _KEYS:
            raise OrderRefusedError(_wrong(key[:_LONGEST_WHO]))
    return order


def _check_fresh(order_id: str | None = None, *, retained: bool) -> None:
    """What the broker retains comes with every connection: nobody has ordered it now."""
    if retained:
        raise OrderRefusedError(Reason("mqtt_order_retained"), order_id)


def _check_origin(order: Mapping[str, Any], door: Door) -> None:
    site = order.get("site")
    if site is not None and site != door.site:
        raise OrderRefusedError(Reason("mqtt_order_other_site", {"site": str(site)[:_LONGEST_WHO]}))
    if door.key is None:
        return
    if site is None:  # an order to a neighbour who has the same key must not hold here
        raise OrderRefusedError(_wrong("site"))
    given = order.get("signature")
    try:
        expected = signature(order, door.key)
    except (ValueError, TypeError, RecursionError) as error:
        raise OrderRefusedError(_wrong("JSON")) from error
    if not isinstance(given, str) or not hmac.compare_digest(given.lower().encode(), expected.encode()):
        raise OrderRefusedError(Reason("mqtt_order_unsigned"))


def _expiry(order: Mapping[str, Any], now_utc: datetime | None) -> datetime:
    try:
        expires = datetime.fromisoformat(_text(order, "expires"))
    except ValueError as error:
        raise OrderRefusedError(_wrong("expires")) from error
    if expires.tzinfo is None:
        raise OrderRefusedError(_wrong("expires"))
    if now_utc is None:
        raise OrderRefusedError(Reason("request_clock_unknown"))
    if now_utc >= expires:
        raise OrderRefusedError(Reason("request_too_late"))
    if expires - now_utc > MAX_AHEAD:
        limit_s = MAX_AHEAD.total_seconds()
        raise OrderRefusedError(Reason("mqtt_order_valid_too_long", {"limit_s": limit_s}))
    return expires


def _who(order: Mapping[str, Any]) -> str:
    who = _text(order, "who").strip()
    if not who or len(who) > _LONGEST_WHO:
        raise OrderRefusedError(_wrong("who"))
    return who


def _params(order: Mapping[str, Any]) -> Mapping[str, Any]:
    params = order.get("params", {})
    if not isinstance(params, dict):
        raise OrderRefusedError(_wrong("params"))
    return params


def _unwritable(name: str) -> NoReturn:
    """JSON has no such number, though Python would read it."""
    raise ValueError(name)


def _text(order: Mapping[str, Any], key: str) -> str:
    value = order.get(key)
    if not isinstance(value, str):
        raise OrderRefusedError(_wrong(key))
    return value


def _wrong(key: str) -> Reason:
    return Reason("request_not_understood", {"key": key})
