"""The genset's month, and the diesel and CO2 that the village did not need."""

from __future__ import annotations

from controller.core.model import Text
from controller.reports.figures.genset import (
    CO2_KG_PER_L,
    DIESEL_CO2_KG_PER_GJ,
    DIESEL_KG_PER_L,
    DIESEL_MJ_PER_KG,
    GensetFigures,
)
from controller.reports.report import Report
from controller.reports.section import Section, Table
from controller.reports.voice import Voice

_TITLE = Text("เครื่องปั่นไฟ น้ำมัน และคาร์บอน", "Genset, diesel and CO2")
_RAN = Text(
    "เครื่องปั่นไฟเดิน {hours} ชั่วโมง สตาร์ต {starts} ครั้ง ผลิตไฟ {wh} หน่วย ใช้น้ำมันประมาณ {litres} ลิตร "
    "เป็นเงินประมาณ {thb} บาท",
    "The genset ran for {hours} hours, was started {starts} times, gave {wh} kWh and burnt about {litres} "
    "litres of diesel, about {thb} baht.",
)
_RESTED = Text("เดือนนี้ไม่ได้เดินเครื่องปั่นไฟ", "The genset did not run this month.")
_UNKNOWN = Text("ไม่มีข้อมูลว่าเครื่องปั่นไฟเดินหรือไม่", "It is not known whether the genset ran.")
_SAVED = Text(
    "ถ้าหมู่บ้านใช้แต่เครื่องปั่นไฟ จะต้องใช้น้ำมันเพิ่มอีกอย่างน้อย {litres} ลิตร{thb} ลดคาร์บอนไดออกไซด์ได้อย่างน้อย {co2} กิโลกรัม",
    "A village on its genset alone would have burnt at least {litres} litres more{thb}: at least {co2} "
    "kg of CO2 "
    "were saved.",
)
_WORTH = Text(" เป็นเงิน {thb} บาท", ", worth {thb} baht")
_TABLE = Text("เครื่องปั่นไฟ", "The genset")
_HEAD = Text("|เดือนนี้", "|This month")
_HOURS, _STARTS = Text("ชั่วโมงเดินเครื่อง", "Hours run"), Text("ครั้งที่สั่งสตาร์ต", "Starts asked for")
_GAVE = Text("ไฟที่ผลิต (หน่วย)", "Energy given (kWh)")
_LITRES = Text("น้ำมันตามกราฟการกินน้ำมัน (ลิตร)", "Diesel by the fuel curve (litres)")
_TANK = Text("น้ำมันตามระดับในถัง (ลิตร)", "Diesel by the level in the tank (litres)")
_PER_KWH = Text("ลิตรต่อหน่วย", "Litres a kWh")
_COST = Text("ค่าน้ำมัน (บาท)", "Cost of the diesel (baht)")
_HOW_HOURS = {
    "counter": Text("ชั่วโมงเดินเครื่องอ่านจากมิเตอร์ชั่วโมงของเครื่อง", "Hours are those of the engine's own meter."),
    "log": Text(
        "ชั่วโมงเดินเครื่องนับจากบันทึก ตั้งแต่สั่งสตาร์ตถึงสั่งดับ", "Hours are counted in the log, from start to stop."
    ),
    "power": Text(
        "ชั่วโมงเดินเครื่องนับจากช่วง 15 นาทีที่มีกำลังไฟ จึงมากกว่าจริงเล็กน้อย",
        "Hours are the quarters of an hour in which it gave power, hence a little too many.",
    ),
}
_HOW_CO2 = Text(
    "ดีเซล 1 ลิตรปล่อยคาร์บอนไดออกไซด์ {co2} กิโลกรัม: ความหนาแน่น {density} กก./ลิตร × ค่าความร้อนสุทธิ {mj} "
    "เมกะจูล/กก. "
    "(2006 IPCC Guidelines เล่ม 2 ตาราง 1.2) × {kg} กก./จิกะจูล (ตาราง 2.2)",
    "A litre of diesel gives {co2} kg of CO2: density {density} kg/l × net calorific value {mj} MJ/kg "
    "(2006 IPCC "
    "Guidelines, volume 2, table 1.2) × {kg} kg/GJ (table 2.2).",
)
_HOW_SAVED = Text(
    "คิดว่าเครื่องปั่นไฟเดินเต็มกำลังตลอด คือกินน้ำมันน้อยที่สุด {l_per_kwh} ลิตรต่อหน่วย แล้วหักน้ำมันที่ใช้จริงออก จึงเป็นค่าต่ำสุด "
    "ไฟจากการไฟฟ้าไม่นับว่าประหยัด "
    "และไม่รวมคาร์บอนจากการผลิตแผงและแบตเตอรี่",
    "The genset is taken to run at full power throughout, {l_per_kwh} l/kWh, the least that it can do, "
    "and the "
    "diesel that was burnt is taken off: so this is a lower bound. Energy from the public grid is not "
    "counted as "
    "saved; what it took to make panels and batteries is left out.",
)


def genset(report: Report, voice: Voice) -> Section:
    """Hours, starts and fuel; savings with the factor and its source."""
    figures, saved = report.figures.genset, report.figures.savings
    told = [] if figures is None else [_ran(figures, voice)]
    notes = [] if figures is None or not figures.hours else [voice.pick(_HOW_HOURS[figures.hours_from])]
    if saved is not None and saved.diesel_l > 0:
        thb = "" if saved.thb is None else voice.say(_WORTH, thb=voice.number(saved.thb))
        told.append(
            voice.say(_SAVED, litres=voice.number(saved.diesel_l), thb=thb, co2=voice.number(saved.co2_kg))
        )
        notes.append(voice.say(_HOW_SAVED, l_per_kwh=voice.number(saved.l_per_kwh, 2)))
        notes.append(_factor(voice))
    return Section(
        id="genset",
        title=voice.pick(_TITLE),
        paragraphs=told,
        tables=[_table(figures, voice)] if figures is not None and figures.hours else [],
        notes=notes,
    )


def _ran(figures: GensetFigures, voice: Voice) -> str:
    if figures.hours is None:
        return voice.pick(_UNKNOWN)
    if figures.hours == 0:
        return voice.pick(_RESTED)
    return voice.say(
        _RAN,
        hours=voice.hours(figures.hours),
        starts=voice.number(figures.starts),
        wh=voice.maybe(figures.wh, voice.kwh),
        litres=voice.maybe(figures.litres, voice.number),
        thb=voice.maybe(figures.cost_thb, voice.number),
    )


def _factor(voice: Voice) -> str:
    return voice.say(
        _HOW_CO2,
        co2=voice.number(CO2_KG_PER_L, 2),
        density=voice.number(DIESEL_KG_PER_L, 2),
        mj=voice.number(DIESEL_MJ_PER_KG, 1),
        kg=voice.number(DIESEL_CO2_KG_PER_GJ, 1),
    )


def _table(figures: GensetFigures, voice: Voice) -> Table:
    per_kwh = figures.litres / (figures.wh / 1000) if figures.litres is not None and figures.wh else None
    rows = [
        [voice.pick(_HOURS), voice.maybe(figures.hours, voice.hours)],
        [voice.pick(_STARTS), voice.number(figures.starts)],
        [voice.pick(_GAVE), voice.maybe(figures.wh, voice.kwh)],
        [voice.pick(_LITRES), voice.maybe(figures.litres, voice.number)],
        [voice.pick(_TANK), voice.maybe(figures.tank_litres, voice.number)],
        [voice.pick(_PER_KWH), voice.maybe(per_kwh, lambda litres: voice.number(litres, 2))],
        [voice.pick(_COST), voice.maybe(figures.cost_thb, voice.number)],
    ]
    return Table(voice.pick(_TABLE), voice.pick(_HEAD).split("|"), rows)
