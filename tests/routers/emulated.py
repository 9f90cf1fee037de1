"""A router that is none: IOS's prompt, echo and pager over real SSH on a loopback port."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import paramiko

USER, PASSWORD = "netops", "Rt-Pa55-of-the-test"
_PAGE = 24
_FLOOD = b"Gi0/0         10.0.0.1        Gi0/1         10.0.0.2        06 0400 01BD     1\r\n" * 500


@dataclass(slots=True, kw_only=True)
class Quirks:
    """What is peculiar to a router.

    Attributes:
        answers: What it prints, by command; another one is no command to it.
        name: In its prompt.
        end: The prompt's last character.
        hangs_up_after: It closes the connection after so many bytes of an answer.
        answers_once: It closes the connection as soon as it has answered and shown its prompt.
        is_silent: It accepts the log-in and says nothing.
        floods: It never stops printing.
        user_key: That it accepts instead of the password.
        is_old: It knows no cryptography but that of IOS 12 and 15.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    name: str = "R1"
    end: str = "#"
    hangs_up_after: int | None = None
    answers_once: bool = False
    is_silent: bool = False
    floods: bool = False
    user_key: paramiko.PKey | None = None
    is_old: bool = False


class Router:
    """An emulated router.

    Attributes:
        port: That it listens on.
        typed: Every line that was typed on it.
        tried: How often somebody tried to log in.
    """

    def __init__(self, listener: socket.socket, quirks: Quirks) -> None:
        self.port = int(listener.getsockname()[1])
        self.key = paramiko.RSAKey.generate(2048) if quirks.is_old else paramiko.ECDSAKey.generate()
        self.typed: list[str] = []
        self.tried = 0
        self._listener = listener
        self._quirks = quirks

    def known_hosts(self, path: Path) -> Path:
        """Write the file that vouches for its key."""
        line = f"[127.0.0.1]:{self.port} {self.key.get_name()} {self.key.get_base64()}\n"
        path.write_text(line, "ascii")
        return path

    def serve(self) -> None:
        """Take one client after the other, until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(EOFError, OSError, paramiko.SSHException):
                self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        transport = paramiko.Transport(client)
        transport.add_server_key(self.key)
        if self._quirks.is_old:
            known = transport.get_security_options()
            known.kex, known.key_types = ("diffie-hellman-group14-sha1",), ("ssh-rsa",)
            known.ciphers, known.digests = ("aes128-cbc",), ("hmac-sha1",)
        door = _Door(self, self._quirks)
        with contextlib.closing(transport):
            transport.start_server(server=door)
            channel = transport.accept(20)
            if channel is not None and door.has_shell.wait(20):
                self._talk(channel)

    def _talk(self, channel: paramiko.Channel) -> None:
        pager = True
        if self._quirks.is_silent:
            while channel.recv(100):
                pass
            return
        prompt = f"{self._quirks.name}{self._quirks.end}"
        channel.sendall(f"\r\n{prompt}".encode())
        for line in _lines(channel):
            self.typed.append(line)
            channel.sendall(f"{line}\r\n".encode())
            if line == "exit":
                return
            pager &= line != "terminal length 0"
            self._print(channel, self._answer(line), pager=pager)
            if self._quirks.hangs_up_after is not None and line.startswith("show"):
                return
            channel.sendall(prompt.encode())
            if self._quirks.answers_once and line.startswith("show"):
                return

    def _answer(self, line: str) -> str:
        if not line or line.startswith("terminal "):
            return ""
        unknown = "              ^\n% Invalid input detected at '^' marker.\n\n"
        return self._quirks.answers.get(line, unknown)

    def _print(self, channel: paramiko.Channel, text: str, *, pager: bool) -> None:
        if self._quirks.floods and text:
            while True:
                channel.sendall(_FLOOD)
        printed = text.replace("\n", "\r\n")
        if pager and text.count("\n") > _PAGE:
            printed = "\r\n".join(printed.split("\r\n")[:_PAGE]) + "\r\n --More-- "
        channel.sendall(printed[: self._quirks.hangs_up_after].encode())


class _Door(paramiko.ServerInterface):  # type: ignore[misc] # paramiko is not followed
    """Who may log in, and what for."""

    def __init__(self, router: Router, quirks: Quirks) -> None:
        self.has_shell = threading.Event()
        self._router = router
        self._key = quirks.user_key

    def get_allowed_auths(self, _username: str) -> str:
        return "publickey" if self._key else "password"

    def check_auth_password(self, username: str, password: str) -> int:
        self._router.tried += 1
        return self._result(is_right=(username, password) == (USER, PASSWORD) and not self._key)

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self._router.tried += 1
        return self._result(is_right=username == USER and key == self._key)

    def check_channel_request(self, kind: str, _number: int) -> int:
        return paramiko.OPEN_SUCCEEDED if kind == "session" else 1

    def check_channel_pty_request(self, *_arguments: object) -> bool:
        return True

    def check_channel_shell_request(self, _channel: paramiko.Channel) -> bool:
        self.has_shell.set()
        return True

    @staticmethod
    def _result(*, is_right: bool) -> int:
        return int(paramiko.AUTH_SUCCESSFUL if is_right else paramiko.AUTH_FAILED)


def _lines(channel: paramiko.Channel) -> Iterator[str]:
    waiting = b""
    while piece := channel.recv(1000):
        *lines, waiting = (waiting + piece).replace(b"\r", b"\n").split(b"\n")
        yield from (line.decode() for line in lines)


@contextlib.contextmanager
def router(quirks: Quirks) -> Iterator[Router]:
    """A router on a loopback port, as long as the context lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        emulated = Router(listener, quirks)
        thread = threading.Thread(target=emulated.serve, name="router", daemon=True)
        thread.start()
        yield emulated
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(20)
