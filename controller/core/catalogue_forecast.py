"""Reasons of the forecasts: whether the battery lasts until sunrise, and when there is sun to spare.

Chances are told as natural frequencies ("8 of 10 nights like this"): people judge them better than percent
(Gigerenzer & Hoffrage 1995).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

_NIGHTS = {"nights": Kind.COUNT, "of": Kind.COUNT}
_OUTLOOK = {
    "outlook_surely": _entry(
        "แบตเตอรี่น่าจะพอใช้จนถึงเช้า {sunrise} ค่อนข้างแน่นอน คืนแบบนี้ {of} คืน พอใช้ {nights} คืน",
        "The battery will very probably last until sunrise at {sunrise}: {nights} of {of} nights like this.",
        sunrise=Kind.CLOCK,
        **_NIGHTS,
    ),
    "outlook_probably": _entry(
        "แบตเตอรี่น่าจะพอใช้จนถึงเช้า {sunrise} คืนแบบนี้ {of} คืน พอใช้ {nights} คืน ถ้าไม่พอ ไฟอาจดับประมาณ {runs_out}",
        "The battery will probably last until sunrise at {sunrise}: {nights} of {of} nights like this. If it "
        "does not, lights may go off around {runs_out}.",
        sunrise=Kind.CLOCK,
        runs_out=Kind.CLOCK,
        **_NIGHTS,
    ),
    "outlook_uncertain": _entry(
        "ยังไม่แน่ว่าแบตเตอรี่จะพอใช้จนถึงเช้า {sunrise} หรือไม่ ไฟอาจดับประมาณ {runs_out} "
        "คืนแบบนี้ {of} คืน ไม่พอ {nights} คืน",
        "Lights may go off around {runs_out}, before sunrise at {sunrise}: {nights} of {of} nights like "
        "this.",
        sunrise=Kind.CLOCK,
        runs_out=Kind.CLOCK,
        **_NIGHTS,
    ),
    "outlook_probably_not": _entry(
        "แบตเตอรี่น่าจะไม่พอใช้จนถึงเช้า {sunrise} ไฟอาจดับประมาณ {runs_out} คืนแบบนี้ {of} คืน ไม่พอ {nights} คืน "
        "ประหยัดไฟตั้งแต่ตอนนี้จะช่วยได้",
        "The battery will probably not last until sunrise at {sunrise}: lights go off around {runs_out} in "
        "{nights} of {of} nights like this. Saving power now helps.",
        sunrise=Kind.CLOCK,
        runs_out=Kind.CLOCK,
        **_NIGHTS,
    ),
    "outlook_at_reserve": _entry(
        "แบตเตอรี่เหลือ {soc_frac} ถึงระดับสำรอง {reserve_frac} แล้ว และน่าจะไม่พอใช้จนถึงเช้า ประหยัดไฟตั้งแต่ตอนนี้จะช่วยได้",
        "The battery is at {soc_frac}, already down to its reserve of {reserve_frac}, and will probably not "
        "last until sunrise. Saving power now helps.",
        soc_frac=Kind.PERCENT,
        reserve_frac=Kind.PERCENT,
    ),
    "outlook_soc_missing": _entry(
        "ไม่ทราบระดับแบตเตอรี่ จึงบอกไม่ได้ว่าจะพอใช้จนถึงเช้าหรือไม่",
        "The battery's level is not known, so nobody can say whether it lasts until sunrise.",
    ),
    "outlook_without_genset": _entry(
        "คิดโดยไม่เดินเครื่องปั่นไฟ",
        "This is reckoned without the genset.",
    ),
    "outlook_good_hours_today": _entry(
        "วันนี้เวลา {start} ถึง {end} น่าจะมีแดดเหลือใช้ เหมาะกับงานที่ใช้ไฟมาก เช่น สูบน้ำ",
        "Today from {start} to {end} there is probably sun to spare: a good time for heavy uses such as "
        "pumping.",
        start=Kind.CLOCK,
        end=Kind.CLOCK,
    ),
    "outlook_good_hours_tomorrow": _entry(
        "พรุ่งนี้เวลา {start} ถึง {end} น่าจะมีแดดเหลือใช้ เหมาะกับงานที่ใช้ไฟมาก เช่น สูบน้ำ",
        "Tomorrow from {start} to {end} there is probably sun to spare: a good time for heavy uses such as "
        "pumping.",
        start=Kind.CLOCK,
        end=Kind.CLOCK,
    ),
}

FORECAST: Mapping[str, Entry] = MappingProxyType({**_OUTLOOK})
"""Code -> entry."""
