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
    except (YAMLError, ValueError, NotImplementedError) as err:
        message = "this is not YAML: undo the last change, or compare with the config.yaml of Tawan"
        raise ConfigError((Fault(file, "", None, str(err).splitlines()[0], message),)) from err
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
    if err.context_mark is not None and "quoted scalar" in (err.context or ""):
        mark = err.context_mark
    number = 0 if mark is None else min(mark.line, max(0, len(lines) - 1))
    hint = next((hint for sign, hint in _HINTS if sign in problem), None)
    for near in (number, number - 1):
        line = lines[near] if 0 <= near < len(lines) else ""
        slip = _NO_SPACE.match(line)
        if _TAB_INDENT.match(line):
            number, hint = near, "the line is indented with a tab: use spaces, two a level"
            break
        if slip:
            number = near
            hint = f"a space is missing after the colon: write `{slip['key']}: {slip['rest']}`"
            break
    found = lines[number].strip()[:60] if number < len(lines) else "nothing"
    remedy = f"{hint} ({problem})" if hint else problem
    return Fault(file, "", number + 1, found, f"this is not YAML: {remedy}")
