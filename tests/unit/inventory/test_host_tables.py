"""Tables with a host column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import InputFileError, TargetError, UsageError
from hostprobe.inventory.host_tables import HOST_COLUMNS, find_table, table_rows
from hostprobe.inventory.mentions import NOTHING_SET, Settings


def _rows(text: str) -> list[tuple[int, str, Settings]]:
    lines = text.split("\n")
    table = find_table(lines, "'hosts.csv'")
    assert table
    return list(table_rows(lines, table, "'hosts.csv'"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_says_more_than_the_host(delimiter: str) -> None:
    """Port, site and user are read beside the host; other columns and empty cells say nothing."""
    text = 'Owner,"Computer Name",Site,PORT,User\r\nana,pc1,London,4450,CORP\\probe\r\n"b,c",pc2,,,'

    found = _rows(text.replace('"b,c"', "bob").replace(",", delimiter))

    settings = Settings(port=4450, site="london", username="CORP\\probe")
    assert found == [(2, "pc1", settings), (3, "pc2", NOTHING_SET)]


@pytest.mark.parametrize("column", HOST_COLUMNS)
def test_every_usual_heading_of_a_host_is_known(column: str) -> None:
    """Case does not matter, nor do blanks, and a table may have one column only."""
    assert _rows(f"{column.upper()}\npc1")[0][1] == "pc1"


def test_the_heading_that_is_known_first_is_the_host_column() -> None:
    """A table with a name and an address is read by its name."""
    assert _rows("IPAddress,Name,Host\n10.1.0.1,pc1,pc1.corp.example")[0][1] == "pc1.corp.example"


@pytest.mark.parametrize("cell", ['"a;b"', '"say ""x"""', '"two\nlines"'])
def test_quotes_hold_a_cell_together(cell: str) -> None:
    """A separator, a quote and a line end may stand in quotes, also in the heading."""
    assert _rows(f'note;"x;y";host\n{cell};z;pc1')[0][1] == "pc1"


def test_what_powershell_exports_is_read() -> None:
    """Export-Csv begins with a line about the type, and quotes everything."""
    text = '#TYPE Microsoft.ActiveDirectory.ADComputer\n"DNSHostName","Enabled"\n"pc1","True"\n'

    assert _rows(text) == [(3, "pc1", NOTHING_SET)]


def test_blank_rows_are_no_rows() -> None:
    """Spreadsheets save rows that hold nothing."""
    assert [number for number, *_ in _rows("host,site\n\n , \n,\npc1,\npc2")] == [5, 6]


@pytest.mark.parametrize(
    ("text", "is_table"),
    [
        ("dc01\ndc02", False),
        ("# a, b\n\ndc01 # c, d\n", False),
        ("\tdc01\t# x", False),
        ("# hosts\nhost,site", True),
        ('"ComputerName"', True),
        ("", False),
    ],
)
def test_a_table_is_told_from_a_list_by_its_first_line(text: str, *, is_table: bool) -> None:
    """A separator outside a comment, or the name of a host column alone, makes a heading."""
    assert (find_table(text.split("\n"), "x") is not None) is is_table


@pytest.mark.parametrize("text", ["dc01,dc02", "\n# x\nsite;user\nlondon;probe"])
def test_a_table_without_a_host_column_is_refused(text: str) -> None:
    """The error names the line, the columns that would do, and how a plain list looks."""
    with pytest.raises(InputFileError, match=r"line [13]: .* no host column .* one host a line"):
        _rows(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("host,port\n,445", "'hosts.csv', line 2: no host in column 1"),
        ("site,host\nlondon", "line 2: no host in column 2"),
        ("host,port\npc1,\npc2,x", "line 3: 'x' has a bad port"),
        ("host,port\npc1,0", "line 2: '0' has a bad port"),
        ("host,site\npc1,a\x1b[2J", "line 2: a control character is in"),
    ],
)
def test_a_row_without_a_host_or_with_a_bad_setting_is_named(text: str, reason: str) -> None:
    """No row is left out in silence."""
    with pytest.raises(TargetError, match=reason):
        _rows(text)


@pytest.mark.parametrize("text", ['host\n"pc1', 'host\n"pc1"x', "host\npc1\rpc2"])
def test_broken_quotes_are_refused(text: str) -> None:
    """A quote without an end would swallow the rest of the file."""
    with pytest.raises(InputFileError, match="line 2: no CSV"):
        _rows(text)


@given(st.text(alphabet='host,;\t"\r\n #1\x1b'))
def test_any_table_is_read_or_refused_by_an_error_of_ours(rest: str) -> None:
    """Nothing but an error of ours comes out of a broken table."""
    problem = ""
    try:
        _rows("host,port\n" + rest)
    except UsageError as error:
        problem = str(error)
    assert problem.isprintable()
