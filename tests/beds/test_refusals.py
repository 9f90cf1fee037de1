"""Hosts that do not let hostprobe in, and say so in one class of error each."""

import socketserver
import threading
from collections.abc import Iterator

import pytest

from tests.beds.bed import Bed
from tests.beds.program import Hostprobe


class _Mail(socketserver.StreamRequestHandler):
    """A mail server that greets whoever comes, and then only listens."""

    def handle(self) -> None:
        self.wfile.write(b"220 mail.example.com ESMTP\r\n")
        self.rfile.read()


@pytest.fixture
def mail_port() -> Iterator[int]:
    """A port where a mail server listens."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        yield server.server_address[1]
        server.shutdown()


def test_wrong_password(hostprobe: Hostprobe) -> None:
    """A wrong password ends the run with exit code 5, and is itself in no output."""
    answer = hostprobe("connections", "-v", password="wrong-secret")
    assert answer.exit_code == 5
    assert answer.error_kind == "bad_credentials"
    assert "wrong-secret" not in answer.stdout + answer.stderr


def test_no_encryption(hostprobe: Hostprobe, bed: Bed) -> None:
    """A host without encryption is refused, and the way out is named."""
    answer = hostprobe("connections", port=bed.plain().port)
    assert answer.exit_code == 4
    assert answer.error_kind == "no_encryption"
    assert "--allow-unencrypted" in answer.stdout + answer.stderr


def test_unencrypted_when_allowed(hostprobe: Hostprobe, bed: Bed) -> None:
    """--allow-unencrypted asks such a host, and its record says that it was not encrypted."""
    plain = bed.plain()
    victim = plain.start_victim(5862)
    try:
        answer = hostprobe("connections", "--allow-unencrypted", port=plain.port)
    finally:
        plain.end_victim(victim)
    assert answer.exit_code == 0
    assert victim in {row["pid"] for row in answer.records("connection")}
    assert answer.host["encrypted"] is False


def test_dead_port(hostprobe: Hostprobe) -> None:
    """A port where nothing listens is told apart from a host that is not there."""
    answer = hostprobe("connections", port=9)
    assert answer.exit_code == 4
    assert answer.error_kind == "refused"
    assert answer.host["rows"] in {0, None}


def test_not_smb(hostprobe: Hostprobe, mail_port: int) -> None:
    """A port that speaks something else is no file server, and no crash."""
    answer = hostprobe("connections", "--connect-timeout", "2", port=mail_port)
    assert answer.exit_code == 4
    assert answer.error_kind in {"not_smb", "protocol", "unreachable", "deadline"}
