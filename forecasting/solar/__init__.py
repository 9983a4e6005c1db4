"""From sun and weather to PV power: geometry, arrays, what a site teaches, day-ahead and nowcast."""
