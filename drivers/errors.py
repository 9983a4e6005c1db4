"""What can go wrong between the controller and a device; one root."""

from __future__ import annotations

REFUSALS = {
    1: "illegal function",
    2: "no such address",
    3: "illegal value",
    4: "device failure",
    5: "accepted, not done yet",
    6: "busy",
    7: "refused by the device",
    8: "memory error",
    10: "gateway path unavailable",
    11: "gateway target does not answer",
}
"""What Modbus exception codes mean."""
SHAPE_CODES = frozenset({1, 2, 3})
"""Modbus exceptions about what was asked; the others are about the moment."""
BUSY_CODES = frozenset({5, 6})
"""Modbus exceptions of a device that has something else to do first."""
GATEWAY_CODES = frozenset({10, 11})
"""Modbus exceptions of a gateway: the device behind it does not answer."""


class DriverError(Exception):
    """Root of the errors of the field bus."""


class ProfileError(DriverError):
    """A profile file is wrong; the message names file, point, key and remedy."""


class DeviceUnreachableError(DriverError):
    """No usable answer: nothing came, or what came was not an answer to this request."""

    def __init__(self, message: str, heard: int = 0) -> None:
        """heard: how many bytes came that were no answer."""
        super().__init__(message)
        self.heard = heard


class RequestRefusedError(DriverError):
    """The device answered with a Modbus exception."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class WriteRefusedError(DriverError):
    """A write was not sent or did not hold: out of range, no such control point, or read back otherwise."""
