"""An answer taken apart at its markers."""

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hostprobe.snapshot import Part, has_markers
from hostprobe.snapshot._sections import Section, split

HEAD = b"Active code page: 850\r\n==hostprobe:chcp:0== \r\n==hostprobe:host:WEB01== \r\n"


def stray(data: bytes) -> bytes:
    """What `split` found outside of every part, without the blanks."""
    return b"|".join(filter(None, (piece.strip() for piece in split(data).stray)))


def test_an_answer_has_a_head_and_parts() -> None:
    """Code page, host name, and each part with its exit code are found."""
    found = split(HEAD + b"a\r\nb\r\n==hostprobe:netstat:0== \r\n==hostprobe:tasklist:-1==\r\n")
    assert found.code_page == 850
    assert found.host_name == "WEB01"
    assert found.of[Part.NETSTAT] == Section(b"a\r\nb\r\n", 0)
    assert found.of[Part.TASKLIST].exit_code == -1
    assert b"".join(found.stray).strip() == b""


@pytest.mark.parametrize(
    "line",
    [
        b"evil.exe ==hostprobe:netstat:0==",
        b"==hostprobe:netstat:0== evil",
        b"==hostprobe:netstat:nine==",
        b"==hostprobe:netstat:99999999999==",
        b"==hostprobe:host:a b==",
        b"==hostprobe:host:" + b"a" * 64 + b"==",
    ],
)
def test_what_only_looks_like_a_marker_is_text(line: bytes) -> None:
    """A marker is a whole line; anything near it is left to the part it stands in."""
    found = split(line + b"\n==hostprobe:services:0==\n")
    assert found.of == {Part.SERVICES: Section(line + b"\n", 0)}
    assert found.host_name is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"==hostprobe:netstat:0==\nx\n==hostprobe:netstat:1==\n", b"x\n==hostprobe:netstat:1=="),
        (b"x\n==hostprobe:router:0==\n", b"x\n==hostprobe:router:0=="),
        (b"==hostprobe:host:A==\n==hostprobe:host:B==\n", b"==hostprobe:host:B=="),
        (b"x\n==hostprobe:host:==\n", b"x\n==hostprobe:host:=="),
        (b"no number\n==hostprobe:chcp:1==\n", b"no number\n==hostprobe:chcp:1=="),
        (b"==hostprobe:netstat:0==\n  TCP  10.0", b"TCP  10.0"),
        (b"no marker at all", b"no marker at all"),
    ],
)
def test_what_no_part_owns_is_stray(data: bytes, expected: bytes) -> None:
    """Repeated and unknown markers, an unread head and a cut end are kept, the first counts."""
    assert stray(data) == expected


def test_the_first_of_two_sections_counts() -> None:
    """A part that comes twice keeps its first section."""
    found = split(b"a\n==hostprobe:netstat:0==\nb\n==hostprobe:netstat:1==\n")
    assert found.of == {Part.NETSTAT: Section(b"a\n", 0)}


@pytest.mark.parametrize("encoding", ["ascii", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_saved_answer_is_known_by_its_markers(encoding: str) -> None:
    """The markers tell a saved answer from any other text, in the encodings consoles save."""
    assert has_markers("x\r\n==hostprobe:netstat:0==\r\n".encode(encoding))
    assert not has_markers("==hostprobe\r\n  TCP  10.0.0.1:80".encode(encoding))


PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [
            b"\n",
            b"==hostprobe:netstat:0==",
            b"==hostprobe:host:A==",
            b"==hostprobe:chcp:0==",
            b"437",
        ]
    ),
)


@given(st.lists(PIECES, max_size=20).map(b"".join))
@example(b"\0==hostprobe:chcp:0==001\n==hostprobe:chcp:0==")
def test_every_line_has_its_place(data: bytes) -> None:
    """Whatever the bytes, each line is in a part or stray, or it is a marker or the code page."""
    found = split(data)
    kept = [section.output for section in found.of.values()] + list(found.stray)
    lost = Counter(data.split(b"\n")) - Counter(b"\n".join(kept).split(b"\n"))
    head = data.rpartition(b"\n==hostprobe:chcp:0==")[0] if found.code_page else b""
    assert all(
        line.startswith(b"==hostprobe:") or line in head.split(b"\n") for line in lost if line
    )
