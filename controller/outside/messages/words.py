"""What a message waits for, in words for the console."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.model import Text
from controller.outside.messages.model import Why

WHY: Mapping[Why, Text] = MappingProxyType(
    {
        Why.SENDING: Text("กำลังส่ง", "is being sent"),
        Why.GATHERING: Text("รอรวมกับเรื่องที่เกิดพร้อมกัน", "gathering what happens at the same time"),
        Why.DIGEST: Text("รอส่งรวมกับเรื่องอื่น", "waits for the next digest"),
        Why.QUIET: Text("รอให้พ้นช่วงเวลาพักผ่อน", "waits until the quiet hours are over"),
        Why.REPEATED: Text("เรื่องเดิมเพิ่งแจ้งไป", "the same alarm was told just now"),
        Why.ESCALATION: Text("รอคนแรกรับทราบ", "others are asked first"),
        Why.QUOTA_RESERVED: Text(
            "โควตาที่เหลือของเดือนนี้เก็บไว้สำหรับเรื่องด่วน",
            "what is left of the month's quota is kept for critical alarms",
        ),
        Why.QUOTA_SPENT: Text("โควตาของเดือนนี้หมดแล้ว", "the month's quota is used up"),
        Why.CHANNEL: Text("ส่งไม่ได้ จะลองใหม่", "it cannot be sent now and is tried again"),
    }
)
"""Each in Thai and English."""
