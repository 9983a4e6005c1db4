"""Where a password or token is to be found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from controller.settings.fields import Settings

EnvironmentName = Annotated[
    str, Field(pattern=r"^[A-Z_][A-Z0-9_]{0,99}$", description="the name of an environment variable")
]


class SecretSettings(Settings):
    """A reference to a secret: a file that only its owner and group may read, or an environment variable."""

    file: Annotated[Path, Field(strict=False)] | None = None
    env: EnvironmentName | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.file is None) == (self.env is None):
            raise ValueError("give either file or env")
        return self
