"""`tawan statement`."""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.accounts.book import AccountError
from controller.accounts.statement_page import statement_page, statement_text
from controller.accounts.statement_view import Speaker
from controller.accounts.words import word
from controller.commands.account import explained, opened, parse_month

_FOR_THE_OWNER = 0o600
"""A statement is nobody's business but the household's."""


def make_statement(
    config_path: Path, household: str | None, month: str, language: str, out: Path | None, *, text: bool
) -> int:
    """Print a household's statement of a month, or all (None), or write the page; returns the exit status."""

    def work() -> int:
        config, _, book = opened(config_path)
        names = book.households if household is None else (household,)
        if not names:
            raise AccountError("config.yaml has no accounts.households: docs/accounts.md shows some")
        speaker = Speaker(language, ZoneInfo(config.site.timezone), book.today)
        views = [speaker.view(book.statement(name, parse_month(month))) for name in names]
        site = config.site.name.th if language == "th" else config.site.name.en
        if text:
            print("\n\n".join(statement_text(view, site) for view in views))
            return 0
        person = config.site.contact.name
        who = person.th if language == "th" else person.en
        contact = f"{word('contact', language)}: {who} {config.site.contact.phone}"
        path = out or Path(f"statement-{month}-{household or 'all'}.html")
        _write(path, statement_page(views, site, contact))
        print(path)
        return 0

    return explained(work, "statement")


def _write(path: Path, page: str) -> None:
    try:
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FOR_THE_OWNER), "w", encoding="utf-8"
        ) as file:
            file.write(page)
    except OSError as error:
        raise AccountError(f"{path} cannot be written: {error.strerror}") from error
