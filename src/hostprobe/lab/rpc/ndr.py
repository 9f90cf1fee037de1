"""The arguments and results of a call, in NDR.

Source: C706 14.2.2 (alignment), 14.3.4 (strings), 14.3.10 to 14.3.12 (pointers), appendix N
(ndr_context_handle). Integers are little-endian, as the head of each PDU says (C706 14.1).
"""

import struct
from typing import Self

from hostprobe.lab.rpc.faults import Fault, FaultStatus

_U16 = struct.Struct("<H")
_U32 = struct.Struct("<I")
_HANDLE_BYTES = 20  # ndr_context_handle: attributes (4), UUID (16)
_FIRST_REFERENT = 0x00020000  # any number but 0 would do; Windows begins there
NO_HANDLE = bytes(_HANDLE_BYTES)


class Reader:
    """Reads the arguments, one after the other; what follows the last one is not looked at.

    Each method raises `Fault` where the arguments end too early or break a rule.
    """

    __slots__ = ("_at", "_stub")

    def __init__(self, stub: bytes) -> None:
        self._stub = stub
        self._at = 0

    def u16(self) -> int:
        """An unsigned short."""
        return int(_U16.unpack(self._aligned(2))[0])

    def u32(self, most: int = 0xFFFFFFFF) -> int:
        """An unsigned long of no more than `most`, its range."""
        number = int(_U32.unpack(self._aligned(4))[0])
        if number > most:
            raise Fault(FaultStatus.BAD_STUB_DATA)
        return number

    def optional_u32(self) -> int | None:
        """An unsigned long by a unique pointer; None for a null pointer."""
        is_there = self.u32()
        return self.u32() if is_there else None

    def handle(self) -> bytes:
        """A context handle."""
        self._align(4)
        return self._take(_HANDLE_BYTES)

    def text(self, most: int = 0xFFFFFFFF) -> str:
        """A string by a reference pointer, at most `most` UTF-16 units with its terminator."""
        room, offset, count = self.u32(), self.u32(), self.u32(most)
        if offset or count > room:
            raise Fault(FaultStatus.BAD_STUB_DATA)
        return self._take(count * 2).decode("utf-16-le", "replace").removesuffix("\0")

    def optional_text(self, most: int = 0xFFFFFFFF) -> str | None:
        """A string by a unique pointer; None for a null pointer."""
        return self.text(most) if self.u32() else None

    def optional_octets(self, most: int) -> bytes | None:
        """At most `most` bytes, a conformant array by a unique pointer; None for a null pointer."""
        return self._take(self.u32(most)) if self.u32() else None

    def _aligned(self, size: int) -> bytes:
        self._align(size)
        return self._take(size)

    def _align(self, size: int) -> None:
        self._at += -self._at % size

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._stub):
            raise Fault(FaultStatus.BAD_STUB_DATA)
        taken, self._at = self._stub[self._at : end], end
        return taken


class Writer:
    """Collects the results; each method returns the writer itself.

    What a pointer refers to is written after the structure that holds the pointer (C706 14.3.12.3).
    """

    __slots__ = ("_referent", "_stub")

    def __init__(self) -> None:
        self._stub = bytearray()
        self._referent = _FIRST_REFERENT

    def u16(self, *numbers: int) -> Self:
        """Unsigned shorts."""
        self.align(2)
        self._stub += struct.pack(f"<{len(numbers)}H", *numbers)
        return self

    def u32(self, *numbers: int) -> Self:
        """Unsigned longs."""
        self.align(4)
        self._stub += struct.pack(f"<{len(numbers)}I", *numbers)
        return self

    def pointer(self, *, is_null: bool = False) -> Self:
        """A pointer to something that is written later."""
        if is_null:
            return self.u32(0)
        self._referent += 4
        return self.u32(self._referent)

    def text(self, text: str) -> Self:
        """A string with its terminator."""
        encoded = (text + "\0").encode("utf-16-le")
        units = len(encoded) // 2
        return self.u32(units, 0, units).octets(encoded)

    def octets(self, octets: bytes) -> Self:
        """Bytes as they are."""
        self._stub += octets
        return self

    def sized(self, octets: bytes) -> Self:
        """A conformant array of bytes."""
        return self.u32(len(octets)).octets(octets)

    def align(self, size: int) -> Self:
        """Fill up to a multiple of `size`."""
        self._stub += bytes(-len(self._stub) % size)
        return self

    def stub(self) -> bytes:
        """All of it."""
        return bytes(self._stub)
