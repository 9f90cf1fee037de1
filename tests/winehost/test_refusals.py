"""Hosts that do not let hostprobe in, and say so in one class of error each."""

from tests.winehost.host import WineHost
from tests.winehost.program import Hostprobe


def test_wrong_password(hostprobe: Hostprobe) -> None:
    """A wrong password ends the run with exit code 5, and is itself in no output."""
    answer = hostprobe("connections", "-v", password="wrong-secret")
    assert answer.exit_code == 5
    assert answer.error_kind == "bad_credentials"
    assert "wrong-secret" not in answer.stdout + answer.stderr


def test_no_encryption(hostprobe: Hostprobe, host: WineHost) -> None:
    """A host without encryption is refused, and the way out is named."""
    answer = hostprobe("connections", port=host.plain_port)
    assert answer.exit_code == 4
    assert answer.error_kind == "no_encryption"
    assert "--allow-unencrypted" in answer.stdout + answer.stderr


def test_unencrypted_when_allowed(hostprobe: Hostprobe, host: WineHost, victim: int) -> None:
    """--allow-unencrypted asks such a host, and its record says that it was not encrypted."""
    answer = hostprobe("connections", "--allow-unencrypted", port=host.plain_port)
    assert answer.exit_code == 0
    assert victim in {row["pid"] for row in answer.records("connection")}
    assert answer.host["encrypted"] is False


def test_dead_port(hostprobe: Hostprobe) -> None:
    """A port where nothing listens is told apart from a host that is not there."""
    answer = hostprobe("connections", port=9)
    assert answer.exit_code == 4
    assert answer.error_kind == "refused"
    assert answer.host["rows"] in {0, None}


def test_not_smb(hostprobe: Hostprobe, host: WineHost) -> None:
    """A port that speaks something else is no file server, and no crash."""
    answer = hostprobe("connections", "--connect-timeout", "2", port=host.bridge_port)
    assert answer.exit_code == 4
    assert answer.error_kind in {"not_smb", "protocol", "unreachable", "deadline"}
