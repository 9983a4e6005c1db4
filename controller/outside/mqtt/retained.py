"""Remembers what the broker retains for us, so that what leaves config.yaml leaves the broker too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from controller.outside.notebook import Notebook

_NOTE = "mqtt_retained"


class RetainedTopics:
    """Every topic that may be retained at the broker, also by earlier runs. Blocks; raises StorageError."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        known = notebook.note(_NOTE)
        known = known if isinstance(known, dict) else {}
        self._topics: set[str] = {str(topic) for topic in _list(known.get("topics"))}
        self._components: dict[str, dict[str, str]] = {
            str(topic): {str(key): str(kind) for key, kind in _dict(kinds).items()}
            for topic, kinds in _dict(known.get("components")).items()
        }

    def components(self, topic: str) -> Mapping[str, str]:
        """What a message to Home Assistant told of last: component -> its kind."""
        return self._components.get(topic, {})

    def missing_from(self, topics: Iterable[str]) -> set[str]:
        """Those that are no more."""
        return self._topics - set(topics)

    def add(self, topics: Iterable[str], components: Mapping[str, Mapping[str, str]]) -> None:
        """Remember more, before any of it is published; of a message's components none is forgotten yet."""
        grown = {topic: {**self._components.get(topic, {}), **kinds} for topic, kinds in components.items()}
        self._keep(self._topics | set(topics), {**self._components, **grown})

    def settle(self, topics: Iterable[str], components: Mapping[str, Mapping[str, str]]) -> None:
        """Forget what the broker has been told to forget."""
        self._keep(set(topics), {topic: dict(kinds) for topic, kinds in components.items()})

    def _keep(self, topics: set[str], components: dict[str, dict[str, str]]) -> None:
        if (topics, components) == (self._topics, self._components):
            return
        self._notebook.keep(_NOTE, {"topics": sorted(topics), "components": components})
        self._topics, self._components = topics, components


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:  # noqa: ANN401 - likewise
    return value if isinstance(value, dict) else {}
