"""Diagnoses: what does not fit together in what the devices say, and what a technician does about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

_W, _ID, _WH, _V = Kind.POWER, Kind.ID, Kind.ENERGY, Kind.VOLTAGE

DIAGNOSIS: Mapping[str, Entry] = MappingProxyType(
    {
        "diagnosis_parts": _entry(
            "{device}: ค่า {point} รวม {total_w} ไม่เท่ากับผลบวกของแต่ละส่วน {sum_w} "
            "ให้ตรวจทิศทางแคลมป์ CT ทุกเฟส และตรวจว่าโปรไฟล์ตรงกับรุ่นของอุปกรณ์",
            "{device}: {point} is {total_w}, but its parts add up to {sum_w}. Check the direction of every "
            "clamp, and that the profile is that of this model.",
            device=_ID,
            point=_ID,
            total_w=_W,
            sum_w=_W,
        ),
        "diagnosis_parts_sign": _entry(
            "{device}: ค่า {point} รวมกับผลบวกของแต่ละส่วนมีทิศทางตรงข้ามกัน "
            "เครื่องหมายของค่าใดค่าหนึ่งในโปรไฟล์กลับด้าน ให้เทียบกับคู่มือ",
            "{device}: {point} flows one way in total and the other way in its parts. The sign of one of "
            "them is wrong in the profile; compare it with the manual.",
            device=_ID,
            point=_ID,
        ),
        "diagnosis_units": _entry(
            "{device}: ค่า {point} อ่านได้ {power_w} แต่แรงดันคูณกระแสได้ {apparent_w} ต่างกันเป็นสิบ ร้อย หรือพันเท่า "
            "หน่วยหรือสเกลในโปรไฟล์น่าจะผิด ให้เทียบกับคู่มือ",
            "{device}: {point} says {power_w}, voltage times current {apparent_w}: apart by a power of ten."
            " A unit or scale of the profile is probably wrong; compare it with the manual.",
            device=_ID,
            point=_ID,
            power_w=_W,
            apparent_w=_W,
        ),
        "diagnosis_beyond_va": _entry(
            "{device}: ค่า {point} อ่านได้ {power_w} มากกว่าแรงดันคูณกระแส {apparent_w} ซึ่งเป็นไปไม่ได้ "
            "ให้ตรวจว่า CT กับสายแรงดันอยู่เฟสเดียวกัน และอัตราส่วน CT ถูกต้อง",
            "{device}: {point} says {power_w}, more than voltage times current ({apparent_w}), which cannot"
            " be. Check that clamp and voltage wire are on the same phase, and the clamp ratio.",
            device=_ID,
            point=_ID,
            power_w=_W,
            apparent_w=_W,
        ),
        "diagnosis_battery_sign": _entry(
            "{device}: กำลังแบตเตอรี่กับกระแสแบตเตอรี่มีทิศทางตรงข้ามกัน ({power_w} กับ {product_w}) "
            "ให้ตรวจเครื่องหมายในโปรไฟล์ หรือชันต์ที่ต่อกลับขั้ว",
            "{device}: battery power and battery current flow in opposite directions ({power_w} and "
            "{product_w}). Check the signs in the profile, or whether the shunt is reversed.",
            device=_ID,
            power_w=_W,
            product_w=_W,
        ),
        "diagnosis_battery_power": _entry(
            "{device}: กำลังแบตเตอรี่ {power_w} ไม่ตรงกับแรงดันคูณกระแส {product_w} "
            "ให้ตรวจว่าทั้งสองค่าวัดที่จุดเดียวกัน และค่าชันต์ถูกต้อง",
            "{device}: battery power is {power_w}, voltage times current {product_w}. Check that both are "
            "measured at the same place, and the setting of the shunt.",
            device=_ID,
            power_w=_W,
            product_w=_W,
        ),
        "diagnosis_meter_reversed": _entry(
            "{device}: มิเตอร์ของสายจ่ายไฟวัดกำลังย้อนกลับ {power_w} CT น่าจะใส่กลับด้าน "
            "ให้ตัดไฟสายนั้นก่อน แล้วกลับด้าน CT หรือสลับสาย S1 กับ S2",
            "{device}: a feeder's meter sees power flow backwards, {power_w}. Its clamps are probably the "
            "wrong way round: switch the feeder off, then turn them or swap S1 and S2.",
            device=_ID,
            power_w=_W,
        ),
        "diagnosis_phase_reversed": _entry(
            "{device}: เฟส {phase} วัดกำลังย้อนกลับ {power_w} ขณะที่เฟสอื่นปกติ CT ของเฟส {phase} น่าจะใส่กลับด้าน",
            "{device}: phase {phase} sees power flow backwards ({power_w}) while others do not. The clamp "
            "of phase {phase} is probably the wrong way round.",
            device=_ID,
            phase=_ID,
            power_w=_W,
        ),
        "diagnosis_pv_sign": _entry(
            "{device}: แผงโซลาร์อ่านค่าเป็นการใช้ไฟ {power_w} เครื่องหมายในโปรไฟล์น่าจะกลับด้าน หรือมิเตอร์ใส่กลับทิศ",
            "{device}: the panels seem to consume {power_w}. The sign in the profile is probably wrong, or "
            "a meter is the wrong way round.",
            device=_ID,
            power_w=_W,
        ),
        "diagnosis_pv_at_night": _entry(
            "{device}: อ่านได้ว่าแผงผลิตไฟ {power_w} ในเวลากลางคืน อาจเป็นค่าค้าง ค่าของอุปกรณ์อื่น "
            "หรือเวลาของตัวควบคุมผิด ให้ตรวจหมายเลขยูนิตและเวลา",
            "{device}: the panels seem to give {power_w} at night. Perhaps an old value, another device's, "
            "or a wrong clock: check the unit id and the time.",
            device=_ID,
            power_w=_W,
        ),
        "diagnosis_voltage_units": _entry(
            "{device}: ค่า {point} อ่านได้ {voltage_v} แต่อุปกรณ์อื่นเห็นประมาณ {usual_v} "
            "สเกลในโปรไฟล์น่าจะผิด หรือแรงดันมาจากหม้อแปลงวัดแรงดัน",
            "{device}: {point} says {voltage_v}, the others see about {usual_v}. A scale of the profile is "
            "probably wrong, or a voltage transformer is not reckoned with.",
            device=_ID,
            point=_ID,
            voltage_v=_V,
            usual_v=_V,
        ),
        "diagnosis_soc": _entry(
            "{device}: ระดับแบตเตอรี่ที่แบตเตอรี่บอก {bms_frac} ต่างจากที่อินเวอร์เตอร์บอก {inverter_frac} "
            "ระบบเชื่อแบตเตอรี่ ให้ชาร์จจนเต็มหนึ่งครั้งเพื่อให้อินเวอร์เตอร์นับใหม่",
            "{device}: the battery says {bms_frac}, the inverter {inverter_frac}. The battery is believed; "
            "charge it full once, so that the inverter counts anew.",
            device=_ID,
            bms_frac=Kind.PERCENT,
            inverter_frac=Kind.PERCENT,
        ),
        "diagnosis_balance": _entry(
            "กำลังไฟเข้าและออกที่บัสของหมู่บ้านต่างกัน {rest_w} อาจมีโหลดที่ไม่ผ่านมิเตอร์ หรือมิเตอร์ตัวหนึ่งกลับทิศหรือสเกลผิด",
            "What flows into the village's bus and out of it differs by {rest_w}. Perhaps something is not "
            "metered, or a meter is the wrong way round or has a wrong scale.",
            rest_w=_W,
        ),
        "diagnosis_missing": _entry(
            "{device}: ตอบ แต่ไม่ให้ค่า {point} ที่ใช้ได้ ให้ลอง `tawan read {device}` และตรวจโปรไฟล์กับหมายเลขยูนิต",
            "{device}: it answers, but gives no usable {point}. Try `tawan read {device}`, and check "
            "profile and unit id.",
            device=_ID,
            point=_ID,
        ),
        "diagnosis_counter_back": _entry(
            "{device}: ตัวนับพลังงาน {point} เดินถอยหลังจาก {before_wh} เป็น {after_wh} "
            "มิเตอร์ถูกเปลี่ยนหรือถูกล้างค่าหรือไม่ ให้จดค่าเดิมไว้ในสมุดงาน",
            "{device}: the counter {point} ran back from {before_wh} to {after_wh}. Was the meter replaced "
            "or reset? Note the old reading in the log book.",
            device=_ID,
            point=_ID,
            before_wh=_WH,
            after_wh=_WH,
        ),
        "diagnosis_counter_jump": _entry(
            "{device}: ตัวนับพลังงาน {point} กระโดดจาก {before_wh} เป็น {after_wh} เกินกว่าที่ไฟจะไหลได้จริง "
            "มิเตอร์ถูกเปลี่ยน หรือลำดับเวิร์ดในโปรไฟล์ผิด",
            "{device}: the counter {point} jumped from {before_wh} to {after_wh}, more than can have "
            "flowed. The meter was replaced, or the word order of the profile is wrong.",
            device=_ID,
            point=_ID,
            before_wh=_WH,
            after_wh=_WH,
        ),
        "diagnosis_counter_units": _entry(
            "{device}: ตัวนับ {point} เดินไป {counted_wh} ขณะที่กำลังไฟรวมได้ {power_wh} ต่างกันเป็นสิบ ร้อย หรือพันเท่า "
            "สเกลของตัวนับหรือของกำลังไฟในโปรไฟล์ผิด",
            "{device}: the counter {point} moved by {counted_wh} while its power amounts to {power_wh}: "
            "apart by a power of ten. The scale of one of them is wrong in the profile.",
            device=_ID,
            point=_ID,
            counted_wh=_WH,
            power_wh=_WH,
        ),
        "diagnosis_counter_power": _entry(
            "{device}: ตัวนับ {point} เดินไป {counted_wh} ขณะที่กำลังไฟรวมได้ {power_wh} "
            "ให้ตรวจทิศทาง CT อัตราส่วน CT และว่าตัวนับเป็นของจุดเดียวกัน",
            "{device}: the counter {point} moved by {counted_wh} while its power amounts to {power_wh}. "
            "Check clamp direction and ratio, and that the counter counts this power.",
            device=_ID,
            point=_ID,
            counted_wh=_WH,
            power_wh=_WH,
        ),
        "diagnosis_frozen": _entry(
            "{device}: ทุกค่าที่วัดไม่เปลี่ยนเลยมา {still_s} ทั้งที่มีไฟไหลอยู่ อุปกรณ์หรือเกตเวย์อาจค้าง ให้ปิดแล้วเปิดใหม่",
            "{device}: nothing that it measures has moved for {still_s} although power flows. The device or"
            " a gateway may hang: switch it off and on.",
            device=_ID,
            still_s=Kind.DURATION,
        ),
        "diagnosis_reports": _entry(
            "{device}: อุปกรณ์แจ้งเองว่า {said} ({point}) ให้ดูวิธีแก้ในคู่มือของอุปกรณ์",
            "{device} itself reports: {said} ({point}). Its manual says what to do.",
            device=_ID,
            point=_ID,
            said=_ID,
        ),
        "diagnosis_flash": _entry(
            "{device}: วันนี้เขียนค่า {points} ลงหน่วยความจำถาวรบ่อยเกินไป จะทำให้เสื่อม ให้แจ้งผู้ดูแลระบบ",
            "{device}: {points} was written to flash too often today, which wears it out. Tell whoever "
            "looks after Tawan.",
            device=_ID,
            points=_ID,
        ),
    }
)
"""Code -> entry."""
