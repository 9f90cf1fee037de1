"""Pick lines out of files or of the input.

Source: `find` and `findstr`: without a file they read standard input; bytes stay as they are.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Sequence

from hostprobe.lab.programs._base import Console
from hostprobe.lab.programs._input import Input

_LONGEST = 1 << 20  # a line that goes on for longer is taken in parts
_TURN_S = 0.01


async def show(
    console: Console, files: Sequence[str], test: Callable[[bytes], bool], *, silent: bool = False
) -> int | None:
    """Write the lines for which `test` holds, unless `silent`.

    Returns:
        How many they are; None where a file is not there, which was said.
    """
    if not files:
        return await _pick(console, console.stdin, test, silent=silent)
    count = 0
    for path in files:
        node = console.find(path)
        if node is None or node.is_folder:
            console.print_error(f"File not found - {path.upper()}")
            return None
        content = Input(None, bytes(node.content))
        count += await _pick(console, content, test, silent=silent)
    return count


async def _pick(
    console: Console, source: Input, test: Callable[[bytes], bool], *, silent: bool
) -> int:
    """Write what is picked of each slice of the source."""
    count = 0
    rest = b""
    while data := await source.read():
        head, end, rest = (rest + data).rpartition(b"\n")
        if len(rest) > _LONGEST:
            head, end, rest = head + end + rest, b"", b""
        picked = [line async for line in _picked(head + end, test)]
        if picked and not silent:
            console.write(b"".join(picked))
        count += len(picked)
        await console.drain()
    last = [line async for line in _picked(rest, test)]
    if last and not silent:
        console.write(last[0] + b"\r\n")
    return count + len(last)


async def _picked(text: bytes, test: Callable[[bytes], bool]) -> AsyncIterator[bytes]:
    """The lines for which `test` holds, with their ends; others have a turn between two of them."""
    now = asyncio.get_running_loop().time
    until = now() + _TURN_S
    for line in io.BytesIO(text):
        if test(line.rstrip(b"\r\n")):
            yield line
        if now() > until:
            await asyncio.sleep(0)
            until = now() + _TURN_S
