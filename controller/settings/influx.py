"""Where measurements go besides the village's own store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from controller.settings.fields import Settings
from controller.settings.secret import SecretSettings

InfluxUrl = Annotated[
    str,
    Field(
        pattern=r"^https?://[^\s?#/]+(/[^\s?#]*)?$",
        description="the server's address, such as https://influx.example.org:8086",
    ),
]
InfluxName = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$", description="a name on the server")
]
TagKey = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="a word of a to z, 0 to 9 and _, beginning with a letter, 40 characters at most",
    ),
]
TagValue = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\\]*[^\x00-\x1f\\ ]$",
        description="one line of text",
    ),
]


class InfluxSettings(Settings):
    """A server that takes InfluxDB's line protocol."""

    url: InfluxUrl
    """Without /api/v2/write, which is added."""
    org: InfluxName
    bucket: InfluxName
    token: SecretSettings | None = None
    """None where the server asks for none, such as VictoriaMetrics in one's own network."""
    tags: dict[TagKey, TagValue] = Field(default_factory=dict)
    """Added to every line besides `site` and `id`."""
    ca_file: Annotated[Path, Field(strict=False)] | None = None
    """Authorities to believe instead of the well-known ones."""
    decisions: bool = True
    """Whether decisions and alarms go along, as annotations for charts."""
