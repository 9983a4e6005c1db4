"""Cross checks of messages: somebody is told, by channels that exist, and no secret stands in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys
from controller.config.hints import similar

_PEOPLE: Keys = ("messages", "people")
_CHANNELS: Keys = ("messages", "channels")
_QUOTAS: Keys = ("messages", "quotas")
_QUIET: Keys = ("messages", "quiet_hours")
_PLACE = "{secret}"
_LINE_NOTIFY = re.compile(r"notify-(api|bot)\.line\.me|^linenotify", re.IGNORECASE)
_PASSWORD = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@\s]*:[^/@\s{}]+@")


def channels_exist(draft: Draft) -> Iterator[Fault]:
    """Everybody's channels are there, each once."""
    known = draft.names(*_CHANNELS)
    for person in draft.names(*_PEOPLE):
        seen: set[str] = set()
        for place, channel in _items(draft, (*_PEOPLE, person, "channels")):
            if channel not in known:
                near = similar(channel, known) or ", ".join(known) or "none yet"
                yield draft.fault(place, f"there is no such channel under messages.channels: {near}?")
            elif channel in seen:
                yield draft.fault(
                    place, "it stands here twice: name each channel once, the first choice first"
                )
            seen.add(channel)


def quotas_exist(draft: Draft) -> Iterator[Fault]:
    """The quotas that channels name are there, and let at least one message through."""
    known = draft.names(*_QUOTAS)
    for name in draft.names(*_CHANNELS):
        keys: Keys = (*_CHANNELS, name, "quota")
        quota = draft.text(*keys)
        if quota is None:
            continue
        if quota not in known:
            near = similar(quota, known) or ", ".join(known) or "none yet"
            yield draft.fault(keys, f"there is no such quota under messages.quotas: {near}?")
            continue
        limit = draft.number(*_QUOTAS, quota, "messages_per_month")
        recipients = draft.number(*_CHANNELS, name, "recipients")
        if limit is not None and recipients is not None and recipients > limit:
            message = f"one message takes more than the whole quota {quota} of a month, which is {limit:g}"
            yield draft.fault((*_CHANNELS, name, "recipients"), message)


def somebody_is_told(draft: Draft) -> Iterator[Fault]:
    """A critical alarm reaches somebody at once."""
    people = draft.names(*_PEOPLE)
    if not people or not draft.sound(*_PEOPLE):
        return
    for person in people:
        level = draft.number(*_PEOPLE, person, "level")
        severities = [name for _, name in _items(draft, (*_PEOPLE, person, "severities"))]
        if level in {None, 1} and (not severities or "critical" in severities):
            return
    message = (
        "nobody would be told of a critical alarm at once: give somebody level 1 and the severity critical"
    )
    yield draft.fault(_PEOPLE, message)


def urls_hide_their_secrets(draft: Draft) -> Iterator[Fault]:
    """A URL has a place for its secret if there is one, and holds none itself; LINE Notify is gone."""
    for name in draft.names(*_CHANNELS):
        keys: Keys = (*_CHANNELS, name, "url")
        url = draft.text(*keys)
        if url is None:
            continue
        has_secret = bool(draft.names(*_CHANNELS, name, "secret"))
        if _LINE_NOTIFY.search(url):
            message = (
                "LINE Notify ended on 31 March 2025: use the Messaging API, "
                '`url: "line://{secret}/…"` with the id of a user or group (docs/messages.md)'
            )
        elif _PLACE in url and not has_secret:
            message = f"{_PLACE} needs `secret: {{file: …}}` or `secret: {{env: …}}` beside it"
        elif has_secret and _PLACE not in url:
            message = f"write {_PLACE} where the secret belongs, or remove `secret`"
        elif _PLACE not in url and (url.startswith("line://") or _PASSWORD.match(url)):
            message = (
                f"a secret does not belong into this file: write {_PLACE} in its place, and "
                "`secret: {file: …}` beside it"
            )
        else:
            continue
        yield draft.fault(keys, message)


def quiet_hours_end(draft: Draft) -> Iterator[Fault]:
    """Quiet hours that begin as they end would be none, or the whole day."""
    begin, end = draft.text(*_QUIET, "begin"), draft.text(*_QUIET, "end")
    if begin is not None and begin == end:
        message = "it must be another time than begin; without quiet hours remove both"
        yield draft.fault((*_QUIET, "end"), message)


def _items(draft: Draft, keys: Keys) -> Iterator[tuple[Keys, str]]:
    """The good texts of a list, each with its place."""
    values = draft.source.value(keys)
    for number in range(len(values) if isinstance(values, list) else 0):
        place = (*keys, str(number))
        text = draft.text(*place)
        if text is not None:
            yield place, text


RULES = (channels_exist, quotas_exist, somebody_is_told, urls_hide_their_secrets, quiet_hours_end)
