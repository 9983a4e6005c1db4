"""Alarms of the controller itself: its card, clock and network, and what the office must see to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.alarming.kind import AlarmKind, Topic
from controller.core.alarming.record import Severity
from controller.core.model import Text

_CRITICAL, _WARNING, _NOTICE = Severity.CRITICAL, Severity.WARNING, Severity.NOTICE
_CONTROLLER, _OFFICE = Topic.CONTROLLER, Topic.OFFICE
_LOG = Text(
    "ดูบันทึกของระบบด้วย journalctl -u tawan แล้วส่งให้ผู้ดูแลระบบ ไฟฟ้ายังทำงานตามกฎปกติ",
    "Look into the log (journalctl -u tawan) and send it to whoever looks after Tawan. Power goes on by the "
    "usual rules.",
)
_NEW_CARD = Text(
    "สำรองข้อมูลด้วย tawan backup ถ้ายังทำได้ แล้วเปลี่ยนการ์ดหน่วยความจำเป็นใบใหม่ชนิดทนทาน",
    "Make a backup (tawan backup) if it still works, and replace the memory card by a new one made for "
    "endurance.",
)
_BACKUP = Text(
    "เสียบแฟลชไดรฟ์แล้วสั่ง tawan backup เก็บแฟลชไดรฟ์ไว้คนละที่กับโรงไฟฟ้า",
    "Plug in a USB stick and run tawan backup. Keep the stick somewhere else than the power house.",
)
_INFLUX = Text(
    "ดู docs/influx.md ตรวจอินเทอร์เน็ตของหมู่บ้านก่อน แล้วตรวจเซิร์ฟเวอร์กับผู้ดูแล การควบคุมไฟไม่เกี่ยวข้อง",
    "See docs/influx.md: check the village's network first, then the server together with whoever runs it. "
    "Power is not concerned.",
)

HOST: Mapping[str, AlarmKind] = MappingProxyType(
    {
        "storage_failed": AlarmKind(
            _WARNING,
            _CONTROLLER,
            Text("บันทึกข้อมูลไม่ได้", "Nothing can be stored"),
            _NEW_CARD,
            clear_after_s=300.0,
        ),
        "storage_set_aside": AlarmKind(
            _WARNING,
            _CONTROLLER,
            Text("ไฟล์ข้อมูลเสียหาย", "Data file damaged"),
            Text(
                "เก็บไฟล์ที่แยกไว้ลงแฟลชไดรฟ์ แล้วกู้จากข้อมูลสำรองถ้ามี ถ้าเกิดซ้ำให้เปลี่ยนการ์ดหน่วยความจำ",
                "Copy the file that was set aside to a USB stick; restore from a backup if there is one. If "
                "it happens again, replace the memory card.",
            ),
        ),
        "storage_salvaged": AlarmKind(
            _WARNING,
            _CONTROLLER,
            Text("กู้ข้อมูลจากไฟล์ที่เสียหายแล้ว", "Damaged data file salvaged"),
            Text(
                "ย้ายไฟล์ที่แยกไว้ไปเก็บในแฟลชไดรฟ์ ดูว่าอะไรหายไปด้วย tawan audit สำรองข้อมูล แล้วเปลี่ยนการ์ดหน่วยความจำ",
                "Move the file that was set aside to a USB stick; tawan audit tells what is missing. Make a "
                "backup, and replace the memory card.",
            ),
        ),
        "disk_read_only": AlarmKind(
            _CRITICAL,
            _CONTROLLER,
            Text("การ์ดหน่วยความจำเขียนไม่ได้", "Memory card read only"),
            _NEW_CARD,
            raise_after_s=60.0,
            clear_after_s=300.0,
        ),
        "disk_space_low": AlarmKind(
            _WARNING,
            _CONTROLLER,
            Text("การ์ดหน่วยความจำใกล้เต็ม", "Memory card nearly full"),
            Text(
                "ลบไฟล์ที่ไม่ใช่ของ Tawan ออกจากการ์ด หรือย้ายไฟล์สำรองเก่าไปแฟลชไดรฟ์",
                "Remove what is not Tawan's from the card, or move old backups to a USB stick.",
            ),
            raise_after_s=300.0,
            clear_after_s=600.0,
        ),
        "store_budget": AlarmKind(
            _NOTICE,
            _CONTROLLER,
            Text("พื้นที่เก็บข้อมูลใกล้เต็ม", "Storage budget nearly used up"),
            Text(
                "เพิ่มพื้นที่ที่กำหนดไว้ใน config.yaml หรือส่งออกข้อมูลเก่า ถ้าไม่ทำอะไร ระบบจะลดความละเอียดของข้อมูลเก่าเอง",
                "Raise the budget in config.yaml or export old data. If nothing is done the oldest detail "
                "is thinned out.",
            ),
            clear_after_s=3600.0,
        ),
        "card_wear": AlarmKind(
            _NOTICE,
            _CONTROLLER,
            Text("การ์ดหน่วยความจำสึกเร็ว", "Memory card wears out"),
            Text(
                "ดูว่ามีโปรแกรมอื่นเขียนลงการ์ดหรือไม่ และเตรียมการ์ดสำรองไว้",
                "See whether another program writes to the card, and keep a spare card ready.",
            ),
            raise_after_s=3600.0,
            clear_after_s=3600.0,
        ),
        "clock_unset": AlarmKind(
            _WARNING,
            _CONTROLLER,
            Text("นาฬิกายังไม่ถูกตั้ง", "Clock not set"),
            Text(
                "ต่ออินเทอร์เน็ตสักครู่ (แชร์จากโทรศัพท์ก็ได้) หรือติดตั้งนาฬิกาแบบมีถ่าน",
                "Give it the internet for a moment (a phone's will do), or fit a clock with a battery.",
            ),
            raise_after_s=3600.0,
            clear_after_s=60.0,
        ),
        "clock_doubted": AlarmKind(
            _WARNING,
            _CONTROLLER,
            Text("นาฬิกาน่าสงสัย", "Clock in doubt"),
            Text(
                "เทียบเวลาบนหน้าเว็บกับโทรศัพท์ ถ้าหน้าเว็บถูก ให้ตรวจแหล่งเวลาของเครื่อง ไม่ต้องตั้งด้วยมือ",
                "Compare the page's time with a phone's. If the page is right, check the host's time "
                "source; do not set it by hand.",
            ),
            clear_after_s=300.0,
        ),
        "clock_stepped": AlarmKind(
            _NOTICE,
            _CONTROLLER,
            Text("นาฬิกากระโดด", "Clock jumped"),
            Text(
                "ตรวจว่าไม่มีใครตั้งเวลาด้วยมือ และแหล่งเวลาของเครื่องถูกต้อง",
                "See that nobody sets the time by hand, and that the host's time source is right.",
            ),
            clear_after_s=3600.0,
        ),
        "controller_restarting": AlarmKind(
            _WARNING,
            _CONTROLLER,
            Text("ตัวควบคุมเริ่มใหม่บ่อย", "Controller keeps restarting"),
            Text(
                "ตรวจไฟเลี้ยงของเครื่องควบคุม (หัวจ่ายไฟและสาย USB) แล้วดูบันทึกด้วย journalctl -u tawan",
                "Check the controller's own supply (adapter and USB cable), then the log: journalctl -u "
                "tawan.",
            ),
            clear_after_s=3600.0,
        ),
        "planner_failing": AlarmKind(
            _WARNING, _CONTROLLER, Text("ส่วนพยากรณ์ขัดข้อง", "Forecast fails"), _LOG, clear_after_s=900.0
        ),
        "planning_failing": AlarmKind(
            _WARNING, _CONTROLLER, Text("วางแผนไม่สำเร็จ", "No plan can be made"), _LOG, clear_after_s=900.0
        ),
        "outside_failing": AlarmKind(
            _WARNING, _CONTROLLER, Text("ส่วนส่งข้อมูลขัดข้อง", "Outside process fails"), _LOG, clear_after_s=900.0
        ),
        "messages_refused": AlarmKind(
            _WARNING,
            _CONTROLLER,
            Text("ช่องทางส่งข้อความใช้ไม่ได้", "Message channel refuses"),
            Text(
                "ตรวจโทเคนและที่อยู่ของช่องทางนี้ใน config.yaml แล้วสั่ง tawan message test",
                "Check this channel's token and address in config.yaml, then run tawan message test.",
            ),
            raise_after_s=60.0,
        ),
        "messages_quota_spent": AlarmKind(
            _NOTICE,
            _OFFICE,
            Text("โควตาข้อความใกล้หมด", "Message quota nearly used up"),
            Text(
                "ซื้อแพ็กเกจที่มากขึ้น หรือเพิ่มช่องทางอื่นให้แต่ละคน เช่น อีเมลหรือ ntfy",
                "Take a larger plan, or give people another channel as well, such as e-mail or ntfy.",
            ),
        ),
        "requests_unreadable": AlarmKind(
            _WARNING,
            _CONTROLLER,
            Text("อ่านคำขอไม่ได้", "Requests cannot be read"),
            Text(
                "สั่งงานที่หน้าตู้ด้วยมือไปก่อน แล้วตรวจสิทธิ์และที่ว่างของไฟล์ requests.db",
                "Switch by hand at the board meanwhile; check the rights of requests.db and the free space.",
            ),
            raise_after_s=60.0,
            clear_after_s=60.0,
        ),
        "mqtt_refused": AlarmKind(
            _WARNING,
            _CONTROLLER,
            Text("เซิร์ฟเวอร์ MQTT ไม่รับเรา", "MQTT broker refuses us"),
            Text(
                "ดู docs/mqtt.md ตรวจชื่อผู้ใช้ รหัสผ่าน ใบรับรอง และสิทธิ์บนเซิร์ฟเวอร์ การควบคุมไฟไม่เกี่ยวข้อง",
                "See docs/mqtt.md: check user name, password, certificates and the broker's access list. "
                "Power is not concerned.",
            ),
            raise_after_s=300.0,
            clear_after_s=60.0,
        ),
        "influx_not_accepted": AlarmKind(
            _WARNING,
            _CONTROLLER,
            Text("InfluxDB ไม่รับข้อมูล", "InfluxDB does not accept us"),
            _INFLUX,
            1800.0,
            300.0,
        ),
        "influx_waits_long": AlarmKind(
            _WARNING, _CONTROLLER, Text("ข้อมูลรอส่งนาน", "Data wait for InfluxDB"), _INFLUX, clear_after_s=300.0
        ),
        "influx_values_refused": AlarmKind(
            _NOTICE, _CONTROLLER, Text("InfluxDB ไม่รับบางค่า", "InfluxDB refuses values"), _INFLUX
        ),
        "influx_samples_thinned": AlarmKind(
            _NOTICE, _CONTROLLER, Text("ข้อมูลส่งไม่ทัน", "Data thinned for InfluxDB"), _INFLUX
        ),
        "backup_overdue": AlarmKind(
            _NOTICE, _OFFICE, Text("ถึงเวลาสำรองข้อมูล", "Backup overdue"), _BACKUP, raise_after_s=60.0
        ),
        "backup_never": AlarmKind(
            _NOTICE, _OFFICE, Text("ยังไม่เคยสำรองข้อมูล", "No backup yet"), _BACKUP, raise_after_s=60.0
        ),
        "contacts_unconfirmed": AlarmKind(
            _NOTICE,
            _OFFICE,
            Text("ยังไม่ได้ยืนยันเบอร์ติดต่อช่าง", "Contacts not confirmed"),
            Text(
                "โทรหาช่างทุกคนในรายชื่อ แก้เบอร์ที่เปลี่ยนใน config.yaml แล้วสั่ง tawan alarms --confirm-contacts",
                "Call every technician on the list, correct what has changed in config.yaml, then run tawan "
                "alarms --confirm-contacts.",
            ),
            raise_after_s=60.0,
        ),
        "accounts_low": AlarmKind(
            _NOTICE,
            _OFFICE,
            Text("ยอดเงินล่วงหน้าเหลือน้อย", "Prepaid balance low"),
            Text(
                "ดูว่าเป็นบัญชีไหนด้วยคำสั่ง tawan account balances แล้วแจ้งเจ้าของอย่างสุภาพและเป็นส่วนตัว ระบบไม่ตัดไฟใคร",
                "See with tawan account balances whose they are, and tell the owners kindly and in private. "
                "Nobody is cut off.",
            ),
            clear_after_s=300.0,
        ),
    }
)
"""Code -> what the catalogue says of it."""
