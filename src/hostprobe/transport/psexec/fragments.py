"""An answer of the service manager that is longer than one message.

Source: [C706] 12.6.2 (fragments), 12.6.4.10 (response); [MS-RPCE] 2.1.1.2 (RPC over SMB).
"""

from collections.abc import Callable
from typing import Final

_HEAD_BYTES: Final = 24
_LAST: Final = 2  # PFC_LAST_FRAG
_RESPONSE: Final = 2


def joined(first: bytes, read: Callable[[], bytes], most_bytes: int) -> bytes:
    """All fragments of an answer as if they were one.

    Args:
        first: What has come with the call.
        read: Reads on.
        most_bytes: The longest answer that is taken.

    Raises:
        ValueError: The answer is longer, or no RPC.
    """
    unread, whole = first, b""
    while True:
        while len(unread) < (length := _length(unread)):
            unread += _something(read())
        fragment, unread = unread[:length], unread[length:]
        whole += fragment[_HEAD_BYTES:] if whole else fragment
        if fragment[3] & _LAST or fragment[2] != _RESPONSE:
            return whole
        if len(whole) > most_bytes:
            msg = f"an answer of more than {most_bytes} bytes"
            raise ValueError(msg)


def _length(unread: bytes) -> int:
    """How long the fragment is that begins here, as it says itself."""
    length = int.from_bytes(unread[8:10], "little") if len(unread) >= _HEAD_BYTES else _HEAD_BYTES
    if length < _HEAD_BYTES:
        msg = f"a fragment of {length} bytes"
        raise ValueError(msg)
    return length


def _something(data: bytes) -> bytes:
    if not data:
        msg = "an answer that ends in its middle"
        raise ValueError(msg)
    return data
