"""A broker that is killed again and again under load: is an order lost or done twice, is the state right?

The outside process is started as the controller starts it and tells a real mosquitto, over TLS, of a village
whose values change 500 times a second. A technician sends orders and repeats those that are not answered.
The broker is killed (SIGKILL) at random moments and started again; each time it is measured how long it takes
until a listener has every value as it was published after the return.
Run: python benchmarks/mqtt.py [--kills 50] [--topics 500] [--protocol mqtt5] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
from mqtt_broker import Broker
from mqtt_village import Village, image_of, listener, settings_for, village_in

from controller.runtime.child_process import resident_bytes
from controller.runtime.image_document import write_atomically
from controller.runtime.outside_keeper import OutsideProcess
from controller.telemetry.schema import StorageError

COMMAND = (sys.executable, "-m", "controller.outside")
BASE = "tawan/ban-wang-won"
RESULT = f"{BASE}/command/result"
ORDER_EVERY_S = 0.1
REPEAT_AFTER_S = 3.0
CORRECT_WITHIN_S = 5.0
GIVE_UP_S = 60.0


@dataclass
class Books:
    """What was sent, said and done."""

    asked: dict[str, str] = field(default_factory=dict)
    """Order -> its message."""
    sent_at_s: dict[str, float] = field(default_factory=dict)
    repeats: int = 0
    taken: set[str] = field(default_factory=set)
    """Orders acknowledged as taken."""
    refused: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    """Orders whose outcome was told."""
    heard: int = 0
    """Messages that the listener got."""
    correct_after_s: list[float] = field(default_factory=list)
    resident: int = 0


class Load:
    """image.json with many arrays; power and limit of each change every second and say since when."""

    def __init__(self, village: Village, values: int) -> None:
        self._village = village
        self._arrays = values // 2
        self._image = image_of(village.config)
        self.tick = 0

    async def run(self) -> None:
        """Publish and carry out for ever."""
        while True:
            with suppress(StorageError):  # a box that is just being made
                await self._village.carry_out()
            self.publish()
            await asyncio.sleep(1.0)

    def publish(self) -> None:
        """Replace image.json."""
        self.tick += 1
        told = {"power_w": -float(self.tick), "limit_frac": self.tick / 100.0}
        arrays = [{**self._image["pv"][0], "id": f"array_{number}", **told} for number in range(self._arrays)]
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        image = {**self._image, "pv": arrays, "clock": {**self._image["clock"], "utc": now}}
        image["written"] = {**self._image["written"], "monotonic_s": time.monotonic()}
        write_atomically(self._village.config.storage.image, json.dumps(image).encode())

    def topics(self) -> Iterator[str]:
        """Those that change every second."""
        for number in range(self._arrays):
            yield f"{BASE}/state/pv/array_{number}/power_w"
            yield f"{BASE}/state/pv/array_{number}/limit_percent"


async def send_orders(broker: Broker, books: Books, kinds: int) -> None:
    """A technician's program: a new order now and then, and again each one that nobody has answered."""
    number = 0
    while True:
        with suppress(aiomqtt.MqttError):
            async with listener(broker, RESULT) as (client, heard):
                read = 0
                while True:
                    for answer in heard.answers(RESULT)[read:]:
                        read += 1
                        _note(answer, books)
                    if number < kinds:
                        number += 1
                        await _send(client, f"order-{number}", books)
                    for late in _unanswered(books):
                        books.repeats += 1
                        await _send(client, late, books)
                    await asyncio.sleep(ORDER_EVERY_S)
        await asyncio.sleep(0.1)


def _note(answer: dict, books: Books) -> None:
    if "outcome" in answer:
        books.told.add(answer["id"])
    elif answer["taken"]:
        books.taken.add(answer["id"])
    else:
        books.refused.add(answer["id"])


def _unanswered(books: Books) -> list[str]:
    late_s = time.monotonic() - REPEAT_AFTER_S
    done = books.told | books.refused
    return [one for one, at_s in books.sent_at_s.items() if one not in done and at_s < late_s]


async def _send(client: aiomqtt.Client, order_id: str, books: Books) -> None:
    if order_id not in books.asked:
        expires = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
        params = {"feeder": "pump", "state": random.choice(("open", "closed")), "for_s": 600}
        told = {"id": order_id, "kind": "feeder", "params": params, "expires": expires, "who": "somchai"}
        books.asked[order_id] = json.dumps(told)
    books.sent_at_s[order_id] = time.monotonic()
    await client.publish(f"{BASE}/command", books.asked[order_id], qos=1)


async def kill_again_and_again(broker: Broker, load: Load, books: Books, kills: int) -> None:
    """Kill the broker, start it, and see how long the listener waits for the truth."""
    await _wait_until_correct(broker, load, books)
    books.correct_after_s.clear()
    for done in range(kills):
        await asyncio.sleep(random.uniform(0.3, 2.0))
        broker.kill()
        await asyncio.sleep(random.uniform(0.0, 1.0))
        await asyncio.to_thread(broker.start)
        await _wait_until_correct(broker, load, books)
        print(f"\r{done + 1} of {kills}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


async def _wait_until_correct(broker: Broker, load: Load, books: Books) -> None:
    back_s, tick, topics = time.monotonic(), load.tick, list(load.topics())
    async with listener(broker, f"{BASE}/state/#", f"{BASE}/availability") as (_, heard):
        while time.monotonic() - back_s < GIVE_UP_S:
            values = [heard.newest.get(topic, "0") for topic in topics]
            if min(map(float, values)) >= tick and heard.newest.get(f"{BASE}/availability") == "online":
                break
            await asyncio.sleep(0.05)
        books.heard += len(heard.messages)
    books.correct_after_s.append(time.monotonic() - back_s)


@contextmanager
def running_broker(folder: Path) -> Iterator[Broker]:
    """A broker for as long as the block lasts."""
    folder.mkdir()
    broker = Broker(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


async def trial(folder: Path, args: argparse.Namespace) -> tuple[Books, Village]:
    """The whole of it."""
    books = Books()
    with running_broker(folder / "broker") as broker:
        async with village_in(folder) as village:
            load = Load(village, args.topics)
            load.publish()
            settings = settings_for(broker, commands="broker", protocol=args.protocol)
            config = village.config.model_copy(update={"mqtt": settings})
            setup = {"config": config.model_dump_json(), "clock": village.clock.spec()}
            child = await OutsideProcess.start(COMMAND, setup)
            orders = 10_000 if args.kills else 0
            jobs = [asyncio.create_task(load.run()), asyncio.create_task(send_orders(broker, books, orders))]
            try:
                await kill_again_and_again(broker, load, books, args.kills)
                jobs[1].cancel()
                await asyncio.gather(jobs[1], return_exceptions=True)
                jobs[1] = asyncio.create_task(send_orders(broker, books, 0))  # repeats alone
                until_s = time.monotonic() + GIVE_UP_S
                while books.told < books.asked.keys() and time.monotonic() < until_s:  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
                books.resident = resident_bytes(child.pid) or 0
            finally:
                for job in jobs:
                    job.cancel()
                await asyncio.gather(*jobs, return_exceptions=True)
                await child.leave()
            return books, village


def report(books: Books, village: Village, args: argparse.Namespace) -> dict[str, object]:
    """The figures."""
    done = [effect.removeprefix("mqtt:") for effect in village.effects]
    after = sorted(books.correct_after_s)
    return {
        "kills of the broker": args.kills,
        "values that change every second": args.topics,
        "orders": len(books.asked),
        "sent again": books.repeats,
        "acknowledged as taken": len(books.taken),
        "acknowledged and lost": len(books.taken - set(done)),
        "carried out": len(set(done)),
        "carried out twice": len(done) - len(set(done)),
        "outcome told": len(books.told),
        "never answered": len(books.asked.keys() - books.taken - books.refused - books.told),
        "state correct after, median [s]": round(statistics.median(after), 2),
        "state correct after, worst [s]": round(after[-1], 2),
        "not within 5 s": sum(each > CORRECT_WITHIN_S for each in after),
        "outside process [MB]": round(books.resident / 1e6, 1),
    }


def main() -> int:
    """Run it; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--topics", type=int, default=500)
    parser.add_argument("--protocol", choices=("mqtt311", "mqtt5"), default="mqtt311")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        books, village = asyncio.run(trial(Path(folder), args))
    figures = report(books, village, args)
    if args.json:
        print(json.dumps(figures))
    else:
        print(
            f"{platform.machine()}, Python {platform.python_version()}, mosquitto with TLS, {args.protocol}"
        )
        for name, value in figures.items():
            print(f"| {name} | {value} |")
    bars = ("acknowledged and lost", "carried out twice", "never answered", "not within 5 s")
    return int(any(figures[bar] for bar in bars))


if __name__ == "__main__":
    sys.exit(main())
