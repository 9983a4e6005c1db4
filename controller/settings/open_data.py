"""What of the history is given to everybody."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from controller.settings.fields import NameSettings, Settings

Licence = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9.+-]{1,39}$",
        description="a licence by its SPDX name, such as CC-BY-4.0",
    ),
]


class OpenDataSettings(Settings):
    """The history as open data; without this section there is none."""

    publisher: NameSettings
    licence: Licence = "CC-BY-4.0"
    least_households: Annotated[int, Field(ge=2, le=10_000)] = 5
    """Of a line of houses: fewer could be recognised by their use, and are left out."""
