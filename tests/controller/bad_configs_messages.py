"""Mistakes in whom to tell of alarms."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad

_LINE = '"line://{secret}/U4af4980629"'
_GOOD = f"""
messages:
  people:
    somchai: {{channels: [line_somchai], lang: th, level: 1}}
    malee: {{channels: [mail], level: 2}}
  channels:
    line_somchai:
      url: {_LINE}
      secret: {{file: /etc/tawan/line-token}}
      quota: line
      recipients: 1
    mail: {{url: "mailtos://tawan:{{secret}}@example.org", secret: {{env: MAIL_PASSWORD}}}}
  quotas:
    line: {{messages_per_month: 300}}
  quiet_hours: {{begin: "22:00", end: "06:00"}}
"""


def messages(old: str, new: str, path: str, *says: str) -> Bad:
    """The usual config with messages, one thing of them written wrongly."""
    assert old in _GOOD
    return Bad(lambda text: text + _GOOD.replace(old, new, 1), f"messages.{path}", says)


MESSAGES: Mapping[str, Bad] = {
    "a technician whose channel is misspelt": messages(
        "[line_somchai]", "[line_somchay]", "people.somchai.channels.0", "line_somchay", "line_somchai?"
    ),
    "a channel that is named twice": messages(
        "[mail]", "[mail, mail]", "people.malee.channels.1", "mail", "stands here twice"
    ),
    "a quota that is not there": messages(
        "quota: line", "quota: lime", "channels.line_somchai.quota", "lime", "line?"
    ),
    "a group larger than its quota": messages(
        "recipients: 1", "recipients: 301", "channels.line_somchai.recipients", "301", "which is 300"
    ),
    "nobody who is told at once": messages(
        "level: 1", "level: 2", "people", "somebody level 1", "severity critical"
    ),
    "nobody who is told of what is critical": messages(
        "level: 1", "level: 1, severities: [warning]", "people", "severity critical"
    ),
    "a token in the file": messages(
        f"{_LINE}\n      secret: {{file: /etc/tawan/line-token}}",
        '"line://abcdef/U4af4980629"',
        "channels.line_somchai.url",
        "abcdef",
        "does not belong into this file",
    ),
    "a password in the file": messages(
        '"mailtos://tawan:{secret}@example.org", secret: {env: MAIL_PASSWORD}',
        '"mailtos://tawan:s3cret@example.org"',
        "channels.mail.url",
        "s3cret",
        "does not belong into this file",
    ),
    "a secret without a place": messages(
        _LINE, '"line://token/U4af4980629"', "channels.line_somchai.url", "write {secret} where"
    ),
    "a place without a secret": messages(
        ", secret: {env: MAIL_PASSWORD}", "", "channels.mail.url", "{secret}", "needs `secret:"
    ),
    "a secret in two places": messages(
        "{env: MAIL_PASSWORD}",
        "{env: MAIL_PASSWORD, file: /etc/tawan/mail}",
        "channels.mail.secret",
        "file or env",
    ),
    "LINE Notify, which is gone": messages(
        _LINE,
        '"https://notify-api.line.me/{secret}"',
        "channels.line_somchai.url",
        "notify-api",
        "ended on 31 March 2025",
        "Messaging API",
    ),
    "what is no URL": messages(_LINE, "somchai", "channels.line_somchai.url", "somchai", "an apprise URL"),
    "quiet hours without an end": messages(
        'end: "06:00"', 'end: "22:00"', "quiet_hours.end", "22:00", "another time than begin"
    ),
    "a language nobody speaks": messages(
        "lang: th", "lang: de", "people.somchai.lang", "de", "one of th, en"
    ),
}
