"""What the tests of InfluxDB share: a store of periods that forgets as the real one does, and a forwarder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from influx_server import TOKEN

from controller.config_file import load_config
from controller.core.reasons import render
from controller.outside.influx.forwarder import Forwarder
from controller.outside.influx.lines import Naming
from controller.outside.influx.progress import Memory
from controller.outside.influx.server import Server
from controller.outside.notebook import Notebook
from controller.settings import Config, InfluxSettings
from controller.settings.secret import SecretSettings
from controller.telemetry.exporting import StoredPeriod
from controller.telemetry.schema import SeriesKey, StorageError

ROOT = Path(__file__).parents[2]
START_S = 1_795_003_200
"""A full hour in November 2026."""
BANGKOK = ZoneInfo("Asia/Bangkok")
KEYS: tuple[SeriesKey, ...] = (
    ("site", "pv_w"),
    ("clinic", "power_w"),
    ("clinic", "closed"),
    ("pv_south", "pv_power_w"),
    ("meter_clinic", "energy_import_wh"),
)


def village(url: str, folder: Path, **influx) -> Config:
    """The default village, with a server."""
    config = load_config(ROOT / "config.yaml")
    token = folder / "token"
    token.write_text(TOKEN, encoding="utf-8")
    token.chmod(0o640)
    settings = {"org": "tambon", "bucket": "village", "decisions": False, "token": SecretSettings(file=token)}
    return config.model_copy(update={"influx": InfluxSettings(url=url, **{**settings, **influx})})


class FakeStore:
    """Periods by number; the 10 s tier forgets from its old end, minutes and quarters later."""

    def __init__(self) -> None:
        self.by_seq: dict[int, StoredPeriod] = {}
        self.minutes_from_s = 0
        self.minutes: dict[int, dict[SeriesKey, float]] = {}
        self.damaged = False

    def measure(self, count: int, seq: int | None = None, at_s: int | None = None) -> None:
        """Add periods of 10 s, at the end or wherever."""
        newest = max(self.by_seq, default=0)
        seq = newest + 1 if seq is None else seq
        if at_s is None:
            at_s = self.by_seq[newest].at_s + 10 if newest else START_S
        for number in range(count):
            stamp = at_s + 10 * number
            values = {key: round(stamp % 86_400 / 7 + place, 1) for place, key in enumerate(KEYS)}
            self.by_seq[seq + number] = StoredPeriod(seq + number, stamp, values)
            self.minutes.setdefault(stamp // 60 * 60, values)

    def forget_before(self, seq: int) -> None:
        """The 10 s tier has lost what is older."""
        self.by_seq = {number: each for number, each in self.by_seq.items() if number >= seq}

    def expected(self) -> dict[tuple[str, str, int], float]:
        return {
            (subject, point, each.at_s): value
            for each in self.by_seq.values()
            for (subject, point), value in each.values.items()
        }

    def series(self) -> list[SeriesKey]:
        self._look()
        return list(KEYS)

    def newest_seq(self) -> int:
        self._look()
        return max(self.by_seq, default=0)

    def oldest_seq(self) -> int:
        self._look()
        return min(self.by_seq, default=0)

    def periods(self, after_seq: int, limit: int) -> list[StoredPeriod]:
        self._look()
        return [self.by_seq[seq] for seq in sorted(self.by_seq) if seq > after_seq][:limit]

    def history(
        self, series: Sequence[SeriesKey], start_utc: datetime, end_utc: datetime, step_s: int
    ) -> Mapping[SeriesKey, Sequence[float | None]]:
        self._look()
        start_s, end_s = int(start_utc.timestamp()), int(end_utc.timestamp())
        kept = {at: values for at, values in self.minutes.items() if step_s > 60 or at >= self.minutes_from_s}
        return {key: [kept.get(at, {}).get(key) for at in range(start_s, end_s, step_s)] for key in series}

    def _look(self) -> None:
        if self.damaged:
            raise StorageError("telemetry.db cannot be read: disk I/O error")


class Post:
    """A forwarder with hand-moved time between a store and a server."""

    def __init__(self, folder: Path, url: str, store: FakeStore | None = None, **influx) -> None:
        self.store = store or FakeStore()
        self.config = village(url, folder, **influx)
        self.folder = folder
        self.now_s = 1000.0
        self.notebook = Notebook(folder / "outside.db")
        self.forwarder = self.begun()
        self.waits: list[float] = []

    def begun(self) -> Forwarder:
        """A new life of the service, with what the notebook remembers."""
        settings = self.config.influx
        assert settings is not None
        return Forwarder(
            self.store,
            self.folder / "telemetry.db",
            Server(settings, self.utc_now),
            Naming(self.config),
            Memory(self.notebook),
            f"{settings.url} {settings.org} {settings.bucket}",
            with_annotations=settings.decisions,
            utc_now=self.utc_now,
            monotonic_s=lambda: self.now_s,
        )

    def utc_now(self) -> datetime:
        newest = max(self.store.by_seq, default=0)
        return datetime.fromtimestamp(self.store.by_seq[newest].at_s + 12 if newest else START_S, UTC)

    def steps(self, most: int = 500) -> None:
        """Until there is nothing to do, or it waits because of an error."""
        for _ in range(most):
            self.waits.append(self.forwarder.step())
            self.now_s += self.waits[-1]
            if self.waits[-1]:
                return
        raise AssertionError("it never comes to an end")

    def works_off(self, most: int = 60) -> None:
        """Until it has nothing to do, through errors."""
        for _ in range(most):
            self.steps()
            if not self.forwarder.health.failing:
                return
        raise AssertionError(self.status()["detail"])

    def status(self) -> dict:
        return self.forwarder.health.status(self.forwarder.progress)


def arrived(points: Mapping) -> dict[tuple[str, str, int], float]:
    """What a server holds, as the store calls it."""
    return {(dict(tags)["id"], field, at): value for ((_, tags, field), at), value in points.items()}


def codes(post: Post) -> list[str]:
    """The alarms that it asks for, all of which can be said."""
    alarms = post.forwarder.health.alarms(post.forwarder.progress, BANGKOK)
    for alarm in alarms:
        render(alarm)
    return [alarm.code for alarm in alarms]
