"""One Modbus line. pymodbus is spoken to here and nowhere else.

RTU numbers neither requests nor replies, so a reply that comes late would pass for the answer to a later
request of the same shape. Three things together exclude that: only exactly the awaited answer is let through
(`frames`), after a failure the line is closed, left quiet and opened anew, and a unit that owes an answer is
first asked something whose answer looks different (`station`).

Times are the host's seconds: they are about the wire. A faster clock shortens them, down to a floor.
"""

from __future__ import annotations

import asyncio
import logging
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from random import Random, SystemRandom
from typing import Any, TypeAlias

from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest, WriteSingleCoilRequest
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
)

from controller.settings import RtuBus
from drivers.backoff import Backoff
from drivers.errors import DeviceUnreachableError, RequestRefusedError
from drivers.frames import READ_FUNCTION, REFUSALS, Gate, answer_header, answer_size
from drivers.model import Pace, Table
from drivers.packing import gap_registers
from drivers.station import Station, probes
from drivers.wire import DEFAULT_TUNING, AnyBus, Tuning, Wire, describe, sleep_until

_Client: TypeAlias = AsyncModbusTcpClient | AsyncModbusSerialClient

_log = logging.getLogger(__name__)
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL + 1)  # it repeats, loudly, what we say once

_READS: Mapping[int, type[ReadCoilsRequest | ReadHoldingRegistersRequest]] = {
    1: ReadCoilsRequest,
    2: ReadDiscreteInputsRequest,
    3: ReadHoldingRegistersRequest,
    4: ReadInputRegistersRequest,
}
_PARITY = {"none": "N", "even": "E", "odd": "O"}


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
        self.retry_s = 0.0
        """When the next attempt to connect is due, on the event loop's clock."""
        self.gap = gap_registers(settings)
        self._settings = settings
        self._speed = speed
        self._tuning = tuning
        self._wire = Wire.of(settings, speed)
        self._backoff = Backoff(
            tuning.connect_first_s / speed, tuning.connect_cap_s / speed, random or SystemRandom()
        )
        self._stations: dict[int, Station] = {}
        self._lock = asyncio.Lock()
        self._client: _Client | None = None
        self._gate = Gate(rtu=self._wire.rtu)
        self._latest: tuple[Station, bytes] | None = None
        self._in_flight = False
        self._idle_s = self._quiet_until_s = float("-inf")

    @property
    def connected(self) -> bool:
        """Whether the line is open."""
        return self._client is not None and bool(self._client.connected)

    def set_pace(self, unit: int, pace: Pace) -> None:
        """Say how a unit wants to be talked to."""
        self._stations.setdefault(unit, Station()).pace = pace

    async def open(self) -> bool:
        """Open the line if it is not; False while it cannot be, or while the next attempt is not due."""
        if self.connected:
            return True
        loop = asyncio.get_running_loop()
        if loop.time() < self.retry_s:
            return False
        await sleep_until(self._quiet_until_s)
        self._gate = Gate(rtu=self._wire.rtu)
        client = self._new_client(self._gate)
        try:
            opened = await client.connect()
        except termios.error:  # pyserial lets it through when an adapter is pulled while it opens
            opened = False
        if opened:
            self._client = client
            self._note_connected()
        else:
            client.close()
            self._note_unconnected(loop.time())
        return opened

    def close(self) -> None:
        """Close the line; the next request opens it again."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def read(self, unit: int, table: Table, address: int, count: int) -> list[int]:
        """Registers, or bits as 0 and 1.

        Raises:
            DeviceUnreachableError: no usable answer.
            RequestRefusedError: the unit answered with a Modbus exception.
        """
        request = _READS[READ_FUNCTION[table]](address=address, count=count, dev_id=unit)
        reply = await self._transact(request)
        return [int(bit) for bit in reply.bits[:count]] if table.is_bits else list(reply.registers)

    async def write(self, unit: int, table: Table, address: int, words: Sequence[int]) -> None:
        """Write holding registers (always as several: the one function that all know), or one coil.

        Raises:
            DeviceUnreachableError: no usable answer; the write may have been carried out all the same.
            RequestRefusedError: the unit answered with a Modbus exception.
            ValueError: the table cannot be written.
        """
        request: ModbusPDU
        if table is Table.HOLDING:
            request = WriteMultipleRegistersRequest(address=address, registers=list(words), dev_id=unit)
        elif table is Table.COIL and len(words) == 1:
            request = WriteSingleCoilRequest(address=address, bits=[bool(words[0])], dev_id=unit)
        else:
            msg = f"{len(words)} words cannot be written to table {table}"
            raise ValueError(msg)
        await self._transact(request)

    async def _transact(self, request: ModbusPDU) -> ModbusPDU:
        async with self._lock:
            station = self._stations.setdefault(request.dev_id, Station())
            await self._ready(station)
            if station.doubts:
                await self._clear_doubts(station, request)
            return await self._exchange(station, request)

    async def _ready(self, station: Station) -> None:
        """Open the line, keep the silences, and note what came unasked."""
        if not await self.open():
            msg = f"bus {self.name} is not connected: {self.last_error}"
            raise DeviceUnreachableError(msg)
        free_s = self._idle_s + self._wire.silence_s
        if station.pace.min_gap_s:
            free_s = max(free_s, station.freed_s + station.pace.min_gap_s / self._speed)
        await sleep_until(free_s)
        if self._wire.rtu and self._gate.disturbed and self._latest is not None:
            latest, header = self._latest
            latest.doubts.add(header)

    async def _clear_doubts(self, station: Station, request: ModbusPDU) -> None:
        """Make sure that no late answer can pass for the answer to this request."""
        station.settle(asyncio.get_running_loop().time(), self._tuning.settle_s / self._speed)
        if answer_header(_pdu(request)) not in station.doubts:
            return
        for function, address, count in probes(request.function_code, request.address, request.count):
            probe = _READS[function](address=address, count=count, dev_id=request.dev_id)
            if answer_header(_pdu(probe)) not in station.doubts:
                break
        else:
            msg = f"unit {request.dev_id} owes too many answers to be asked now"
            raise DeviceUnreachableError(msg)
        with suppress(RequestRefusedError):  # as good an answer as any: nothing older can follow it
            await self._exchange(station, probe)
        await self._ready(station)

    async def _exchange(self, station: Station, request: ModbusPDU) -> ModbusPDU:
        """Send one request and judge what comes. A request that does not return was not answered."""
        if (client := self._client) is None:
            msg = f"bus {self.name} was closed"
            raise DeviceUnreachableError(msg)
        loop = asyncio.get_running_loop()
        pdu = _pdu(request)
        header = answer_header(pdu)
        wire_s = self._wire.exchange_s(len(pdu), answer_size(header))
        timeout_s = station.timeout_s(header, wire_s, self._tuning.timeout_floor_s, self._speed)
        client.ctx.comm_params.timeout_connect = timeout_s
        station.asked_s = loop.time()
        self._latest = (station, header)
        self._in_flight = True
        reply: ModbusPDU | None = None
        try:
            reply = await client.execute(False, request)
        except ModbusException as err:
            failure = self._failure(request.dev_id, timeout_s)
            raise DeviceUnreachableError(failure, heard=self._gate.received) from err
        finally:
            self._in_flight = False
            self._idle_s = station.freed_s = loop.time()
            if reply is None:
                self._abandon(station, header)
        return self._judged(station, header, reply, wire_s)

    def _judged(self, station: Station, header: bytes, reply: ModbusPDU, wire_s: float) -> ModbusPDU:
        """The reply, if it can only be that to the request."""
        refused = reply.isError()
        if self._wire.rtu and not station.conclusive(header, refused=refused):
            self.failed += 1
            station.doubts.add(header)
            msg = f"unit {reply.dev_id} sent an exception that may belong to an earlier request"
            raise DeviceUnreachableError(msg)
        self.ok += 1
        station.doubts.clear()
        station.answered(header, max(0.0, station.freed_s - station.asked_s - wire_s))
        if refused:
            code = reply.exception_code
            msg = f"unit {reply.dev_id} refuses: {REFUSALS.get(code, 'exception')} ({code})"
            raise RequestRefusedError(msg, code)
        return reply

    def _abandon(self, station: Station, header: bytes) -> None:
        """Close the line after a request without an answer."""
        self.failed += 1
        station.abandon(header if self._wire.rtu else None)
        self.close()
        self._quiet_until_s = self._idle_s + self._tuning.quiet_s / self._speed

    def _failure(self, unit: int, timeout_s: float) -> str:
        if self._gate.received:
            what = f"{self._gate.received} bytes came that are no answer to the request"
        elif self.connected:
            what = f"no answer within {timeout_s:.2f} s"
        else:
            what = "the connection was lost"
        self.last_error = f"unit {unit}: {what}"
        return self.last_error

    def _connection_changed(self, gate: Gate, connected: bool) -> None:
        """Fail the request that is out when its connection goes, rather than wait for the answer."""
        if connected or not self._in_flight or gate is not self._gate or self._client is None:
            return
        future = self._client.ctx.response_future
        if not future.done():
            future.set_exception(ConnectionException("closed by the other side"))

    def _new_client(self, gate: Gate) -> _Client:
        common: dict[str, Any] = {
            "retries": 0,
            "reconnect_delay": 0,
            "timeout": self._tuning.connect_timeout_s,
            "name": self.name,
            "trace_packet": gate.trace,
            "trace_connect": partial(self._connection_changed, gate),
        }
        settings = self._settings
        if isinstance(settings, RtuBus):
            return AsyncModbusSerialClient(
                settings.port,
                baudrate=settings.baud,
                parity=_PARITY[settings.parity],
                stopbits=settings.stop_bits,
                **common,
            )
        framer = FramerType.RTU if self._wire.rtu else FramerType.SOCKET
        return AsyncModbusTcpClient(settings.host, port=settings.port, framer=framer, **common)

    def _note_connected(self) -> None:
        if self._backoff.failures:
            _log.info("bus %s: connected again", self.name)
        self._backoff.succeeded()

    def _note_unconnected(self, now_s: float) -> None:
        self.last_error = f"cannot connect to {describe(self._settings)}"
        if not self._backoff.failures:
            _log.warning("bus %s: %s; it is tried again, quietly", self.name, self.last_error)
        self.retry_s = now_s + self._backoff.failed()


def _pdu(request: ModbusPDU) -> bytes:
    return bytes((request.function_code,)) + request.encode()
