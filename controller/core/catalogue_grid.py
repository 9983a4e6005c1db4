"""Reasons of the village's supply: grid, island, genset, darkness, and what is not joined to what."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

_SOC = Kind.PERCENT
_SUPPLY = {
    "supply_grid_tied": _entry(
        "หมู่บ้านต่ออยู่กับการไฟฟ้า กำลังไฟที่จุดเชื่อมต่อ {power_w} ถ้าการไฟฟ้าดับ แผงและแบตเตอรี่จะจ่ายต่อเอง",
        "The village is on the public grid, with {power_w} at the connection. If the grid fails, sun and "
        "battery carry on.",
        power_w=Kind.POWER,
    ),
    "supply_islanded": _entry(
        "หมู่บ้านผลิตไฟใช้เองจากแสงแดดและแบตเตอรี่ ไม่มีสายจากการไฟฟ้า",
        "The village makes its own power from sun and battery; there is no public grid.",
    ),
    "supply_genset": _entry(
        "เครื่องปั่นไฟช่วยจ่ายไฟอยู่ {power_w} จะหยุดเมื่อแบตเตอรี่หรือแดดพอ",
        "The genset supports the village with {power_w}; it stops once battery or sun suffice.",
        power_w=Kind.POWER,
    ),
    "supply_dark": _entry(
        "ไม่มีไฟในระบบ ไฟจะกลับมาเมื่ออินเวอร์เตอร์เดินใหม่ ถ้าไม่กลับมาให้โทรแจ้งช่าง",
        "There is no power in the village. It returns when the inverter runs again; if it does not, call "
        "the technician.",
    ),
    "supply_black_start": _entry(
        "ไฟกำลังกลับมาทีละสาย สายสำคัญก่อน",
        "Power is coming back line by line, the most important first.",
    ),
    "supply_unknown": _entry(
        "ไม่ทราบว่าไฟมาจากไหน เพราะอุปกรณ์ไม่ตอบ ให้ช่างตรวจสายสื่อสาร",
        "It is not known what supplies the village, as devices do not answer. A technician should check the "
        "connection.",
    ),
    "supply_grid_lost": _entry(
        "การไฟฟ้าดับมาแล้ว {lost_s} หมู่บ้านใช้ไฟของตัวเอง จะต่อกลับเมื่อไฟจากการไฟฟ้านิ่งครบ {stable_s}",
        "The public grid has been away for {lost_s}; the village runs on its own. It is joined again once "
        "the grid has been sound for {stable_s}.",
        lost_s=Kind.DURATION,
        stable_s=Kind.DURATION,
    ),
    "supply_outage": _entry(
        "การไฟฟ้าประกาศดับไฟ หมู่บ้านใช้ไฟของตัวเอง ประกาศไว้ว่าจะกลับมา{wait_s}",
        "The utility has announced an outage; the village runs on its own. The grid is to be back {wait_s}.",
        wait_s=Kind.WAIT,
    ),
    "supply_grid_settling": _entry(
        "ไฟจากการไฟฟ้ากลับมาแล้ว รอให้นิ่งก่อน จะต่อกลับได้{wait_s}",
        "The public grid is back; it may be joined {wait_s}, once it has been sound long enough.",
        wait_s=Kind.WAIT,
    ),
    "supply_inverter_checks": _entry(
        "ไฟจากการไฟฟ้าปกติ อินเวอร์เตอร์กำลังตรวจสอบก่อนต่อเข้าเอง ถ้านานเกินสิบนาทีให้ช่างดูการตั้งค่าอินเวอร์เตอร์",
        "The public grid is sound; the inverter checks it before it joins. If that takes more than ten "
        "minutes, a technician should look at the inverter's settings.",
    ),
    "grid_lost": _entry(
        "การไฟฟ้าดับโดยไม่ได้ประกาศ มาแล้ว {lost_s} จะต่อกลับเองเมื่อไฟนิ่งครบ {stable_s} ถ้านานให้โทรแจ้งการไฟฟ้า",
        "The public grid is away unannounced, for {lost_s} now. It is joined again once it has been sound "
        "for {stable_s}; if it stays away, call the utility.",
        lost_s=Kind.DURATION,
        stable_s=Kind.DURATION,
    ),
    "grid_not_joined": _entry(
        "ไฟจากการไฟฟ้าปกติมา {sound_s} แต่หมู่บ้านยังไม่ได้ต่อเข้า ให้ช่างตรวจอินเวอร์เตอร์หรือเบรกเกอร์",
        "The public grid has been sound for {sound_s}, but the village is not joined to it. A technician "
        "should check inverter and breaker.",
        sound_s=Kind.DURATION,
    ),
}
_FEEDERS = {
    "powered_by_grid": _entry(
        "มีไฟจากการไฟฟ้า ถ้าการไฟฟ้าดับจะกลับไปใช้ไฟตามแบตเตอรี่",
        "Power is on from the public grid. If the grid fails, it depends on the battery again.",
    ),
    "outage_ahead": _entry(
        "การไฟฟ้าจะดับ{wait_s} ตอนนี้แบตเตอรี่เหลือ {soc_frac} จึงชาร์จให้ถึง {need_frac} ก่อน แล้วไฟสายนี้จะกลับมา",
        "The grid goes off {wait_s}. The battery is at {soc_frac} and is charged to {need_frac} first; then "
        "this line is on again.",
        wait_s=Kind.WAIT,
        soc_frac=_SOC,
        need_frac=_SOC,
    ),
    "grid_lost_shed": _entry(
        "การไฟฟ้าดับ หมู่บ้านใช้ไฟ {power_w} เกินที่อินเวอร์เตอร์รับได้ {limit_w} จึงตัดบางสาย จะกลับมาเมื่อใช้ไฟน้อยลง",
        "The grid is gone, and {power_w} is more than the inverter carries alone ({limit_w}), so some lines "
        "were cut. They return when there is room.",
        power_w=Kind.POWER,
        limit_w=Kind.POWER,
    ),
    "import_shed": _entry(
        "ดึงไฟจากการไฟฟ้า {power_w} เกินที่ตกลงไว้ {limit_w} จึงตัดบางสาย จะกลับมาเมื่อใช้ไฟน้อยลง",
        "More is drawn from the grid than agreed ({power_w}, limit {limit_w}), so some lines were cut. They "
        "return when there is room.",
        power_w=Kind.POWER,
        limit_w=Kind.POWER,
    ),
    "battery_drained": _entry(
        "แบตเตอรี่เคยหมดเกลี้ยง ตอนนี้ {soc_frac} จึงจ่ายเฉพาะสายสำคัญที่สุด จนกว่าจะถึง {back_frac} และเห็นว่ากำลังชาร์จอยู่",
        "The battery was drained and is at {soc_frac}. Only the most important line is served until it is "
        "at {back_frac} and is seen to charge.",
        soc_frac=_SOC,
        back_frac=_SOC,
    ),
}
_GENSET = {
    "genset_black_start": _entry(
        "เดินเครื่องปั่นไฟเพื่อนำไฟกลับมา เพราะหมู่บ้านมืดและไม่เห็นว่าแบตเตอรี่ปกติ จะหยุดเมื่อแบตเตอรี่พอ",
        "The genset is wanted to bring the village back: it is dark, and the battery is not seen to be "
        "well. It stops once the battery suffices.",
    ),
    "genset_grid_back": _entry(
        "การไฟฟ้ากลับมาแล้ว หยุดเครื่องปั่นไฟก่อน แล้วจึงต่อกับการไฟฟ้า",
        "The public grid is back: the genset stops first, then the grid is joined.",
    ),
    "interlock_genset_grid": _entry(
        "ห้ามเดินเครื่องปั่นไฟขณะที่มีไฟจากการไฟฟ้า เพราะสองแหล่งต่อขนานกันไม่ได้ ถ้าการไฟฟ้าดับจึงเดินได้",
        "The genset is kept off while there is a public grid: the two must not feed side by side here. It "
        "may run when the grid is away.",
    ),
    "interlock_genset_unsure": _entry(
        "ไม่ทราบว่าหมู่บ้านต่อกับการไฟฟ้าอยู่หรือไม่ จึงยังไม่เดินเครื่องปั่นไฟ ให้ช่างตรวจอุปกรณ์ที่จุดเชื่อมต่อ",
        "It is not known whether the village is joined to the grid, so the genset is not started. A "
        "technician should check the device at the connection.",
    ),
    "interlock_genset_live_bus": _entry(
        "เครื่องปั่นไฟเครื่องนี้ซิงค์กับระบบที่มีไฟอยู่ไม่ได้ จึงเดินได้เฉพาะตอนไฟดับทั้งหมู่บ้าน",
        "This genset cannot be brought into step with a live system: it is started only while the village "
        "is dark.",
    ),
}
_PV = {
    "pv_export_held": _entry(
        "ไฟไหลย้อนเข้าการไฟฟ้าได้ไม่เกิน {limit_w} ตอนนี้ {power_w} จึงลดการผลิตจากแผงเหลือ {limit_frac} "
        "จะผลิตมากขึ้นเมื่อมีคนใช้ไฟมากขึ้น",
        "No more than {limit_w} may flow into the grid, and {power_w} does: the panels are held to "
        "{limit_frac} until more is used.",
        limit_w=Kind.POWER,
        power_w=Kind.POWER,
        limit_frac=_SOC,
    ),
}
_BREAKER = {
    "breaker_grid_lost": _entry(
        "ไฟจากการไฟฟ้าผิดปกติ จึงปลดหมู่บ้านออกจากการไฟฟ้า",
        "The public grid is not as it should be, so the village is taken off it until it is sound again.",
    ),
    "breaker_outage": _entry(
        "การไฟฟ้าประกาศดับไฟ{wait_s} นาน {lasts_s} จึงปลดออกก่อน หมู่บ้านใช้ไฟของตัวเอง",
        "The utility has announced an outage {wait_s}, for {lasts_s}: the village leaves the grid before it "
        "and runs on its own.",
        wait_s=Kind.WAIT,
        lasts_s=Kind.DURATION,
    ),
    "breaker_grid_back": _entry(
        "ไฟจากการไฟฟ้านิ่งแล้ว ต่อหมู่บ้านเข้ากับการไฟฟ้าเมื่ออุปกรณ์ตรวจซิงค์อนุญาต",
        "The public grid has been sound long enough: the village is joined to it when the sync check "
        "permits.",
    ),
    "breaker_stuck_closed": _entry(
        "สั่งปลดเบรกเกอร์ที่ต่อกับการไฟฟ้าแล้ว แต่หมู่บ้านยังต่ออยู่ หน้าสัมผัสอาจติดค้าง ให้ช่างปลดสวิตช์ด้วยมือและตรวจเบรกเกอร์",
        "The breaker to the grid was told to open, but village and grid are still joined: its contacts may "
        "have welded. A technician should isolate it by hand and check it.",
    ),
    "interlock_breaker_sync": _entry(
        "รออุปกรณ์ตรวจซิงค์อนุญาตก่อนต่อกับการไฟฟ้า ถ้านานให้ช่างตรวจอุปกรณ์นั้น",
        "The grid is not joined before the sync check permits it. If that takes long, a technician should "
        "look at that device.",
    ),
    "interlock_breaker_unsteady": _entry(
        "ไฟจากการไฟฟ้ายังนิ่งไม่พอ จะต่อได้{wait_s}",
        "The public grid has not been sound for long enough; it may be joined {wait_s}.",
        wait_s=Kind.WAIT,
    ),
    "interlock_breaker_genset": _entry(
        "เครื่องปั่นไฟยังเดินหรือยังไม่รู้สถานะ จึงยังไม่ต่อกับการไฟฟ้า จนกว่าเครื่องจะหยุด",
        "The genset turns, or nobody knows: the grid is not joined until it stands still.",
    ),
    "interlock_battery_export": _entry(
        "ไม่ให้แบตเตอรี่จ่ายย้อนเข้าการไฟฟ้าเกินที่อนุญาต จึงลดการจ่าย จะจ่ายได้มากขึ้นเมื่อมีคนใช้ไฟมากขึ้น",
        "The battery gives less, so that no more flows into the grid than may. It gives more when more is "
        "used.",
    ),
    "interlock_export": _entry(
        "ไฟไหลย้อนเข้าการไฟฟ้า {power_w} เกินที่อนุญาต {limit_w} จึงลดการผลิตจากแผง จะกลับมาเมื่อมีคนใช้ไฟมากขึ้น",
        "{power_w} flows out into the grid, where {limit_w} may: the panels are held back until more is "
        "used.",
        power_w=Kind.POWER,
        limit_w=Kind.POWER,
    ),
}

GRID: Mapping[str, Entry] = MappingProxyType({**_SUPPLY, **_FEEDERS, **_GENSET, **_PV, **_BREAKER})
"""Code -> entry."""
