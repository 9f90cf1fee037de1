"""What an RPC interface is made of, and what one of its clients holds.

Source: C706 6.1 (interfaces, operations, context handles) and appendix N (ndr_context_handle).
"""

import secrets
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from hostprobe.lab.codes import CallError
from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.rpc.faults import Fault, FaultStatus
from hostprobe.lab.rpc.ndr import Reader

_MOST_HANDLES = 1024
# ndr_context_handle: attributes, UUID
_HANDLE = struct.Struct("<I16s")
_CODE = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a context handle stands for.

    Attributes:
        target: What was opened.
        access: The rights that came with it.
        close: Called once when the handle is closed, by its client or with the pipe.
    """

    target: object
    access: int = 0
    close: Callable[[], None] = lambda: None


class Handles:
    """The context handles of one client; they end with its pipe."""

    __slots__ = ("_opened",)

    def __init__(self) -> None:
        self._opened: dict[bytes, Opened] = {}

    def add(self, opened: Opened) -> bytes:
        """Give out a new handle.

        Raises:
            Fault: The client holds too many.
        """
        if len(self._opened) >= _MOST_HANDLES:
            opened.close()
            raise Fault(FaultStatus.NO_MEMORY)
        handle = _HANDLE.pack(0, secrets.token_bytes(16))
        self._opened[handle] = opened
        return handle

    def get(self, handle: bytes) -> Opened | None:
        """What the handle stands for; None where it is not open."""
        return self._opened.get(handle)

    def close(self, handle: bytes) -> bool:
        """Close a handle; False where it is not open."""
        opened = self._opened.pop(handle, None)
        if opened is not None:
            opened.close()
        return opened is not None

    def close_all(self) -> None:
        """Run down what the client has left open."""
        for handle in tuple(self._opened):
            self.close(handle)


@dataclass(frozen=True, slots=True)
class Session:
    """One client of an interface, from its connecting to the pipe until it closes it."""

    machine: Machine
    caller: Caller
    handles: Handles = field(default_factory=Handles)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of an interface.

    Attributes:
        call: Takes the arguments, and gives all results with the return value behind them.
        on_error: The results that come before the return value where `call` raises CallError.
    """

    call: Callable[[Session, Reader], bytes]
    on_error: bytes = b""

    def answer(self, session: Session, arguments: Reader) -> bytes:
        """The results.

        Raises:
            Fault: There are none.
        """
        try:
            return self.call(session, arguments)
        except CallError as error:
            return self.on_error + _CODE.pack(error.code)


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface.

    Attributes:
        pipe: The name of its pipe.
        address: What a bind is told as the pipe's other name (C706 12.6.4.4, sec_addr).
        version: Its major version; the minor one is 0.
        operations: By opnum.
    """

    pipe: str
    address: str
    uuid: UUID
    version: int
    operations: Mapping[int, Operation]
