"""Inventory files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import InputFileError, UsageError
from hostprobe.inventory import inventory_file
from hostprobe.inventory.groups import Inventory
from hostprobe.inventory.inventory_file import read_inventory
from hostprobe.inventory.mentions import Mention, Settings, parse_mention


def _read(folder: Path, text: str) -> Inventory:
    file = folder / "network.toml"
    file.write_text(text, encoding="utf-8")
    return read_inventory(file)


def test_the_example_of_the_documentation_is_an_inventory(tmp_path: Path) -> None:
    """What the module shows can be copied."""
    text = (inventory_file.__doc__ or "").replace("\n    ", "\n")
    text = text[text.index("[groups.mail]") : text.index("Names of groups")]

    found = _read(tmp_path, text)

    mail = Settings(port=445, site="london", username=r"CORP\probe")
    other = Settings(port=4450, site="london", username=r"CORP\probe")
    assert found.group("mail") == (
        Mention("10.1.2.3", mail),
        parse_mention("10.1.9.0/28", mail),
        parse_mention("10.1.8.1-9", mail),
        Mention("fd00::1", other),
        Mention("dc01", mail),
        Mention("dc02", mail),
    )
    assert found.aliases.pairs == (("10.1.2.3", "exch01"),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no group"),
        ("[aliases]", "has no group"),
        ("groups = 1", "'groups': it has to be a table"),
        ("[groups]\nx = 1", "'groups.x': it has to be a table"),
        ("[group.x]", "'group': unknown; the keys here are groups, aliases"),
        ("[groups.x]\nhost = ['a']", "'groups.x.host': unknown"),
        ("[groups.x]", "'groups.x': it names no host"),
        ("[groups.x]\nhosts = []", "'groups.x': it names no host"),
        ("[groups.x]\nhosts = 'a'", "'groups.x.hosts': it has to be a list"),
        ("[groups.x]\nhosts = ['a', 1]", r"'groups.x.hosts\[2\]': it has to be a text"),
        ("[groups.x]\nhosts = ['a', 'b c']", r"'groups.x.hosts\[2\]': 'b c' names no host"),
        ("[groups.x]\nhosts = ['10.0.0.1/8']", r"hosts\[1\]': .* write 10.0.0.0/8"),
        ("[groups.x]\nhosts = ['@more.txt']", r"hosts\[1\]': .* names no host"),
        ("[groups.x]\nhosts = ['a']\nport = 0", "'groups.x.port': a port is"),
        ("[groups.x]\nhosts = ['a']\nport = true", "'groups.x.port': a port is"),
        ("[groups.x]\nhosts = ['a']\nport = '445'", "'groups.x.port': a port is"),
        ("[groups.x]\nhosts = ['a']\nsite = ''", "'groups.x.site': empty"),
        ("[groups.x]\nhosts = ['a']\nsite = '445'", "'groups.x.site': a name is more"),
        ("[groups.x]\nhosts = ['a']\nuser = \"a\\n\"", "'groups.x.user': empty, a blank"),
        ("[groups.x]\nhosts = ['a']\nuser = ' a'", "'groups.x.user': empty, a blank"),
        ("[groups.10]\nhosts = ['a']", "'groups.10': a name is more than digits"),
        ("[groups.\"a\\u001b\"]\nhosts = ['a']", "control character"),
        ("[groups.x]\nhosts=['a']\n[groups.X]\nhosts=['b']", "'groups.X': a group of this name"),
        ("[groups.x]\ngroups = ['y']", r"'groups.x.groups\[1\]': there is no group 'y'"),
        ("[groups.x]\ngroups = ['X']", "a group is inside itself: x < x"),
        (
            "[groups.x]\ngroups=['y']\n[groups.y]\ngroups=['z']\n[groups.z]\ngroups=['x']",
            "a group is inside itself",
        ),
        ("[groups.x]\nhosts=['a']\n[aliases]\ndc01 = 'a'", "'aliases.dc01': the key has to be"),
        ("[groups.x]\nhosts=['a']\n[aliases]\n'::1' = 'a:1'", "'aliases.::1': .* without a port"),
        ("[groups.x]\nhosts=['a']\n[aliases]\n'::1' = '::2'", "'aliases.::1': .* a name"),
        ("[groups.x]\nhosts=['a']\n[aliases]\n'::1' = 'a b'", "'aliases.::1': 'a b' names no"),
        ("[groups.x]\nhosts = 5x", "is no TOML: .* line 2"),
        ("x = " + "[" * 5000, "is no TOML"),
        ("x = " + "1" * 5000, "is no TOML"),
    ],
)
def test_what_is_no_inventory_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """The error names the file, the key and what would be right."""
    with pytest.raises(InputFileError, match=rf"(?s)network\.toml'.*{reason}") as caught:
        _read(tmp_path, text)

    assert str(caught.value).isprintable()


def test_a_missing_inventory_is_named(tmp_path: Path) -> None:
    """The file is named as for every list."""
    with pytest.raises(InputFileError, match=r"network\.toml': No such file"):
        read_inventory(tmp_path / "network.toml")


@given(st.text(alphabet="[groups.x]=\n'\"a1,{}\\ \x00\u202e"))
def test_any_text_is_an_inventory_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """Nothing but a printable error of ours comes out of a broken file."""
    problem = ""
    try:
        _read(tmp_path_factory.mktemp("inventories"), text)
    except UsageError as error:
        problem = str(error)
    assert problem.isprintable()
