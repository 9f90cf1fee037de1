"""Pictures of a map: where they are written, and that nothing is lost by it."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer

from hostprobe.analysis.edges import By, Edge
from hostprobe.cli import aliases, output
from hostprobe.cli.mapping import MapView
from hostprobe.cli.options import OutputOptions
from hostprobe.cli.places import require_place
from hostprobe.errors import InputFileError, UsageError
from hostprobe.inventory.aliases import NO_ALIASES, Aliases

_STDOUT: Final = Path("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOptions:
    """Which pictures are drawn, and where."""

    svg: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="draw a picture; - is stdout, in place of the rows"),
    ] = None
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="a page with the picture and a table of it"),
    ] = None
    dot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="all edges in Graphviz' language")
    ] = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All that are written."""
        return tuple(path for path in (self.svg, self.html, self.dot) if path is not None)

    def beside(self, written: OutputOptions, sources: Iterable[str]) -> OutputOptions:
        """How rows are written: nowhere, where a picture takes their place.

        Raises:
            UsageError: Two things are to be written to one place, or it is read.
            InputFileError: A file cannot be written.
        """
        places = (*self.paths, *filter(None, [written.output]))
        for number, place in enumerate(places):
            if any(_is_same(place, other) for other in places[:number]):
                msg = f"two things are to be written to {str(place)!r}"
                raise UsageError(msg)
        for path in self.paths:
            if path == _STDOUT:
                continue
            if any(_is_same(path, Path(source)) for source in sources):
                msg = f"{str(path)!r} is what --from reads: it would be lost"
                raise UsageError(msg)
            require_place(path)
        in_place = _STDOUT in self.paths and written.output is None
        return replace(written, output=Path(os.devnull)) if in_place else written

    def draw(self, view: MapView, by: By, names: Aliases) -> None:
        """Write all pictures of the map.

        Args:
            view: Which has the map.
            by: How its edges are grouped.
            names: Of the user's own, for hosts that stated none.

        Raises:
            InputFileError: A file cannot be written.
        """
        if not self.paths:
            return
        from hostprobe import drawings  # noqa: PLC0415 - only for a picture

        if self.dot is not None:
            _write(self.dot, partial(drawings.write_dot, _named(view.edges(by), names), by))
        if self.svg is None and self.html is None:
            return
        picture = drawings.picture(
            lambda by: _named(view.edges(by), names), by, tuple(view.caption())
        )
        if self.svg is not None:
            _write(self.svg, partial(drawings.write_svg, picture))
        if self.html is not None:
            _write(self.html, partial(drawings.write_html, picture))


def _named(edges: Iterable[Edge], names: Aliases) -> Iterator[Edge]:
    """The edges, in which hosts without a name have the user's own for them."""
    if names is NO_ALIASES:
        yield from edges
        return
    for edge in edges:
        yield replace(
            edge,
            client_name=edge.client_name or _name(names, edge.client),
            server_name=edge.server_name or _name(names, edge.server),
        )


def _name(names: Aliases, target: str | None) -> str | None:
    return None if target is None else aliases.target_name(names, target)


def _write(path: Path, draw: Callable[[TextIO], None]) -> None:
    try:
        with _opened(path) as stream:
            draw(stream)
            stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(path, error) from error


def _opened(path: Path) -> AbstractContextManager[TextIO]:
    if path == _STDOUT:
        return nullcontext(sys.stdout)
    return path.open("w", encoding="utf-8", newline="\n")


def _unwritable(path: Path, error: Exception) -> InputFileError:
    reason = getattr(error, "strerror", None) or "not a file name"
    return InputFileError(f"cannot write {str(path)!r}: {reason}")


def _is_same(first: Path, second: Path) -> bool:
    return first.absolute() == second.absolute() or output.is_same_file(first, second)
