r"""Tell who one is on the host.

Source: `whoami [/groups]`; [MS-DTYP] 2.4.2.4 (the mandatory labels S-1-16-x).
"""

from hostprobe.lab.programs._arguments import words
from hostprobe.lab.programs._base import Console, Program, Token

_GROUPS = (
    ("Everyone", "Well-known group", "S-1-1-0"),
    ("BUILTIN\\Users", "Alias", "S-1-5-32-545"),
    ("NT AUTHORITY\\Authenticated Users", "Well-known group", "S-1-5-11"),
)
_ADMINISTRATORS = ("BUILTIN\\Administrators", "Alias", "S-1-5-32-544")
_WIDTHS = (42, 16, 12)


async def _run(console: Console, arguments: str) -> int:
    given = [word.lower() for word in words(arguments)]
    if not given:
        console.print(console.token.user.lower())
        return 0
    if given != ["/groups"]:
        console.print_error(f"ERROR: Invalid argument/option - '{given[0]}'.")
        return 1
    rows = [*_GROUPS, _ADMINISTRATORS, _label(console.token)]
    console.print(
        *("", "GROUP INFORMATION", "-" * 17, ""),
        _row(("Group Name", "Type", "SID")),
        " ".join("=" * width for width in _WIDTHS),
        *map(_row, rows),
    )
    return 0


def _label(token: Token) -> tuple[str, str, str]:
    level, number = ("High", 12288) if token.is_elevated else ("Medium", 8192)
    if token.user.upper() == "NT AUTHORITY\\SYSTEM":
        level, number = "System", 16384
    return f"Mandatory Label\\{level} Mandatory Level", "Label", f"S-1-16-{number}"


def _row(cells: tuple[str, str, str]) -> str:
    return " ".join(f"{cell:{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


PROGRAM = Program(summary="Who one is on the host", run=_run, file="whoami.exe")
