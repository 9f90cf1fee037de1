"""Tables of the documentation's pages, which the program has with it.

In a checkout the pages are in `docs/`; a wheel has them in `pages/` beside this module.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

_FOLDER: Final = "pages"
_ROOT: Final = Path(__file__).parents[4]
_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_HEADING: Final = re.compile(r"^## ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below a heading of the second level.

    Attributes:
        title: The heading.
        lead: The text before the first table.
        rows: The cells of its tables, as they are written; without the rows of headings.
    """

    title: str
    lead: str
    rows: tuple[tuple[str, ...], ...]


@cache
def sections(page: str) -> tuple[Section, ...]:
    """The sections of a page.

    Args:
        page: Its place in the checkout, such as `docs/reference/errors.md`.
    """
    return parsed(read(page))


def read(page: str) -> str:
    """The text of a page."""
    return text(page, resources.files(__package__))


def parsed(page: str) -> tuple[Section, ...]:
    """The sections of the text of a page."""
    return tuple(_section(part) for part in _HEADING.split(page)[1:])


def section(page: str, title: str) -> Section:
    """The section of that title.

    Raises:
        KeyError: The page has none.
    """
    return {each.title: each for each in sections(page)}[title]


def plain(cell: str) -> str:
    """What a cell says, without the marks of code and links."""
    return _LINK.sub(r"\1", cell).replace("`", "").replace("**", "")


def sentence(cell: str) -> str:
    """What a cell says, as a sentence begins."""
    told = plain(cell)
    return told[:1].upper() + told[1:]


def packed(page: str) -> str:
    """Where a page is in a wheel."""
    return f"hostprobe/analysis/glossary/{_FOLDER}/{Path(page).name}"


def text(page: str, package: Traversable) -> str:
    """The text of a page: from the package, or else from the checkout."""
    beside = package.joinpath(_FOLDER, Path(page).name)
    return beside.read_text("utf-8") if beside.is_file() else (_ROOT / page).read_text("utf-8")


def _section(part: str) -> Section:
    title, _, body = part.partition("\n")
    lead = body.partition("\n|")[0].strip()
    return Section(title, " ".join(lead.split()), tuple(_rows(body)))


def _rows(body: str) -> Iterator[tuple[str, ...]]:
    """The rows behind the line of dashes of each table."""
    is_body = False
    for line in body.split("\n"):
        if not line.startswith("|"):
            is_body = False
        elif is_body:
            yield tuple(cell.strip() for cell in line.strip("|").split("|"))
        else:
            is_body = set(line) <= set("|-: ")
