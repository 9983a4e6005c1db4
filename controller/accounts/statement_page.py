"""Statements as a page to print, and as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from controller.accounts.statement_view import Line, StatementView

_TEMPLATES = Environment(
    loader=PackageLoader("controller.accounts"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def statement_page(views: Sequence[StatementView], site: str, contact: str) -> str:
    """One self-contained HTML page, a sheet of A5 for each statement; views: at least one."""
    first = views[0]
    return _TEMPLATES.get_template("statements.html").render(
        language=first.language, title=first.title, site=site, contact=contact, views=views
    )


def statement_text(view: StatementView, site: str) -> str:
    """A statement in plain lines."""
    return "\n".join(_lines(view, site))


def _lines(view: StatementView, site: str) -> Iterator[str]:
    yield f"{view.title} {site} · {view.month}"
    yield f"{view.who} · {view.group} · {view.state}"
    yield f"{view.use_title}: {view.use} ({view.source})"
    yield from _rows(view.meter)
    yield from (f"  {remark}" for remark in view.remarks)
    yield view.due_title
    yield from _rows(view.due)
    yield view.money_title
    yield from _rows(view.money)
    if view.low is not None:
        yield f"! {view.low}"
    yield view.never_cut


def _rows(lines: Sequence[Line]) -> Iterator[str]:
    return (f"  {line.label}: {line.value}" for line in lines)
