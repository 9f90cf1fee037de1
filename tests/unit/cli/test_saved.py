"""The outputs of earlier runs, asked again."""

import contextlib
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.cli.program import Ask, Ended, Program, error
from tests.unit.cli.script import NETSTAT, Host, host, said

from hostprobe.cli.earlier import read_output
from hostprobe.errors import InputFileError, RefusedError

Sweep = dict[str, str]


@pytest.fixture
def sweeps(ask: Ask) -> Sweep:
    """The same sweep over two hosts that answered and one that refused, in each format."""

    def hosts() -> dict[str, Host]:
        return {
            "web01": host(address="10.0.0.1"),
            "web02": RefusedError("web02: refused", step="connect"),
            "web03": host(said(name="WEB03"), address="10.0.0.3"),
        }

    return {written: ask(hosts(), written).stdout for written in ("jsonl", "json")}


def plain(ended: Ended) -> list[dict[str, object]]:
    """The records without the name of the file."""
    records = [json.loads(line) for line in ended.stdout.splitlines()]
    return [{**record, "source": None} for record in records]


@pytest.mark.parametrize("written", ["jsonl", "json"])
def test_an_output_says_the_same_again(
    hostprobe: Program, sweeps: Sweep, tmp_path: Path, written: str
) -> None:
    """Rows, hosts and failures come back as they were, and so does the exit code."""
    (tmp_path / "found").write_text(sweeps[written])
    again = hostprobe(f"connections --from {tmp_path / 'found'} -f jsonl")
    before = [json.loads(line) for line in sweeps["jsonl"].splitlines()]
    assert again.code == 3
    assert plain(again) == [{**record, "source": None} for record in before] or written == "json"
    assert [r["target"] for r in plain(again) if r["record"] == "host"] == [
        "web01",
        "web02",
        "web03",
    ]
    assert {r["source"] for r in again.records("connection")} == {str(tmp_path / "found")}


def test_a_sorted_output_says_the_same_again(
    hostprobe: Program, sweeps: Sweep, tmp_path: Path
) -> None:
    """Where all rows stand before all hosts, each host gets its own."""
    (tmp_path / "found").write_text(sweeps["jsonl"])
    ordered = hostprobe(f"connections --from {tmp_path / 'found'} -f jsonl --sort -local_port")
    (tmp_path / "sorted").write_text(ordered.stdout)
    again = hostprobe(f"connections --from {tmp_path / 'sorted'} -f jsonl")
    assert {target: record["rows"] for target, record in again.hosts.items()} == {
        target: record["rows"] for target, record in ordered.hosts.items()
    }
    assert len(again.records("connection")) == len(ordered.records("connection")) > 1


def test_several_outputs_are_read_together(
    hostprobe: Program, sweeps: Sweep, tmp_path: Path
) -> None:
    """Sites that were swept apart are counted, filtered and listed as one."""
    for site in ("rome", "bonn"):
        (tmp_path / site).write_text(sweeps["jsonl"].replace("web0", f"{site}0"))
    files = f"--from {tmp_path / 'rome'} --from {tmp_path / 'bonn'}"
    counted = hostprobe(f"connections {files} --port 443 --count-by remote_port -f jsonl")
    assert [record["hosts"] for record in counted.records("count")] == [4]
    hosts = hostprobe(f"connections {files} --port 443 --only-hosts -f jsonl")
    matched = [record["host"] for record in hosts.records("match")]
    assert matched == ["rome01", "rome03", "bonn01", "bonn03"]
    table = hostprobe(f"connections {files} --port 443").stdout
    assert "rome02: failed: refused" in table
    assert str(tmp_path / "bonn") in table


def test_nothing_matches_in_an_output(hostprobe: Program, ask: Ask, tmp_path: Path) -> None:
    """Where all answered and no row is what was asked for, the code is 1."""
    (tmp_path / "found").write_text(ask({"web01": host()}).stdout)
    assert hostprobe(f"connections --from {tmp_path / 'found'} --port 1").code == 1


def test_one_file_of_several_is_of_no_use(
    hostprobe: Program, sweeps: Sweep, tmp_path: Path
) -> None:
    """It is a failed host of its own, and the others are read."""
    (tmp_path / "found").write_text(sweeps["jsonl"])
    (tmp_path / "noise").write_text("noise\n")
    ended = hostprobe(
        f"connections --from {tmp_path / 'noise'} --from {tmp_path / 'found'} -f json"
    )
    assert ended.code == 3
    assert [record["status"] for record in ended.hosts.values()].count("answered") == 2
    assert "noise" in ended.stderr


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_output_that_was_cut(sweeps: Sweep, data: st.DataObject) -> None:
    """Cut anywhere, it has each host whole or as one that is not; never with some of its rows."""
    text = sweeps["jsonl"].encode()
    cut = text[: data.draw(st.integers(0, len(text)))]
    whole = dict(read_output(io.BytesIO(text), "found"))
    for who, found in read_output(io.BytesIO(cut), "found"):
        assert not found.host or found == whole[who]


def test_a_host_that_was_cut_off_has_failed(
    hostprobe: Program, sweeps: Sweep, tmp_path: Path
) -> None:
    """Its rows are not written, as there may be more, and the way out is told."""
    *lines, _last = sweeps["jsonl"].splitlines(keepends=True)
    (tmp_path / "found").write_text("".join(lines) + '{"record": "ho')
    ended = hostprobe(f"connections --from {tmp_path / 'found'} -f jsonl")
    assert ended.hosts["web03"]["status"] == "failed"
    assert "ask it again" in str(error(ended.hosts["web03"])["message"])
    assert {record["host"] for record in ended.records("connection")} == {"web01"}


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ('"record": "connection"', '"record": "process"', "of the kind 'process', and no conn"),
        ('"pid": ', '"p": ', "no pid: it was written with --columns"),
        ('"protocol": "tcp"', '"protocol": "ipx"', "protocol cannot be 'ipx'"),
        ('"listening": false', '"listening": 0', "listening cannot be '0'"),
        ('"status": "answered"', '"status": "fine"', "no record of hostprobe"),
        ('"collected_at": "20', '"collected_at": "x20', "collected_at cannot be"),
        ('{"record": "conn', '{"record: "conn', "line 2: no record of hostprobe"),
        (
            '"collected_at": "20',
            '"collected_at": "0001-01-01T00:00:00+10:00", "x": "',
            "collected_at",
        ),
        ('"address": "10.0.0.1"', '"address": ["x"]', "no record of hostprobe"),
        ('"host": "web0', '"h": "web0', "of the kind 'connection', and of no host"),
    ],
)
def test_what_is_no_output_of_ours(
    hostprobe: Program, sweeps: Sweep, tmp_path: Path, was: str, now: str, told: str
) -> None:
    """A line that was changed is one line that names it, and no row is made of it."""
    first, rest = sweeps["jsonl"].split("\n", 1)
    text = f"{first}\n{rest.replace(was, now)}"
    assert text != sweeps["jsonl"]
    (tmp_path / "found").write_text(text)
    ended = hostprobe(f"connections --from {tmp_path / 'found'} -f jsonl")
    assert ended.code == 2
    assert told in ended.complaint


@given(lines=st.lists(st.binary(max_size=40)))
def test_any_file_is_read_or_refused(lines: list[bytes]) -> None:
    """Garbage raises the one error, or has hosts: nothing else."""
    text = [b'{"record": "host", "target": "a", "status": "failed"}', *lines]
    with contextlib.suppress(InputFileError):
        assert dict(read_output(io.BytesIO(b"\n".join(text)), "found"))


def test_processes_as_a_tree_again(hostprobe: Program, tmp_path: Path) -> None:
    """What was listed with parents can be drawn as a tree later, and filtered."""
    case = Path(__file__).parents[2] / "cases/processes"
    listing = next(case.glob("*powershell*"), next(case.glob("*"))) / "stdout.bin"
    first = hostprobe(f"processes --from {listing} -f jsonl")
    (tmp_path / "found").write_text(first.stdout)
    again = hostprobe(f"processes --from {tmp_path / 'found'} -f jsonl")
    keys = [(record["pid"], record["name"]) for record in first.records("process")]
    assert [(record["pid"], record["name"]) for record in again.records("process")] == keys
    assert hostprobe(f"processes --from {tmp_path / 'found'} --pid {keys[0][0]}").code == 0


class _Endless(io.BytesIO):
    """A file whose second line does not end."""

    def readline(self, size: int | None = -1, /) -> bytes:
        """The first line, then as much as is asked for."""
        return super().readline() or bytes(size or 0)


def test_a_line_without_end() -> None:
    """One line does not fill the memory, nor does it end the file for the hosts after it."""
    first = b'{"record": "host", "target": "a", "status": "failed"}\n'
    hosts = read_output(_Endless(first), "found")
    assert next(hosts)[0] == "a"
    with pytest.raises(InputFileError, match="line 2: longer than any record"):
        next(hosts)


def test_a_host_that_was_named_twice(hostprobe: Program, ask: Ask, tmp_path: Path) -> None:
    """It answered by its other name: it has not failed."""
    text = ask({"web01": host()}).stdout
    record = json.loads(text.splitlines()[-1]) | {
        "target": "web01.corp.example",
        "status": "not_asked",
        "error": {"kind": "twin", "message": "same address as web01", "step": None},
    }
    (tmp_path / "found").write_text(text + json.dumps(record) + "\n")
    assert hostprobe(f"connections --from {tmp_path / 'found'}").code == 0


def test_what_was_left_behind_is_told_again(hostprobe: Program, ask: Ask, tmp_path: Path) -> None:
    """A service that a run had to leave does not become silence."""
    (tmp_path / "found").write_text(ask({"web01": host(left=("service PAExec-1-hp0",))}).stdout)
    ended = hostprobe(f"connections --from {tmp_path / 'found'}")
    assert "web01: left behind: service PAExec-1-hp0" in ended.stderr


def test_what_was_not_understood_is_told_again(
    hostprobe: Program, ask: Ask, tmp_path: Path
) -> None:
    """Lines that no parser read are counted on stderr, and stand in json, as they did at first."""
    spoiled = NETSTAT + "  TCP    what is this\r\n"
    first = ask({"web01": host(said(spoiled))})
    (tmp_path / "found").write_text(first.stdout)
    again = hostprobe(f"connections --from {tmp_path / 'found'} -f jsonl")
    assert again.records("unread") == first.records("unread") != []
    assert "web01: lines not understood: 1;" in again.stderr
