"""Alarms of the plant: battery, panels, genset, breakers and contactors."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.alarming.kind import AlarmKind, Topic
from controller.core.alarming.record import Severity
from controller.core.model import Text

_CRITICAL, _WARNING, _NOTICE = Severity.CRITICAL, Severity.WARNING, Severity.NOTICE
_PLANT = Topic.PLANT

PLANT: Mapping[str, AlarmKind] = MappingProxyType(
    {
        "battery_cell_low": AlarmKind(
            _CRITICAL,
            _PLANT,
            Text("เซลล์แบตเตอรี่แรงดันต่ำ", "Battery cell low"),
            Text(
                "ลดการใช้ไฟทันที ถ้าระดับไฟยังสูงแต่เซลล์ต่ำ ให้ช่างแบตเตอรี่ตรวจสมดุลของเซลล์",
                "Use less at once. If the battery still shows much charge, have the balance of its cells "
                "checked.",
            ),
            clear_after_s=600.0,
            villagers=True,
        ),
        "battery_unseen": AlarmKind(
            _CRITICAL,
            _PLANT,
            Text("อ่านแบตเตอรี่และอินเวอร์เตอร์ไม่ได้", "Battery not seen"),
            Text(
                "ตรวจสายสื่อสารและไฟเลี้ยงของอินเวอร์เตอร์กับแบตเตอรี่ แล้วลองคำสั่ง tawan read",
                "Check the data cable and the supply of inverter and battery, then try tawan read.",
            ),
            clear_after_s=120.0,
        ),
        "battery_hot": AlarmKind(
            _CRITICAL,
            _PLANT,
            Text("แบตเตอรี่ร้อน", "Battery hot"),
            Text(
                "เปิดระบายอากาศห้องแบตเตอรี่ ตรวจพัดลมและสิ่งที่บังลม อย่าฉีดน้ำ ถ้ามีกลิ่นหรือควันให้ออกห่างและโทรตามช่าง",
                "Air the battery room; check fans and what blocks them. Use no water. With smell or smoke "
                "keep away and call for help.",
            ),
            clear_after_s=300.0,
            villagers=True,
        ),
        "battery_cold": AlarmKind(
            _WARNING,
            _PLANT,
            Text("แบตเตอรี่เย็นเกินไป", "Battery cold"),
            Text(
                "ปิดช่องลมห้องแบตเตอรี่ ถ้าอากาศไม่ได้เย็นจริง ให้ตรวจตัววัดอุณหภูมิ",
                "Close the battery room's vents. If the air is not cold, check the temperature sensor.",
            ),
            clear_after_s=600.0,
        ),
        "battery_cell_high": AlarmKind(
            _WARNING,
            _PLANT,
            Text("เซลล์แบตเตอรี่แรงดันสูง", "Battery cell high"),
            Text(
                "ระบบลดการชาร์จให้แล้ว ถ้าเกิดทุกวันให้ตรวจค่าแรงดันชาร์จและสมดุลของเซลล์",
                "Charging has been reduced already. If it happens daily, check the charge voltage and the "
                "balance of the cells.",
            ),
            clear_after_s=900.0,
        ),
        "soc_frozen": AlarmKind(
            _WARNING,
            _PLANT,
            Text("มาตรระดับแบตเตอรี่ค้าง", "Battery gauge stands still"),
            Text(
                "ปิดเปิดจอหรือตัวสื่อสารของแบตเตอรี่ แล้วชาร์จให้เต็มสักครั้ง",
                "Restart the battery's gauge or gateway, then charge it full once.",
            ),
            clear_after_s=600.0,
        ),
        "grid_not_joined": AlarmKind(
            _WARNING,
            _PLANT,
            Text("ไม่ได้ต่อกลับเข้าไฟหลวง", "Not joined to the grid"),
            Text(
                "ตรวจเบรกเกอร์ที่จุดต่อ ตัวตรวจจังหวะไฟ และรหัสที่อินเวอร์เตอร์แสดง",
                "Check the breaker at the connection, the sync check relay, and what the inverter shows.",
            ),
            clear_after_s=300.0,
        ),
        "breaker_stuck_closed": AlarmKind(
            _CRITICAL,
            _PLANT,
            Text("เบรกเกอร์ไฟหลวงไม่ยอมเปิดวงจร", "Grid breaker stuck closed"),
            Text(
                "ปลดวงจรด้วยมือทันทีและแขวนป้ายห้ามสับ แจ้งการไฟฟ้าว่าอาจมีไฟย้อน คนที่ซ่อมสายอาจเป็นอันตราย",
                "Isolate it by hand at once and hang up a sign. Tell the utility that power may flow back: "
                "whoever works on the line is in danger.",
            ),
        ),
        "contactor_stuck_closed": AlarmKind(
            _WARNING,
            _PLANT,
            Text("คอนแทคเตอร์ค้างต่อ", "Contactor stuck closed"),
            Text(
                "อย่าแตะสายนี้ถือว่ามีไฟ ให้ช่างตรวจคอนแทคเตอร์ว่าหน้าสัมผัสเชื่อมติดหรือไม่",
                "Treat this line as live. Have the contactor checked for welded contacts.",
            ),
            clear_after_s=120.0,
        ),
        "contactor_stuck_open": AlarmKind(
            _CRITICAL,
            _PLANT,
            Text("คอนแทคเตอร์ไม่ยอมต่อ", "Contactor stuck open"),
            Text(
                "ตรวจเบรกเกอร์ย่อยของสายนี้ก่อน แล้วตรวจคอยล์และฟิวส์ของคอนแทคเตอร์",
                "Check this line's own breaker first, then the contactor's coil and fuse.",
            ),
            clear_after_s=120.0,
            villagers=True,
        ),
        "genset_start_failed": AlarmKind(
            _WARNING,
            _PLANT,
            Text("เครื่องปั่นไฟสตาร์ตไม่ติด", "Genset did not start"),
            Text(
                "ตรวจน้ำมันและแบตเตอรี่สตาร์ต ระบบจะลองใหม่เองก่อนเลิก",
                "Check fuel and starter battery. It is tried again before it is given up.",
            ),
            clear_after_s=1800.0,
        ),
        "genset_failed": AlarmKind(
            _CRITICAL,
            _PLANT,
            Text("เครื่องปั่นไฟใช้ไม่ได้", "Genset failed to start"),
            Text(
                "ตรวจน้ำมัน แบตเตอรี่สตาร์ต และปุ่มฉุกเฉิน เมื่อแก้แล้วบิดสวิตช์ไปที่หยุดแล้วกลับมาอัตโนมัติ",
                "Check fuel, starter battery and the emergency stop. Once it is right, turn its switch to "
                "stop and back to automatic.",
            ),
        ),
        "genset_stopped_by_itself": AlarmKind(
            _WARNING,
            _PLANT,
            Text("เครื่องปั่นไฟดับเอง", "Genset stopped by itself"),
            Text(
                "อ่านรหัสบนแผงควบคุมเครื่อง ตรวจน้ำมัน น้ำมันเครื่อง และน้ำหล่อเย็น",
                "Read its panel; check fuel, oil and coolant.",
            ),
            clear_after_s=1800.0,
        ),
        "genset_does_not_stop": AlarmKind(
            _WARNING,
            _PLANT,
            Text("เครื่องปั่นไฟไม่ยอมหยุด", "Genset does not stop"),
            Text(
                "หยุดเครื่องที่แผงควบคุม แล้วตรวจรีเลย์สั่งเดินเครื่อง",
                "Stop it at its panel, then check the relay that asks it to run.",
            ),
            clear_after_s=120.0,
        ),
        "genset_not_automatic": AlarmKind(
            _NOTICE,
            _PLANT,
            Text("เครื่องปั่นไฟไม่อยู่ในโหมดอัตโนมัติ", "Genset not in automatic"),
            Text(
                "ถ้าไม่มีใครกำลังซ่อม ให้บิดสวิตช์กลับไปที่อัตโนมัติ",
                "If nobody is working on it, turn its switch back to automatic.",
            ),
            raise_after_s=900.0,
        ),
        "genset_fuel_low": AlarmKind(
            _WARNING,
            _PLANT,
            Text("น้ำมันเครื่องปั่นไฟเหลือน้อย", "Genset low on fuel"),
            Text("เติมน้ำมัน และจดจำนวนลิตรในสมุด", "Fill it up, and write the litres into the log book."),
            raise_after_s=300.0,
            clear_after_s=300.0,
        ),
        "pv_no_production": AlarmKind(
            _WARNING,
            _PLANT,
            Text("แผงไม่ผลิตไฟทั้งที่มีแดด", "No production in sun"),
            Text(
                "ดูไฟและรหัสบนอินเวอร์เตอร์ของแผงชุดนี้ ตรวจเบรกเกอร์ไฟตรงและไฟสลับ แล้วตรวจฟิวส์ของแผง",
                "Look at this array's inverter, check its DC and AC breakers, then the string fuses.",
            ),
            raise_after_s=900.0,
            clear_after_s=600.0,
        ),
        "pv_array_lost": AlarmKind(
            _WARNING,
            _PLANT,
            Text("แผงผลิตไฟได้น้อยลงมาก", "Array gives much less"),
            Text(
                "ตรวจฟิวส์ สตริง และอินเวอร์เตอร์ของแผงชุดนี้ ดูว่ามีเงาใหม่หรือแผงแตกหรือไม่",
                "Check fuses, strings and inverter of this array; look for new shade and broken panels.",
            ),
            clear_after_s=3600.0,
        ),
    }
)
"""Code -> what the catalogue says of it."""
