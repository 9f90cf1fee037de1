"""`hostprobe mail log`: files and folders of logs, from the command line to what is printed."""

import gzip
import io
import json
import os
import sys
from pathlib import Path

import pytest
from tests.unit.cli.program import Program
from tests.unit.evidence.smtp_log.log_text import ACCEPTED, END, HEADER, MAIL, ORIGIN, START, lines

from hostprobe.cli.mail.shortening import MOST

_GOOD = (*START, *MAIL, *ACCEPTED, *END)
_BAD = (*START, *MAIL, "-,,Remote")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """The log of the origin, in a folder of a server."""
    path = tmp_path / "exchsvr" / "SmtpSend" / "SEND20090108-1.LOG"
    path.parent.mkdir(parents=True)
    path.write_text(ORIGIN, "utf-8")
    return path


def test_sessions(hostprobe: Program, origin: Path) -> None:
    """A session has its server, its last words, its wait, who closed it and what became of it."""
    ended = hostprobe(f"mail log {origin} -f jsonl")

    stuck, cut = ended.records("session")
    assert ended.code == 0
    assert (stuck["site"], stuck["type"], stuck["peer"]) == ("exchsvr", "send", "relayhost:25")
    assert (stuck["last_command"], stuck["wait_s"]) == ("DATA", 5.828)
    assert (stuck["closed_by"], stuck["outcome"]) == ("remote", "no_reply")
    assert stuck["ended_in"] == f"{origin}:5"
    assert (cut["outcome"], cut["closed_by"]) == ("connecting", None)
    assert ended.hosts[str(origin)]["rows"] == 2


def test_stuck(hostprobe: Program, origin: Path) -> None:
    """--stuck shows the session that got no reply, with the fact in a sentence."""
    ended = hostprobe(f"mail log {origin.parent.parent} --stuck")

    assert ended.code == 0
    assert len(ended.stdout.splitlines()) == 3
    assert "closed 5.828 s after 354 with no reply; RFC 5321 4.5.3.2.6 gives it" in ended.stdout


@pytest.mark.parametrize(("options", "is_told"), [("--stuck", True), ("--stuck -q", False)])
def test_next_step(hostprobe: Program, origin: Path, options: str, *, is_told: bool) -> None:
    """Where the reply to a message is missing, the way on is told."""
    ended = hostprobe(f"mail log {origin} {options}")
    assert ("capture such a session, and ask hostprobe verdict" in ended.stderr) == is_told


def test_no_next_step(hostprobe: Program, tmp_path: Path) -> None:
    """Where another reply is missing, no capture is asked for."""
    path = tmp_path / "SEND.LOG"
    path.write_text(HEADER + lines((*START, ">,RCPT TO:<a@b.example>,", "-,,Remote")), "utf-8")
    ended = hostprobe(f"mail log {path} --stuck")
    assert (ended.code, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("--errors", 1),
        ("--slow 5s", 1),
        ("--slow 6s", 0),
        ("--since 2009-01-08T22:37", 1),
        ("--until 2009-01-08T23:36:30+01:00", 1),
        ("--since 2009-01-09", 0),
        ("--type receive", 2),
    ],
)
def test_filters(hostprobe: Program, origin: Path, options: str, found: int) -> None:
    """Each filter keeps what it says; where nothing is left, the exit code is 1."""
    ended = hostprobe(f"mail log {origin} -f jsonl {options}")

    assert len(ended.records("session")) == found
    assert ended.code == (0 if found else 1)


def test_dialogue(hostprobe: Program, origin: Path) -> None:
    """--session shows all lines of one session and the times between them."""
    ended = hostprobe(f"mail log {origin} --session 08cb3ff87fa34699 -f json")

    assert [line["gap_s"] for line in ended.records("line")] == [None, 0.0, 0.094, 0.0, 5.828]
    for options in ("", "--session 08cb3ff87fa34699"):
        assert "2009-01-08T22:36:19.495Z" in hostprobe(f"mail log {origin} {options}").stdout
    assert hostprobe(f"mail log {origin} --session nonsense").code == 1
    ended = hostprobe(
        f"mail log {origin} --session 08cb3ff87fa34699 --since 2009-01-08T22:36:20 -f json"
    )
    assert [line["gap_s"] for line in ended.records("line")] == [5.828]


def _hubs(folder: Path) -> list[str]:
    for hub in (1, 2):
        text = "".join(
            lines(
                _BAD if hub == 1 and number >= 6 else _GOOD,
                session=f"{hub}{number}",
                at_s=number * 3600,
                peer=f"relay{hub}:25",
            )
            for number in range(12)
        )
        path = folder / f"hub{hub}" / "SEND.log"
        path.parent.mkdir()
        path.write_text(HEADER + text, "utf-8")
    return [str(folder / "hub1"), str(folder / "hub2")]


def test_groups(hostprobe: Program, tmp_path: Path) -> None:
    """--by groups messages over all paths, and says on stderr what sets the failures apart."""
    one, two = _hubs(tmp_path)
    ended = hostprobe(f"mail log {one} {two} --by site,relay -f jsonl")

    assert [(row["site"], row["failed"]) for row in ended.records("group")] == [
        ("hub1", 6),
        ("hub2", 0),
    ]
    assert (
        "hub1, To the relay to relay1:25: 6 of 6 messages failed since 2026-01-08" in ended.stderr
    )
    assert "hub2, To the relay to relay2:25 since then: 0 of 6" in ended.stderr
    assert set(ended.hosts) == {one, two}
    shown = hostprobe(f"mail log {one} {two} --by site,relay -q")
    assert shown.stderr == ""
    assert shown.stdout.startswith("site    relay        messages")
    few = hostprobe(f"mail log {one} {two} --by site --until 2026-01-08T03:00 -f jsonl")
    assert [row["messages"] for row in few.records("group")] == [3, 3]


def test_folders(hostprobe: Program, tmp_path: Path) -> None:
    """Files of a folder are read in the order of their numbers, packed or not, others are not."""
    text = lines(_GOOD)
    cut = text.index("\r\n", 300) + 2
    (tmp_path / "SEND2026010800-10.LOG").write_text(HEADER + text[cut:], newline="")
    (tmp_path / "SEND2026010800-2.LOG.gz").write_bytes(gzip.compress(text[:cut].encode()))
    (tmp_path / "readme.txt").write_text("no log")
    (tmp_path / "empty.log").write_text("")
    ended = hostprobe(f"mail log {tmp_path} -f jsonl")

    (session,) = ended.records("session")
    assert (session["outcome"], session["started_line"]) == ("accepted", 1)
    assert str(session["source"]).endswith("-2.LOG.gz")
    assert ended.code == 0


def test_files_named_one_by_one(hostprobe: Program, tmp_path: Path) -> None:
    """Files of one folder are one log, however a shell orders them, and each is read once."""
    text = lines(_GOOD)
    cut = text.index("\r\n", 300) + 2
    first, second, other = (tmp_path / name for name in ("S-2.LOG", "S-10.LOG", "sub/S-1.LOG"))
    first.write_text(HEADER + text[:cut], newline="")
    second.write_text(HEADER + text[cut:], newline="")
    other.parent.mkdir()
    other.write_text(HEADER + text, newline="")
    ended = hostprobe(f"mail log {second} {tmp_path}/none {other} {first} {first} -f jsonl")

    assert [row["outcome"] for row in ended.records("session")] == ["accepted", "accepted"]
    assert {name: host["rows"] for name, host in ended.hosts.items()} == {
        str(tmp_path): 1,
        str(other): 1,
        f"{tmp_path}/none": 0,
    }
    assert hostprobe(f"mail log {first} {first} -f jsonl").hosts.keys() == {str(first)}


def test_a_log_that_is_there_twice(hostprobe: Program, tmp_path: Path) -> None:
    """Of a log that lies there packed and unpacked, one is read, and that is said."""
    (tmp_path / "SEND.log").write_text(HEADER + lines(_GOOD), newline="")
    (tmp_path / "SEND.log.gz").write_bytes(gzip.compress((HEADER + lines(_GOOD)).encode()))
    ended = hostprobe(f"mail log {tmp_path} -f jsonl")
    assert len(ended.records("session")) == 1
    assert "SEND.log.gz not read: it lies there unpacked, too" in ended.stderr
    assert hostprobe(f"mail log {tmp_path}/SEND.log.gz").code == 0


def test_what_is_no_file(hostprobe: Program, origin: Path) -> None:
    """A pipe in a folder is no log and is not waited for; a link that leads nowhere is told."""
    os.mkfifo(origin.with_name("pipe.log"))
    origin.with_name("link.log").symlink_to("nowhere")
    ended = hostprobe(f"mail log {origin.parent} -f jsonl")
    assert (ended.code, len(ended.records("session"))) == (3, 2)
    assert "link.log': No such file" in ended.stderr


def test_a_folder_that_cannot_be_read(
    hostprobe: Program, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and the others are read: here one whose path is longer than the system takes."""
    monkeypatch.chdir(origin.parent)
    for _ in range(20):
        Path("x" * 250).mkdir()
        os.chdir("x" * 250)
    monkeypatch.chdir(origin.parent)
    ended = hostprobe(f"mail log {origin.parent} -f jsonl")
    assert (ended.code, len(ended.records("session"))) == (3, 2)
    assert ended.hosts[str(origin.parent)]["status"] == "answered"
    assert "xx': File name too long" in ended.stderr
    assert "File name too long" in hostprobe(f"mail log {origin.parent} --follow").complaint
    origin.unlink()
    assert "File name too long" in hostprobe(f"mail log {origin.parent}").complaint


@pytest.mark.parametrize("install", ["V15", "C$/Program Files/Microsoft/Exchange Server/V15"])
def test_sites(hostprobe: Program, tmp_path: Path, install: str) -> None:
    """Where Exchange's own folders were copied, that of the server above them is the site."""
    folder = tmp_path / "ex01" / install / "TransportRoles/Logs/Hub/ProtocolLog/SmtpSend"
    folder.mkdir(parents=True)
    (folder / "SEND.log").write_text(lines(_GOOD))
    ended = hostprobe(f"mail log {tmp_path} -f jsonl")
    assert [row["site"] for row in ended.records("session")] == ["ex01"]


def test_stdin(hostprobe: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log can come from another program."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ORIGIN.encode("utf-16"))))
    ended = hostprobe("mail log - -f jsonl")
    assert [row["site"] for row in ended.records("session")] == ["stdin", "stdin"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"garbage\n" * 100, "no SMTP protocol log"),
        (b"\0" * 100_000, "no SMTP protocol log"),
        (os.urandom(3000), "no SMTP protocol log"),
        (b"#Log-type: Message Tracking Log\r\n", "Message Tracking Log"),
        (gzip.compress(ORIGIN.encode())[:-20], "gzip data end early"),
        (b"\x1f\x8bgarbage", "gzip data"),
    ],
)
def test_a_file_that_is_no_log(
    hostprobe: Program, tmp_path: Path, content: bytes, told: str
) -> None:
    """One line names the file and says what is wrong with it."""
    path = tmp_path / "x.log"
    path.write_bytes(content)

    ended = hostprobe(f"mail log {path}")
    assert ended.code == 2
    assert told in ended.stderr
    assert str(path) in ended.stderr
    host = hostprobe(f"mail log {path} -f jsonl").hosts[str(path)]
    assert (host["status"], told in json.dumps(host["error"])) == ("failed", True)


def test_a_sparse_file(hostprobe: Program, tmp_path: Path) -> None:
    """A log that is mostly a hole is read in little memory: the hole is one unread line."""
    path = tmp_path / "SEND.log"
    with path.open("wb") as stream:
        stream.write((HEADER + lines(_GOOD)).encode())
        stream.truncate(200 << 20)
    ended = hostprobe(f"mail log {path} -f jsonl")

    assert [row["outcome"] for row in ended.records("session")] == ["accepted"]
    (unread,) = ended.records("unread")
    assert unread["count"] == 1


def test_a_small_file_that_unpacks_without_an_end(hostprobe: Program, tmp_path: Path) -> None:
    """Such a file is read so far, and that is said; an honest one is read whole."""
    path = tmp_path / "SEND.log.gz"
    for size, told in ((60 << 20, 0), (120 << 20, 1)):
        path.write_bytes(gzip.compress((HEADER + lines(_GOOD)).encode() + bytes(size)))
        ended = hostprobe(f"mail log {path} -f jsonl")
        assert [row["outcome"] for row in ended.records("session")] == ["accepted"]
        assert ended.stderr.count("unpacks to more than 200 times its size") == told


def test_some_files_are_no_logs(hostprobe: Program, origin: Path) -> None:
    """The other files of a folder are read, and the one that is none is a record of its own."""
    bad = origin.with_name("aaa.log")
    bad.write_text("garbage\n")
    ended = hostprobe(f"mail log {origin.parent} -f jsonl")

    assert ended.code == 3
    assert {target: host["status"] for target, host in ended.hosts.items()} == {
        str(origin.parent): "answered",
        str(bad): "failed",
    }
    assert f"'{bad}' is no SMTP protocol log" in ended.stderr
    shown = hostprobe(f"mail log {origin.parent} {bad}")
    assert (shown.code, f"{bad}: failed" in shown.stdout) == (3, True)
    assert str(bad) not in shown.stderr


def test_nothing_is_a_log(hostprobe: Program, tmp_path: Path) -> None:
    """Where no file at all can be read, that is said of each."""
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text("garbage\n")
    ended = hostprobe(f"mail log {tmp_path}")

    assert (ended.code, ended.stdout) == (4, "")
    assert len(ended.stderr.splitlines()) == 2
    (tmp_path / "empty").mkdir()
    assert "no *.log and no *.log.gz" in hostprobe(f"mail log {tmp_path}/empty").complaint
    assert "No such file" in hostprobe(f"mail log {tmp_path}/missing").stderr


def test_unread_lines(hostprobe: Program, origin: Path) -> None:
    """Lines that were not understood are counted on stderr and kept in json."""
    origin.write_text(HEADER + "AUTH LOGIN c2VjcmV0\n" * 30 + ORIGIN + "2009-01-", "utf-8")
    ended = hostprobe(f"mail log {origin} -f json")

    (unread,) = ended.records("unread")
    assert unread["count"] == 30
    assert isinstance(unread["lines"], list)
    assert unread["lines"][0] == f"{origin}:6: AUTH LOGIN ***"
    assert "lines not understood: 30" in ended.stderr
    assert "half of a last line" in ended.stderr


def test_half_lines(hostprobe: Program, origin: Path) -> None:
    """A last line that was cut is told of the file that has it, also where another one follows."""
    origin.with_name("SEND20090107-1.LOG").write_text(lines(_GOOD)[:-9], newline="")
    ended = hostprobe(f"mail log {origin.parent} -f jsonl")
    assert "SEND20090107-1.LOG: half of a last line, left out" in ended.stderr
    assert ended.stderr.count("half of") == 1


def test_hostile_text(hostprobe: Program, tmp_path: Path) -> None:
    """What a peer wrote into the log does not reach the terminal as it is."""
    path = tmp_path / "SEND.log"
    path.write_text(lines(["+,,", "<,220 \x1b[2J\u202e,", "<,550 =cmd(),", "-,,Remote"]), "utf-8")
    for format_ in ("table", "csv", "json"):
        ended = hostprobe(f"mail log {path} --errors -f {format_}")
        assert "\x1b" not in ended.stdout + ended.stderr


def test_a_long_table(hostprobe: Program, tmp_path: Path) -> None:
    """A table has the last thousand sessions, or the first of the sorted ones, and says so."""
    path = tmp_path / "SEND.log"
    path.write_text("".join(lines(_GOOD, session=f"{n:04}", at_s=n) for n in range(MOST + 5)))
    shown = hostprobe(f"mail log {path} --columns session_id")
    assert shown.stdout.split()[3] == "0005"
    assert f"the last {MOST} of {MOST + 5} are shown" in shown.stderr
    shown = hostprobe(f"mail log {path} --columns session_id --sort -session_id")
    assert shown.stdout.split()[3] == str(MOST + 4)
    assert f"the first {MOST} of {MOST + 5} are shown" in shown.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--since nonsense", "--since 'nonsense' is no moment"),
        ("--since 2009-01-09 --until 2009-01-08", "--until is before --since"),
        ("--by size,colour", "'colour' is none of size, connector, relay, site"),
        ("--type other", "neither send nor receive"),
        ("--session A --by size", "exclude each other"),
        ("--session A --stuck", "choose sessions"),
        ("--by size --slow 5s", "choose sessions"),
        ("--columns nonsense", "unknown column"),
        ("--receipt r.json", "without --on none is asked"),
        ("--on exch01", "exclude each other"),
        *((f"--follow {more}", "--follow writes a line") for more in ("-f json", "--sort peer")),
        *((f"--follow {more}", "--follow writes a line") for more in ("-o x", "--columns peer")),
        (r"--path 'C:\logs'", "a folder on the server of --on"),
    ],
)
def test_usage(hostprobe: Program, origin: Path, options: str, told: str) -> None:
    """An option that cannot be read is refused in one line."""
    ended = hostprobe(f"mail log {origin} {options}")
    assert (ended.code, told in ended.complaint) == (2, True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("", "give files or folders of logs, or a server with --on"),
        (r"--path 'C:\logs'", "a folder on the server of --on"),
        ("--on exch01 --follow", "copies those of a server"),
        ("--on exch01 -o a.json --receipt a.json", "--receipt"),
        *(
            (f"--on exch01 --path '{path}'", "no folder of a drive")
            for path in (
                "logs",
                r"C:logs",
                r"\\a\b\c",
                r"C:\a\..\b",
                r"C:\a?",
                r"\a",
                r"1:\a",
                "C:",
            )
        ),
    ],
)
def test_usage_of_hosts(hostprobe: Program, options: str, told: str) -> None:
    """What cannot be done on a server is told before anybody is asked."""
    ended = hostprobe(f"mail log {options}")
    assert ended.code == 2
    assert told in ended.complaint


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--stuck --until 2009-01-08", "sessions that were read: 2; none is what was asked for"),
        ("--session NONE", "no line of a session 'NONE' was found"),
        ("--session NONE -q", ""),
        ("--stuck --until 2009-01-08 -q", ""),
    ],
)
def test_nothing_matched(hostprobe: Program, origin: Path, options: str, told: str) -> None:
    """An empty table has a line beside it that tells of what there is."""
    ended = hostprobe(f"mail log {origin} {options}")
    assert ended.code == 1
    assert told in ended.stderr
    assert bool(told) == bool(ended.stderr)


def test_a_server_is_no_path(hostprobe: Program, tmp_path: Path) -> None:
    """Where a file is missing that may be a server's name, the way to its logs is told."""
    assert (
        "the logs of a server: hostprobe mail log --on 'exch01'"
        in hostprobe("mail log exch01").complaint
    )
    for name in (f"{tmp_path}/exch01", "exch01.log"):
        assert "--on" not in hostprobe(f"mail log {name}").complaint


def test_groups_without_the_last_path(hostprobe: Program, origin: Path) -> None:
    """That the last of several paths is not there takes no groups away."""
    ended = hostprobe(f"mail log '{origin}' '{origin}.none' --by size -f jsonl")
    assert ended.code == 3
    assert ended.records("group")


def test_the_group_alone(hostprobe: Program) -> None:
    """`hostprobe mail` says which commands there are."""
    ended = hostprobe("mail")
    assert (ended.code, "needs one word more: log" in ended.complaint) == (2, True)


def test_nothing_is_overwritten(hostprobe: Program, origin: Path) -> None:
    """The log itself is not taken for the output."""
    assert "would be lost" in hostprobe(f"mail log {origin} -o {origin}").complaint
    assert origin.read_text("utf-8") == ORIGIN
