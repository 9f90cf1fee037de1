"""The code page that an echoed line tells."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.transport.code_page import LINE, PAGES, code_page_told


def _echoed(page: int) -> bytes:
    """What cmd.exe makes of LINE: a character that the page lacks loses its accent, or is lost."""

    def best_fit(character: str) -> bytes:
        known = character.encode(f"cp{page}", "ignore")
        base = unicodedata.normalize("NFKD", character)[:1]
        return known or base.encode(f"cp{page}", "ignore") or b"?"

    return b",".join(best_fit(character) for character in LINE.split(",")) + b" \r\n"


@pytest.mark.parametrize("page", PAGES)
def test_each_page_tells_itself(page: int) -> None:
    """What is echoed in a code page is known for that page, and for no other."""
    assert code_page_told(_echoed(page)) == page


def test_recorded_under_wine() -> None:
    """The line that Wine's cmd.exe printed through PAExec in code page 437 is known for it."""
    answer = b"\x99,\x82,i,?,\x9d,O,a,_,g,L,c,r,?,?,?,\xea,?,?,?,?,?,?,?,?,?,?,?,\xe1,o,o \r\n"
    assert code_page_told(answer) == 437


@given(st.binary() | st.lists(st.binary(max_size=3), min_size=20, max_size=40).map(b",".join))
def test_anything_else_tells_a_page_or_nothing(answer: bytes) -> None:
    """Whatever a host echoes, the answer is one of the pages or None."""
    assert code_page_told(answer) in {None, *PAGES}


def test_nothing_that_cmd_reads_in_a_special_way() -> None:
    """The line can stand in a command of cmd.exe, within quotes or without."""
    assert not set(LINE) & set("\"%!&|<>^() '")
