"""What register maps have in common: blocks of registers, encoded when they are read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from simulation.modbus.protocol import ExceptionCode, ModbusRefusal, Space

_BYTES_PER_WORD = 2


@dataclass(frozen=True, slots=True)
class Block:
    """Registers that follow each other without a hole."""

    space: Space
    start: int
    count: int
    encode: Callable[[], bytes]
    """Gives the contents, two bytes a register."""
    granularity: int = 1
    """Registers of one value where the device refuses to be read in between (floats of Eastron meters)."""

    @property
    def end(self) -> int:
        """The address after the last."""
        return self.start + self.count


def constant(space: Space, start: int, data: bytes) -> Block:
    """A block that never changes."""
    return Block(space, start, len(data) // _BYTES_PER_WORD, lambda: data)


class RegisterMap:
    """A device made of blocks; writes are refused unless a subclass takes them."""

    functions: frozenset[int] = frozenset({3, 4})
    max_read: int = 125
    """Registers it gives at once."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks: dict[Space, list[Block]] = {}
        for block in sorted(blocks, key=lambda each: each.start):
            self._blocks.setdefault(block.space, []).append(block)
        self._starts = {space: [each.start for each in blocks] for space, blocks in self._blocks.items()}
        self._frozen: Mapping[Block, bytes] | None = None

    def freeze(self) -> None:
        """Keep telling the values of now."""
        self._frozen = {block: block.encode() for blocks in self._blocks.values() for block in blocks}

    def thaw(self) -> None:
        """Tell the truth again."""
        self._frozen = None

    def read_registers(self, space: Space, address: int, count: int) -> bytes:
        """The registers, refused where one of them does not exist."""
        if count > self.max_read:
            raise ModbusRefusal(ExceptionCode.VALUE)
        parts = []
        end = address + count
        while address < end:
            block = self._block_at(space, address)
            until = min(end, block.end)
            first, last = address - block.start, until - block.start
            if first % block.granularity or last % block.granularity:
                raise ModbusRefusal(ExceptionCode.ADDRESS)
            data = block.encode() if self._frozen is None else self._frozen[block]
            parts.append(data[_BYTES_PER_WORD * first : _BYTES_PER_WORD * last])
            address = until
        return b"".join(parts)

    def read_bits(self, space: Space, address: int, count: int) -> Sequence[bool]:  # noqa: ARG002
        """No bits here."""
        raise ModbusRefusal(ExceptionCode.ADDRESS)

    def write_coil(self, address: int, value: int) -> None:  # noqa: ARG002
        """No coils here."""
        raise ModbusRefusal(ExceptionCode.ADDRESS)

    def write_coils(self, address: int, values: Sequence[bool]) -> None:  # noqa: ARG002
        """No coils here."""
        raise ModbusRefusal(ExceptionCode.ADDRESS)

    def write_registers(self, address: int, words: Sequence[int]) -> None:  # noqa: ARG002
        """Nothing can be written."""
        raise ModbusRefusal(ExceptionCode.ADDRESS)

    def _block_at(self, space: Space, address: int) -> Block:
        index = bisect_right(self._starts.get(space, ()), address) - 1
        if index < 0 or address >= self._blocks[space][index].end:
            raise ModbusRefusal(ExceptionCode.ADDRESS)
        return self._blocks[space][index]
