"""YAML text to nodes, and syntax errors in words that say what to type."""

from __future__ import annotations

import re
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from controller.config.faults import ConfigError, Fault

AnyNode: TypeAlias = ScalarNode | SequenceNode | MappingNode

_MAX_DEPTH = 30
_DIRECTIVE = re.compile(r"^%.*", re.MULTILINE)
_CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_SPACE = re.compile(r"^\s*(?:- )?(?P<key>[A-Za-z_][A-Za-z0-9_]*):(?P<rest>[^\s:/][^:]*)$")
_OPENED = re.compile("quoted scalar|flow mapping|flow sequence|simple key")
"""What is noticed late: the line where it began says more than the one where it failed."""
_TAB_INDENT = re.compile(r"^ *\t")

_HINTS = (
    ("end of stream", "a quote is opened here and never closed: end the text with the same quote, \" or '"),
    ("unknown escape", "a backslash inside \"double quotes\" is special: use 'single quotes'"),
    ("'\\t'", "a tab: indent and separate with spaces only"),
    ("expected ',' or '}'", "a { without its }, or two keys without a comma between them: {a: 1, b: 2}"),
    ("expected ',' or ']'", "a [ without its ], or two items without a comma between them: [1, 2]"),
    ("mapping values", "a colon where none may stand: put text with a colon in quotes, and indent alike"),
    ("expected <block end>", "this line does not fit the lines above: indent alike, two spaces a level"),
    ("could not find expected ':'", "no `key: value` on this line: a colon and a space belong after the key"),
    ("undefined alias", "* refers to an anchor that does not exist: put text that begins with * in quotes"),
    ("cannot start any token", "text that begins with this character needs quotes"),
    ("another document", "--- begins a second document: the file holds one only, remove the line"),
    ("<document start>", "the file begins with keys at the left edge, each with a colon, and nothing else"),
    ("maximum depth", "brackets inside brackets without end"),
)


def compose(text: str, file: str) -> AnyNode | None:
    """The root node, None of an empty document. Raises ConfigError where the text is not YAML."""
    _refuse_oddities(text, file)
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = _MAX_DEPTH
    yaml.composer.warn_double_anchors = False
    try:
        root: AnyNode | None = yaml.compose(text)
    except MarkedYAMLError as err:
        raise ConfigError((_syntax_fault(err, text.splitlines(), file),)) from err
    except (YAMLError, ValueError, OverflowError, NotImplementedError) as err:
        problem = (str(err).splitlines() or ["unreadable"])[0]
        message = f"this is not YAML ({problem}): undo the last change"
        raise ConfigError((Fault(file, "", None, None, message),)) from err
    return root


def _refuse_oddities(text: str, file: str) -> None:
    """Characters and lines that YAML knows but no config file needs. Raises ConfigError."""
    odd = _CONTROL.search(text)
    if odd:
        found = f"the character U+{ord(odd.group()):04X}"
        message = "an invisible control character: delete it"
    else:
        odd = _DIRECTIVE.search(text)
        if odd is None:
            return
        found, message = odd.group()[:60].rstrip(), "a % line would change how YAML is read: remove it"
    line = text.count("\n", 0, odd.start()) + 1
    raise ConfigError((Fault(file, "", line, found, message),))


def _syntax_fault(err: MarkedYAMLError, lines: list[str], file: str) -> Fault:
    problem = f"{err.problem or err.context or 'not YAML'}"
    mark = err.problem_mark or err.context_mark
    if err.context_mark is not None and err.context is not None and _OPENED.search(err.context):
        mark = err.context_mark
    number = 0 if mark is None else min(mark.line, max(0, len(lines) - 1))
    remedy = next((hint for sign, hint in _HINTS if sign in problem), problem)
    number, remedy = _likely_slip(lines, number) or (number, remedy)
    found = lines[number].strip()[:60] if number < len(lines) else "nothing"
    return Fault(file, "", number + 1, found, f"this is not YAML: {remedy}")


def _likely_slip(lines: list[str], number: int) -> tuple[int, str] | None:
    """A slip of the finger at the line or shortly before it, where YAML was not yet disturbed by it."""
    before = [near for near in range(number) if lines[near].split("#")[0].strip()]
    for near in (number, *before[-1:]):
        line = lines[near] if near < len(lines) else ""
        if _TAB_INDENT.match(line):
            return near, "the line is indented with a tab: use spaces, two a level"
        slip = _NO_SPACE.match(line)
        if slip:
            return near, f"a space is missing after the colon: write `{slip['key']}: {slip['rest']}`"
    for near in (*before, number):
        if near < len(lines) and lines[near].split(" #")[0].count('"') % 2:
            return near, 'a quote is opened here and never closed: end the text with "'
    return None
