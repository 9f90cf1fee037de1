"""Which files are service programs."""

from hostprobe.lab.payloads import payload_of
from hostprobe.lab.payloads.paexec import paexec
from hostprobe.lab.payloads.remcom import remcom


def test_known_by_content() -> None:
    """PAExec and RemCom are known by a string in them, wherever it is; nothing else is known."""
    assert payload_of(b"MZ" + bytes(999) + "\\PAExec-%u".encode("utf-16-le")) is paexec
    assert payload_of(b"MZ" + bytes(999) + b"RemCom_stdout") is remcom
    assert payload_of(b"MZ PAExec") is None
    assert payload_of(b"") is None
