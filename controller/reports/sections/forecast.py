"""How good the forecasts were."""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.model import Text
from controller.reports.figures.skill import Skill
from controller.reports.report import Report
from controller.reports.section import Section, Table
from controller.reports.voice import Voice

_TITLE = Text("พยากรณ์แม่นแค่ไหน", "How good were the forecasts?")
_NONE = Text(
    "เดือนนี้ไม่มีพยากรณ์ที่เทียบกับของจริงได้ (เก็บพยากรณ์ไว้สี่สัปดาห์)",
    "There are no forecasts of this month to hold against what came (they are kept for four weeks).",
)
_SUM = Text(
    "พยากรณ์{what}ล่วงหน้าหนึ่งวันคลาดเคลื่อนเฉลี่ย {error} ของค่าเฉลี่ย {skill} ช่วงที่ควรถูก 8 ใน 10 ครั้ง ถูกจริง "
    "{coverage} ใน 10 ครั้ง",
    "The day-ahead forecast of {what} was off by {error} of the mean{skill}; bands that should hold 8 "
    "times in 10 "
    "held {coverage} times in 10.",
)
_BETTER = Text("ดีกว่าการเดาว่าเหมือนเมื่อวาน {percent}", ", {percent} better than to say “as yesterday”")
_WORSE = Text("แย่กว่าการเดาว่าเหมือนเมื่อวาน {percent}", ", {percent} worse than to say “as yesterday”")
_WHAT: Mapping[str, Text] = {
    "pv": Text("แดด", "the sun"),
    "load": Text("การใช้ไฟ", "use"),
}
_TABLE = Text("พยากรณ์เทียบกับของจริง", "Forecasts against what came")
_HEAD = Text(
    "พยากรณ์|ล่วงหน้า|เอนเอียง|คลาดเคลื่อน|ดีกว่าเมื่อวาน|ช่วง 80 % ถูก",
    "Forecast of|Ahead|Bias|Error|Better than yesterday|80 % band held",
)
_AHEAD = Text("{low} ถึง {high} ชม.", "{low} to {high} h")
_OVER, _UNDER = Text("สูงไป {percent}", "{percent} too high"), Text("ต่ำไป {percent}", "{percent} too low")
_YES, _NO = Text("{percent}", "{percent}"), Text("แย่กว่า {percent}", "{percent} worse")
_HOW = Text(
    "คลาดเคลื่อน = ส่วนต่างเฉลี่ยของค่ากลางกับของจริง หารด้วยค่าเฉลี่ย เทียบทุก 15 นาที ไม่นับช่วงที่แผงถูกลดกำลัง สายที่ดับ "
    "และกลางคืนสำหรับแดด "
    "พยากรณ์เก่าสุดที่ยังเก็บไว้: {first}",
    "Error: mean absolute difference of the median, by the mean, over quarters of an hour; without those "
    "in which "
    "panels were held back or lines off, and without the night for the sun. The oldest forecast that is "
    "still "
    "kept is of {first}.",
)


def forecast(report: Report, voice: Voice) -> Section:
    """A sentence for sun and use each, and the scores by lead."""
    scored = {kind: each for kind, each in report.figures.skill.items() if each.skills}
    if not scored:
        return Section("forecast", voice.pick(_TITLE), [voice.pick(_NONE)])
    rows = [_row(kind, skill, voice) for kind, each in scored.items() for skill in each.skills]
    first_s = min(each.first_s for each in scored.values() if each.first_s is not None)
    return Section(
        id="forecast",
        title=voice.pick(_TITLE),
        paragraphs=[_told(kind, each.skills[-1], voice) for kind, each in scored.items()],
        tables=[Table(voice.pick(_TABLE), voice.pick(_HEAD).split("|"), rows, words=(1,))],
        notes=[voice.say(_HOW, first=voice.moment(first_s))],
    )


def _told(kind: str, skill: Skill, voice: Voice) -> str:
    better = ""
    if skill.skill_frac is not None:
        text = _BETTER if skill.skill_frac >= 0 else _WORSE
        better = voice.say(text, percent=voice.percent(skill.skill_frac))
    return voice.say(
        _SUM,
        what=voice.pick(_WHAT[kind]),
        error=voice.percent(skill.error_frac),
        skill=better,
        coverage=voice.number(10 * skill.coverage_80_frac, 1),
    )


def _row(kind: str, skill: Skill, voice: Voice) -> list[str]:
    bias = voice.say(_OVER if skill.bias_frac >= 0 else _UNDER, percent=voice.percent(skill.bias_frac))
    better = voice.unknown
    if skill.skill_frac is not None:
        better = voice.say(_YES if skill.skill_frac >= 0 else _NO, percent=voice.percent(skill.skill_frac))
    return [
        voice.pick(_WHAT[kind]),
        voice.say(_AHEAD, low=str(skill.from_h), high=str(skill.to_h)),
        bias,
        voice.percent(skill.error_frac),
        better,
        voice.percent(skill.coverage_80_frac),
    ]
