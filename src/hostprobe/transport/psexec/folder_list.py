"""What is in a folder, by its name.

Source: [MS-SMB2] 3.2.4.17, 2.2.33; [MS-FSCC] 2.4.10 (FileDirectoryInformation).
"""

import struct
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hostprobe.transport.psexec import messages
from hostprobe.transport.psexec.errors import StatusError
from hostprobe.transport.psexec.filetime import moment
from hostprobe.transport.psexec.wire import Wire

_ANSWER_BYTES: Final = 1 << 16
_MOST_ANSWERS: Final = 32
_NO_SUCH_FILE: Final = 0xC000000F
_END: Final = (_NO_SUCH_FILE, 0x80000006)  # none matches, no more do

# NextEntryOffset, FileIndex; made, read, written, changed; size, allocated; attributes, name
_ENTRY: Final = struct.Struct("<IIQQQQQQII")
_FOLDER, _LINK = 0x10, 0x400  # FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_REPARSE_POINT


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file or folder; times by the host's clock, None where the host states none.

    Attributes:
        is_link: It is a reparse point, which leads elsewhere.
    """

    name: str
    size: int
    created_at: datetime | None
    written_at: datetime | None
    is_folder: bool = False
    is_link: bool = False


def list_files(wire: Wire, tree_id: int, pattern: str) -> Generator[ListedFile, None, None]:
    """The files in the topmost folder of a share whose names match; folders are left out.

    Args, Raises: As `list_folder`.
    """
    with closing(list_folder(wire, tree_id, "", pattern)) as found:
        yield from (entry for entry in found if not entry.is_folder)


def list_folder(
    wire: Wire, tree_id: int, folder: str, pattern: str = "*"
) -> Generator[ListedFile, None, None]:
    """What is in a folder of a share, as far as its name matches.

    Args:
        wire: Logged in.
        tree_id: Of the share.
        folder: Its path from that of the share; empty for that itself.
        pattern: With `*` and `?`.

    Raises:
        StatusError: The folder cannot be read.
        ValueError: The host answers nonsense, or without an end.
    """
    opened = messages.create(
        folder, messages.FOLDER_LIST, share=messages.SHARE_ALL, options=messages.A_FOLDER
    )
    handle = wire.answer(wire.begin(tree_id, opened)).file_id()
    asked = messages.query_directory(pattern, _ANSWER_BYTES, handle)
    try:
        yield from files(lambda: wire.answer(wire.begin(tree_id, asked)).listing())
    finally:
        wire.begin(tree_id, messages.close(handle))


def files(ask: Callable[[], bytes]) -> Iterator[ListedFile]:
    """What is in all answers.

    Args:
        ask: Gives the next answer; raises StatusError after the last.

    Raises:
        StatusError: The folder cannot be read.
        ValueError: An answer is nonsense, or there is no last one.
    """
    for _ in range(_MOST_ANSWERS):
        try:
            answer = ask()
        except StatusError as error:
            if error.status not in _END:
                raise
            return
        yield from read_entries(answer)
    msg = "a folder without an end"
    raise ValueError(msg)


def read_entries(listing: bytes) -> Iterator[ListedFile]:
    """What is in one answer.

    Raises:
        ValueError: An entry goes beyond the end, or back.
    """
    at, more = 0, 1
    while more:
        if at + _ENTRY.size > len(listing):
            msg = f"an entry at {at} of {len(listing)} bytes"
            raise ValueError(msg)
        more, _, made, _, written, _, size, _, attributes, length = _ENTRY.unpack_from(listing, at)
        name = listing[at + _ENTRY.size : at + _ENTRY.size + length]
        if len(name) != length or 0 < more < _ENTRY.size + length:
            msg = f"a name of {length} bytes at {at}"
            raise ValueError(msg)
        yield ListedFile(
            *(name.decode("utf-16-le", "replace"), size, moment(made), moment(written)),
            is_folder=bool(attributes & _FOLDER),
            is_link=bool(attributes & _LINK),
        )
        at += more
