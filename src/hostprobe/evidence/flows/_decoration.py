"""Lines around a listing that say nothing of flows.

Source: terminals and IOS: the prompt with the command that was typed, `terminal exec prompt
timestamp`, dashes under a heading.
"""

import re
from typing import Final

_DECORATION: Final = re.compile(
    r"""
        [\w.()/:-]{1,80}[\#>]\s*(?:sh[a-z]*\s.*|exit|end|quit|logout|ter[a-z]*\s+len[a-z]*\s+0)?
      | sh(?:ow?)?\s+(?:ip|ipv6|flow|mls)\s.*
      | Load\ for\ five\ secs.*
      | Time\ source\ is.*
      | [-=+\s]*
    """,
    re.VERBOSE,
)


def is_decoration(line: str) -> bool:
    """Whether any listing of a router may have this line."""
    return _DECORATION.fullmatch(line.strip()) is not None
