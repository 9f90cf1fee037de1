"""Aliases out of another program's file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import InputFileError
from hostprobe.inventory.alias_tables import read_import

HOSTS = """#TYPE not this
127.0.0.1 localhost
::1       ip6-localhost ip6-loopback
ff02::1   ip6-allnodes
255.255.255.255 broadcasthost
fe80::1%lo0 localhost
0.0.0.0 ads.example

10.1.2.3 exch01.corp.example exch01 # mail
10.1.2.3 mail exch01
fd00::3  exch01
10.1.2.4
"""


def read(text: str) -> tuple[list[tuple[str, tuple[str, ...]]], int]:
    """The names of each address, and how many lines are left out."""
    lines, left_out = read_import(text, "FILE")
    return [(line.address or "", line.names) for line in lines], left_out


def test_a_hosts_file() -> None:
    """All names of an address are taken; what each host calls itself is left out, and counted."""
    assert read(HOSTS) == (
        [("10.1.2.3", ("exch01.corp.example", "exch01", "mail")), ("fd00::3", ("exch01",))],
        6,
    )


@pytest.mark.parametrize(
    "text",
    [
        "address,name\n10.1.2.3,exch01\n",
        "\ufeff".lstrip("\ufeff") + "Name;IP Address;Site\nexch01;10.1.2.3;rome\n;;\n",
        'Name\tIPAddress\n"exch01"\t10.1.2.3\n',
        '#TYPE Selected\r\n"Hostname","IPv4Address"\r\n"exch01","10.1.2.3"\r\n',
    ],
)
def test_a_table(text: str) -> None:
    """The heading tells where address and name are, and which delimiter it is."""
    assert read(text) == ([("10.1.2.3", ("exch01",))], 0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "FILE has no alias: write"),
        ("# nothing\n", "FILE has no alias: write"),
        ("127.0.0.1 localhost\n", "has no alias but for loopback"),
        ("address,name\n", "FILE has no alias: write"),
        ("exch01 10.1.2.3\n", "FILE, line 1: .* neither an address"),
        ("a,b\n1,2\n", "FILE, line 1: .* nor a heading"),
        ("10.1.2.3,exch01\n", "FILE, line 1: .* neither an address"),
        ("10.1.2.3 ok\n10.1.2.4 a\x1b[2J\n", "FILE, line 2: "),
        ("address,name\n10.1.2.3,ok\nexch01,10.1.2.3\n", "FILE, line 3: .*exch01"),
        ('address,name\n10.1.2.3,"ok\n', "FILE, line 2: no CSV"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, reason: str) -> None:
    """Nothing is taken of a file with a line that is none."""
    with pytest.raises(InputFileError, match=reason):
        read(text)


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever a file has, its names are harmless or it is refused."""
    try:
        found, _ = read(f"10.1.2.3 ok\n{text}")
    except InputFileError as error:
        assert str(error).startswith("FILE")  # noqa: PT017 - either will do
    else:
        assert all(name.isascii() and name.isprintable() for _, names in found for name in names)
