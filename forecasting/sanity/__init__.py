"""Guards: what cannot be is named, put right where that is certain, and survived. Pure."""

from forecasting.sanity.load import inspect_load
from forecasting.sanity.pv import inspect_pv
from forecasting.sanity.regular import Regular, regular, usual_step_s
from forecasting.sanity.sky import Sky, SkyPart, part_of
from forecasting.sanity.weather import inspect_archive, inspect_weather, source_shifts_h

__all__ = [
    "Regular",
    "Sky",
    "SkyPart",
    "inspect_archive",
    "inspect_load",
    "inspect_pv",
    "inspect_weather",
    "part_of",
    "regular",
    "source_shifts_h",
    "usual_step_s",
]
