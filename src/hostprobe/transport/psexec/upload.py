"""Write a file into ADMIN$: all of it in one message where the server takes one, else in pieces.

Source: [MS-SMB2] 2.2.13 (CREATE), 2.2.21 (WRITE), 2.2.15 (CLOSE).
"""

import functools
from collections import deque
from contextlib import AbstractContextManager
from typing import Final

from hostprobe.transport.psexec import messages, paexec
from hostprobe.transport.psexec.wire import Wire

_PIECE_BYTES: Final = 1 << 18
_AHEAD: Final = 4  # pieces under way


@functools.cache
def _whole_upload() -> messages.Request:
    """The message that writes PAExec, the same for all hosts."""
    return messages.write(paexec.program())


def begin_paexec(
    wire: Wire, admin: int, name: str, opening: AbstractContextManager[None]
) -> list[int]:
    """Start to write PAExec, or do it where the server takes one message at a time.

    Args:
        wire: Logged in.
        admin: Tree id of ADMIN$.
        name: Of the file.
        opening: Within it, the host may refuse the file.

    Returns:
        The tickets whose answers end it, that of the file first; none where it is done.
    """
    program, made = paexec.program(), _made(name)
    if wire.overlapped and len(program) <= wire.limits.write_bytes:
        return wire.post(admin, made, _whole_upload(), messages.close())
    with opening:
        opened = wire.answer(wire.begin(admin, made)).file_id()
    try:
        write(wire, admin, opened, program)
    finally:  # what is open cannot be removed
        closed = wire.begin(admin, messages.close(opened))
    wire.answer(closed)
    return []


def open_new(wire: Wire, admin: int, name: str) -> bytes:
    """Make a file that is not there yet; its id."""
    return wire.answer(wire.begin(admin, _made(name))).file_id()


def write(wire: Wire, admin: int, opened: bytes, content: bytes) -> None:
    """Write all of a file's content, as much at a time as the server takes."""
    size = min(_PIECE_BYTES, wire.limits.write_bytes)
    under_way: deque[int] = deque()
    for at in range(0, len(content), size):
        if len(under_way) == (_AHEAD if wire.overlapped else 1):
            wire.answer(under_way.popleft())
        piece = messages.write(content[at : at + size], at, opened)
        under_way.append(wire.begin(admin, piece))
    for ticket in under_way:
        wire.answer(ticket)


def _made(name: str) -> messages.Request:
    return messages.create(
        name,
        messages.FILE_WRITE,
        disposition=messages.CREATE_NEW,
        share=messages.SHARE_READ,
    )
