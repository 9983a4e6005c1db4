"""Findings of the forecasts' guards: what was seen in weather and records, what was done, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

_ID, _LASTED, _COUNT, _W, _PERCENT = Kind.ID, Kind.DURATION, Kind.COUNT, Kind.POWER, Kind.PERCENT

_WEATHER = {
    "weather_wrong_unit": _entry(
        "พยากรณ์อากาศจาก {source} ให้ค่าแดดเป็น {unit} ระบบแปลงเป็น W/m² แล้ว ให้ตรวจการตั้งค่าของแหล่งข้อมูล",
        "The weather of {source} tells sunlight in {unit}. It was converted to W/m²; check the settings of "
        "the source.",
        source=_ID,
        unit=_ID,
    ),
    "weather_unit_unknown": _entry(
        "พยากรณ์อากาศจาก {source} ให้ค่าแดดในหน่วยที่ไม่รู้จัก (สูงสุดเป็น {ratio} ของวันฟ้าใส) ระบบไม่ใช้ค่าแดดชุดนี้ "
        "ให้ตรวจหน่วยที่แหล่งข้อมูล",
        "The weather of {source} tells sunlight in a unit that is not known (at its best {ratio} of a clear "
        "sky). It is not used; check the unit at the source.",
        source=_ID,
        ratio=_PERCENT,
    ),
    "weather_wrong_temperature_unit": _entry(
        "พยากรณ์อากาศจาก {source} ให้อุณหภูมิเป็น {unit} ระบบแปลงเป็นองศาเซลเซียสแล้ว",
        "The weather of {source} tells temperature in {unit}. It was converted to degrees Celsius.",
        source=_ID,
        unit=_ID,
    ),
    "weather_late": _entry(
        "พยากรณ์อากาศจาก {source} ลงเวลาช้าไป {shift_s} เมื่อเทียบกับเวลาพระอาทิตย์ขึ้นและตก ระบบเลื่อนเวลากลับให้แล้ว "
        "ให้ตรวจเขตเวลาที่แหล่งข้อมูล",
        "The weather of {source} is stamped {shift_s} too late, as sunrise and sunset show. It was moved "
        "back; check the time zone at the source.",
        source=_ID,
        shift_s=_LASTED,
    ),
    "weather_early": _entry(
        "พยากรณ์อากาศจาก {source} ลงเวลาเร็วไป {shift_s} เมื่อเทียบกับเวลาพระอาทิตย์ขึ้นและตก ระบบเลื่อนเวลากลับให้แล้ว "
        "ให้ตรวจเขตเวลาที่แหล่งข้อมูล",
        "The weather of {source} is stamped {shift_s} too early, as sunrise and sunset show. It was moved "
        "back; check the time zone at the source.",
        source=_ID,
        shift_s=_LASTED,
    ),
    "weather_stuck": _entry(
        "พยากรณ์อากาศจาก {source} ค่าแดดค้างอยู่ค่าเดียวรวม {lasted_s} ระบบไม่ใช้ช่วงนั้น ถ้าเป็นซ้ำให้ใช้แหล่งข้อมูลอื่น",
        "The weather of {source} repeats the same sunlight for {lasted_s} in all. That part is not used; if "
        "it goes on, use another source.",
        source=_ID,
        lasted_s=_LASTED,
    ),
    "weather_zeros": _entry(
        "พยากรณ์อากาศจาก {source} บอกว่าไม่มีแดดเลยในเวลากลางวันรวม {lasted_s} น่าจะเป็นข้อมูลที่ขาดหาย ระบบไม่ใช้ช่วงนั้น",
        "The weather of {source} tells of no light at all by day, for {lasted_s} in all: probably missing "
        "data written as zero. That part is not used.",
        source=_ID,
        lasted_s=_LASTED,
    ),
    "weather_impossible": _entry(
        "พยากรณ์อากาศจาก {source} มีค่าแดดที่เป็นไปไม่ได้รวม {lasted_s} เช่นแดดตอนกลางคืนหรือแรงเกินฟ้าใส ระบบไม่ใช้ช่วงนั้น",
        "The weather of {source} tells of sunlight that cannot be for {lasted_s} in all: by night, or beyond "
        "a clear sky. That part is not used.",
        source=_ID,
        lasted_s=_LASTED,
    ),
    "weather_unusable": _entry(
        "ค่าแดดจาก {source} เชื่อได้เพียง {left_frac} ระบบจึงไม่ใช้ชุดนี้ และพยากรณ์จากประวัติของที่นี่แทน",
        "Only {left_frac} of the sunlight told by {source} can be believed, so none of it is used; the "
        "site's own past stands in.",
        source=_ID,
        left_frac=_PERCENT,
    ),
    "weather_stale": _entry(
        "พยากรณ์อากาศจาก {source} เก่าแล้ว {age_s} การพยากรณ์จึงเผื่อความไม่แน่นอนมากขึ้น ให้ตรวจอินเทอร์เน็ต",
        "The weather of {source} is {age_s} old, so the forecast allows for more doubt. Check the internet "
        "connection.",
        source=_ID,
        age_s=_LASTED,
    ),
    "weather_unreachable": _entry(
        "ติดต่อแหล่งพยากรณ์อากาศ {source} ไม่ได้ ระบบใช้ข้อมูลที่มีอยู่และจะลองใหม่เอง ให้ตรวจอินเทอร์เน็ตถ้าเป็นนาน",
        "The weather service {source} cannot be reached ({error}). What is at hand is used, and it is tried "
        "again; check the internet connection if it lasts.",
        source=_ID,
        error=_ID,
    ),
    "weather_refused": _entry(
        "แหล่งพยากรณ์อากาศ {source} ไม่ให้ข้อมูล ระบบใช้ข้อมูลที่มีอยู่และจะลองใหม่เอง "
        "ให้ตรวจการตั้งค่าพยากรณ์อากาศใน config.yaml",
        "The weather service {source} refuses: {error}. What is at hand is used, and it is tried again; "
        "check the weather settings in config.yaml.",
        source=_ID,
        error=_ID,
    ),
    "weather_garbled": _entry(
        "ข้อมูลจากแหล่งพยากรณ์อากาศ {source} อ่านไม่ได้ ระบบไม่ใช้ข้อมูลนั้น ให้ตรวจการตั้งค่าหรือไฟล์",
        "What the weather source {source} gives cannot be read: {error}. It is not used; check the settings "
        "or the file.",
        source=_ID,
        error=_ID,
    ),
    "weather_cache_damaged": _entry(
        "ไฟล์พยากรณ์อากาศที่เก็บไว้เสีย {count} ไฟล์ เช่น {file} น่าจะเพราะไฟดับขณะเขียน ระบบข้ามไฟล์เหล่านี้ ลบทิ้งได้",
        "{count} of the stored weather files cannot be read, such as {file}: probably power failed while it "
        "was written. They are skipped and may be deleted.",
        count=_COUNT,
        file=_ID,
    ),
    "weather_cache_unwritable": _entry(
        "เก็บพยากรณ์อากาศลงการ์ดไม่ได้ ถ้าเปิดเครื่องใหม่จะไม่มีข้อมูลเก่าใช้ ให้ตรวจพื้นที่ว่างและสภาพของการ์ด SD",
        "The weather cannot be stored ({error}): after a restart there would be none until the service "
        "answers. Check the SD card and its free space.",
        error=_ID,
    ),
}
_STAMPS = {
    "stamps_duplicated": _entry(
        "{name}: มีเวลาซ้ำ {count} แถว ระบบเฉลี่ยค่าของเวลาเดียวกัน",
        "{name}: {count} rows repeat the time of another. Rows of the same time are averaged.",
        name=_ID,
        count=_COUNT,
    ),
    "stamps_backward": _entry(
        "{name}: เวลาเดินถอยหลัง {count} ครั้ง ระบบเรียงใหม่ให้แล้ว ให้ตรวจนาฬิกาของเครื่องบันทึก",
        "{name}: time runs back {count} times. The rows were put in order; check the clock of the logger.",
        name=_ID,
        count=_COUNT,
    ),
    "stamps_far_off": _entry(
        "{name}: มี {count} แถวที่เวลาห่างจากแถวอื่นหลายสิบปี ระบบไม่ใช้แถวเหล่านั้น นาฬิกาน่าจะยังไม่ได้ตั้ง",
        "{name}: {count} rows are stamped decades away from the others. They are not used; a clock had "
        "probably not been set.",
        name=_ID,
        count=_COUNT,
    ),
}
_RECORDS = {
    "pv_late": _entry(
        "{name}: บันทึกกำลังผลิตลงเวลาช้าไป {shift_s} เมื่อเทียบกับเวลาพระอาทิตย์ขึ้นและตก ระบบเลื่อนเวลาให้แล้ว "
        "ให้ตรวจนาฬิกาและเขตเวลา",
        "{name}: the record is stamped {shift_s} too late, as sunrise and sunset show. It was moved back; "
        "check clock and time zone.",
        name=_ID,
        shift_s=_LASTED,
    ),
    "pv_early": _entry(
        "{name}: บันทึกกำลังผลิตลงเวลาเร็วไป {shift_s} เมื่อเทียบกับเวลาพระอาทิตย์ขึ้นและตก ระบบเลื่อนเวลาให้แล้ว "
        "ให้ตรวจนาฬิกาและเขตเวลา",
        "{name}: the record is stamped {shift_s} too early, as sunrise and sunset show. It was moved back; "
        "check clock and time zone.",
        name=_ID,
        shift_s=_LASTED,
    ),
    "pv_beyond_plant": _entry(
        "{name}: บันทึกกำลังผลิตสูงถึง {peak_w} เกินกว่าที่ระบบนี้ผลิตได้ ({limit_w}) ไม่ใช้ค่าที่เกิน ให้ตรวจสเกลของมิเตอร์",
        "{name}: up to {peak_w} was recorded, more than these panels can give ({limit_w}). Such values are "
        "not used; check the scale of the meter.",
        name=_ID,
        peak_w=_W,
        limit_w=_W,
    ),
    "pv_nameplate_low": _entry(
        "{name}: ผลิตได้ถึง {peak_w} อยู่เสมอ แต่ตั้งค่าไว้ว่าได้มากที่สุด {ceiling_w} ระบบเชื่อค่าที่วัดได้ "
        "ให้แก้ขนาดแผงใน config.yaml",
        "{name}: it often gives {peak_w}, but is said to give {ceiling_w} at most. The measured power is "
        "believed; correct the size in config.yaml.",
        name=_ID,
        peak_w=_W,
        ceiling_w=_W,
    ),
    "pv_at_night": _entry(
        "{name}: มีบันทึกว่าผลิตไฟในเวลากลางคืนรวม {lasted_s} ระบบไม่ใช้ช่วงนั้น ให้ตรวจนาฬิกาของเครื่องบันทึก",
        "{name}: power was recorded by night, for {lasted_s} in all. That part is not used; check the clock "
        "of the logger.",
        name=_ID,
        lasted_s=_LASTED,
    ),
    "pv_zeros": _entry(
        "{name}: ไม่มีไฟจากแผงเลยขณะแดดแรง รวม {lasted_s} ระบบไม่เรียนรู้จากช่วงที่หยุดแล้วกลับมา "
        "ถ้ายังเป็นอยู่ให้ตรวจเบรกเกอร์และอินเวอร์เตอร์",
        "{name}: nothing at all came under a high sun, for {lasted_s} in all. Outages that are over are not "
        "learned from; if it goes on, check breaker and inverter.",
        name=_ID,
        lasted_s=_LASTED,
    ),
    "sensor_stuck": _entry(
        "{name}: ค่า {point} ค้างอยู่ค่าเดียวรวม {lasted_s} ระบบไม่ใช้ช่วงนั้น ให้ตรวจเซ็นเซอร์และสายสัญญาณ",
        "{name}: {point} stood still for {lasted_s} in all. That part is not used; check the sensor and its "
        "wires.",
        name=_ID,
        point=_ID,
        lasted_s=_LASTED,
    ),
    "sensor_impossible": _entry(
        "{name}: ค่า {point} เป็นไปไม่ได้รวม {lasted_s} ระบบไม่ใช้ช่วงนั้น ให้ตรวจทิศทาง สเกล และหน่วย",
        "{name}: {point} showed what cannot be, for {lasted_s} in all. That part is not used; check "
        "direction, scale and unit.",
        name=_ID,
        point=_ID,
        lasted_s=_LASTED,
    ),
    "irradiance_sensor_dead": _entry(
        "{name}: เซ็นเซอร์แดดไม่เห็นแสงขณะที่แผงผลิตไฟอยู่ รวม {lasted_s} ระบบไม่ใช้ช่วงนั้น ให้ตรวจสายและไฟเลี้ยงของเซ็นเซอร์",
        "{name}: the irradiance sensor saw no light while the panels gave power, for {lasted_s} in all. That "
        "part is not used; check its wire and supply.",
        name=_ID,
        lasted_s=_LASTED,
    ),
    "irradiance_sensor_dirty": _entry(
        "{name}: เซ็นเซอร์แดดเห็นแสงน้อยกว่าปกติมากเมื่อเทียบกับไฟที่แผงผลิต รวม {lasted_s} ระบบไม่ใช้ช่วงนั้น "
        "ให้เช็ดเซ็นเซอร์และตรวจว่าตั้งได้ระดับ",
        "{name}: the irradiance sensor saw much less light than usual for what the panels gave, for "
        "{lasted_s} in all. That part is not used; clean it and see that it is level.",
        name=_ID,
        lasted_s=_LASTED,
    ),
    "load_beyond": _entry(
        "{name}: มีค่าโหลดสูงถึง {peak_w} เกินสิบเท่าของค่าสูงปกติ ไม่ใช้ค่าที่เกิน {limit_w} ให้ตรวจมิเตอร์",
        "{name}: a load of up to {peak_w} was recorded, over ten times what is usual at most. Values beyond "
        "{limit_w} are not used; check the meter.",
        name=_ID,
        peak_w=_W,
        limit_w=_W,
    ),
    "load_zeros": _entry(
        "{name}: โหลดเป็นศูนย์รวม {lasted_s} ทั้งที่ปกติไม่เคยใกล้ศูนย์ ถือว่าไฟดับหรือข้อมูลขาด ไม่ใช่ความต้องการ",
        "{name}: the load was zero for {lasted_s} in all, though it never comes near that otherwise. It is "
        "taken for an outage or missing data, not for demand.",
        name=_ID,
        lasted_s=_LASTED,
    ),
}
_ARRAYS = {
    "pv_array_lost": _entry(
        "{array}: ตั้งแต่ {date} ผลิตไฟลดลง {lost_frac} ขณะฟ้าใส การพยากรณ์ปรับตามแล้ว "
        "ให้ตรวจฟิวส์ สตริง และอินเวอร์เตอร์ของแผงชุดนี้",
        "{array}: since {date} it gives {lost_frac} less under a clear sky. The forecast follows; check the "
        "fuses, strings and inverter of this array.",
        array=_ID,
        date=Kind.DATE,
        lost_frac=_PERCENT,
    ),
    "pv_array_recovered": _entry(
        "{array}: ตั้งแต่ {date} ผลิตไฟเพิ่มขึ้น {gained_frac} ขณะฟ้าใส การพยากรณ์ปรับตามแล้ว "
        "ถ้าเพิ่งซ่อมหรือล้างแผง แปลว่าได้ผล",
        "{array}: since {date} it gives {gained_frac} more under a clear sky. The forecast follows; if it "
        "was repaired or cleaned, it worked.",
        array=_ID,
        date=Kind.DATE,
        gained_frac=_PERCENT,
    ),
    "pv_array_soiled": _entry(
        "{array}: ผลิตไฟลดลงทีละน้อยแล้ว {lost_frac} น่าจะเพราะฝุ่น การล้างแผงน่าจะได้ไฟคืนมา",
        "{array}: it has little by little come to give {lost_frac} less, probably for dust. Cleaning the "
        "panels should bring it back.",
        array=_ID,
        lost_frac=_PERCENT,
    ),
}

SANITY: Mapping[str, Entry] = MappingProxyType({**_WEATHER, **_STAMPS, **_RECORDS, **_ARRAYS})
"""Code -> entry."""
