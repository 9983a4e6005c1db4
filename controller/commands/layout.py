"""Lines that fit a terminal, as the narrow one of a phone: words stay whole, what goes on is indented."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap

_KEPT = "\N{NO-BREAK SPACE}"
_NARROWEST = 40


def columns() -> int | None:
    """How wide the terminal is; None: the output goes to a file or a program, which wraps for itself."""
    if not os.environ.get("COLUMNS", "").isdigit() and not sys.stdout.isatty():
        return None
    return max(_NARROWEST, shutil.get_terminal_size().columns)


def wrapped(text: str, first: str = "", then: str | None = None) -> str:
    """Sentences in lines that fit.

    Args:
        text: one sentence, or several in lines of their own.
        first: stands before it.
        then: stands before each line after the first; None: as many blanks as `first` has characters.
    """
    width = columns()
    if width is None:
        return first + text
    follow = " " * len(first) if then is None else then
    text, *more = text.split("\n")
    filled = textwrap.fill(
        text,
        width - 1,
        initial_indent=first,
        subsequent_indent=follow,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join((filled, *(wrapped(line, first, follow) for line in more)))


def unbroken(text: str) -> str:
    """Text that `wrapped` leaves on one line; `restored` makes it what it was."""
    return text.replace(" ", _KEPT)


def restored(text: str) -> str:
    """Text after wrapping, with the blanks that `unbroken` hid."""
    return text.replace(_KEPT, " ")
