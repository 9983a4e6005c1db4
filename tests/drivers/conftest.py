"""What the tests of devices share: a slave on TCP, its bus, and a clock set by hand."""

import pytest
from faulty_slave import TcpSlave
from hand_clock import HandClock

from controller.settings import TcpBus
from drivers.bus import Bus


@pytest.fixture
async def slave():
    slave = TcpSlave()
    await slave.start()
    yield slave
    await slave.stop()


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
async def bus(slave):
    bus = Bus("bus", TcpBus(type="tcp", host="127.0.0.1", port=slave.port))
    yield bus
    bus.close()
