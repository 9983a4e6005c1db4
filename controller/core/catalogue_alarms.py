"""Sentences of alarms that no voice of the core gives: of the night ahead, of things, and of the host."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

ALARM_REASONS: Mapping[str, Entry] = MappingProxyType(
    {
        "battery_short_of_dawn": _entry(
            "ไฟในแบตเตอรี่น่าจะไม่พอถึงพระอาทิตย์ขึ้นเวลา {sunrise} จะลดลงถึงระดับสำรอง{left_s} ใช้ไฟน้อยลงตอนนี้ช่วยได้",
            "The battery will probably not last until sunrise at {sunrise}: it is down to its reserve "
            "{left_s}. Using less now helps.",
            sunrise=Kind.CLOCK,
            left_s=Kind.WAIT,
        ),
        "cut_overdue": _entry(
            "{feeder} ควรมีไฟกลับมาตามที่ประกาศไว้ตั้งแต่ {late_s}ก่อน แต่ยังดับอยู่ สาเหตุล่าสุดดูได้ที่รายชื่อสาย",
            "{feeder} was to have power again {late_s} ago, as was announced, and is still off. The list of "
            "lines says why.",
            feeder=Kind.NAME,
            late_s=Kind.DURATION,
        ),
        "cut_too_long": _entry(
            "{feeder} ไม่มีไฟมา {off_s}แล้ว เพราะต้องปกป้องระบบ",
            "{feeder} has been without power for {off_s} to protect the system.",
            feeder=Kind.NAME,
            off_s=Kind.DURATION,
        ),
        "device_fault": _entry(
            "{device} แจ้งว่าขัดข้อง: {said}",
            "{device} reports a fault: {said}.",
            device=Kind.ID,
            said=Kind.ID,
        ),
        "pv_no_production": _entry(
            "{array} ไม่ผลิตไฟเลยทั้งที่มีแดด ให้ช่างตรวจเบรกเกอร์ ฟิวส์ และอินเวอร์เตอร์ของแผงชุดนี้",
            "{array} gives nothing although the sun shines. Check the breaker, fuses and inverter of this "
            "array.",
            array=Kind.NAME,
        ),
        "line_lost": _entry(
            "อุปกรณ์ทั้ง {count} ตัวบนสายสื่อสาร {line} ไม่ตอบเลย ให้ตรวจสาย ตัวแปลงสัญญาณ และไฟเลี้ยงของสายนี้",
            "None of the {count} devices on the line {line} answers. Check the cable, adapter and supply of "
            "this line.",
            line=Kind.ID,
            count=Kind.COUNT,
        ),
        "genset_fuel_low": _entry(
            "น้ำมันของ{genset}เหลือ {fuel_frac} ให้เติมก่อนจะต้องใช้",
            "{genset} has {fuel_frac} of its fuel left. Fill it up before it is needed.",
            genset=Kind.NAME,
            fuel_frac=Kind.PERCENT,
        ),
        "disk_space_low": _entry(
            "การ์ดหน่วยความจำเหลือที่ว่าง {free_frac} ({free_mb} MB) ถ้าเต็มจะบันทึกข้อมูลไม่ได้ แต่การควบคุมไฟยังทำงาน",
            "The memory card has {free_frac} of its space left ({free_mb} MB). Once it is full nothing can "
            "be stored; control goes on.",
            free_frac=Kind.PERCENT,
            free_mb=Kind.COUNT,
        ),
        "disk_read_only": _entry(
            "การ์ดหน่วยความจำถูกสลับเป็นอ่านได้อย่างเดียว บันทึกข้อมูลไม่ได้ การ์ดอาจใกล้เสีย การควบคุมไฟยังทำงานตามปกติ",
            "The memory card can only be read: nothing is stored, and the card may be about to fail. "
            "Control goes on.",
        ),
        "store_budget": _entry(
            "ข้อมูลที่เก็บไว้ใช้ที่ไป {used_frac} ของที่กำหนดให้ เมื่อเต็มจะลดความละเอียดของข้อมูลเก่าลงก่อน",
            "What is kept uses {used_frac} of the space set aside for it. At the limit the oldest detail is "
            "thinned out.",
            used_frac=Kind.PERCENT,
        ),
        "card_wear": _entry(
            "วันที่ผ่านมาเขียนลงการ์ดหน่วยความจำ {written_mb} MB มากกว่าที่ควร ({limit_mb} MB) การ์ดจะเสื่อมเร็ว",
            "{written_mb} MB were written to the memory card in the last day, more than the {limit_mb} MB "
            "it should be: it wears out early.",
            written_mb=Kind.COUNT,
            limit_mb=Kind.COUNT,
        ),
        "clock_unset": _entry(
            "ไม่รู้เวลาที่แน่นอนมา {unset_s}แล้ว การควบคุมไฟยังทำงาน แต่ไม่มีพยากรณ์และแผน และเวลาในบันทึกต้องแก้ภายหลัง",
            "The time of day has not been known for {unset_s}. Control goes on, without forecast and plan, "
            "and what is recorded gets its right time later.",
            unset_s=Kind.DURATION,
        ),
        "backup_overdue": _entry(
            "ไม่ได้สำรองข้อมูลมา {days} วันแล้ว ถ้าการ์ดเสีย ข้อมูลตั้งแต่นั้นจะหายไป",
            "The last backup is {days} days old. If the card fails, all since then is lost.",
            days=Kind.COUNT,
        ),
        "backup_never": _entry(
            "ยังไม่เคยสำรองข้อมูลเลย ถ้าการ์ดเสีย ข้อมูลทั้งหมดจะหายไป",
            "There has never been a backup. If the card fails, everything is lost.",
        ),
        "contacts_unconfirmed": _entry(
            "ไม่ได้ยืนยันเบอร์ติดต่อของช่างมา {days} วันแล้ว ถ้าเบอร์เปลี่ยน คำเตือนจะไม่ถึงใคร",
            "The technicians' contacts have not been confirmed for {days} days. If one has changed, alarms "
            "reach nobody.",
            days=Kind.COUNT,
        ),
        "accounts_low": _entry(
            "มีบัญชีเติมเงิน {count} บัญชีที่ยอดเหลือน้อย ไม่มีการตัดไฟเพราะยอดเงิน",
            "Prepaid accounts that run low: {count}. Nobody is cut off for it.",
            count=Kind.COUNT,
        ),
        "controller_restarting": _entry(
            "ตัวควบคุมเริ่มทำงานใหม่ {count} ครั้งภายในหนึ่งชั่วโมง ไฟฟ้าหรือการ์ดหน่วยความจำอาจมีปัญหา",
            "The controller has started {count} times within an hour. Its supply or memory card may be "
            "failing.",
            count=Kind.COUNT,
        ),
    }
)
"""Code -> entry."""
