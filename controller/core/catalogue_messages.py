"""Reasons of messages to people: a channel that refuses, a quota that is used up."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

MESSAGES: Mapping[str, Entry] = MappingProxyType(
    {
        "messages_refused": _entry(
            "ช่องทางส่งข้อความ {channel} ไม่รับข้อความ ({said}) ให้ตรวจโทเคนและที่อยู่ใน config.yaml "
            "แล้วลองด้วย tawan message test",
            "The message channel {channel} takes no messages ({said}). Check its token and address in "
            "config.yaml, and try with `tawan message test`.",
            channel=Kind.ID,
            said=Kind.ID,
        ),
        "messages_quota_spent": _entry(
            "โควตาข้อความ {quota} ของเดือนนี้ใช้ไปแล้ว {spent} จาก {limit} ที่เหลือเก็บไว้สำหรับเรื่องด่วน",
            "Of the message quota {quota} {spent} of {limit} are used this month: what is left is kept for "
            "critical alarms.",
            quota=Kind.ID,
            spent=Kind.COUNT,
            limit=Kind.COUNT,
        ),
    }
)
"""Code -> sentences."""
