"""Standard input.

Source: ReadFile of a pipe: what one process leaves, the next one that has it reads.
"""

from collections.abc import Awaitable, Callable

_SLICE_BYTES = 1 << 16
_LONGEST_LINE = 1 << 20  # bytes without a line end that are kept at once


class Input:
    """What a process reads, and its children after it.

    Args:
        get: Waits for the next bytes; b"" is the end. None: there are none.
        left: What comes before that.
    """

    __slots__ = ("_get", "_left")

    def __init__(self, get: Callable[[], Awaitable[bytes]] | None, left: bytes = b"") -> None:
        self._get = get
        self._left = bytearray(left)

    async def read(self) -> bytes:
        """The next bytes, a slice of them; b"" at the end, however often it is asked."""
        left = self._left or bytearray(await self._more())
        self._left = left
        data = bytes(left[:_SLICE_BYTES])
        del left[:_SLICE_BYTES]
        return data

    async def read_line(self) -> bytes:
        """The next line with its end, a very long one in parts; b"" at the end of input."""
        left, looked_at = self._left, 0
        while not (end := left.find(b"\n", looked_at) + 1) and len(left) < _LONGEST_LINE:
            looked_at = len(left)
            if not (data := await self._more()):
                break
            left += data
        line = bytes(left[: end or len(left)])
        del left[: len(line)]
        return line

    async def _more(self) -> bytes:
        if self._get is None:
            return b""
        data = await self._get()
        if not data:
            self._get = None
        return data
