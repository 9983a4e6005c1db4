"""Guards: what cannot be is named, put right where that is certain, and survived. Pure."""

from forecasting.sanity.regular import Regular, regular, usual_step_s
from forecasting.sanity.weather import inspect_archive, inspect_weather

__all__ = ["Regular", "inspect_archive", "inspect_weather", "regular", "usual_step_s"]
