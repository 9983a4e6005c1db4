"""Reasons of the controller's own life: starting, stopping, a memory that fails, a planner that fails."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

RUNTIME: Mapping[str, Entry] = MappingProxyType(
    {
        "controller_started": _entry(
            "ตัวควบคุมเริ่มทำงาน รับช่วงต่อจากสถานะที่เป็นอยู่",
            "The controller has started and goes on from the state it found.",
        ),
        "controller_stopped": _entry(
            "ตัวควบคุมถูกสั่งหยุด สายจ่ายไฟคงอยู่ตามเดิมจนกว่าจะเริ่มใหม่",
            "The controller was told to stop. The feeders stay as they are until it starts again.",
        ),
        "storage_failed": _entry(
            "บันทึกข้อมูลลงการ์ดไม่ได้ การควบคุมไฟยังทำงานตามปกติ ให้ช่างตรวจการ์ดหน่วยความจำ",
            "Data cannot be stored; control goes on. A technician should check the memory card: {error}",
            error=Kind.ID,
        ),
        "storage_set_aside": _entry(
            "ไฟล์ข้อมูลเสียหาย ถูกเก็บแยกไว้ที่ {file} และเริ่มไฟล์ใหม่แล้ว ให้ช่างเก็บไฟล์เดิมไว้",
            "The data file was damaged and set aside as {file}; a new one was started. Keep the old one.",
            file=Kind.ID,
        ),
        "storage_salvaged": _entry(
            "กู้ข้อมูลจากไฟล์ที่เสียหาย {file} ได้ {saved} รายการ มี {holes} แห่งที่อ่านไม่ได้ ให้ช่างย้ายไฟล์เดิมไปเก็บในแฟลชไดรฟ์",
            "{saved} records were copied out of the damaged file {file}; {holes} places could not be read. "
            "A technician should move that file to a USB stick.",
            file=Kind.ID,
            saved=Kind.COUNT,
            holes=Kind.COUNT,
        ),
        "clock_doubted": _entry(
            "นาฬิกาของเครื่องต่างจากเวลาที่ตัวควบคุมเดินเองอยู่ {off_s} ตัวควบคุมใช้เวลาของตนเองต่อไป "
            "จะเชื่อนาฬิกาของเครื่องเมื่อคงอยู่อย่างนั้นเกินหนึ่งชั่วโมง ให้ช่างตรวจนาฬิกาของเครื่อง",
            "The computer's clock is off by {off_s} from the time that the controller keeps. It goes on with "
            "its own, and believes the other once it has stood for an hour. A technician should check it.",
            off_s=Kind.DURATION,
        ),
        "clock_stepped": _entry(
            "นาฬิกาของเครื่องถูกเลื่อนไป {off_s} และคงอยู่เกินหนึ่งชั่วโมง จึงใช้เวลาใหม่นี้แล้ว "
            "ถ้าไม่มีใครตั้งนาฬิกา ให้ช่างตรวจนาฬิกาของเครื่อง",
            "The computer's clock was moved by {off_s} and has stood by it for over an hour: it is believed "
            "now. If nobody set it, a technician should check it.",
            off_s=Kind.DURATION,
        ),
        "history_unreadable": _entry(
            "อ่านข้อมูลที่วัดไว้ไม่ได้ การพยากรณ์ใช้เพียงค่าจากป้ายอุปกรณ์และสิ่งที่เรียนรู้ไว้ก่อน ให้ช่างตรวจการ์ดหน่วยความจำ: {error}",
            "What was measured cannot be read. The forecast rests on nameplates, customs and what was "
            "learned before; a technician should check the memory card: {error}",
            error=Kind.ID,
        ),
        "planner_failing": _entry(
            "ส่วนพยากรณ์ขัดข้องติดต่อกัน {failures} ครั้ง การควบคุมไฟยังทำงานตามปกติ "
            "แต่คำพยากรณ์จะเก่าลงเรื่อยๆ ให้ช่างดูบันทึกของระบบ",
            "The forecast has failed {failures} times in a row; control goes on, but what is forecast grows "
            "old. A technician should look into the system's log.",
            failures=Kind.COUNT,
        ),
        "planning_failing": _entry(
            "วางแผนไม่สำเร็จติดต่อกัน {failures} ครั้ง ใช้แผนเดิมต่อไปก่อน "
            "เมื่อแผนเก่าเกินสามชั่วโมงจะใช้กฎปกติ ให้ช่างดูบันทึกของระบบ",
            "No plan could be made {failures} times in a row: the last one stands for three hours at most, "
            "then the usual rules decide. A technician should look into the system's log.",
            failures=Kind.COUNT,
        ),
        "outside_failing": _entry(
            "ส่วนที่ติดต่อภายนอก (ข้อความแจ้งเตือน MQTT InfluxDB) ขัดข้องติดต่อกัน {failures} ครั้ง การควบคุมไฟยังทำงานตามปกติ "
            "แต่อาจไม่มีใครได้รับข้อความแจ้งเตือน ให้ช่างดูบันทึกของระบบ: {error}",
            "What talks to the world outside (messages, MQTT, InfluxDB) has failed {failures} times in a "
            "row; control goes on, but nobody may get a message. A technician should look into the system's "
            "log: {error}",
            failures=Kind.COUNT,
            error=Kind.ID,
        ),
    }
)
"""Code -> entry."""
