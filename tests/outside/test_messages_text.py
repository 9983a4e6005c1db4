"""Messages read well on a phone, in Thai and in English, and fit into an SMS."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.alarming import ALARMS
from controller.core.model import Text
from controller.core.reasons import Language
from controller.outside.messages.model import Followed, Item, Kind, Style
from controller.outside.messages.sms import MOST_SEGMENTS, fitted, segments
from controller.outside.messages.text import Writer
from controller.telemetry.alarm_log import AlarmRecord, Severity

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # 22 November, 03:00 in Thailand
ZONE = ZoneInfo("Asia/Bangkok")
NAMES = {"clinic": Text("สถานีอนามัย", "Clinic")}
BLACKOUT = AlarmRecord(1, "blackout", "site", Severity.CRITICAL, {}, NOW - timedelta(minutes=50))
CUT = AlarmRecord(
    2,
    "cut_too_long",
    "clinic",
    Severity.CRITICAL,
    {"feeder": {"th": "สถานีอนามัย", "en": "Clinic"}, "off_s": 21_600.0},
    NOW - timedelta(hours=6),
)


def writer(language: Language) -> Writer:
    return Writer(Text("บ้านวังวน", "Ban Wang Won"), ZONE, language, NAMES)


def raised(record: AlarmRecord, times: int = 1) -> Item:
    return Item(Kind.RAISED, Followed(record, NOW, times))


def over(record: AlarmRecord, times: int = 1) -> Item:
    return Item(Kind.OVER, Followed(replace(record, cleared_utc=NOW), NOW, times))


def test_one_alarm_in_english() -> None:
    written = writer("en").message([raised(BLACKOUT)], Style.FULL, NOW)
    assert written.title == "Ban Wang Won: URGENT: Blackout"
    sentence, since, first = written.body.splitlines()
    assert sentence.startswith("The whole village is dark")
    assert since == "Since 02:10"
    assert first.startswith("First: Go to the power house")


def test_one_alarm_in_thai() -> None:
    written = writer("th").message([raised(BLACKOUT, times=3)], Style.FULL, NOW)
    assert written.title == "บ้านวังวน: ด่วน: ไฟดับทั้งหมู่บ้าน"
    assert "ตั้งแต่ 02:10 น. (รวม 3 ครั้ง)" in written.body
    assert "ทำก่อน: " in written.body


def test_what_began_yesterday_has_its_date_and_a_feeder_its_name() -> None:
    thai, english = (writer(language).message([raised(CUT)], Style.FULL, NOW) for language in ("th", "en"))
    assert "ตั้งแต่ 21 พ.ย. 21:00 น." in thai.body
    assert "Since 21 Nov 21:00" in english.body
    assert english.title == "Ban Wang Won: URGENT: Cut for long by protection (Clinic)"


def test_what_is_over_says_from_when_to_when() -> None:
    written = writer("en").message([over(BLACKOUT, times=2)], Style.FULL, NOW)
    assert written.title == "Ban Wang Won: All over: Blackout"
    assert written.body == "Over: Blackout, 02:10 to 03:00 (2 times)"


def test_a_storm_is_told_in_full_then_by_title_then_counted() -> None:
    storm = [raised(replace(BLACKOUT, id=number, subject=f"part_{number}")) for number in range(50)]
    written = writer("en").message(storm, Style.FULL, NOW)
    assert written.title == "Ban Wang Won: URGENT: Blackout (part_0) and 49 more"
    assert written.body.count("First: ") == 5
    assert written.body.endswith("and 25 more")
    assert len(written.body) < 5000  # LINE's limit


@pytest.mark.parametrize("code", sorted(ALARMS))
@pytest.mark.parametrize("language", ["th", "en"])
def test_every_alarm_of_the_catalogue_can_be_sent(code: str, language: Language) -> None:
    item = raised(AlarmRecord(1, code, "clinic", ALARMS[code].severity, {}, NOW))
    full = writer(language).message([item], Style.FULL, NOW)
    text = f"{full.title}\n{full.body}"
    assert "{" not in text
    assert "http" not in text
    assert bool(re.search("[ก-๙]", text)) is (language == "th")
    sms = writer(language).message([item], Style.SMS, NOW)
    assert sms.title == ""
    assert segments(sms.body) <= MOST_SEGMENTS


def test_an_alarm_of_a_newer_tawan_is_told_by_its_code() -> None:
    item = raised(replace(BLACKOUT, code="flux_capacitor"))
    assert "flux_capacitor" in writer("th").message([item], Style.FULL, NOW).title


def test_an_sms_names_the_gravest_and_counts_the_others() -> None:
    items = [raised(BLACKOUT), raised(CUT)]
    thai = writer("th").message(items, Style.SMS, NOW).body
    assert thai == "บ้านวังวน ด่วน: ไฟดับทั้งหมู่บ้าน ตั้งแต่ 02:10 น. และอีก 1 เรื่อง"
    assert segments(thai) == 1
    english = writer("en").message(items, Style.SMS, NOW).body
    assert english == "Ban Wang Won URGENT: Blackout, since 02:10 and 1 more"


@pytest.mark.parametrize("style", list(Style))
def test_a_test_message_asks_for_nothing(style: Style) -> None:
    assert "ทดสอบ" in "".join(vars_of(writer("th").test(style)))
    assert "There is nothing to do" in "".join(vars_of(writer("en").test(Style.FULL)))


def vars_of(written: object) -> tuple[str, str]:
    return written.title, written.body  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ก" * 70, 1),
        ("ก" * 71, 2),
        ("ก" * 134, 2),
        ("ก" * 135, 3),
        ("", 1),
    ],
)
def test_segments_are_counted_as_the_standard_says(text: str, count: int) -> None:
    assert segments(text) == count


@given(st.text(alphabet=st.sampled_from("abcกขิ่์ ั้€{😀"), max_size=500))
def test_a_text_cut_to_fit_does_fit_and_keeps_its_beginning(text: str) -> None:
    cut = fitted(text)
    assert segments(cut) <= MOST_SEGMENTS
    assert cut == text or text.startswith(cut.removesuffix("...").rstrip())
    assert cut == text or segments(text) > MOST_SEGMENTS


def test_a_cut_never_parts_a_mark_from_its_letter() -> None:
    text = "ที่" * 60
    assert fitted(text).removesuffix("...").endswith("ที่")
