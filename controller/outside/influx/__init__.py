"""History goes to a server that takes InfluxDB's line protocol: InfluxDB 2 or 3, VictoriaMetrics.

Nothing is queued but in the store itself: a cursor over it says what has arrived.
"""
