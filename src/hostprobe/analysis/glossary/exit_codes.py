"""The exit codes of the program, as the README and the page about `exec` have them."""

from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.glossary import _pages
from hostprobe.analysis.glossary._base import Entry, Kind
from hostprobe.errors import HostprobeError

_NAME: Final = "exit code"
_TITLE: Final = "Exit codes"
_PAGES: Final = (
    ("README.md", "hostprobe"),
    ("docs/how-to/run-commands.md", "hostprobe exec on one host"),
)
_MOST_KINDS: Final = 12


def _entries() -> Iterator[Entry]:
    for page, of in _PAGES:
        for code, meaning in _pages.section(page, _TITLE).rows:
            yield Entry(
                kind=_NAME,
                term=code,
                of=of,
                meaning=_pages.plain(meaning),
                advice=_advice(code) if page == "README.md" else None,
                reference=f"{page}, {_TITLE}",
            )


def _advice(code: str) -> str | None:
    """The kinds of errors that end so, where they are few enough to be told."""
    kinds = [cls("").kind for cls in _classes(HostprobeError) if str(cls.exit_code) == code]
    if not kinds:
        return None
    if len(kinds) > _MOST_KINDS:
        return "Each failed host has its line on stderr; `hostprobe doctor HOST` finds out why."
    return f"Kinds of error that end so: {', '.join(kinds)}."


def _classes(cls: type[HostprobeError]) -> Iterator[type[HostprobeError]]:
    for child in cls.__subclasses__():
        yield child
        yield from _classes(child)


KIND: Final = Kind(
    name=_NAME,
    summary="how a run ended",
    also=("exit", "exit status", "return code"),
    entries=_entries,
)
