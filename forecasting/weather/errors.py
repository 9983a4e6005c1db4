"""What may go wrong with a weather source."""

from __future__ import annotations

from controller.core.model import Reason


class WeatherError(Exception):
    """A source gave no weather; the message is the cause in a few words."""


class WeatherRefusedError(WeatherError):
    """The service answered that it will not, and why: too many requests, or an unknown model."""


class WeatherGarbledError(WeatherError):
    """What came is no weather as it was agreed."""


def told(err: WeatherError, source: str) -> Reason:
    """What a technician is told of it."""
    params = {"source": source, "error": str(err)}
    if isinstance(err, WeatherRefusedError):
        return Reason("weather_refused", params)
    if isinstance(err, WeatherGarbledError):
        return Reason("weather_garbled", params)
    return Reason("weather_unreachable", params)
