"""docs/config.md describes every key of config.yaml, and no key that is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from controller.settings import Config

PAGE = Path(__file__).parents[2] / "docs" / "config.md"


def keys_of(shape: dict[str, Any], schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every path of the schema that ends in a value."""
    if "$ref" in shape:
        shape = schema["$defs"][shape["$ref"].rpartition("/")[2]]
    members = shape.get("oneOf") or [one for one in shape.get("anyOf", ()) if one.get("type") != "null"]
    named = [*shape.get("patternProperties", {}).values()]
    if isinstance(shape.get("additionalProperties"), dict):
        named.append(shape["additionalProperties"])
    for member in members:
        yield from keys_of(member, schema, path)
    for member in named:
        yield from keys_of(member, schema, (*path, "<name>"))
    for key, member in shape.get("properties", {}).items():
        yield from keys_of(member, schema, (*path, key))
    if not members and not named and "properties" not in shape:
        yield ".".join(path)


def existing() -> set[str]:
    schema = Config.model_json_schema()
    return set(keys_of(schema, schema))


def documented() -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_key_is_documented() -> None:
    assert not existing() - set(documented())


def test_no_key_is_documented_that_does_not_exist() -> None:
    assert not set(documented()) - existing()


def test_no_key_is_documented_twice() -> None:
    assert len(documented()) == len(set(documented()))


def test_limits_in_the_page_are_those_of_the_schema() -> None:
    schema = Config.model_json_schema()["$defs"]
    page = PAGE.read_text(encoding="utf-8")
    limit = schema["SharingSettings"]["properties"]["hysteresis_soc_frac"]["maximum"]
    assert f"| `sharing.hysteresis_soc_frac` | 0 to {limit:g} |" in page
    attempts = schema["GensetSettings"]["properties"]["max_start_attempts"]
    assert f"| `genset.max_start_attempts` | {attempts['minimum']} to {attempts['maximum']} |" in page
