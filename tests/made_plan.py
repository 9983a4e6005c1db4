"""A made-up plan for tests of the core, on the clock of a `World`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core_world import FEEDERS

from controller.core.model import Cut, Plan, Reason

QUARTER_S, HOUR_S = 900.0, 3600.0
TURN = Reason("turn_announced", {"start": 0.0, "end": 0.0, "class": "household"})


def make_plan(
    made_s: float,
    *,
    hours: int = 12,
    soc: Sequence[float] = (0.6,),
    band: float = 0.03,
    cuts: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    genset: Sequence[tuple[float, float]] = (),
    why: Reason | None = None,
    wanted_w: float = 800.0,
    feeders: Sequence[str] = tuple(feeder.id for feeder in FEEDERS),
) -> Plan:
    """A plan in quarters of an hour from made_s.

    soc: P50 hour by hour, the last value for the rest; P10 and P90 are `band` away. cuts and genset:
    stretches in hours from made_s. wanted_w: what every feeder would draw.
    """
    steps = 4 * hours
    edges_s = tuple(made_s + QUARTER_S * edge for edge in range(steps + 1))
    mid = tuple(_at(soc, edge / 4) for edge in range(steps + 1))
    on = tuple(any(begin <= step / 4 < end for begin, end in genset) for step in range(steps))
    return Plan(
        made_s=made_s,
        valid_until_s=made_s + 3 * HOUR_S,
        edges_s=edges_s,
        soc_low_frac=tuple(frac - band for frac in mid),
        soc_mid_frac=mid,
        soc_high_frac=tuple(frac + band for frac in mid),
        wanted_w=dict.fromkeys(feeders, (wanted_w,) * steps),
        cuts={
            name: tuple(Cut(made_s + HOUR_S * a, made_s + HOUR_S * b, made_s, TURN) for a, b in stretches)
            for name, stretches in (cuts or {}).items()
        },
        genset_on=on,
        genset_why=tuple(why if runs else None for runs in on),
    )


def _at(soc: Sequence[float], hour: float) -> float:
    whole = int(hour)
    if whole + 1 >= len(soc):
        return soc[-1]
    return soc[whole] + (hour - whole) * (soc[whole + 1] - soc[whole])
