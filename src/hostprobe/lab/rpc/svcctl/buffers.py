"""Answers in a buffer whose size the client gives.

Source: [MS-SCMR] 3.1.4.37 and 3.1.4.38: `[out, size_is(cbBufSize)] LPBYTE lpBuffer,
[in, range(0, 1024*8)] DWORD cbBufSize, [out] pcbBytesNeeded`.
"""

from collections.abc import Callable

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.rpc.ndr import Writer

MOST_BYTES = 8 * 1024


def in_buffer(size: int, content: Callable[[], bytes]) -> bytes:
    """The results of a call that answers with `content` if it fits into `size` bytes.

    The buffer comes back in its whole size whatever happens.
    """
    try:
        found = content()
    except CallError as error:
        return _answer(bytes(size), 0, error.code)
    if len(found) > size:
        return _answer(bytes(size), len(found), Win32Error.INSUFFICIENT_BUFFER)
    return _answer(found.ljust(size, b"\0"), len(found), Win32Error.SUCCESS)


def _answer(buffer: bytes, needed: int, code: Win32Error) -> bytes:
    return Writer().sized(buffer).u32(needed, code).stub()
