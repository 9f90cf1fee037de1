"""Run a Python program whose connections to port 445 go to another port.

    python redirected.py PORT SCRIPT [ARGUMENT...]

impacket's scripts and pypsexec's tests know no other port, and only root may listen on that one.
"""

import runpy
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


class _Socket(socket.socket):
    """A socket that goes elsewhere when it is to go to port 445."""

    def connect(self, address: "tuple[object, ...] | str | Buffer", /) -> None:
        """Connect to `address`, or to the other port of that host."""
        if isinstance(address, tuple) and address[1] == 445:
            address = (address[0], _PORT, *address[2:])
        super().connect(address)


_PORT = int(sys.argv[1])
del sys.argv[:2]
socket.socket = _Socket  # type: ignore[misc] # for every library that is imported from here on
sys.path[0] = str(Path.cwd())
runpy.run_path(sys.argv[0], run_name="__main__")
