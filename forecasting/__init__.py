"""Forecasts of sun and load, with their doubt: weather sources, models, calibration, backtest."""
