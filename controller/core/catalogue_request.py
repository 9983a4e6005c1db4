"""Reasons about what people ask for: what technicians have ordered, and why a request was refused."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

REQUEST: Mapping[str, Entry] = MappingProxyType(
    {
        "feeder_ordered_on": _entry(
            "มีไฟตามที่ช่างสั่ง จะกลับเป็นอัตโนมัติ{left_s}",
            "Power is on because a technician ordered it; automatic again {left_s}.",
            left_s=Kind.WAIT,
        ),
        "feeder_ordered_off": _entry(
            "ช่างสั่งดับไฟสายนี้ จะกลับเป็นอัตโนมัติ{left_s}",
            "Off because a technician ordered it; automatic again {left_s}.",
            left_s=Kind.WAIT,
        ),
        "genset_ordered_on": _entry(
            "ช่างสั่งให้เครื่องปั่นไฟเดิน จะกลับเป็นอัตโนมัติ{left_s}",
            "A technician ordered the genset to run; automatic again {left_s}.",
            left_s=Kind.WAIT,
        ),
        "genset_ordered_off": _entry(
            "ช่างสั่งให้เครื่องปั่นไฟหยุด จะกลับเป็นอัตโนมัติ{left_s}",
            "A technician ordered the genset to rest; automatic again {left_s}.",
            left_s=Kind.WAIT,
        ),
        "override_taken": _entry(
            "{who} สั่งให้{on}เป็นเวลา {for_s}",
            "{who} ordered it {on} for {for_s}.",
            who=Kind.ID,
            on=Kind.STATE,
            for_s=Kind.DURATION,
        ),
        "override_withdrawn": _entry(
            "{who} ยกเลิกคำสั่ง กลับเป็นอัตโนมัติ",
            "{who} withdrew the order; it is automatic again.",
            who=Kind.ID,
        ),
        "override_over": _entry(
            "คำสั่งของ {who} ครบเวลาแล้ว กลับเป็นอัตโนมัติ",
            "The order of {who} is over; it is automatic again.",
            who=Kind.ID,
        ),
        "request_done": _entry("ทำตามคำขอแล้ว", "It was done."),
        "request_unknown_kind": _entry(
            "ไม่รู้จักคำขอชนิด {kind} ให้ดูรายการคำขอในเอกสาร",
            "There is no request of the kind {kind}: see the list in the documentation.",
            kind=Kind.ID,
        ),
        "request_not_understood": _entry(
            "คำขอไม่ครบหรือไม่ถูกต้องที่ {key} ให้แก้แล้วส่งใหม่",
            "The request is incomplete or wrong at {key}: correct it and ask again.",
            key=Kind.ID,
        ),
        "request_unknown_subject": _entry(
            "ไม่มี {subject} ในหมู่บ้านนี้ ให้ใช้ชื่อตาม config.yaml",
            "There is no {subject} here: use an id of config.yaml.",
            subject=Kind.ID,
        ),
        "request_too_late": _entry(
            "คำขอมาถึงช้าเกินไปจึงไม่ทำตาม ถ้ายังต้องการให้ส่งใหม่",
            "The request came too late and was not carried out: ask again if it is still wanted.",
        ),
        "request_clock_unknown": _entry(
            "ยังไม่ทราบเวลาที่ถูกต้อง จึงไม่รู้ว่าคำขอเก่าไปหรือไม่ ให้ส่งใหม่เมื่อนาฬิกาตรงแล้ว",
            "The time is not known yet, so nobody can say whether the request is too old: ask again once the "
            "clock is right.",
        ),
        "request_alarm_gone": _entry(
            "ไม่มีการแจ้งเตือนหมายเลข {alarm} ที่ยังค้างอยู่",
            "No alarm with the number {alarm} stands.",
            alarm=Kind.ID,
        ),
        "requests_unreadable": _entry(
            "อ่านคำขอของช่างไม่ได้ คำสั่งผ่านหน้าเว็บและ MQTT จะไม่ทำงาน ให้ช่างตรวจการ์ดหน่วยความจำ: {error}",
            "What people ask for cannot be read: orders do not arrive. A technician should check the memory "
            "card: {error}",
            error=Kind.ID,
        ),
    }
)
"""Code -> entry."""
