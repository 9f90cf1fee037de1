"""One file for each emulated program; its name is what a command line calls it."""

import functools
import sys

from hostprobe import registry
from hostprobe.lab.programs._arguments import words
from hostprobe.lab.programs._base import Console, Program, Running, Token
from hostprobe.lab.programs._code_page import CodePage
from hostprobe.lab.programs._input import Input
from hostprobe.lab.programs._texts import texts
from hostprobe.lab.programs._version import banner

__all__ = [
    "CodePage",
    "Console",
    "Input",
    "Program",
    "Running",
    "Token",
    "banner",
    "names",
    "program_of",
    "texts",
    "words",
]


@functools.cache
def names() -> frozenset[str]:
    """The names of all programs, without extensions."""
    return frozenset(registry.names(sys.modules[__name__]))


@functools.cache
def program_of(name: str) -> Program | None:
    """The program of that name, such as `netstat`; None where there is none."""
    if name not in names():
        return None
    return registry.load(sys.modules[__name__], name, "PROGRAM", Program)
