"""MQTT: the village's state for whoever subscribes, Home Assistant's discovery, and orders from outside.

`state` and `discovery` say what is told, pure; `outbox` holds the newest of each topic; `link` keeps the
connection; `orders` takes orders to the box of requests, and `answers` what became of them back.
Topics and payloads: docs/mqtt.md.
"""
