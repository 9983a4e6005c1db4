"""Weather forecasts from outside: sources, cache, guards against the impossible. The only I/O here."""
