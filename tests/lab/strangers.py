"""Ports on loopback where anything but a file server is."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping

_HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"


@contextlib.contextmanager
def closed() -> Iterator[int]:
    """A port where nothing listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextlib.contextmanager
def full() -> Iterator[int]:
    """A port whose queue is full: calls are dropped, as by a firewall."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as server,
        contextlib.ExitStack() as all_,
    ):
        for _ in range(4):
            waiting = all_.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 - the standard library's
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@contextlib.contextmanager
def says(greeting: bytes = b"", answer: bytes = b"") -> Iterator[int]:
    """A port where somebody greets, answers the first message, and then only listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                conversation, _ = server.accept()
                with conversation:
                    conversation.sendall(greeting)
                    conversation.recv(4096)
                    conversation.sendall(answer)
                    while conversation.recv(4096):
                        pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
    thread.join()


STRANGERS: Mapping[str, Callable[[], contextlib.AbstractContextManager[int]]] = {
    "closed": closed,
    "full": full,
    "mute": says,
    "ssh": lambda: says(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "http": lambda: says(answer=_HTTP),
    "smb1": lambda: says(answer=b"\0\0\0\x48\xffSMBr" + bytes(67)),
}
