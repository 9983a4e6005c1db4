"""Where and who the village is, and where the controller keeps and shows things."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from controller.settings.fields import Host, NameSettings, Phone, Port, Settings, SiteId


class ContactSettings(Settings):
    """Whom villagers call."""

    name: NameSettings
    phone: Phone


class SiteSettings(Settings):
    """Where and who the village is."""

    id: SiteId
    name: NameSettings
    latitude_deg: Annotated[float, Field(ge=-90, le=90)]
    longitude_deg: Annotated[float, Field(ge=-180, le=180)]
    timezone: str
    """A name of the IANA time zone database."""
    contact: ContactSettings


class StorageSettings(Settings):
    """Where the controller keeps what it writes."""

    image: Path = Field(strict=False)
    telemetry: Path = Field(strict=False)
    budget_mb: Annotated[int, Field(ge=200, le=1_000_000)] = 2000
    """What the history may take of the disk before the oldest detail goes."""


class WebSettings(Settings):
    """Where the web process listens."""

    host: Host
    port: Port
