"""The process that talks to the world outside: InfluxDB, MQTT, messages to technicians.

The controller starts it and outlives it. It reads what the controller writes, keeps its own small notebook of
how far it has come, and touches no bus: what comes in from outside becomes a request like any other.
"""
