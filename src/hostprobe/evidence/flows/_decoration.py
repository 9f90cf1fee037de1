"""Lines around a listing that say nothing of flows.

Source: terminals and IOS: the prompt with the command that was typed, `terminal exec prompt
timestamp`, dashes under a heading.
"""

import re
from typing import Final

from hostprobe.evidence.lines import CUT

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
    """Whether any listing of a router may have this line.

    The prompt at the end of a session has no line end, so it may look like a row that was cut.
    """
    return _DECORATION.fullmatch(line.strip().removesuffix(CUT)) is not None
