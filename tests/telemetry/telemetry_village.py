"""What the telemetry tests share: a clock moved by hand and decisions to store."""

from datetime import UTC, datetime, timedelta

from controller.telemetry.decision_log import DecisionRecord

NOON = datetime(2026, 11, 21, 5, 0, 0, tzinfo=UTC)
BOOT = "5f0c6b8e-boot"


class HandClock:
    """Stands still until told; its wall clock can step without the monotonic one noticing."""

    speed = 1.0

    def __init__(self, at: datetime = NOON):
        self.at = at
        self.monotonic_s = 100.0

    def advance(self, seconds: float):
        self.monotonic_s += seconds
        self.at += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self.monotonic_s

    def utc_now(self) -> datetime:
        return self.at

    def synchronised(self) -> bool:
        return True

    async def sleep(self, duration_s: float):
        self.advance(duration_s)

    async def sleep_until(self, monotonic_s: float):
        self.advance(max(0.0, monotonic_s - self.monotonic_s))


def decision(number: int, subject="houses_a", action="open", **params) -> DecisionRecord:
    return DecisionRecord(
        at_utc=NOON + timedelta(seconds=number),
        boot_id=BOOT,
        monotonic_s=float(number),
        subject=subject,
        action=action,
        code="class_rationed",
        params={"n": number, **params},
    )
