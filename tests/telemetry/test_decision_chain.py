import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telemetry_village import NOON, decision

from controller.telemetry.decision_log import (
    GENESIS_HASH,
    DecisionRecord,
    LogRow,
    canonical_json,
    entry_hash,
    logged,
    seal,
)

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("กขabc"), inner, max_size=3),
    max_leaves=8,
)


@given(params=st.dictionaries(st.text("กขabc_"), JSON_VALUES, max_size=5), monotonic_s=st.floats(0, 1e9))
def test_an_entry_comes_back_as_it_was_sealed(params, monotonic_s):
    record = DecisionRecord(NOON, "boot", monotonic_s, "clinic", "open", "soc_low", params)
    row = seal(record, 1, GENESIS_HASH)
    assert logged(row).record == record
    assert entry_hash(row) == row.hash


def test_the_hash_can_be_recomputed_with_nothing_but_the_documentation():
    row = seal(decision(7, name="บ้าน"), 3, "ab" * 32)
    entry = {
        "seq": 3,
        "at_utc": "2026-11-21T05:00:07.000000+00:00",
        "boot_id": "5f0c6b8e-boot",
        "monotonic_s": 7.0,
        "subject": "houses_a",
        "action": "open",
        "code": "class_rationed",
        "params": {"n": 7, "name": "บ้าน"},
        "previous_hash": "ab" * 32,
    }
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert row.hash == hashlib.sha256(text.encode("utf-8")).hexdigest()


@pytest.mark.parametrize("column", [name for name in LogRow._fields if name != "hash"])
def test_the_hash_covers_every_column(column):
    row = seal(decision(1), 2, GENESIS_HASH)
    other = {"seq": 9, "monotonic_s": 1.5, "params": '{"n":2}'}.get(column, "x")
    assert entry_hash(row._replace(**{column: other})) != row.hash


def test_keys_that_were_numbers_keep_their_hash():
    row = seal(decision(1, turns={10: "a", 9: "b"}), 1, GENESIS_HASH)
    assert entry_hash(row) == row.hash


def test_times_of_any_zone_are_stored_as_utc():
    bangkok = timezone(timedelta(hours=7))
    row = seal(
        DecisionRecord(datetime(2026, 11, 21, 12, tzinfo=bangkok), "b", 0.0, "site", "stop", "x"), 1, ""
    )
    assert row.at_utc == "2026-11-21T05:00:00.000000+00:00"
    assert logged(row).record.at_utc == datetime(2026, 11, 21, 5, tzinfo=UTC)


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="aware"):
        DecisionRecord(datetime(2026, 11, 21), "b", 0.0, "site", "stop", "x")  # noqa: DTZ001


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, NOON])
def test_what_json_has_no_word_for_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        seal(decision(1, value=value), 1, GENESIS_HASH)


def test_canonical_json_has_one_form():
    assert (
        canonical_json({"b": 1.0, "a": "ไฟ"}) == canonical_json({"a": "ไฟ", "b": 1.0}) == '{"a":"ไฟ","b":1.0}'
    )
