"""Where the streams of a command lead.

Source: `cmd /?`, `echo x >file 2>&1`: from left to right; a file is emptied, with `>>` continued.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.files import Node
from hostprobe.lab.programs import Console, Input
from hostprobe.lab.shell.complaints import complain
from hostprobe.lab.shell.state import State
from hostprobe.lab.shell.syntax import Redirection

Write = Callable[[bytes], None]


def redirected(
    state: State, console: Console, redirections: Iterable[Redirection]
) -> Console | None:
    """The console with its streams elsewhere; None where a file cannot be had, which was said."""
    streams: dict[int, Write] = {1: console.write, 2: console.write_error}
    stdin = console.stdin
    for redirection in redirections:
        target = state.expand_late(redirection.target)
        try:
            if target.startswith("&"):
                streams[redirection.stream] = streams.get(int(target[1:]), _lose)
            elif redirection.how == "<":
                stdin = _input(console, target)
            else:
                streams[redirection.stream] = _output(console, target, redirection)
        except StatusError as error:
            complain(console, error.status)
            state.errorlevel = 1
            return None
    return replace(console, stdin=stdin, write=streams[1], write_error=streams[2])


def _lose(_data: bytes) -> None:
    """Nobody reads it."""


def _input(console: Console, path: str) -> Input:
    if path.lower() == "nul":
        return Input(None)
    node = console.find(path)
    if node is None or node.is_folder:
        raise StatusError(NtStatus.OBJECT_NAME_NOT_FOUND)
    return Input(None, bytes(node.content))


def _output(console: Console, path: str, redirection: Redirection) -> Write:
    if path.lower() == "nul":
        return _lose
    whole = console.path(path)
    folder = console.find(whole.rpartition("\\")[0] + "\\")
    if folder is None or not folder.is_folder:
        raise StatusError(NtStatus.OBJECT_PATH_NOT_FOUND)
    node = console.find(whole)
    if node is not None and (node.is_folder or node.is_in_use(console.machine.now())):
        raise StatusError(NtStatus.ACCESS_DENIED)
    node = node or console.machine.files.put(whole)
    if redirection.how == ">":
        node.truncate(0)
    return _to_file(console, node)


def _to_file(console: Console, node: Node) -> Write:
    def write(data: bytes) -> None:
        try:
            node.write(node.size, data)
        except StatusError as error:
            complain(console, error.status)
            raise BrokenPipeError from error

    return write
