"""Sorting more than memory holds."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import SpoolError
from hostprobe.spool import Spool


def _filled(things: list[tuple[int, str]], *, memory_bytes: int) -> Spool[tuple[int, str]]:
    """The things by their number, merged in as many steps as can be."""
    spool = Spool[tuple[int, str]](memory_bytes=memory_bytes, most_runs=2)
    for thing in things:
        spool.add((thing[0],), thing)
    return spool


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where temporary files are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def no_room() -> Iterator[None]:
    """No file can be longer than 50 KB, as on a disk that is full."""
    resource = pytest.importorskip("resource", reason="files have no limit here")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@given(
    st.lists(st.tuples(st.integers(0, 9), st.text(max_size=3))),
    st.sampled_from([0, 1_000, 1_000_000]),
)
def test_any_things_come_in_order(things: list[tuple[int, str]], memory_bytes: int) -> None:
    """They come by their keys, those with equal keys as they were added, from disk or memory."""
    spool = _filled(things, memory_bytes=memory_bytes)

    assert list(spool) == sorted(things, key=lambda thing: thing[0])


def test_it_can_be_read_again() -> None:
    """Reading takes nothing away, also when somebody else is reading."""
    spool = _filled([(number % 7, "x" * 500) for number in range(500)], memory_bytes=5_000)

    assert len(list(zip(spool, spool, strict=True))) == 500
    assert list(spool) == list(spool)


def test_little_touches_no_disk(folder: Path) -> None:
    """What memory holds needs no folder for temporary files."""
    folder.rmdir()

    assert list(_filled([(2, "b"), (1, "a")], memory_bytes=10_000)) == [(1, "a"), (2, "b")]


@pytest.mark.skipif(os.name == "nt", reason="there the system removes the file when we end")
def test_nothing_can_be_found_or_read_by_others(folder: Path) -> None:
    """The file has no name from the beginning, and belongs to the user alone."""
    spool = _filled([(1, "a")], memory_bytes=0)

    assert spool._file is not None
    status = os.fstat(spool._file.fileno())
    assert (status.st_nlink, status.st_mode & 0o077) == (0, 0)
    assert list(folder.iterdir()) == []


def test_the_file_is_closed_with_it() -> None:
    """A spool that nobody reads to its end leaves no file open."""
    spool = _filled([(1, "a")], memory_bytes=0)
    file = spool._file
    assert file is not None

    del spool

    assert file.closed


def test_no_folder(folder: Path) -> None:
    """Where no file can be made, one line names the folder and the way out."""
    folder.rmdir()

    with pytest.raises(SpoolError, match="TMPDIR") as told:
        _filled([(1, "a")], memory_bytes=0)

    assert str(folder) in str(told.value)
    assert "\n" not in str(told.value)


def test_no_room() -> None:
    """A disk that is full is one line too, and what could not be written is not tried again."""
    told = r"cannot be kept in a temporary file: .*; let TMPDIR"
    with no_room(), pytest.raises(SpoolError, match=told):
        _filled([(1, "a" * 5_000)] * 20, memory_bytes=0)
