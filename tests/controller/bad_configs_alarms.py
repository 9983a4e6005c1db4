"""Mistakes about alarms and their lamp."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad, bad

_HERE = "sharing:\n"


def _alarms(text: str, path: str, *says: str) -> Bad:
    return bad(_HERE, f"alarms: {{{text}}}\n{_HERE}", path, *says)


def _lamp(text: str, path: str, *says: str) -> Bad:
    return _alarms(f"lamp: {{{text}}}", f"alarms.lamp.{path}", *says)


ALARMS: Mapping[str, Bad] = {
    "a lamp on the clinic's relay": _lamp(
        "device: relays, channel: 1, closed_when: energised",
        "channel",
        "1",
        "the feeder clinic",
        "choose another",
    ),
    "a lamp beyond the board": _lamp(
        "device: relays, channel: 40, closed_when: energised", "channel", "40", "channels 1 to"
    ),
    "a lamp on a meter": _lamp(
        "device: meter_clinic, channel: 1, closed_when: energised", "device", "meter_clinic", "role meter"
    ),
    "a lamp that lights perhaps": _lamp(
        "device: relays, channel: 12, closed_when: dark", "closed_when", "dark", "released, energised"
    ),
    "a tank in litres": _alarms("fuel_low_frac: 20", "alarms.fuel_low_frac", "20", "to 1"),
    "a cut that may last for ever": _alarms("cut_longest_h: 1000", "alarms.cut_longest_h", "1000", "to 168"),
    "contacts that are never checked": _alarms("contacts_days: 0", "alarms.contacts_days", "0", "from 1"),
    "an alarm key that is none": _alarms("fuel_low: 0.2", "alarms.fuel_low", "fuel_low_frac"),
}
