"""Mistakes in the village's accounts."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad, bad

_HERE = "sharing:\n"
_NAME = "name: {th: ก, en: A}"


def _accounts(groups: str, households: str, path: str, *says: str) -> Bad:
    text = f'accounts: {{since: "2026-10", groups: {{{groups}}}, households: {{{households}}}}}\n'
    return bad(_HERE, f"{text}{_HERE}", f"accounts.{path}", *says)


def _group(rules: str, path: str, *says: str) -> Bad:
    return _accounts(f"homes: {{{_NAME}, {rules}}}", "", f"groups.homes.{path}", *says)


def _home(home: str, path: str, *says: str) -> Bad:
    group = f"homes: {{{_NAME}, feeders: [houses_a]}}"
    return _accounts(group, f"h001: {{{home}}}", f"households.h001.{path}", *says)


ACCOUNTS: Mapping[str, Bad] = {
    "a group of a feeder that is not there": _group(
        "feeders: [house_a]", "feeders", "house_a", "no such feeder", "houses_a"
    ),
    "a feeder that contributes twice": _accounts(
        f"homes: {{{_NAME}, feeders: [houses_a]}}, shops: {{{_NAME}, feeders: [houses_a]}}",
        "",
        "groups.shops.feeders",
        "houses_a",
        "the group homes",
        "remove it from one",
    ),
    "a contribution finer than money": _group(
        "feeders: [houses_a], monthly_thb: 30.125", "monthly_thb", "30.125", "2 decimals"
    ),
    "a price in satang and its parts": _group(
        "feeders: [houses_a], thb_per_kwh: 4.56789", "thb_per_kwh", "4.56789", "4 decimals"
    ),
    "a household on no feeder": _home("feeder: houses_x", "feeder", "houses_x", "no such feeder"),
    "a household without rules": _home("feeder: houses_b", "feeder", "houses_b", "no group has this feeder"),
    "a household with the feeder's meter": _home(
        "feeder: houses_a, meter: meter_houses_a", "meter", "meter_houses_a", "the feeder houses_a"
    ),
    "a household metered by the sun": _home("feeder: houses_a, meter: sun", "meter", "sun", "meter"),
    "a household older than the accounts": _home(
        'feeder: houses_a, since: "2025-01"', "since", "2025-01", "accounts.since", "2026-10"
    ),
    "a month without its year": _home('feeder: houses_a, since: "10"', "since", "10", '"2026-10"'),
}
"""What was done -> the mistake."""
