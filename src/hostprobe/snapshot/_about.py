"""What an answer tells of the programs that gave it, beside what they were asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hostprobe.snapshot._parts import Part
from hostprobe.snapshot._sections import Section, split

_VERSION = re.compile(rb"[0-9]{1,5}(?:\.[0-9]{1,7}){1,3}")
_MODE = re.compile(rb"[A-Za-z]{4,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an answer tells of itself; None is what it does not.

    Attributes:
        code_page: In which the host's console programs print.
        powershell: Its version.
        language_mode: Of PowerShell: `FullLanguage`, `ConstrainedLanguage`, ...
        parts: What each part printed, and its exit code.
    """

    code_page: int | None
    powershell: str | None
    language_mode: str | None
    parts: Mapping[Part, Section]


def about(raw: bytes) -> About:
    """What the answer of the one command tells of itself; never raises."""
    sections = split(raw)
    section = sections.of.get(Part.LANGUAGE)
    words = section.output.split() if section and not section.exit_code else []
    version, mode, *_ = (*words, b"", b"")
    return About(
        code_page=sections.code_page,
        powershell=version.decode() if _VERSION.fullmatch(version) else None,
        language_mode=mode.decode() if _MODE.fullmatch(mode) else None,
        parts=sections.of,
    )
