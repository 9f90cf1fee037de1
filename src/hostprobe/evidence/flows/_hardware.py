"""The hardware's part of a Catalyst 6500's listing.

It follows the software's under a title of its own. In which radix its numbers are is documented
nowhere, so its lines stay unread rather than being misread.
"""

import re
from typing import Final

_TITLE: Final = re.compile(r"Displaying (hardware|software)-switched flow.*")


def begins_hardware(line: str) -> bool | None:
    """Whether the hardware's part begins here, or the software's; None for any other line."""
    match = _TITLE.fullmatch(line.strip())
    return match[1] == "hardware" if match else None
