"""PAExec's messages, read and written."""

import struct
from dataclasses import fields

import pytest
from tests.unit.lab.payloads import paexec_client as client

from hostprobe.lab.payloads import paexec_messages as messages
from hostprobe.lab.payloads.paexec_messages import Kind, Settings


def test_settings() -> None:
    """Every field that changes how the program runs is read from its own place."""
    plain = client.plain_settings(
        "sort.exe",
        '"a b" /r',
        unique_id=0xDEADBEEF,
        user="LAB\\jürgen",
        password="secret",
        folder="C:\\Temp",
        waits=False,
        interactive=True,
        elevated=True,
        limited=True,
        system=True,
        session=2,
        priority=0x80,
        no_redirection=False,
        timeout_s=30,
        files=("one.exe", "two.dll"),
    )
    unique_id, found = messages.read_settings(client.settings(plain))
    assert unique_id == 0xDEADBEEF
    assert found == Settings(
        processors=(3,),
        waits=False,
        session_id=2,
        is_interactive=True,
        is_elevated=True,
        is_limited=True,
        password="secret",
        user="LAB\\jürgen",
        is_system=True,
        folder="C:\\Temp",
        priority=0x80,
        program="sort.exe",
        arguments='"a b" /r',
        sees_wow64=True,
        timeout_s=30,
    )
    assert "secret" not in repr(found)


@pytest.mark.parametrize("name", ["waits", "interactive", "elevated", "limited", "system"])
def test_flags(name: str) -> None:
    """Each flag alone changes its own attribute and no other."""
    _, usual = messages.read_settings(client.settings(client.plain_settings()))
    plain = client.plain_settings(**{name: name != "waits"})  # type: ignore[arg-type] # a flag
    _, found = messages.read_settings(client.settings(plain))
    changed = [
        field.name
        for field in fields(Settings)
        if getattr(found, field.name) != getattr(usual, field.name)
    ]
    assert changed == [name if name == "waits" else f"is_{name}"]


@pytest.mark.parametrize("length", [4, 5, 7, 8, 9, 200])
@pytest.mark.parametrize("key", [0, 1, 0xFFFFFFFF, 0x80000000])
def test_unscrambled(length: int, key: int) -> None:
    """What the loop of the source scrambles is plain again, with keys that overflow too."""
    plain = bytes(range(length % 256)) or bytes(length)
    assert messages.unscrambled(client.scrambled(key, plain)) == plain


def test_a_pad_by_hand() -> None:
    """The first word is xored with the key, the one a byte later with the key and three more."""
    assert messages.unscrambled(bytes.fromhex("04030201 00 00 00 00 00")).hex() == "0404010301"


def test_only_the_first_read_is_unscrambled() -> None:
    """What a message holds beyond 16,384 bytes stays scrambled, so long settings are garbage."""
    _, found = messages.read_settings(client.settings(client.plain_settings("cmd.exe", "x" * 8000)))
    assert found.arguments == "x" * 8000
    with pytest.raises(ValueError, match="field"):
        messages.read_settings(client.settings(client.plain_settings("cmd.exe", "x" * 8200)))


@pytest.mark.parametrize("cut", range(0, 100, 3))
def test_settings_that_end_early(cut: int) -> None:
    """Settings that end before their last field are refused."""
    plain = client.plain_settings()
    with pytest.raises(ValueError, match="field"):
        messages.read_settings(client.settings(plain[: cut % len(plain)]))


@pytest.mark.parametrize("at", [12, 32])
def test_counts_that_are_too_large(at: int) -> None:
    """A count of four thousand million ends with the data, not with the memory."""
    plain = bytearray(client.plain_settings())
    plain[at : at + 4] = b"\xff" * 4
    with pytest.raises(ValueError, match="field"):
        messages.read_settings(client.settings(bytes(plain)))


def test_no_key() -> None:
    """Settings too short for their key are refused."""
    with pytest.raises(ValueError, match="key"):
        messages.read_settings(b"\1\0abc")


def test_start() -> None:
    """A start names the sender, its process and its computer; less than that is refused."""
    message = client.start(9, 4711, "WS-ÄÖ")
    assert messages.read_start(message) == (9, 4711, "WS-ÄÖ")
    with pytest.raises(ValueError, match="field"):
        messages.read_start(message[:-1])


def test_kind() -> None:
    """The first two bytes are the kind; a message without them is refused."""
    assert messages.kind_of(client.start()) == Kind.START_APP
    with pytest.raises(ValueError, match="1 bytes"):
        messages.kind_of(b"\1")


def test_answers() -> None:
    """Answers have a kind, an id and their length; a code is unsigned, a text has its length."""
    assert messages.answer(Kind.OK) == struct.pack("<HII", 4, 0, 0)
    assert messages.answer_number(-10) == struct.pack("<HIII", 4, 0, 4, 0xFFFFFFF6)
    assert messages.answer_failed("né\r\n") == struct.pack("<HII", 6, 0, 12) + client.text("né\r\n")
