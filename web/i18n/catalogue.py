"""Every sentence of the page. Names in braces are filled in by `say`.

A sentence cannot lack a language (`Text` demands both); a test checks that both name the same
placeholders and that nothing stands here unused. Reasons have their own catalogue in `core.reasons`.
"""

from __future__ import annotations

from typing import Final

from controller.core.language import Language, pick
from controller.core.model import Text


def phrases(lang: Language) -> dict[str, str]:
    """Every sentence in one language by its name in lower case, for the templates."""
    return {name.lower(): pick(text, lang) for name, text in globals().items() if isinstance(text, Text)}


# ---------------------------------------------------------------- the frame of the page
TITLE: Final = Text("ไฟฟ้า{site}", "Power in {site}")
TITLE_PLAIN: Final = Text("ไฟฟ้าหมู่บ้าน", "Village power")
SWITCH_LANGUAGE: Final = Text("English", "ภาษาไทย")
SKIP: Final = Text("ข้ามไปที่เนื้อหา", "Skip to the content")
AS_OF: Final = Text("ข้อมูลเวลา", "As of")
OFFLINE: Final = Text("ขาดการเชื่อมต่อ กำลังต่อใหม่ ข้อมูลที่เห็นเป็นของเวลา", "Connection lost, trying again. Data of")
DEMO: Final = Text(
    "หมู่บ้านจำลอง – simulated, {speed}x ตัวเลขและเวลาไม่ใช่ของจริง",
    "Simulated village – จำลอง, {speed}x. Figures and times are not real",
)
CLOCK_UNSET: Final = Text(
    "นาฬิกาของระบบยังไม่ตรง เวลาที่แสดงอาจผิด", "The system's clock is not set yet: times may be wrong"
)
CALL: Final = Text("โทรหา{name}", "Call: {name}")
CALL_HEADING: Final = Text("ไฟมีปัญหา โทรหาใคร", "Trouble with the power? Call")
FOOTER: Final = Text("หน้านี้ปรับเองทุกวินาที ไม่ต้องกดรีเฟรช", "This page keeps itself up to date")
OPEN_DATA: Final = Text("ข้อมูลเปิดสำหรับโปรแกรม", "Open data for programs")

# ---------------------------------------------------------------- the headline
HEADLINE_NORMAL: Final = Text("มีไฟใช้ตามปกติ", "There is power")
HEADLINE_SAVING: Final = Text("มีไฟใช้ แต่ต้องช่วยกันประหยัด", "There is power, please save")
HEADLINE_PARTIAL: Final = Text(
    "มีไฟ แต่พักไว้ {off} จาก {all} สาย", "There is power, but {off} of {all} lines are resting"
)
HEADLINE_EMERGENCY: Final = Text(
    "เหตุฉุกเฉิน ตัดไฟไว้ {off} จาก {all} สาย", "Emergency: {off} of {all} lines are cut"
)
HEADLINE_ALL_OFF: Final = Text("ตอนนี้ทุกสายไม่มีไฟ", "All lines are off now")
HEADLINE_BLACKOUT: Final = Text("ไฟดับทั้งหมู่บ้าน", "The whole village is without power")
HEADLINE_BLACK_START: Final = Text("ไฟกำลังกลับมา ทีละสาย", "Power is coming back, line by line")
HEADLINE_NOT_RUNNING: Final = Text("ไม่ทราบสถานะไฟฟ้าตอนนี้", "The state of the power is not known")
ALARM_COUNT: Final = Text("มีเรื่องต้องดูแล {count} เรื่อง", "Needs attention: {count}")

STATE_RUNNING: Final = Text("ระบบควบคุมทำงานปกติ", "The controller is running.")
STATE_MISSING: Final = Text("ระบบควบคุมยังไม่ได้เริ่มทำงาน", "The controller has not started.")
STATE_UNREADABLE: Final = Text("อ่านข้อมูลจากระบบควบคุมไม่ได้", "The controller's data cannot be read.")
STATE_OLD: Final = Text("ระบบควบคุมไม่ทำงานตั้งแต่ {since}", "The controller has not been running since {since}.")
STATE_REBOOTED: Final = Text(
    "เครื่องเปิดใหม่แล้ว แต่ระบบควบคุมยังไม่ทำงาน ข้อมูลล่าสุด {since}",
    "The computer restarted but the controller is not running yet. Last data: {since}.",
)
PLEASE_CALL: Final = Text("โปรดโทรหา{name}", "Please call: {name}")
LAST_KNOWN: Final = Text(
    "ตัวเลขข้างล่างเป็นค่าล่าสุดเมื่อ {since} ไม่ใช่ของตอนนี้",
    "The figures below are the last known, of {since}, not of now.",
)

# ---------------------------------------------------------------- battery, sun, power
BATTERY: Final = Text("แบตเตอรี่", "Battery")
BATTERY_CHARGING: Final = Text("กำลังชาร์จ {power}", "Charging {power}")
BATTERY_DISCHARGING: Final = Text("กำลังจ่ายไฟ {power}", "Supplying {power}")
BATTERY_RESTING: Final = Text("พักอยู่ ไม่ชาร์จและไม่จ่าย", "Resting: neither charging nor supplying")
BATTERY_FULL: Final = Text("เต็มแล้ว", "Full")
BATTERY_UNKNOWN: Final = Text("ไม่ทราบว่าชาร์จหรือจ่าย", "Not known whether charging or supplying")
ENOUGH_UNTIL: Final = Text("พอใช้ถึงประมาณ {time}", "Enough until about {time}")
ENOUGH_LONG: Final = Text("พอใช้ได้อีกเกิน 1 วัน", "Enough for more than a day")
AS_PLANNED: Final = Text(
    "ตามแผน ตอนแดดขึ้น {time} แบตเตอรี่น่าจะเหลือ {low} ถึง {high}",
    "As planned, the battery should hold {low} to {high} at sunrise, {time}.",
)
AS_PLANNED_ABOUT: Final = Text(
    "ตามแผน ตอนแดดขึ้น {time} แบตเตอรี่น่าจะเหลือประมาณ {low}",
    "As planned, the battery should hold about {low} at sunrise, {time}.",
)
WITHOUT_PLAN: Final = Text("ถ้าไม่ผลัดกันดับและไม่เดินเครื่องปั่นไฟ: {outlook}", "Without turns and genset: {outlook}")
AT_RESERVE: Final = Text("เหลือเท่าไฟสำรองแล้ว", "Down to the reserve")
SUN: Final = Text("แดดและแผง", "Sun")
SUN_STRONG: Final = Text("แดดจัด", "Strong sun")
SUN_FAIR: Final = Text("แดดปานกลาง", "Some sun")
SUN_WEAK: Final = Text("แดดอ่อน", "Weak sun")
SUN_NONE: Final = Text("ไม่มีแดด", "No sun")
PV_MAKING: Final = Text("แผงกำลังผลิตไฟ", "The panels are producing")
PV_IDLE: Final = Text("แผงไม่ได้ผลิตไฟ", "The panels are idle")
POWER: Final = Text("ใช้ไฟตอนนี้", "Power now")
POWER_ALL: Final = Text("ทุกสายรวมกัน", "all lines together")
POWER_PARTLY: Final = Text("ยังขาดข้อมูลบางเครื่อง", "some meters do not answer")
KW: Final = Text("กิโลวัตต์", "kW")
UNKNOWN: Final = Text("ไม่ทราบ", "Not known")

# ---------------------------------------------------------------- feeders
FEEDERS: Final = Text("สายไฟแต่ละสาย", "Each line")
FEEDER_ON: Final = Text("มีไฟ", "On")
FEEDER_OFF: Final = Text("ไม่มีไฟ", "Off")
FEEDER_UNKNOWN: Final = Text("ไม่ทราบ", "Not known")
SINCE: Final = Text("ตั้งแต่ {time}", "Since {time}")
USING: Final = Text("ใช้อยู่ {power}", "using {power}")

# ---------------------------------------------------------------- genset
GENSET_STOPPED: Final = Text("ดับอยู่", "Stopped")
GENSET_STARTING: Final = Text("กำลังสตาร์ต", "Starting")
GENSET_WARMING_UP: Final = Text("อุ่นเครื่อง", "Warming up")
GENSET_RUNNING: Final = Text("กำลังเดินเครื่อง {power}", "Running, {power}")
GENSET_COOLING_DOWN: Final = Text("พักเครื่องก่อนดับ", "Cooling down")
GENSET_FAILED: Final = Text("สตาร์ตไม่ติด", "Failed to start")
GENSET_NONE_PLANNED: Final = Text("24 ชั่วโมงนี้ไม่มีแผนเดินเครื่อง", "No run is planned in the next 24 hours")
GENSET_FUEL: Final = Text("น้ำมันเหลือ {percent}", "Fuel {percent}")

# ---------------------------------------------------------------- turns to be off
TURNS: Final = Text("สายไหนดับเมื่อไร ใน 12 ชั่วโมงนี้", "Which line is off when, in the next 12 hours")
TURNS_NONE: Final = Text(
    "ไม่มีรอบดับไฟ ทุกสายน่าจะมีไฟตลอดถึง {until}",
    "Nobody has to be off: every line should have power until {until}.",
)
TURNS_KEPT: Final = Text(
    "ประกาศแล้วถึง {until} จะไม่เพิ่มรอบดับอีก นอกจากเหตุฉุกเฉินหรือไฟน้อยกว่าที่คาดมาก ถ้าแดดดีกว่าที่คาด ไฟจะมาเร็วขึ้น",
    "Told until {until}. No turns are added, unless in an emergency or with far less energy than expected. "
    "With more sun than expected they end sooner.",
)
TURNS_UNTOLD: Final = Text(
    "ตอนนี้ประกาศรอบดับไฟล่วงหน้าไม่ได้",
    "Turns cannot be told ahead at the moment.",
)
TURN_AHEAD: Final = Text("ดับ {start} ถึง {end}", "Off {start} to {end}")
TURN_NOW: Final = Text("ดับอยู่ ถึง {end}", "Off now, until {end}")
TURN_LIFTED: Final = Text("ไม่ดับแล้ว (รอบ {start} ถึง {end})", "Stays on after all (turn {start} to {end})")
TURN_WHY: Final = Text("ทำไม? ประกาศเมื่อ {time}", "Why? Announced {time}")
TURN_ALSO: Final = Text("(ประกาศเมื่อ {time})", "(Announced {time})")
TURNS_OTHERS: Final = Text("ไม่มีรอบดับ:", "No turn to be off:")
NOW: Final = Text("ตอนนี้", "now")
TONIGHT: Final = Text("คืนนี้", "tonight")
NEXT_DAY: Final = Text("พรุ่งนี้", "tomorrow")
LEGEND_LIT: Final = Text("จะมีไฟ (แถบทึบ)", "To be on (plain)")
LEGEND_HATCHED: Final = Text("จะดับ (แถบลายขีด)", "To be off (hatched)")

# ---------------------------------------------------------------- heavy uses
HEAVY: Final = Text("ใช้ไฟหนักเมื่อไรดี", "When to use heavy loads")
HEAVY_SPAN: Final = Text("{day} {start} ถึง {end_day}{end}", "{day} {start} to {end_day}{end}")
HEAVY_GOOD: Final = Text("ช่วงดี", "Good")
HEAVY_BAD: Final = Text("ควรเลี่ยง", "Better not")
HEAVY_NONE: Final = Text(
    "24 ชั่วโมงนี้ไม่มีช่วงที่ดีหรือควรเลี่ยงเป็นพิเศษ",
    "In the next 24 hours no time is better or worse than another.",
)

# ---------------------------------------------------------------- fair shares
FAIRNESS: Final = Text("แบ่งไฟเป็นธรรมไหม", "Is power shared fairly?")
LAST_DAYS: Final = Text("นับ {days} วันที่ผ่านมา", "Counted over the last {days} days.")
SINCE_TODAY: Final = Text(
    "เพิ่งเริ่มนับไม่ถึงวัน ยังเทียบกันไม่ได้ รอบต่อ ๆ ไปจะเฉลี่ยให้ใกล้เคียงกัน",
    "Counting has just begun, too early to compare: the next turns even it out.",
)
CLASS_CRITICAL: Final = Text("สายสำคัญยิ่ง", "Critical lines")
CLASS_ESSENTIAL: Final = Text("สายจำเป็น", "Essential lines")
CLASS_HOUSEHOLD: Final = Text("บ้านเรือน", "Homes")
CLASS_FLEXIBLE: Final = Text("สายที่เลื่อนเวลาได้", "Flexible lines")
SHARES_BETWEEN: Final = Text(
    "{name}: แต่ละกลุ่มได้ไฟ {least} ถึง {most} ของที่อยากใช้",
    "{name}: each group got between {least} and {most} of the power it wanted.",
)
SHARES_SAME: Final = Text(
    "{name}: ทุกกลุ่มได้ไฟเท่ากัน {most} ของที่อยากใช้",
    "{name}: each group got {most} of the power it wanted.",
)
SHARES_WHOLE: Final = Text("{name}: ได้ไฟครบตามที่อยากใช้", "{name}: got all the power they wanted.")
SHARE_ONE: Final = Text("{name}: ได้ไฟ {most} ของที่อยากใช้", "{name}: got {most} of the power they wanted.")
WITHOUT: Final = Text("ดับรวม {hours} ชม.", "off for {hours} h in all")
SHARES_MORE: Final = Text("สายอื่น ๆ และวิธีคิด", "Other lines, and how this is counted")
SPREAD: Final = Text(
    "ต่างกันมากสุด {points} จุดร้อยละ ดัชนีความเป็นธรรม (Jain) {jain}",
    "They differ by {points} percentage points at most; Jain's index of fairness is {jain}.",
)
SHARES_HOW: Final = Text(
    "ส่วนที่ได้ = ไฟที่ได้ใช้ หารด้วยไฟที่อยากใช้ ดัชนี 1 คือทุกบ้านได้เท่ากัน ดับเพราะเหตุฉุกเฉินก็นับ แล้วชดเชยในรอบต่อไป",
    "A share is the energy a line got, divided by what it wanted. An index of 1 means all homes alike. Cuts "
    "in an emergency count too, and are made up for in later turns.",
)

# ---------------------------------------------------------------- alarms and decisions
ALARMS: Final = Text("เรื่องต้องดูแล", "Needs attention")
ALARMS_TECHNICAL: Final = Text("สำหรับช่าง {count} เรื่อง", "For technicians: {count}")
ALARM_ACKNOWLEDGED: Final = Text("มีช่างรับทราบแล้ว", "a technician sees to it")
ALARM_OVER: Final = Text("หายแล้ว รอดูให้แน่ใจ", "over, being watched for a while")
SEVERITY_CRITICAL: Final = Text("ด่วนมาก", "critical")
SEVERITY_WARNING: Final = Text("เตือน", "warning")
SEVERITY_NOTICE: Final = Text("แจ้งให้ทราบ", "notice")
DECISIONS: Final = Text("เหตุการณ์ล่าสุด", "What happened lately")
DECISIONS_NONE: Final = Text("ยังไม่มีเหตุการณ์", "Nothing yet")
UNKNOWN_REASON: Final = Text("เหตุผลรหัส {code}", "Reason code {code}")
ACTION_OPEN: Final = Text("ปิดไฟ", "switched off")
ACTION_CLOSE: Final = Text("เปิดไฟ", "switched on")
ACTION_START: Final = Text("สตาร์ต", "started")
ACTION_STOP: Final = Text("ดับเครื่อง", "stopped")
ACTION_LIMIT: Final = Text("ปรับกำลังแผง", "panel limit changed")
ACTION_RELEASE: Final = Text("ปล่อยให้แผงผลิตเต็มที่", "panels free again")
ACTION_ADOPT: Final = Text("รับช่วงต่อตามที่พบ", "taken over as found")
ACTION_MODE: Final = Text("เปลี่ยนโหมด", "mode changed")
ACTION_PLAN: Final = Text("แผน", "plan")
ACTION_SUPPLY: Final = Text("เปลี่ยนแหล่งไฟ", "supply changed")
ACTION_CONNECT: Final = Text("ต่อกับการไฟฟ้า", "joined to the grid")
ACTION_DISCONNECT: Final = Text("แยกจากการไฟฟ้า", "taken off the grid")
ACTION_ALARM: Final = Text("เตือน", "alarm")
ACTION_CLEAR: Final = Text("หายแล้ว", "back to normal")

# ---------------------------------------------------------------- today and tomorrow
CHART: Final = Text("วันนี้และพรุ่งนี้", "Today and tomorrow")
TODAY: Final = Text("วันนี้", "Today")
TOMORROW: Final = Text("พรุ่งนี้", "Tomorrow")
AND: Final = Text(" และ ", " and ")
CHART_TITLE: Final = Text("กราฟไฟฟ้าตั้งแต่วันที่ {date}", "Power from {date} on")
CHART_DESC: Final = Text(
    "วันนี้วัดได้: แผงผลิตสูงสุด {pv} ใช้สูงสุด {load} แบตเตอรี่ {soc_min} ถึง {soc_max}",
    "Measured today: panels up to {pv}, use up to {load}, battery {soc_min} to {soc_max}.",
)
CHART_AHEAD: Final = Text(
    "คาดว่าต่อจากนี้: แผงผลิตสูงสุดประมาณ {pv} ใช้สูงสุดประมาณ {load}",
    "Expected from now on: panels up to about {pv}, use up to about {load}.",
)
CHART_EMPTY: Final = Text("วันนี้ยังไม่มีข้อมูลสำหรับกราฟ", "No data to draw yet today")
CHART_PV: Final = Text("แผงผลิตไฟ", "Panels")
CHART_LOAD: Final = Text("ใช้ไฟ", "Use")
LEGEND_MEASURED: Final = Text("วัดได้จริง (เส้นหนา)", "Measured (bold line)")
LEGEND_EXPECTED: Final = Text("คาดว่า (เส้นบาง)", "Expected (thin line)")
LEGEND_HALF: Final = Text("ครึ่งหนึ่งของวันแบบนี้อยู่ในแถบเข้ม", "Half of all such days stay in the dark band")
LEGEND_MOST: Final = Text("9 ใน 10 วันแบบนี้อยู่ในแถบอ่อน", "9 of 10 such days stay in the pale band")
LEGEND_RESERVE: Final = Text("ระดับไฟสำรอง (เส้นจุด)", "Reserve (dotted line)")
NO_FORECAST: Final = Text("ตอนนี้ยังไม่มีพยากรณ์", "There is no forecast at the moment")
NO_FORECAST_CLOCK_UNSET: Final = Text(
    "ยังพยากรณ์ไม่ได้จนกว่านาฬิกาของระบบจะตรง ให้ช่างต่ออินเทอร์เน็ตหรือติดตั้งนาฬิกาแบบมีแบตเตอรี่",
    "No forecast until the system's clock is set: a technician should connect it to the internet or fit a "
    "battery clock",
)
GOOD_HOURS: Final = Text("ช่วงดีสำหรับเครื่องใช้ไฟหนัก: {hours}", "Good hours for heavy loads: {hours}")
GOOD_HOURS_SPAN: Final = Text("{day} {start} ถึง {end}", "{day} {start} to {end}")
GOOD_HOURS_NONE: Final = Text(
    "วันนี้และพรุ่งนี้แดดอาจไม่เหลือพอสำหรับเครื่องใช้ไฟหนัก",
    "Today and tomorrow there may be no sun to spare for heavy loads",
)
HOW_GOOD: Final = Text(
    "ช่วงที่ควรถูก 8 ใน 10 ครั้ง ใน {days} วันที่ผ่านมาถูก {sun} ใน 10 (แดด) และ {load} ใน 10 (การใช้ไฟ)",
    "Bands that should hold 8 times in 10 held {sun} (sun) and {load} (use) over the last {days} days",
)
ENERGY_TODAY: Final = Text("ผลิตได้ {pv} หน่วย ใช้ไป {load} หน่วย", "{pv} kWh made, {load} kWh used")
ENERGY_LACKS: Final = Text("ไม่มีข้อมูล {hours} ชั่วโมง", "no data for {hours} h")
