"""The planner process: history, weather and models in, forecasts out. Never imported by the controller."""
