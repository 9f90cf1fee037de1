"""The code page of a console.

Source: SetConsoleOutputCP; [MS-UCODEREF] 2.2.1 (the code pages of Windows).
"""

import codecs


class CodePage:
    """The code page of one console window, which all of its processes share."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    @property
    def codec(self) -> str:
        """Its name in Python."""
        return f"cp{self.number}"

    def change(self, number: int) -> bool:
        """Use another page from now on; False where there is no such page."""
        try:
            codecs.lookup(f"cp{number}")
        except LookupError:
            return False
        self.number = number
        return True
