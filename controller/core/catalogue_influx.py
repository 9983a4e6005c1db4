"""Reasons why history does not reach the server outside, for technicians."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

INFLUX: Mapping[str, Entry] = MappingProxyType(
    {
        "influx_not_accepted": _entry(
            "เซิร์ฟเวอร์ InfluxDB ไม่รับข้อมูล ข้อมูลยังรออยู่ในเครื่องได้หลายวัน ให้ช่างตรวจที่อยู่ โทเคน และ bucket "
            "ในส่วน influx ของ config.yaml: {error}",
            "The InfluxDB server does not accept us; the data wait here for days. A technician should check "
            "address, token and bucket in the section influx of config.yaml: {error}",
            error=Kind.ID,
        ),
        "influx_waits_long": _entry(
            "ข้อมูลรอส่งไป InfluxDB มานาน {waiting_s} เกินเจ็ดวันจะเหลือเพียงค่าเฉลี่ยรายนาที "
            "ให้ช่างตรวจอินเทอร์เน็ตและเซิร์ฟเวอร์",
            "Data have waited for InfluxDB for {waiting_s}; after seven days only means of a minute remain. "
            "A technician should check the network and the server.",
            waiting_s=Kind.DURATION,
        ),
        "influx_values_refused": _entry(
            "เซิร์ฟเวอร์ InfluxDB ไม่รับค่าบางชุด รวม {values} ค่า ล่าสุดคือ {series} ค่าอื่นยังส่งได้ตามปกติ: {error}",
            "The InfluxDB server has refused {values} values, newest of {series}; all others arrive: {error}",
            values=Kind.COUNT,
            series=Kind.ID,
            error=Kind.ID,
        ),
        "influx_samples_thinned": _entry(
            "ข้อมูลตั้งแต่ {day} รวม {thinned_s} รอส่งไป InfluxDB นานกว่าเจ็ดวัน จึงส่งเป็นค่าเฉลี่ยรายนาทีแทน",
            "Data from {day} on, {thinned_s} in all, waited for InfluxDB for more than seven days, and "
            "went as means of a minute.",
            day=Kind.DATE,
            thinned_s=Kind.DURATION,
        ),
    }
)
"""Code -> entry."""
