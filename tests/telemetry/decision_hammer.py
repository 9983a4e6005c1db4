"""Writes decisions and samples as fast as it can until it is killed; prints the number of each that is safe.

Run by test_killed_controller.py: python decision_hammer.py DATABASE FIRST_NUMBER
"""

import asyncio
import os
import sys
from pathlib import Path

from telemetry_village import BOOT, HandClock, decision

from controller.telemetry.store import TelemetryStore


async def hammer(path, number):
    clock = HandClock()
    clock.advance(60 * number)
    store = TelemetryStore(path, boot_id=BOOT, clock=clock)
    await store.open()
    while True:
        clock.advance(60)  # every decision is followed by a batch of samples
        store.add_samples(clock.at, True, {("site", "pv_w"): -1.0, ("site", "load_w"): 1.0})
        await store.append_decisions([decision(number), decision(number, action="close")], {"n": number})
        os.write(1, f"{number}\n".encode())
        number += 1


asyncio.run(hammer(Path(sys.argv[1]), int(sys.argv[2])))
