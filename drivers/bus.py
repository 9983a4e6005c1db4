"""One Modbus line. pymodbus is spoken to here and nowhere else.

RTU numbers neither requests nor replies, so a reply that comes late would pass for the answer to a later
request of the same shape. Three things together exclude that: only exactly the awaited answer is let through
(`frames`, `solarman`); after a failure the line is closed, left quiet and opened anew (`door`); and a unit
that owes an answer is first asked something whose answer looks different (`station`).

Times are the host's seconds: they are about the wire. A faster clock shortens them, down to a floor.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any, TypeAlias

from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest, WriteSingleCoilRequest
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from controller.settings import RtuBus
from drivers.door import Door
from drivers.errors import REFUSALS, DeviceUnreachableError, RequestRefusedError
from drivers.frames import READ_FUNCTION, Gate, answer_header, answer_size, bits_of, refusal_of, words_of
from drivers.model import Pace, Table, WriteFunction
from drivers.station import Station
from drivers.wire import DEFAULT_TUNING, AnyBus, Tuning, Wire, sleep_until

_Client: TypeAlias = AsyncModbusTcpClient | AsyncModbusSerialClient

logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL + 1)  # it repeats, loudly, what we say once

_READS: Mapping[int, type[ReadCoilsRequest | ReadHoldingRegistersRequest]] = {
    1: ReadCoilsRequest,
    2: ReadDiscreteInputsRequest,
    3: ReadHoldingRegistersRequest,
    4: ReadInputRegistersRequest,
}
_MOST_RECEIVED = 2048
"""Bytes that pymodbus keeps of what came since a request: it would throw away an answer behind a late one."""


class Bus:
    """One line, one request at a time.

    Meant to be used by the one worker of the line, which nobody cancels while a request is out. A request
    that is cancelled all the same counts as one that was not answered.
    """

    def __init__(
        self,
        name: str,
        settings: AnyBus,
        *,
        speed: float = 1.0,
        tuning: Tuning = DEFAULT_TUNING,
        random: Random | None = None,
    ) -> None:
        self.name = name
        self.ok = 0
        """Requests that were answered, be it with an exception."""
        self.failed = 0
        self.last_error: str | None = None
        self._settings = settings
        self._speed = speed
        self._tuning = tuning
        self._wire = Wire.of(settings, speed)
        self._stations: dict[int, Station] = {}
        self._lock = asyncio.Lock()
        self._door: Door[_Client] = Door(name, settings, tuning, speed, self._new_client, random)
        self._latest: tuple[Station, bytes] | None = None
        self._awaited: asyncio.Future[bytes] | None = None

    @property
    def connected(self) -> bool:
        """Whether the line is open."""
        return self._door.is_open

    @property
    def retry_s(self) -> float:
        """When the next attempt to connect is due, on the event loop's clock."""
        return self._door.retry_s

    @property
    def overhead_bytes(self) -> float:
        """What a read request costs on this line besides the registers, in bytes."""
        return self._wire.overhead_bytes

    def set_pace(self, unit: int, pace: Pace) -> None:
        """Say how a unit wants to be talked to."""
        self._stations.setdefault(unit, Station()).pace = pace
        self._door.suit([station.pace for station in self._stations.values()])

    def ready_s(self, unit: int) -> float:
        """From when on a unit may be asked again, on the event loop's clock; the line may be free sooner."""
        return self._stations.setdefault(unit, Station()).ready_s(self._speed)

    async def open(self) -> bool:
        """Open the line if it is not; False while it cannot be, or while the next attempt is not due."""
        if self.connected:
            return True
        if asyncio.get_running_loop().time() < self.retry_s:
            return False
        why_not = await self._door.open()
        if why_not is not None:
            self.last_error = why_not
        return why_not is None

    def close(self) -> None:
        """Close the line; the next request opens it again."""
        self._door.close()

    async def read(self, unit: int, table: Table, address: int, count: int) -> list[int]:
        """Registers, or bits as 0 and 1.

        Raises:
            DeviceUnreachableError: no usable answer.
            RequestRefusedError: the unit answered with a Modbus exception.
        """
        request = _READS[READ_FUNCTION[table]](address=address, count=count, dev_id=unit)
        answer = await self._transact(request)
        return bits_of(answer, count) if table.is_bits else words_of(answer)

    async def write(
        self,
        unit: int,
        table: Table,
        address: int,
        words: Sequence[int],
        function: WriteFunction = WriteFunction.MULTIPLE,
    ) -> None:
        """Write holding registers, all in one request, or one coil.

        Raises:
            DeviceUnreachableError: no usable answer; the write may have been carried out all the same.
            RequestRefusedError: the unit answered with a Modbus exception.
            ValueError: the table cannot be written, or not so many words with this function.
        """
        request: ModbusPDU
        if table is Table.HOLDING and function is WriteFunction.MULTIPLE:
            request = WriteMultipleRegistersRequest(address=address, registers=list(words), dev_id=unit)
        elif table is Table.HOLDING and len(words) == 1:
            request = WriteSingleRegisterRequest(address=address, registers=list(words), dev_id=unit)
        elif table is Table.COIL and len(words) == 1:
            request = WriteSingleCoilRequest(address=address, bits=[bool(words[0])], dev_id=unit)
        else:
            msg = f"{len(words)} words cannot be written to table {table} with one {function} request"
            raise ValueError(msg)
        await self._transact(request)

    async def _transact(self, request: ModbusPDU) -> bytes:
        async with self._lock:
            station = self._stations.setdefault(request.dev_id, Station())
            await self._ready(station)
            if station.doubts:
                await self._clear_doubts(station, request)
            return await self._exchange(station, request)

    async def _ready(self, station: Station) -> None:
        """Open the line, keep the silences, and note what came unasked."""
        if not await self.open():
            raise DeviceUnreachableError(f"bus {self.name} is not connected: {self.last_error}")
        await sleep_until(max(self._door.free_s, station.ready_s(self._speed)))
        if self._door.gate.disturbed and self._latest is not None:
            latest, header = self._latest
            latest.doubt(header)
            await asyncio.sleep(self._tuning.quiet_s / self._speed)  # more may be on its way

    async def _clear_doubts(self, station: Station, request: ModbusPDU) -> None:
        """Make sure that no late answer can pass for the answer to this request."""
        station.settle(asyncio.get_running_loop().time(), self._tuning.settle_s / self._speed)
        if answer_header(_pdu(request)) not in station.doubts:
            return
        probe = station.probe(request.function_code, request.address, request.count)
        if probe is None:
            msg = f"unit {request.dev_id} owes too many answers to be asked now"
            raise DeviceUnreachableError(msg)
        harmless = _READS[probe[0]](address=probe[1], count=probe[2], dev_id=request.dev_id)
        with suppress(RequestRefusedError):  # as good an answer as any: nothing older can follow it
            await self._exchange(station, harmless)
        await self._ready(station)

    async def _exchange(self, station: Station, request: ModbusPDU) -> bytes:
        """Send one request and judge what comes. A request that does not return was not answered."""
        if (client := self._door.client) is None or not client.connected:
            raise DeviceUnreachableError(f"bus {self.name} was closed")
        loop = asyncio.get_running_loop()
        pdu = _pdu(request)
        header = answer_header(pdu)
        wire_s = self._wire.exchange_s(len(pdu), answer_size(header))
        floor_s = self._tuning.timeout_floor_s
        timeout_s = station.timeout_s(header, wire_s, floor_s, self._speed, self._wire.relay_s)
        station.asked_s = loop.time()
        self._latest = (station, header)
        answer = b""
        try:
            answer = await self._converse(client, request, timeout_s)
        finally:
            station.freed_s = loop.time()
            self._door.free_s = station.freed_s + self._wire.silence_s
            if not answer:
                self.failed += 1
                self.last_error = f"unit {request.dev_id}: {self._door.why_no_answer(timeout_s)}"
                station.abandon(header if self._wire.rtu else None)
                self._door.unanswered(station.freed_s)
        if not answer:
            raise DeviceUnreachableError(str(self.last_error), heard=self._door.gate.received)
        return self._judged(station, request.dev_id, header, answer, wire_s)

    async def _converse(self, client: _Client, request: ModbusPDU, timeout_s: float) -> bytes:
        """Send one request and wait for the PDU that answers it; empty where none comes."""
        # pymodbus' `execute` would judge anew what the gate has judged, in as much time as all the rest.
        loop = asyncio.get_running_loop()
        awaited = self._awaited = loop.create_future()
        request.transaction_id = client.ctx.getNextTID()
        alarm = loop.call_later(timeout_s, _give, awaited, b"")
        try:
            client.ctx.pdu_send(request)
            answer: bytes = await awaited
            return answer
        finally:
            alarm.cancel()
            self._awaited = None

    def _judged(self, station: Station, unit: int, header: bytes, answer: bytes, wire_s: float) -> bytes:
        """The answer, if it can only be that to the request."""
        code = refusal_of(answer)
        if self._wire.rtu and not station.conclusive(header, refused=code is not None):
            self.failed += 1
            station.doubt(header)
            msg = f"unit {unit} sent an exception that may belong to an earlier request"
            raise DeviceUnreachableError(msg)
        self.ok += 1
        self._door.answered()
        station.doubts.clear()
        station.answered(header, max(0.0, station.freed_s - station.asked_s - wire_s))
        if code is not None:
            msg = f"unit {unit} refuses: {REFUSALS.get(code, 'exception')} ({code})"
            raise RequestRefusedError(msg, code)
        return answer

    def _packet(self, gate: Gate, sending: bool, data: bytes) -> bytes:
        """The hook that pymodbus calls with what it sends, and with all it received since it last sent."""
        if sending:
            return gate.send(data)
        answer = gate.receive(data)
        if answer and gate is self._door.gate and self._awaited is not None:
            _give(self._awaited, answer)
        return b""

    def _connection_changed(self, gate: Gate, connected: bool) -> None:
        """Let the request that is out fail when its connection goes, rather than wait for the answer."""
        if not connected and gate is self._door.gate and self._awaited is not None:
            _give(self._awaited, b"")

    def _new_client(self, gate: Gate) -> _Client:
        common: dict[str, Any] = {
            "retries": 0,
            "reconnect_delay": 0,
            "timeout": self._tuning.connect_timeout_s,
            "trace_packet": partial(self._packet, gate),
            "trace_connect": partial(self._connection_changed, gate),
        }
        settings = self._settings
        if isinstance(settings, RtuBus):
            parity, stop_bits = settings.parity[0].upper(), settings.stop_bits
            client: _Client = AsyncModbusSerialClient(
                settings.port, baudrate=settings.baud, parity=parity, stopbits=stop_bits, **common
            )
        else:
            framer = FramerType.RTU if self._wire.rtu else FramerType.SOCKET
            client = AsyncModbusTcpClient(settings.host, port=settings.port, framer=framer, **common)
        client.ctx.max_buffer_size = _MOST_RECEIVED
        return client


def _give(awaited: asyncio.Future[bytes], answer: bytes) -> None:
    if not awaited.done():
        awaited.set_result(answer)


def _pdu(request: ModbusPDU) -> bytes:
    return bytes((request.function_code,)) + request.encode()
