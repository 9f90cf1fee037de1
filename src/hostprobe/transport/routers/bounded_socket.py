"""A TCP connection that ends when too much came over it, or when its time is up.

paramiko reads on a thread of its own, and netmiko as long as something comes, so the bounds are set
where all the bytes go through.
"""

import socket

from hostprobe.transport.psexec.deadline import Deadline


class BoundedSocket(socket.socket):
    """A socket that, beyond the bounds, looks as if the peer had closed it.

    Args:
        sock: Open; it is taken over.
        deadline: Until then.
        max_bytes: That are received.

    Attributes:
        is_late: Whether the time was up.
        is_full: Whether more came than is read.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline, max_bytes: int) -> None:
        super().__init__(sock.family, sock.type, sock.proto, fileno=sock.detach())
        self._deadline = deadline
        self._bytes_left = max_bytes
        self.is_late = False
        self.is_full = False

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Some bytes; none at the end."""
        try:
            self._deadline.left()
        except TimeoutError:
            self.is_late = True
            return b""
        if self._bytes_left <= 0:
            self.is_full = True
            return b""
        received = super().recv(min(size, self._bytes_left), flags)
        self._bytes_left -= len(received)
        return received
