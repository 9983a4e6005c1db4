"""How the event stream holds up: N listeners against a running web process.

    python benchmarks/stream.py --url http://127.0.0.1:8080 --clients 100 --seconds 20 [--pid PID] [--json]

Run it on the same host: lag is from the image being written (the event's id, CLOCK_MONOTONIC) to the
listener having read the event. With --pid the CPU time of that process is reported too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CONNECT_TOGETHER = 20


@dataclass(slots=True)
class Tally:
    """What one listener heard."""

    events: int = 0
    beats: int = 0
    received_bytes: int = 0
    lags_ms: list[float] = field(default_factory=list)
    fault: str | None = None


async def listen(url: str, query: str, tally: Tally, gate: asyncio.Semaphore) -> None:
    """Read events until cancelled; what goes wrong is noted."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    writer: asyncio.StreamWriter | None = None
    try:
        async with gate:
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(f"GET /api/events?{query} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            status = (await reader.readline()).decode().strip()
        if " 200 " not in status:
            tally.fault = status or "closed without an answer"
            return
        while line := await reader.readline():
            hear(line, tally)
        tally.fault = "stream ended"
    except OSError as err:
        tally.fault = str(err)
    finally:
        if writer is not None:
            writer.close()


def hear(line: bytes, tally: Tally) -> None:
    """Count one line of the stream. The first event is history, so its lag is not counted."""
    tally.received_bytes += len(line)
    if line.startswith(b"event: beat"):
        tally.beats += 1
    elif line.startswith(b"id: "):
        if tally.events:
            tally.lags_ms.append(1000 * (time.monotonic() - float(line[4:])))
        tally.events += 1


def cpu_s(pid: int) -> float:
    """CPU time that a process has used so far, in seconds."""
    columns = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(columns[11]) + int(columns[12])) / os.sysconf("SC_CLK_TCK")


def quantile(ordered: list[float], frac: float) -> float | None:
    """The value below which the fraction lies, None of nothing."""
    return round(ordered[min(len(ordered) - 1, int(frac * len(ordered)))], 2) if ordered else None


async def run(args: argparse.Namespace) -> dict[str, object]:
    """Open the streams, listen for the time asked for, sum up."""
    tallies = [Tally() for _ in range(args.clients)]
    gate = asyncio.Semaphore(CONNECT_TOGETHER)
    query = f"view={args.view}&lang=th"
    tasks = [asyncio.create_task(listen(args.url, query, tally, gate)) for tally in tallies]
    await asyncio.sleep(1.0)  # everybody is in: count from here
    for tally in tallies:
        tally.events, tally.received_bytes, tally.lags_ms = min(tally.events, 1), 0, []
    cpu_before, began_s = cpu_s(args.pid) if args.pid else None, time.monotonic()
    await asyncio.sleep(args.seconds)
    took_s = time.monotonic() - began_s
    cpu_pct = None if cpu_before is None else round(100 * (cpu_s(args.pid) - cpu_before) / took_s, 2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    lags = sorted(lag for tally in tallies for lag in tally.lags_ms)
    events = sum(len(tally.lags_ms) for tally in tallies)
    return {
        "clients": args.clients,
        "seconds": round(took_s, 2),
        "view": args.view,
        "failed": sum(tally.fault is not None for tally in tallies),
        "faults": sorted({tally.fault for tally in tallies if tally.fault}),
        "events": events,
        "events_per_s": round(events / took_s, 1),
        "bytes_per_client_s": round(sum(t.received_bytes for t in tallies) / took_s / max(1, args.clients)),
        "lag_ms": {
            "p50": quantile(lags, 0.5),
            "p90": quantile(lags, 0.9),
            "p99": quantile(lags, 0.99),
            "max": quantile(lags, 1.0),
        },
        "cpu_pct": cpu_pct,
    }


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description="Listeners on the event stream of a running web process.")
    parser.add_argument("--url", required=True, help="e.g. http://127.0.0.1:8080")
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--view", choices=["page", "status"], default="page")
    parser.add_argument("--pid", type=int, help="process whose CPU time is reported (% of one core)")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    args = parser.parse_args()
    result = asyncio.run(run(args))
    if args.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:>20}  {value}")


if __name__ == "__main__":
    main()
