"""Services with a run's name that start another program."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.transport.psexec.impostors import impostors, read_path
from hostprobe.transport.psexec.names import Names

RUN = Names(77, "hp01234567")
EXE = RUN.file


def response(stub: bytes, code: int = 0) -> bytes:
    """What a call is answered with."""
    return b"\5\0\2\3" + bytes(20) + stub + struct.pack("<I", code)


def config(path: str | None) -> bytes:
    """An answer of RQueryServiceConfigW with that command line; with none where it is None."""
    record = struct.pack("<9I", 0x10, 3, 1, path is not None, 1, 0, 1, 1, 1)
    text = ((path or "") + "\0").encode("utf-16-le")
    count = len(text) // 2
    return record + struct.pack("<III", count, 0, count) + text + bytes(-len(text) % 4 + 4)


def found(opened: bytes, queried: bytes = b"") -> list[str]:
    """The impostors where the service manager answers so."""
    answers = {16: opened, 17: queried, 0: response(bytes(20))}

    def ask(packet: bytes, _most_bytes: int) -> bytes:
        return answers[packet[22]]

    return list(impostors(ask, bytes(20), [RUN]))


@pytest.mark.parametrize(
    ("path", "is_ours"),
    [
        (rf'"%SystemRoot%\{EXE}" -service', True),
        (rf'"C:\WINDOWS\{EXE}" -service', True),
        (rf'"c:\windows\{EXE.lower()}" -service', True),
        (r"C:\Users\Public\evil.exe", False),
        (rf'"C:\Users\Public\{EXE}" -service', False),
        (rf'"%SystemRoot%\{EXE}" -service & evil', False),
        (rf'"%SystemRoot%\{EXE}" -evil', False),
        (rf'"\\evil\share\{EXE}" -service', False),
        ("", False),
        (None, False),
    ],
)
def test_what_a_service_starts(path: str | None, *, is_ours: bool) -> None:
    """Only the program of that name in the Windows folder is a run's."""
    told = found(response(bytes(20)), response(config(path)))
    assert told == ([] if is_ours else [RUN.service])


@pytest.mark.parametrize(
    ("code", "told"), [(1060, []), (1072, []), (5, [RUN.service]), (122, [RUN.service])]
)
def test_a_service_that_cannot_be_looked_at(code: int, told: list[str]) -> None:
    """One that is gone is nobody's; one that hides what it starts is not taken for ours."""
    assert found(response(bytes(20), code)) == told
    assert found(response(bytes(20)), response(bytes(40), code)) == told


def test_a_path_beyond_the_end() -> None:
    """A length that the host claims is not believed."""
    with pytest.raises(ValueError, match="a path of"):
        read_path(config("x" * 50)[:80])


@given(st.binary(max_size=200))
def test_any_answer(answer: bytes) -> None:
    """Nonsense is a text or a ValueError."""
    with contextlib.suppress(ValueError):
        assert len(read_path(answer)) <= len(answer)
