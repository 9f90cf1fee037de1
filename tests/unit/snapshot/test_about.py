"""What an answer tells of the programs that gave it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe import snapshot
from hostprobe.snapshot import About, Part


def about(text: str, code: int = 0) -> About:
    """Of an answer in which PowerShell said this of itself."""
    return snapshot.about(
        b"Active code page: 850\r\n==hostprobe:chcp:0==\r\n"
        + text.encode()
        + f"==hostprobe:language:{code}==\r\n".encode()
    )


def test_what_is_told() -> None:
    """Code page, version and language mode, and what each part printed."""
    found = about("5.1.22621.4391\r\nConstrainedLanguage\r\n")
    assert (found.code_page, found.powershell) == (850, "5.1.22621.4391")
    assert found.language_mode == "ConstrainedLanguage"
    assert found.parts[Part.LANGUAGE].exit_code == 0


@pytest.mark.parametrize(
    "text", ["", "5.1\x1b[2J\r\nFull\x1b[2J\r\n", "The system cannot find the path.\r\n"]
)
def test_what_is_not_told(text: str) -> None:
    """A host without PowerShell, and one that garbles it, tell nothing."""
    found = about(text, 1)
    assert (found.powershell, found.language_mode) == (None, None)


@given(st.binary())
def test_any_bytes(raw: bytes) -> None:
    """Whatever a host says, nothing is raised."""
    snapshot.about(raw)
