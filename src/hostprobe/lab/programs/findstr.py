r"""Show the lines that hold a text or match a pattern.

Source: `findstr [/v] [/i] [/l | /r] [/b] [/e] [/x] [/c:"text"] ["texts"] [file ...]`: without /c
each word of the text counts for itself, and is a pattern if the first has a character of one. The
exit code is 0 where a line was shown, else 1, and 2 for what it does not understand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hostprobe.lab.programs._arguments import words
from hostprobe.lab.programs._base import Console, Program
from hostprobe.lab.programs._lines import show
from hostprobe.lab.programs._search import ComplexError, Test, has_meta, literal, pattern

_FLAGS = frozenset("vilrbex")
_MOST_CHARACTERS = 1024  # of all texts; findstr's own bounds are 511 for a text, 254 for a pattern


@dataclass(slots=True)
class _Request:
    """A command line of findstr.

    Attributes:
        texts: What is looked for: any of them.
        is_phrase: They were given by /c.
    """

    flags: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    is_phrase: bool = False
    files: list[str] = field(default_factory=list)

    @property
    def is_pattern(self) -> bool:
        """Whether the texts are patterns."""
        if self.flags & {"l", "r"}:
            return "r" in self.flags
        return not self.is_phrase and has_meta(self.texts[0])


async def _run(console: Console, arguments: str) -> int:
    request = _read(arguments)
    if not request.texts or not request.flags <= _FLAGS:
        console.print_error("FINDSTR: Bad command line")
        return 2
    if sum(map(len, request.texts)) > _MOST_CHARACTERS:
        console.print_error("FINDSTR: Search string too long.")
        return 2
    try:
        tests = _tests(console, request)
    except ComplexError:
        console.print_error("FINDSTR: Out of memory")
        return 2
    inverts = "v" in request.flags
    count = await show(
        console, request.files, lambda line: any(test(line) for test in tests) != inverts
    )
    return 0 if count else 1


def _read(arguments: str) -> _Request:
    request = _Request()
    for word in words(arguments):
        if word[:3].lower() == "/c:":
            request.texts.append(word[3:])
            request.is_phrase = True
        elif word[:1] == "/" and len(word) > 1:
            request.flags.update(word[1:].lower())
        elif not request.texts:
            request.texts = word.split()
        else:
            request.files.append(word)
    return request


def _tests(console: Console, request: _Request) -> Sequence[Test]:
    ignores_case = "i" in request.flags
    at_start, at_end = (bool({flag, "x"} & request.flags) for flag in "be")
    if request.is_pattern:
        return [
            pattern(
                ("^" if at_start else "") + text + ("$" if at_end else ""),
                console.encode,
                ignores_case=ignores_case,
            )
            for text in request.texts
        ]
    return [
        literal(console.encode(text), ignores_case=ignores_case, at_start=at_start, at_end=at_end)
        for text in request.texts
    ]


PROGRAM = Program(summary="The lines that hold a text", run=_run, file="findstr.exe")
