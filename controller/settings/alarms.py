"""From where on something is an alarm, and the lamp that shows one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from controller.settings.fields import Frac, Settings
from controller.settings.plant import SwitchSettings

_Days = Annotated[int, Field(ge=1, le=365)]


class AlarmSettings(Settings):
    """From where on something is an alarm; all of it may be left out."""

    lamp: SwitchSettings | None = None
    """Closed, and hence lit, while an alarm that is critical has not been acknowledged."""
    fuel_low_frac: Frac = 0.2
    """Of the genset's tank."""
    cut_longest_h: Annotated[float, Field(gt=0, le=168)] = 6.0
    """So long protection may keep a feeder off before somebody is told [h]."""
    backup_days: _Days | None = 14
    """None: nobody is reminded."""
    contacts_days: _Days = 90
