"""Text for a person, in lines that fit the terminal."""

import shutil
import textwrap

_NARROWEST, _WIDEST = 60, 100


def wrapped(text: str, first: str = "", rest: str = "", *, breaks: bool = False) -> list[str]:
    """The text in lines; what is one word stays whole, so that it can be copied.

    Args:
        text: One paragraph.
        first: Before the first line.
        rest: Before the others.
        breaks: Break a word that is longer than a line, as a stranger may have chosen it.
    """
    width = max(_NARROWEST, min(shutil.get_terminal_size().columns - 1, _WIDEST))
    found = textwrap.wrap(
        *(text, width),
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=breaks,
    )
    return found or [first.rstrip()]
