"""The words that name hosts, and the files that hold them."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import InputFileError, TargetError, UsageError
from hostprobe.inventory.groups import Group, Inventory, inventory_of
from hostprobe.inventory.mentions import NOTHING_SET, Mention, Settings, parse_mention
from hostprobe.inventory.words import read_words

INVENTORY = inventory_of(
    {
        "445": Group(hosts=(parse_mention("wrong"),), settings=NOTHING_SET, groups=()),
        "mail": Group(
            hosts=(parse_mention("exch01"), parse_mention("10.1.9.0/28")),
            settings=Settings(site="new york", port=4450),
            groups=(),
        ),
    },
    {"10.1.2.3": "exch01"},
)
REPORT = '<nmaprun>\n<host><status state="up"/><address addr="10.1.0.1"/></host></nmaprun>'


def _read(*words: str, stdin: bytes = b"", inventory: Inventory | None = None) -> list[str]:
    found = read_words(words, inventory, io.BytesIO(stdin))
    return [each.hosts if isinstance(each.hosts, str) else each.hosts.text for each in found]


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("dc01 # x\n\n10.1.0.0/30\n10.1.0.1-9:4450", ["dc01", "10.1.0.0/30", "10.1.0.1-9:4450"]),
        ("Name;Site\ndc01;a\n10.1.0.0/30;b", ["dc01", "10.1.0.0/30"]),
        (REPORT, ["10.1.0.1"]),
        ("\n " + REPORT, ["10.1.0.1"]),
    ],
    ids=["list", "table", "nmap", "nmap after blanks"],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_file_and_stdin_are_read_by_what_they_hold(
    tmp_path: Path, text: str, hosts: list[str], encoding: str
) -> None:
    """The content says what it is, not the name, and words of all kinds may be mixed."""
    content = text.encode(encoding)
    (tmp_path / "hosts").write_bytes(content)

    assert _read("web01", f"@{tmp_path / 'hosts'}", "-", stdin=content) == ["web01", *hosts * 2]


@pytest.mark.parametrize(
    ("word", "hosts"),
    [
        ("group:mail", ["10.1.2.3", "10.1.9.0/28"]),
        ("GROUP:Mail", ["10.1.2.3", "10.1.9.0/28"]),
        ("site:New York", ["10.1.2.3", "10.1.9.0/28"]),
        ("all:", ["wrong", "10.1.2.3", "10.1.9.0/28"]),
        ("exch01", ["10.1.2.3"]),
        ("group:445", ["group"]),
        ("site:445", ["site"]),
        ("all:445", ["all"]),
        ("site", ["site"]),
    ],
)
def test_words_of_an_inventory_name_its_hosts(word: str, hosts: list[str]) -> None:
    """Digits after the colon are a port, of a host that happens to have such a name."""
    assert _read(word, inventory=INVENTORY) == hosts
    assert _read("-", stdin=word.encode(), inventory=INVENTORY) == hosts


def test_what_a_row_sets_goes_before_what_the_group_sets() -> None:
    """A table may name groups, and say more of them."""
    table = io.BytesIO(b"host,site,user\ngroup:mail,paris,probe")

    found = list(read_words(["-"], INVENTORY, table))

    settings = Settings(port=4450, site="paris", username="probe")
    assert found == [Mention("10.1.2.3", settings), parse_mention("10.1.9.0/28", settings)]


@pytest.mark.parametrize("word", ["group:mail", "site:london", "all:"])
def test_without_an_inventory_the_words_are_explained(word: str) -> None:
    """The error says how to give one."""
    with pytest.raises(UsageError, match=f"'{word}' names hosts of an inventory: .* --inventory"):
        _read(word)


def test_an_unknown_group_is_a_line_of_a_list() -> None:
    """The place is told for every kind of mistake."""
    with pytest.raises(UsageError, match="stdin, line 2: the inventory has no group 'x'"):
        _read("-", stdin=b"dc01\ngroup:x", inventory=INVENTORY)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "stdin names no host: write one a line"),
        (b"# none", "stdin names no host: write one a line"),
        (b"host,site\n", "stdin names no host: it has a heading and no row"),
        (b"<nmaprun/>", "stdin names no host: .* 445/tcp open"),
        (b"dc01\n-", "stdin, line 2: '-' names no host"),
        (b"dc01\n@more.txt", "stdin, line 2: '...@more.txt' names no host"),
        (b"dc01\n10.0.0.1/8", "stdin, line 2: .* inside a network"),
        (b"host\ndc01\n\ndc 02", "stdin, line 4: 'dc 02' names no host"),
    ],
)
def test_a_bad_list_is_refused_with_the_place(content: bytes, reason: str) -> None:
    """Nothing in a list is left out in silence, and no list is empty on purpose."""
    with pytest.raises(TargetError, match=reason):
        _read("-", stdin=content)


def test_stdin_is_only_read_where_there_is_one() -> None:
    """The caller may have none to give."""
    with pytest.raises(UsageError, match="nothing to read"):
        list(read_words(["-"], None, None))


def test_a_list_is_bounded(tmp_path: Path) -> None:
    """A device or a disk image that was named by mistake does not fill the memory."""
    file = tmp_path / "image"
    with file.open("wb") as image:
        image.truncate(1 << 40)

    with pytest.raises(InputFileError, match="larger than 67108864 bytes"):
        _read(f"@{file}")


@given(st.binary(max_size=200) | st.text(alphabet="<nmaprun/>host,;#:-\n@.1").map(str.encode))
def test_any_content_gives_hosts_or_an_error_of_ours(content: bytes) -> None:
    """No content raises anything but a printable error of ours."""
    problem = ""
    try:
        assert _read("-", stdin=content, inventory=INVENTORY)
    except UsageError as error:
        problem = str(error)
    assert problem.isprintable()
