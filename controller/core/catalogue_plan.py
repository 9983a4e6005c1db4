"""Reasons of the plan: announced cuts, planned runs of the genset, and why a plan is not followed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

_SOC = Kind.PERCENT
_FEEDERS = {
    "cut_begins": _entry(
        "มีไฟอยู่ ตามรอบที่ประกาศไว้ ไฟสายนี้จะดับ{wait_s} ถ้ามีแดดหรือแบตเตอรี่เหลือเกินคาด จะไม่ดับ",
        "Power is on. This line's announced turn to be off begins {wait_s}, unless there is more energy than "
        "expected.",
        wait_s=Kind.WAIT,
    ),
    "cut_lifted": _entry(
        "มีไฟ แม้เป็นรอบดับไฟที่ประกาศไว้ เพราะพลังงานเหลือมากกว่าที่คาด และจะมีไฟต่อไปแม้สิ้นสุดรอบ{wait_s}",
        "Power is on although this is an announced turn to be off: there is more energy than expected. It "
        "stays on; the turn ends {wait_s}.",
        wait_s=Kind.WAIT,
    ),
}
_GENSET = {
    "genset_planned": _entry(
        "เดินเครื่องปั่นไฟตามแผน จะหยุดเมื่อแผนให้หยุด เมื่อแดดพอใช้ หรือเมื่อแบตเตอรี่ถึงระดับที่แผนคาดไว้",
        "The genset runs as planned. It stops when the plan says so, when the sun covers the load, or when "
        "the battery is where the plan wants it.",
    ),
    "genset_not_planned": _entry(
        "ตามแผนยังไม่ต้องเดินเครื่องปั่นไฟ แบตเตอรี่เหลือ {soc_frac} จะเดินเมื่อแผนให้เดิน หรือเมื่อแบตเตอรี่ต่ำถึง {start_frac}",
        "The plan does without the genset for now: the battery is at {soc_frac}. It starts when the plan "
        "says so, or when the battery is down to {start_frac}.",
        soc_frac=_SOC,
        start_frac=_SOC,
    ),
    "genset_battery_full": _entry(
        "ไม่ต้องเดินเครื่องปั่นไฟตามแผน เพราะแบตเตอรี่ใกล้เต็ม {soc_frac} จากเกณฑ์ {limit_frac} "
        "จะพิจารณาใหม่เมื่อแบตเตอรี่ลดลง",
        "The planned run is not needed: the battery is nearly full at {soc_frac}, {limit_frac} is enough. "
        "This is judged anew as it falls.",
        soc_frac=_SOC,
        limit_frac=_SOC,
    ),
    "genset_goal_reached": _entry(
        "ไม่ต้องเดินเครื่องปั่นไฟตามแผนแล้ว แบตเตอรี่ {soc_frac} เกินระดับ {expected_frac} ที่แผนคาดไว้ "
        "จะพิจารณาใหม่เมื่อต่ำกว่าแผน",
        "The planned run is not needed any more: the battery is at {soc_frac}, above the {expected_frac} "
        "that the plan expected. This is judged anew when it falls below that.",
        soc_frac=_SOC,
        expected_frac=_SOC,
    ),
}
_STANDING = {
    "plan_followed": _entry(
        "ทำตามแผนที่ประกาศไว้ จนกว่าแผนจะหมดอายุหรือไม่ตรงกับความเป็นจริง",
        "The announced plan is followed until it is too old or no longer fits reality.",
    ),
    "plan_missing": _entry(
        "ยังไม่มีแผน จึงใช้กฎปกติ จนกว่าจะวางแผนใหม่ได้",
        "There is no plan, so the usual rules decide until one has been made.",
    ),
    "plan_expired": _entry(
        "แผนเก่าเกินไป ทำไว้ {age_s} แล้ว จึงใช้กฎปกติ จนกว่าจะมีแผนใหม่",
        "The plan is too old, it was made {age_s} ago: the usual rules decide until there is a newer one.",
        age_s=Kind.DURATION,
    ),
    "plan_broken": _entry(
        "แบตเตอรี่เหลือ {soc_frac} น้อยกว่าที่แผนคาดไว้อย่างน้อย {expected_frac} จึงใช้กฎปกติ จนกว่าจะมีแผนใหม่ "
        "รอบดับไฟที่ประกาศแล้วยังเป็นตามเดิม",
        "The battery is at {soc_frac}, less than the {expected_frac} that the plan expected at least: the "
        "usual rules decide until there is a newer plan. Turns that were announced stand.",
        soc_frac=_SOC,
        expected_frac=_SOC,
    ),
    "plan_battery_low": _entry(
        "แบตเตอรี่เหลือเพียง {soc_frac} จึงใช้กฎปกติแทนแผน จนกว่าแบตเตอรี่จะถึง {back_frac} "
        "รอบดับไฟที่ประกาศแล้วยังเป็นตามเดิม",
        "The battery is down to {soc_frac}, so the usual rules decide instead of the plan until it reaches "
        "{back_frac}. Turns that were announced stand.",
        soc_frac=_SOC,
        back_frac=_SOC,
    ),
    "plan_soc_unseen": _entry(
        "ไม่ทราบระดับแบตเตอรี่ จึงใช้กฎปกติแทนแผน จนกว่าข้อมูลจะกลับมา รอบดับไฟที่ประกาศแล้วยังเป็นตามเดิม",
        "The battery's level is not known, so the usual rules decide instead of the plan until it is. Turns "
        "that were announced stand.",
    ),
    "plan_clock_unset": _entry(
        "เวลาของเครื่องยังไม่แน่นอน จึงใช้กฎปกติแทนแผน จนกว่าจะตั้งเวลาได้",
        "The time of day is not known, so the usual rules decide instead of the plan until the clock is set.",
    ),
}

PLAN: Mapping[str, Entry] = MappingProxyType({**_FEEDERS, **_GENSET, **_STANDING})
"""Code -> entry."""
