"""What telemetry.db holds of a month, brought to the figures' shape. The only file here that reads."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from controller.core.model import Site
from controller.reports.figures.alarms import Raised
from controller.reports.figures.energy import Metered
from controller.reports.figures.month import QUARTER_S, Steps
from controller.reports.figures.outages import Switching
from controller.reports.figures.series import Column, Columns, Key
from controller.reports.figures.skill import LEVELS, Foretold
from controller.reports.figures.whole import Material
from controller.telemetry.alarm_log import read_alarms_between
from controller.telemetry.decision_log import DecisionRecord, LogRow, logged
from controller.telemetry.energy import FEEDER_COUNTER, energy_between
from controller.telemetry.issued import read_issued
from controller.telemetry.quarters import ENOUGH_FRAC
from controller.telemetry.reader import Quarters, TelemetryReader
from controller.telemetry.schema import PERIOD_S, StorageError, reading

_COLUMNS = "seq, at_utc, boot_id, monotonic_s, subject, action, code, params, previous_hash, hash"
_SWITCHED = "action IN ('open', 'close', 'adopt', 'start', 'stop')"
_BACKWARD = 200_000
"""At most so many entries before a month are searched for how its feeders stood when it began."""
_DAY_S = 86_400
_FORECAST_REACH_S = 2 * _DAY_S
"""Forecasts look so far ahead: what was said on the last days of the month before counts too."""
_SITE_POINTS = ("pv_w", "load_w", "battery_w", "genset_w", "grid_w", "soc_frac", "blackout")
_BATTERY_POINTS = ("battery_current_a", "battery_temperature_c", "battery_soh_frac")


class MonthReader:
    """Reads months of a site from its store. All methods raise StorageError."""

    def __init__(self, path: Path, site: Site) -> None:
        self._path = path
        self._site = site

    def read(self, steps: Steps, *, whole: bool = True) -> Material:
        """All that is known of a month; without `whole` only what months are compared by."""
        records = self._switchings(steps)
        genset = self._site.genset.id if self._site.genset else None
        return Material(
            columns=self._columns(steps),
            switchings=[_switching(record) for record in records if record.subject != genset],
            genset_switchings=[
                (record.at_utc.timestamp(), record.action == "start")
                for record in records
                if record.subject == genset and record.action in ("start", "stop")
            ],
            alarms=self._alarms(steps) if whole else (),
            forecasts={kind: self._forecasts(kind, steps) for kind in ("pv", "load")} if whole else None,
            metered=self._metered(steps) if whole else {},
        )

    def _columns(self, steps: Steps) -> Columns:
        keys = _keys(self._site)
        if not steps.count:
            return Columns(steps, {})
        found = TelemetryReader(self._path).quarters(keys, _utc(steps.start_s), _utc(steps.end_s))
        return Columns(steps, {key: _column(quarters) for key, quarters in found.items()})

    def _switchings(self, steps: Steps) -> list[DecisionRecord]:
        """What was switched within the month, and what each feeder's and the genset's last was before it."""
        subjects = {feeder.id for feeder in self._site.feeders}
        subjects |= {self._site.genset.id} if self._site.genset else set()
        stamps = {"start": _stamp(steps.start_s), "end": _stamp(steps.end_s)}
        with reading(self._path) as connection:
            if connection is None:
                return []
            first = connection.execute(
                "SELECT coalesce(max(seq), 0) + 1 FROM decision WHERE at_utc < :start", stamps
            ).fetchone()[0]
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM decision WHERE {_SWITCHED} AND at_utc >= :start AND at_utc < :end"  # noqa: S608
                f" UNION ALL SELECT {_COLUMNS} FROM decision WHERE seq IN (SELECT max(seq) FROM decision"
                f" WHERE {_SWITCHED} AND seq < :first AND seq >= :first - {_BACKWARD} GROUP BY subject)"
                " ORDER BY seq",
                {**stamps, "first": first},
            ).fetchall()
        return [record for row in rows if (record := self._record(LogRow._make(row))).subject in subjects]

    def _record(self, row: LogRow) -> DecisionRecord:
        try:
            return logged(row).record
        except (TypeError, ValueError) as err:
            msg = f"{self._path}: decision {row.seq} is damaged ({err}); `tawan audit` tells more"
            raise StorageError(msg) from err

    def _metered(self, steps: Steps) -> dict[str, Metered]:
        span = _utc(steps.start_s), _utc(steps.end_s)
        counted = {
            feeder.id: energy_between(self._path, (feeder.meter, FEEDER_COUNTER), *span)
            for feeder in self._site.feeders
            if feeder.meter is not None
        }
        return {
            name: Metered(energy.wh, energy.known_frac)
            for name, energy in counted.items()
            if energy.wh is not None
        }

    def _alarms(self, steps: Steps) -> list[Raised]:
        found = read_alarms_between(self._path, _utc(steps.start_s), _utc(steps.end_s))
        return [
            Raised(
                alarm.code,
                alarm.subject,
                alarm.severity.value,
                alarm.params,
                alarm.raised_utc.timestamp(),
                None if alarm.cleared_utc is None else alarm.cleared_utc.timestamp(),
                None if alarm.acknowledged_utc is None else alarm.acknowledged_utc.timestamp(),
            )
            for alarm in found
        ]

    def _forecasts(self, kind: str, steps: Steps) -> list[Foretold]:
        days_s = range(steps.start_s - _FORECAST_REACH_S, steps.end_s, _DAY_S)  # a month at once is 100 MB
        return [
            Foretold(one.issued_s, one.start_s, np.array(one.values_w))
            for day_s in days_s
            for one in read_issued(self._path, kind, day_s, min(day_s + _DAY_S, steps.end_s))
            if len(one.values_w) == len(LEVELS) and one.step_s == QUARTER_S
        ]


def _keys(site: Site) -> list[Key]:
    """The series that the figures rest on."""
    battery, bms = site.battery.id, site.battery.bms
    keys: list[Key] = [("site", point) for point in _SITE_POINTS]
    keys += [(feeder.id, point) for feeder in site.feeders for point in ("power_w", "closed")]
    keys += [(pv.id, point) for pv in site.pv for point in (pv.power_point, "limit_frac")]
    keys += [(device, point) for device in (battery, bms) if device for point in _BATTERY_POINTS]
    keys += [(battery, "frequency_hz")]
    keys += [(site.genset.id, point) for point in ("engine_run_s", "fuel_frac")] if site.genset else []
    keys += [(site.irradiance_sensor, "irradiance_wm2")] if site.irradiance_sensor else []
    return list(dict.fromkeys(keys))


def _column(quarters: Quarters) -> Column:
    """Quarters of which too little was sampled are missing."""
    enough = quarters.samples >= ENOUGH_FRAC * QUARTER_S / PERIOD_S
    mean, low, high = (
        np.where(enough, values, np.nan) for values in (quarters.mean, quarters.low, quarters.high)
    )
    return Column(mean, low, high)


def _switching(record: DecisionRecord) -> Switching:
    found_on = record.action == "adopt" and bool(record.params.get("closed"))
    return Switching(
        record.at_utc.timestamp(),
        record.subject,
        found_on or record.action == "close",
        record.code,
        record.params,
    )


def _utc(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


def _stamp(at_s: float) -> str:
    """As the log writes it, so that text sorts as time does."""
    return _utc(at_s).isoformat(timespec="microseconds")
