"""Accounts and their secrets."""

from pathlib import Path

import pytest

from hostprobe.errors import InputFileError, UsageError
from hostprobe.inventory.credentials import Credentials, read_password_file


@pytest.mark.parametrize(
    ("username", "authority"),
    [
        (r"CORP\admin", "corp"),
        ("admin@Corp.Example", "corp.example"),
        (r".\admin", "."),
        ("admin", ""),
    ],
)
def test_the_authority_is_who_judges_the_account(username: str, authority: str) -> None:
    """A domain is known in either form, `.` means each host, and a bare name says nothing."""
    assert Credentials(username, "x").authority == authority


def test_a_password_is_in_no_repr() -> None:
    """Printing the credentials does not print the secret."""
    assert "s3cret" not in repr(Credentials("admin", "s3cret"))


@pytest.mark.parametrize("content", ["p ä ss \n", "p ä ss \r\nnot this\n", "p ä ss "])
def test_the_password_is_the_first_line_of_its_file(tmp_path: Path, content: str) -> None:
    """Only the line end is cut off: blanks belong to the password."""
    file = tmp_path / "password"
    file.write_bytes(content.encode())

    assert read_password_file(file) == "p ä ss "


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "first line is empty"),
        (b"\nsecret", "first line is empty"),
        (b"x" * 5000, "larger than"),
        (b"s\xfccret", "not UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_file_without_a_usable_password_is_refused(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    """No password is guessed from an empty, huge, undecodable or missing file, and none shown."""
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(InputFileError, match=reason) as caught:
        read_password_file(file)

    assert "cret" not in str(caught.value)
    assert not isinstance(caught.value.__context__, UnicodeError)


def test_a_password_is_not_read_from_stdin() -> None:
    """`-` is refused: stdin may be the data, and the terminal has a hidden prompt."""
    with pytest.raises(UsageError, match="'-'"):
        read_password_file("-")
