"""Reasons about MQTT: a broker that turns us away, and what becomes of an order at the door."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

MQTT: Mapping[str, Entry] = MappingProxyType(
    {
        "mqtt_refused": _entry(
            "ส่งข้อมูลผ่าน MQTT ไม่ได้ ({error}) ให้ตรวจชื่อผู้ใช้ รหัสผ่าน ใบรับรอง และสิทธิ์บนเซิร์ฟเวอร์",
            "MQTT does not work ({error}): check user name, password, certificates and the "
            "broker's access list.",
            error=Kind.ID,
        ),
        "mqtt_order_taken": _entry(
            "รับคำขอไว้แล้ว ผลจะแจ้งตามมา",
            "The request was taken; what becomes of it will be told.",
        ),
        "mqtt_order_unsigned": _entry(
            "คำขอไม่มีลายเซ็นที่ถูกต้อง จึงไม่รับ ให้ตรวจกุญแจของผู้ส่ง",
            "The request is not signed as it must be and was not taken: check the sender's key.",
        ),
        "mqtt_order_other_site": _entry(
            "คำขอนี้ส่งถึงหมู่บ้านอื่น ({site}) จึงไม่รับ",
            "The request is meant for another village ({site}) and was not taken.",
            site=Kind.ID,
        ),
        "mqtt_order_valid_too_long": _entry(
            "คำขอมีอายุนานเกินไป จึงไม่รับ ให้กำหนดเวลาหมดอายุไม่เกิน {limit_s}",
            "The request would be valid for too long and was not taken: let it expire within {limit_s}.",
            limit_s=Kind.DURATION,
        ),
        "mqtt_order_retained": _entry(
            "คำขอถูกเก็บค้างไว้บนเซิร์ฟเวอร์ (retained) จึงไม่รับ ให้ส่งแบบไม่เก็บค้าง",
            "The request was retained by the broker, so it would come again and again, and was not taken: "
            "send it without the retain flag.",
        ),
        "mqtt_orders_full": _entry(
            "มีคำขอมากเกินไปในหนึ่งชั่วโมง จึงไม่รับ ให้ส่งใหม่ภายหลัง",
            "Too many requests came within an hour, it was not taken: ask again later.",
        ),
    }
)
"""Code -> entry."""
