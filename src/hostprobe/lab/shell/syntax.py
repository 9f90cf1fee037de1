"""A line of cmd.exe, taken apart.

Source: `cmd /?`, `if /?`.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Simple:
    """One command with its arguments, its redirections taken out."""

    text: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """`a & b`: one after the other."""

    parts: tuple["Command", ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """`a && b`: up to the first that fails; `a || b`: up to the first that does not."""

    how: Literal["&&", "||"]
    parts: tuple["Command", ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`a | b`: side by side, each one reads what the one before it writes."""

    stages: tuple["Command", ...]


@dataclass(frozen=True, slots=True)
class Redirection:
    """`2>file`, `>>file`, `<file`, `2>&1`.

    Attributes:
        stream: 0 standard input, 1 standard output, 2 standard error.
        target: A path, `nul`, or `&` and the number of another stream.
    """

    stream: int
    how: Literal["<", ">", ">>"]
    target: str


@dataclass(frozen=True, slots=True)
class Redirected:
    """A command whose streams lead elsewhere."""

    body: "Command"
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """What `if` asks.

    Attributes:
        how: `==`, a word such as `equ`; or `errorlevel`, `exist`, `defined`, which have no left.
    """

    left: str
    how: str
    right: str
    is_negated: bool = False
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class If:
    """`if condition then else otherwise`."""

    condition: Condition
    then: "Command"
    otherwise: "Command | None"


Command: TypeAlias = Simple | Sequence | Chain | Pipeline | Redirected | If
