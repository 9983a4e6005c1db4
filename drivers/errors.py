"""What can go wrong between the controller and a device; one root."""

from __future__ import annotations


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
