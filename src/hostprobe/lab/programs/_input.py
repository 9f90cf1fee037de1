"""Standard input.

Source: ReadFile of a pipe: what one process leaves, the next one that has it reads.
"""

from collections.abc import Awaitable, Callable


class Input:
    """What a process reads, and its children after it.

    Args:
        get: Waits for the next bytes; b"" is the end. None: there are none.
        left: What comes before that.
    """

    __slots__ = ("_get", "_left")

    def __init__(self, get: Callable[[], Awaitable[bytes]] | None, left: bytes = b"") -> None:
        self._get = get
        self._left = left

    async def read(self) -> bytes:
        """The next bytes; b"" at the end, however often it is asked."""
        if self._left:
            data, self._left = self._left, b""
            return data
        if self._get is None:
            return b""
        data = await self._get()
        if not data:
            self._get = None
        return data

    def unread(self, data: bytes) -> None:
        """Leave `data` for whoever reads next."""
        self._left = data + self._left
