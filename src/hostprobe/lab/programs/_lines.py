"""Pick lines out of files or of the input.

Source: `find` and `findstr`: without a file they read standard input; bytes stay as they are.
"""

from collections.abc import Callable, Sequence

from hostprobe.lab.programs._base import Console

_LONGEST = 1 << 20  # a line that goes on for longer is taken in parts


async def show(
    console: Console, files: Sequence[str], test: Callable[[bytes], bool], *, silent: bool = False
) -> int | None:
    """Write the lines for which `test` holds, unless `silent`.

    Returns:
        How many they are; None where a file is not there, which was said.
    """
    count = 0
    for path in files:
        node = console.find(path)
        if node is None or node.is_folder:
            console.print_error(f"File not found - {path.upper()}")
            return None
        count += _pick(console, bytes(node.content), test, silent=silent)
    if files:
        return count
    rest = b""
    while data := await console.read():
        head, end, rest = (rest + data).rpartition(b"\n")
        if len(rest) > _LONGEST:
            head, end, rest = head + end + rest, b"", b""
        count += _pick(console, head + end, test, silent=silent)
        await console.drain()
    return count + _pick(console, rest, test, silent=silent)


def _pick(console: Console, text: bytes, test: Callable[[bytes], bool], *, silent: bool) -> int:
    lines = text.split(b"\n")
    last = lines.pop()
    whole = [line + b"\n" for line in lines] + ([last + b"\r\n"] if last else [])
    picked = [line for line in whole if test(line.rstrip(b"\r\n"))]
    if picked and not silent:
        console.write(b"".join(picked))
    return len(picked)
