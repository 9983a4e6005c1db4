"""Tomorrow's PV power from weather models, the season and the last days, with its doubt. Pure.

A day is the sample: its signals (what weather models foretell, the season, how clear the last days were and
how wrong the models were about them) tell its profile of clearness, which is power over clear-sky power. One
expert for each weather model, and one that knows no weather, learn it by kernel ridge regression; how much
each counts is learned from their errors.
"""

from forecasting.solar.day_ahead.model import DayAhead, Outlook, forecast, hindcast, learn

__all__ = ["DayAhead", "Outlook", "forecast", "hindcast", "learn"]
