"""What an entry is, and a kind of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One meaning of one term; the fields are the columns, in their order.

    Attributes:
        kind: The name of its kind, such as `TCP state`.
        term: As it is printed.
        of: Where it has this meaning, where it has others elsewhere: for a column the commands.
        meaning: In plain words.
        advice: What it tells the person who looks, or what to do.
        threshold: From where on it holds, where there is such a limit.
        reference: Who says so, with the section.
        also: Other ways to write it.
    """

    kind: str
    term: str
    of: str | None = None
    meaning: str
    advice: str | None = None
    threshold: str | None = None
    reference: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of terms.

    Attributes:
        name: In the singular, such as `TCP state`.
        summary: Where one meets them.
        also: Other names of it.
        entries: Reads them all; in the order in which a person wants to see them.
        values: Words that a term of it may have as its value, each with that term.
    """

    name: str
    summary: str
    also: tuple[str, ...] = ()
    entries: Callable[[], Iterable[Entry]]
    values: Callable[[], Iterable[tuple[str, Entry]]] = tuple
