"""Who may order what: form, origin, time, and nothing twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.outside.mqtt.orders import (
    Door,
    OrderRefusedError,
    order_id_of,
    request_of,
    request_of_word,
    signature,
)
from controller.requests.box import Request

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
BROKER, SIGNED = Door("ban-wang-won", None), Door("ban-wang-won", KEY)
GOOD = {
    "id": "9f1c2a",
    "site": "ban-wang-won",
    "kind": "feeder",
    "params": {"feeder": "pump", "state": "open", "for_s": 1800},
    "expires": (NOW + timedelta(minutes=4)).isoformat(),
    "who": "สมชาย",
}


def asked(order: object, door: Door = BROKER, *, clock_right: bool = True, retained: bool = False) -> Request:
    payload = order if isinstance(order, bytes) else json.dumps(order).encode()
    return request_of(payload, door, NOW, clock_right=clock_right, retained=retained)


def refusal(order: object, door: Door = BROKER, **how) -> tuple[str, str | None]:
    with pytest.raises(OrderRefusedError) as caught:
        asked(order, door, **how)
    reason = caught.value.reason
    return reason.code, reason.params.get("key")


def signed(order: dict, key: str = KEY) -> dict:
    return order | {"signature": signature(order, key)}


def test_a_good_order_becomes_a_request() -> None:
    request = asked(GOOD)
    assert (request.kind, request.who, request.origin) == ("feeder", "สมชาย", "mqtt")
    assert request.params == {"feeder": "pump", "state": "open", "for_s": 1800}
    assert request.expires_utc == NOW + timedelta(minutes=4)
    assert order_id_of(request.id) == "9f1c2a"
    assert order_id_of("9f1c2a") is None, "another door's"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"id": None}, "id"),
        ({"id": "a b"}, "id"),
        ({"id": "x" * 81}, "id"),
        ({"kind": 3}, "kind"),
        ({"params": []}, "params"),
        ({"who": " "}, "who"),
        ({"who": "x" * 81}, "who"),
        ({"expires": "soon"}, "expires"),
        ({"expires": "2026-11-22T05:04:00"}, "expires"),
        ({"for_s": 3}, "for_s"),
    ],
)
def test_an_order_that_is_wrong_somewhere_is_told_where(change, key) -> None:
    assert refusal(GOOD | change) == ("request_not_understood", key)


@pytest.mark.parametrize("payload", [b"", b"ON", b"[]", b"\xff", b'{"id": NaN}', b"[" * 3000, b" " * 5000])
def test_what_is_no_order_is_refused(payload) -> None:
    assert refusal(payload) == ("request_not_understood", "JSON")


@given(st.binary(max_size=200))
def test_no_bytes_at_all_get_past_the_door(payload) -> None:
    with pytest.raises(OrderRefusedError):
        asked(payload, SIGNED)


def test_an_order_is_worth_nothing_once_it_expires_nor_if_it_never_would() -> None:
    assert refusal(GOOD | {"expires": NOW.isoformat()})[0] == "request_too_late"
    assert (
        refusal(GOOD | {"expires": (NOW + timedelta(minutes=16)).isoformat()})[0]
        == "mqtt_order_valid_too_long"
    )
    assert refusal(GOOD, clock_right=False)[0] == "request_clock_unknown"


def test_what_the_broker_retained_nobody_orders_now() -> None:
    assert refusal(GOOD, retained=True)[0] == "mqtt_order_retained"


def test_an_order_to_another_village_is_left_alone() -> None:
    assert refusal(GOOD | {"site": "ban-na"})[0] == "mqtt_order_other_site"
    assert refusal(signed(GOOD | {"site": "ban-na"}), SIGNED)[0] == "mqtt_order_other_site"
    assert refusal(signed({key: value for key, value in GOOD.items() if key != "site"}), SIGNED)[1] == "site"


def test_only_the_key_opens_a_door_with_a_key() -> None:
    assert asked(signed(GOOD), SIGNED).params == GOOD["params"]
    assert refusal(GOOD, SIGNED)[0] == "mqtt_order_unsigned"
    assert refusal(signed(GOOD, "another key, long enough"), SIGNED)[0] == "mqtt_order_unsigned"
    assert refusal(GOOD | {"signature": "é"}, SIGNED)[0] == "mqtt_order_unsigned"


@pytest.mark.parametrize("key", ["id", "kind", "params", "expires", "who"])
def test_nothing_of_a_signed_order_can_be_changed(key) -> None:
    forged = signed(GOOD) | {key: {"feeder": "clinic", "state": "open"} if key == "params" else "other"}
    assert refusal(forged, SIGNED)[0] == "mqtt_order_unsigned"


def test_the_signature_is_the_one_that_the_documentation_tells() -> None:
    order = {"b": "ก", "a": {"d": 1, "c": [True, None]}, "signature": "x"}
    # printf '{"a":{"c":[true,null],"d":1},"b":"ก"}' | openssl dgst -sha256 -hmac key
    assert signature(order, "key") == "7b96bcfcc337232038da1be4973ac31d81c15ebcf01689a8c3dfc3a12d3d4678"


def word(part: str, payload: bytes, *, retained: bool = False) -> Request:
    return request_of_word(part, payload, "w1", NOW, retained=retained)


def test_a_word_orders_a_feeder_or_the_genset() -> None:
    assert word("feeder/pump", b"off").params == {"feeder": "pump", "state": "open"}
    assert word("feeder/pump", b"AUTO").params["state"] == "auto"
    assert (word("genset", b"RUN").kind, word("genset", b"RUN").params) == ("genset", {"state": "run"})


@pytest.mark.parametrize(
    ("part", "payload"),
    [
        ("feeder/pump", b"RUN"),
        ("feeder", b"ON"),
        ("genset/x", b"RUN"),
        ("lamp", b"ON"),
        ("feeder/pump", b"\xff"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused(part, payload) -> None:
    with pytest.raises(OrderRefusedError):
        word(part, payload)


def test_a_retained_word_is_refused() -> None:
    with pytest.raises(OrderRefusedError, match="mqtt_order_retained"):
        word("feeder/pump", b"OFF", retained=True)
