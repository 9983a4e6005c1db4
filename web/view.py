"""What the page says about a snapshot, as named fields: the first page and live updates share them. Pure.

A field's name is the id of an element of the page; `texts` is what stands in it, `attributes` are keyed
`id@attribute` (None: the attribute is absent).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.core.language import Language, pick, say
from controller.core.model import Health, Role, Text
from web.alarms import for_villagers
from web.hours import genset_ahead
from web.i18n import catalogue as words
from web.i18n.formats import about, kilowatts, moment, percent, power, time_of_day
from web.image import BatteryPart, FeederPart, GensetPart, Image
from web.image_store import ControllerState, Snapshot
from web.plan import Plan

_IDLE_W = 50.0
"""Below this a power is not worth a word."""
_FULL_FRAC = 0.97
_LONG_H = 24.0
_STRONG_WM2, _FAIR_WM2, _WEAK_WM2 = 600.0, 250.0, 20.0

_STATES = {
    ControllerState.RUNNING: words.STATE_RUNNING,
    ControllerState.MISSING: words.STATE_MISSING,
    ControllerState.UNREADABLE: words.STATE_UNREADABLE,
    ControllerState.OLD: words.STATE_OLD,
    ControllerState.REBOOTED: words.STATE_REBOOTED,
}
_FEEDER_STATES = {
    True: ("on", words.FEEDER_ON),
    False: ("off", words.FEEDER_OFF),
    None: ("unknown", words.FEEDER_UNKNOWN),
}
_GENSET_PHASES = {
    "stopped": ("off", words.GENSET_STOPPED),
    "starting": ("busy", words.GENSET_STARTING),
    "warming_up": ("busy", words.GENSET_WARMING_UP),
    "running": ("on", words.GENSET_RUNNING),
    "cooling_down": ("busy", words.GENSET_COOLING_DOWN),
    "failed": ("alarm", words.GENSET_FAILED),
}
_PLAIN_MODES = {
    "blackout": ("blackout", words.HEADLINE_BLACKOUT),
    "black_start": ("busy", words.HEADLINE_BLACK_START),
    "unknown": ("unknown", words.HEADLINE_NOT_RUNNING),
}


@dataclass(slots=True)
class Fields:
    """The page's live parts, filled section by section."""

    texts: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str | None] = field(default_factory=dict)
    html: dict[str, str] = field(default_factory=dict)

    def show(self, element: str, shown: bool) -> None:
        """Whether an element is to be seen."""
        self.attributes[f"{element}@hidden"] = None if shown else ""

    def icon(self, element: str, name: str) -> None:
        """The symbol that an element shows."""
        self.attributes[f"{element}@href"] = f"#i-{name}"


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is known of the coming hours."""

    lasting: str = ""
    """What the forecast says of the battery."""
    plan: Plan | None = None
    """None unless it is followed."""


def compose(snapshot: Snapshot, lang: Language, ahead: Ahead | None = None) -> Fields:
    """All fields but the fragments."""
    ahead = ahead or Ahead()
    fields = Fields()
    _controller(fields, snapshot, lang)
    image = snapshot.image
    if image is not None and snapshot.running:
        _headline(fields, image, lang)
    if image is not None:
        _supply(fields, image, lang)
        _battery(fields, snapshot, image, ahead.lasting, lang)
        _sun(fields, image, lang)
        _load(fields, image, lang)
        for feeder in image.feeders:
            _feeder(fields, feeder, image.clock.utc, lang)
        if image.genset is not None:
            _genset(fields, image.genset, lang)
            followed = ahead.plan if snapshot.running else None
            told = image.genset.reason.code if image.genset.reason else None
            fields.texts["genset-plan"] = (
                genset_ahead(followed, image.clock.utc, told, lang) if followed else ""
            )
    return fields


def state_sentence(snapshot: Snapshot, lang: Language) -> str:
    """Whether the controller is running, in a sentence."""
    since = "" if snapshot.image is None else time_of_day(snapshot.image.clock.utc, lang)
    return say(_STATES[snapshot.state], lang, since=since)


def _controller(fields: Fields, snapshot: Snapshot, lang: Language) -> None:
    image = snapshot.image
    old = image is not None and not snapshot.running
    at = "" if image is None else time_of_day(image.clock.utc, lang)
    fields.texts["at"] = at
    fields.texts["state"] = "" if snapshot.running else state_sentence(snapshot, lang)
    fields.texts["last-known"] = say(words.LAST_KNOWN, lang, since=at) if old else ""
    fields.show("not-running", not snapshot.running)
    fields.show("clock-unset", image is not None and not image.clock.synchronised)
    fields.attributes["page@data-fresh"] = "no" if old else "yes"
    count = len(for_villagers(image)) if image is not None else 0
    fields.texts["alarm-link"] = say(words.ALARM_COUNT, lang, count=str(count)) if count else ""
    fields.show("alarm-link", count > 0)
    if not snapshot.running:
        _set_headline(fields, "unknown", pick(words.HEADLINE_NOT_RUNNING, lang), "")


def _set_headline(fields: Fields, level: str, sentence: str, reason: str) -> None:
    fields.attributes["headline@data-level"] = level
    fields.icon("headline-icon", level)
    fields.texts["headline-text"] = sentence
    fields.texts["headline-reason"] = reason


def _headline(fields: Fields, image: Image, lang: Language) -> None:
    level, sentence = _situation(image)
    off = sum(feeder.closed is False for feeder in image.feeders)
    spoken = say(sentence, lang, off=str(off), all=str(len(image.feeders)))
    _set_headline(fields, level, spoken, pick(image.mode.reason, lang))


def _situation(image: Image) -> tuple[str, Text]:
    """How the village stands: the headline's look and its sentence."""
    if image.mode.code in _PLAIN_MODES:
        return _PLAIN_MODES[image.mode.code]
    off = [feeder.closed is False for feeder in image.feeders]
    if off and all(off):
        return "blackout", words.HEADLINE_ALL_OFF
    if any(off):
        emergency = image.mode.code == "emergency"
        return ("alarm", words.HEADLINE_EMERGENCY) if emergency else ("partial", words.HEADLINE_PARTIAL)
    if image.mode.code in {"saving", "emergency"}:
        return "partial", words.HEADLINE_SAVING
    return "on", words.HEADLINE_NORMAL


def _supply(fields: Fields, image: Image, lang: Language) -> None:
    """Where the power comes from, if there is a public grid."""
    supply = image.supply if image.supply is not None and image.supply.grid is not None else None
    fields.texts["supply-text"] = pick(supply.reason, lang) if supply is not None else ""
    fields.show("supply", supply is not None)


def _battery(fields: Fields, snapshot: Snapshot, image: Image, lasting: str, lang: Language) -> None:
    battery = image.battery
    soc = battery.soc_frac
    known = soc is not None
    fields.texts["soc"] = percent(soc) if soc is not None else pick(words.UNKNOWN, lang)
    fields.attributes["soc-bar@width"] = f"{100 * soc:.0f}" if soc is not None else "0"
    fields.show("soc-gauge", known)
    fields.texts["battery-state"] = _battery_state(battery, lang)
    left = (lasting or _time_left(image, lang)) if snapshot.running else ""
    fields.texts["battery-left"] = left
    fields.show("battery-left", bool(left))


def _battery_state(battery: BatteryPart, lang: Language) -> str:
    if battery.power_w is None:
        return pick(words.BATTERY_UNKNOWN, lang)
    if battery.power_w > _IDLE_W:
        return say(words.BATTERY_CHARGING, lang, power=power(battery.power_w, lang))
    if battery.power_w < -_IDLE_W:
        return say(words.BATTERY_DISCHARGING, lang, power=power(battery.power_w, lang))
    full = battery.soc_frac is not None and battery.soc_frac >= _FULL_FRAC
    return pick(words.BATTERY_FULL if full else words.BATTERY_RESTING, lang)


def _time_left(image: Image, lang: Language) -> str:
    left_h = image.summary.energy_left_h
    if left_h is None:
        return ""
    if left_h <= 0:
        return pick(words.AT_RESERVE, lang)
    if left_h > _LONG_H:
        return pick(words.ENOUGH_LONG, lang)
    return say(words.ENOUGH_UNTIL, lang, time=about(image.clock.utc + timedelta(hours=left_h), lang))


def _sun(fields: Fields, image: Image, lang: Language) -> None:
    _figure(fields, "pv", image.summary.pv_w, lang)
    word = _sun_word(image)
    fields.texts["sun-word"] = pick(word, lang) if word else ""
    fields.texts["pv-reason"] = pick(image.pv_reason, lang) if image.pv_reason else ""


def _figure(fields: Fields, name: str, power_w: float | None, lang: Language) -> None:
    fields.texts[name] = kilowatts(power_w) or pick(words.UNKNOWN, lang)
    fields.texts[f"{name}-unit"] = pick(words.KW, lang) if power_w is not None else ""
    fields.attributes[f"{name}-figure@data-known"] = "no" if power_w is None else "yes"


def _sun_word(image: Image) -> Text | None:
    """The sun in a word, where a sensor sees it; else whether the panels do."""
    sensor = next((device for device in image.devices if device.role is Role.IRRADIANCE_SENSOR), None)
    point = sensor.points.get("irradiance_wm2") if sensor else None
    if point is None or point.value is None or point.health is Health.LOST:
        pv_w = image.summary.pv_w
        if pv_w is None:
            return None
        return words.PV_MAKING if abs(pv_w) > _IDLE_W else words.PV_IDLE
    steps = ((_STRONG_WM2, words.SUN_STRONG), (_FAIR_WM2, words.SUN_FAIR), (_WEAK_WM2, words.SUN_WEAK))
    return next((word for least, word in steps if point.value >= least), words.SUN_NONE)


def _load(fields: Fields, image: Image, lang: Language) -> None:
    _figure(fields, "load", image.summary.load_w, lang)
    known = image.summary.load_w is not None
    fields.texts["load-note"] = pick(words.POWER_ALL if known else words.POWER_PARTLY, lang)


def _feeder(fields: Fields, feeder: FeederPart, now: datetime, lang: Language) -> None:
    key = f"f-{feeder.id}"
    state, word = _FEEDER_STATES[feeder.closed]
    fields.attributes[f"{key}@data-state"] = state
    fields.icon(f"{key}-icon", state)
    fields.texts[f"{key}-word"] = pick(word, lang)
    since = "" if feeder.since_utc is None else moment(feeder.since_utc, now, lang)
    fields.texts[f"{key}-since"] = say(words.SINCE, lang, time=since) if since else ""
    used_w = feeder.power_w if feeder.closed else None
    used = power(used_w, lang) if used_w is not None and abs(used_w) > _IDLE_W else ""
    fields.texts[f"{key}-power"] = say(words.USING, lang, power=used) if used else ""
    fields.texts[f"{key}-reason"] = pick(feeder.reason, lang) if feeder.reason else ""


def _genset(fields: Fields, genset: GensetPart, lang: Language) -> None:
    state, word = _GENSET_PHASES.get(genset.phase, ("unknown", words.UNKNOWN))
    if genset.health is Health.LOST and state == "off":
        state, word = "unknown", words.UNKNOWN
    fields.attributes["genset@data-state"] = state
    fields.icon("genset-icon", state)
    drawn = pick(words.UNKNOWN, lang) if genset.power_w is None else power(genset.power_w, lang)
    fields.texts["genset-word"] = say(word, lang, power=drawn)
    fuel = genset.fuel_frac
    fields.texts["genset-fuel"] = (
        say(words.GENSET_FUEL, lang, percent=percent(fuel)) if fuel is not None else ""
    )
    fields.texts["genset-reason"] = pick(genset.reason, lang) if genset.reason else ""
