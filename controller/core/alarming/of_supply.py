"""Alarms of the supply: who has power, and how long it lasts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.alarming.kind import AlarmKind, Escalation, Topic
from controller.core.alarming.record import Severity
from controller.core.model import Text

_CRITICAL, _WARNING = Severity.CRITICAL, Severity.WARNING
_SUPPLY = Topic.SUPPLY
_LESS_LOAD = Text(
    "ดูว่าใครใช้ไฟมากผิดปกติ ขอให้ปิดเครื่องใช้ไฟฟ้ากำลังสูงก่อน ถ้าเกิดซ้ำในเวลาเดิมทุกวันให้ปรับเวลาใช้งาน",
    "See who draws unusually much and ask for large appliances to be switched off. If it comes back at the "
    "same hour every day, move that use to another hour.",
)
_SPARE_BATTERY = Text(
    "ขอให้ทุกบ้านใช้ไฟเท่าที่จำเป็น ดูว่าแผงผลิตไฟตามปกติ และถ้ามีเครื่องปั่นไฟให้ตรวจว่าพร้อมเดิน",
    "Ask every house to use only what it must. See that the panels give what they should, and that the "
    "genset, if there is one, is in automatic and has fuel.",
)


SUPPLY: Mapping[str, AlarmKind] = MappingProxyType(
    {
        "blackout": AlarmKind(
            _CRITICAL,
            _SUPPLY,
            Text("ไฟดับทั้งหมู่บ้าน", "Blackout"),
            Text(
                "ไปดูหน้าจออินเวอร์เตอร์ที่โรงไฟฟ้า จดรหัสที่ขึ้น ตรวจเบรกเกอร์แบตเตอรี่ อย่าเปิดสายจ่ายไฟเองด้วยมือ "
                "ระบบจะต่อให้ทีละสายเมื่ออินเวอร์เตอร์กลับมา",
                "Go to the power house and write down what the inverter shows. Check the battery's breaker. "
                "Do not connect feeders by hand: they are connected one by one once the inverter runs.",
            ),
            villagers=True,
        ),
        "battery_short_of_dawn": AlarmKind(
            _WARNING,
            _SUPPLY,
            Text("แบตเตอรี่อาจไม่พอถึงเช้า", "Battery may not last until dawn"),
            _SPARE_BATTERY,
            raise_after_s=600.0,
            clear_after_s=1800.0,
            villagers=True,
            told=Escalation.NOW,  # tomorrow it is too late to use less
        ),
        "battery_empty": AlarmKind(
            _CRITICAL,
            _SUPPLY,
            Text("แบตเตอรี่เกือบหมด", "Battery nearly empty"),
            _SPARE_BATTERY,
            clear_after_s=600.0,
            villagers=True,
        ),
        "battery_drained": AlarmKind(
            _CRITICAL,
            _SUPPLY,
            Text("แบตเตอรี่หมดเกลี้ยง", "Battery drained"),
            Text(
                "ให้แบตเตอรี่ได้ชาร์จก่อน ตรวจว่าแผงหรือเครื่องปั่นไฟกำลังชาร์จจริง สายอื่นจะกลับมาเองเมื่อไฟพอ",
                "Let it charge first: see that panels or genset really charge it. The other lines return by "
                "themselves once there is enough.",
            ),
            clear_after_s=600.0,
            villagers=True,
        ),
        "overload_shed": AlarmKind(
            _WARNING,
            _SUPPLY,
            Text("ใช้ไฟเกินกำลัง", "Overload"),
            _LESS_LOAD,
            clear_after_s=900.0,
            villagers=True,
            told=Escalation.DIGEST,
        ),
        "overload_alarm_shed": AlarmKind(
            _WARNING,
            _SUPPLY,
            Text("อินเวอร์เตอร์แจ้งใช้ไฟเกิน", "Inverter overloaded"),
            _LESS_LOAD,
            clear_after_s=900.0,
            villagers=True,
            told=Escalation.DIGEST,
        ),
        "frequency_shed": AlarmKind(
            _WARNING,
            _SUPPLY,
            Text("ความถี่ไฟตก", "Low frequency"),
            _LESS_LOAD,
            clear_after_s=900.0,
            villagers=True,
            told=Escalation.DIGEST,
        ),
        "grid_lost_shed": AlarmKind(
            _WARNING,
            _SUPPLY,
            Text("ปลดบางสายเพราะไฟหลวงดับ", "Lines cut as the grid went"),
            _LESS_LOAD,
            clear_after_s=900.0,
            villagers=True,
            told=Escalation.DIGEST,
        ),
        "import_shed": AlarmKind(
            _WARNING,
            _SUPPLY,
            Text("ดึงไฟหลวงเกินกำหนด", "Too much drawn from the grid"),
            _LESS_LOAD,
            clear_after_s=900.0,
            villagers=True,
            told=Escalation.DIGEST,
        ),
        "feeder_suspect": AlarmKind(
            _CRITICAL,
            _SUPPLY,
            Text("สายจ่ายไฟอาจลัดวงจร", "Feeder may be shorted"),
            Text(
                "ให้ช่างไฟเดินตรวจสายนี้ หาจุดลัดวงจรหรือของที่พาดสาย อย่าเปิดสายนี้ด้วยมือ",
                "An electrician walks this line and looks for a short circuit or something on the wires. Do "
                "not connect it by hand.",
            ),
            clear_after_s=600.0,
            villagers=True,
        ),
        "cut_overdue": AlarmKind(
            _WARNING,
            _SUPPLY,
            Text("ดับนานกว่าที่ประกาศ", "Off for longer than promised"),
            Text(
                "ดูเหตุผลของสายนี้ในหน้าเว็บ ถ้าไม่ใช่การปกป้องระบบ ให้ตรวจรีเลย์และคอนแทคเตอร์ แล้วแจ้งชาวบ้านในสายนี้",
                "Read this line's reason on the page. If it is not protection, check relay and contactor. "
                "Tell the people on this line.",
            ),
            raise_after_s=60.0,
            clear_after_s=60.0,
            villagers=True,
        ),
        "cut_too_long": AlarmKind(
            _CRITICAL,
            _SUPPLY,
            Text("ดับนานเพื่อปกป้องระบบ", "Cut for long by protection"),
            Text(
                "หาสาเหตุที่ต้องปกป้อง (แบตเตอรี่ ความร้อน การลัดวงจร) แล้วบอกคนในสายนี้ว่าคาดว่าจะมีไฟเมื่อไร",
                "Find what protection waits for (battery, heat, a short circuit), and tell the people on "
                "this line when to expect power.",
            ),
            clear_after_s=60.0,
            villagers=True,
        ),
        "grid_lost": AlarmKind(
            _WARNING,
            _SUPPLY,
            Text("ไฟหลวงดับ", "Public grid away"),
            Text(
                "โทรถามการไฟฟ้าว่าจะกลับเมื่อไร (PEA โทร 1129) และดูว่าแบตเตอรี่พอหรือไม่",
                "Ask the utility when it will be back (PEA: 1129), and see whether the battery lasts.",
            ),
            clear_after_s=300.0,
            villagers=True,
        ),
    }
)
"""Code -> what the catalogue says of it."""
