"""Which code page a host's console programs print in, told by a line that cmd.exe echoes.

cmd.exe turns what it echoes into the code page of its console; a character that is not in it
becomes another, such as the letter without its accent. So the bytes that come back tell the page,
and no program has to be started for it: chcp.com takes as long as netstat.

Source: `echo` of cmd.exe without /u; [MS-UCODEREF] 2.2.1 for the pages.
"""

from typing import Final

LINE: Final = "Ö,é,ı,€,¥,Ø,ã,Þ,ğ,Ł,č,ŗ,Ж,џ,Ґ,Ω,ϊ,א,ש,ع,ﺏ,ส,あ,中,灣,汉,한,ß,œ,ơ"  # noqa: RUF001 - look-alikes are what tells
"""Characters that no two pages have all at the same place; a test says so."""

PAGES: Final = (
    *(65001, 437, 850, 858, 852, 866, 857, 737, 869, 775, 855, 860, 861, 865, 863),
    *(862, 720, 864, 874, 932, 936, 949, 950),
    *(1252, 1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258),
)
"""OEM and ANSI pages that Windows has, the commoner ones first."""


def code_page_told(answer: bytes) -> int | None:
    """The page in which `answer` is LINE; None where it is so in none."""
    fields = answer.strip().split(b",")
    if len(fields) != len(LINE.split(",")):
        return None
    # The first that fits, as each look at one more costs the import of its codec.
    return next((page for page in PAGES if _fits(page, fields)), None)


def _fits(page: int, fields: list[bytes]) -> bool:
    """Whether every character that the page has is there, and there are some."""
    known = [character.encode(f"cp{page}", "ignore") for character in LINE.split(",")]
    return any(known) and all(
        not expected or expected == field for expected, field in zip(known, fields, strict=True)
    )
