"""What is typed, or piped, into the program: as a socket, which can be waited for like a host.

stdin itself cannot be on every system: a file, a console and a pipe each wait in their own way.
"""

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Iterator

_PIECE_BYTES = 1 << 16


@contextlib.contextmanager
def typed(*, wanted: bool) -> Iterator[socket.socket | None]:
    """A socket that gives what stdin gives, up to its end; None where nobody wants it, or has one.

    What nobody takes is not read: the thread that reads holds a piece at most, and is left behind
    where nothing more is typed.
    """
    descriptor = stdin_descriptor() if wanted else None
    if descriptor is None:
        yield None
        return
    ours, theirs = socket.socketpair()
    threading.Thread(target=_pass_on, args=(descriptor, theirs), daemon=True).start()
    with contextlib.closing(ours):
        yield ours


def stdin_descriptor() -> int | None:
    """What stdin is to the system; None where it is nothing there."""
    try:
        return sys.stdin.fileno()
    except (OSError, ValueError):  # closed, or not a file
        return None


def _pass_on(descriptor: int, socket_: socket.socket) -> None:
    # os.read: what Python buffers would be locked by this thread when the program ends.
    with contextlib.suppress(OSError), contextlib.closing(socket_):
        while piece := os.read(descriptor, _PIECE_BYTES):
            socket_.sendall(piece)
