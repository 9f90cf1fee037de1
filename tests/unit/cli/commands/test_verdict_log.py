"""`verdict --log`: a capture and a mail log together, as a user meets them."""

import gzip
import io
import random
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.logs_of_captures import log_of, moved
from tests.unit.cli.program import Program
from tests.unit.evidence.capture.packets import ACK, FIN, Packet, conversation, write
from tests.unit.evidence.smtp_log.log_text import HEADER, ORIGIN

_CAPTURES = Path(__file__).parents[3] / "captures"

pytestmark = pytest.mark.skipif(
    shutil.which("tshark") is None, reason="tshark is not installed: apt-get install tshark"
)


@pytest.fixture
def origin(tmp_path: Path) -> tuple[Path, Path]:
    """The origin's own seven lines, and a capture of the same story at that time."""
    log = tmp_path / "SEND20090108-1.LOG"
    log.write_text(ORIGIN, "utf-8")
    begins = datetime(2009, 1, 8, 22, 36, 19, tzinfo=UTC)
    ports = {"client_port": 20709, "server_port": 25}
    return moved(_CAPTURES / "nodot.pcap", tmp_path / "exch.pcap", **ports, begins=begins), log


def test_origin(hostprobe: Program, origin: tuple[Path, Path]) -> None:
    """The origin's log stands beside the frames, with the clocks, and where they disagree."""
    capture, log = origin
    ended = hostprobe(f"verdict {capture} --log {log}")
    told = " ".join(ended.stdout.split())
    assert (ended.code, ended.stderr) == (12, "")
    assert "1 conversation of the capture is in it; its clock is 0.455 s behind the" in told
    assert (
        "Log: SEND20090108-1.LOG line 3 'DATA', line 4 '354 Enter mail, end with \".\" on a line by"
        " itself.', line 5 disconnect (Remote); no reply to the message between, in 5.8 s." in told
    )
    assert "the log says the server (SEND20090108-1.LOG line 5, Remote), the capture shows" in told


@pytest.mark.parametrize("name", ["ok", "nodot", "nobanner", "slow", "err550", "err421", "zerowin"])
def test_known_failures(name: str, hostprobe: Program, tmp_path: Path) -> None:
    """A log that tells the truth is joined by names and a wrong clock, and changes no verdict."""
    capture = _CAPTURES / f"{name}.pcap"
    log = tmp_path / "send.log"
    port = log_of(capture).splitlines()[1].split(",")[4].rpartition(":")[2]
    log.write_text(log_of(capture, ahead_s=-3537.5, local=f"exchsvr:{port}", peer="relay:2525"))
    (alone,) = hostprobe(f"verdict {capture} -f jsonl").records("verdict")
    ended = hostprobe(f"verdict {capture} --log {log} -f jsonl")
    (row,) = ended.records("verdict")
    assert (row["code"], row["contradictions"]) == (alone["code"], [])
    assert (row["log_file"], row["log_first_line"]) == (str(log), 1)
    assert row["log_last_line"] == len(log.read_text().splitlines())
    assert row["clock_difference_s"] == pytest.approx(-3537.5, abs=0.01)
    assert "(59.0 min) behind" in " ".join(
        hostprobe(f"verdict {capture} --log {log}").stdout.split()
    )


def test_refused(hostprobe: Program, tmp_path: Path) -> None:
    """A call that was refused is found in the log without the client's port."""
    capture, log = _CAPTURES / "refused.pcap", tmp_path / "send.log"
    log.write_text(log_of(capture))
    (row,) = hostprobe(f"verdict {capture} --log {log} -f jsonl").records("verdict")
    assert (row["code"], row["log_first_line"]) == ("refused", 1)


def test_many_forms(hostprobe: Program, tmp_path: Path) -> None:
    """Folders, gzip and shuffled, half-written logs among strangers: the session is found."""
    capture = _CAPTURES / "nodot.pcap"
    lines = log_of(capture, ahead_s=3.0).splitlines(keepends=True)
    strangers = [line.replace("0001,", "0002,").replace(":52284", ":1") for line in lines]
    folder = tmp_path / "exch" / "SmtpSend"
    folder.mkdir(parents=True)
    with gzip.open(folder / "SEND2026112221-1.LOG.gz", "wt") as stream:
        stream.write(HEADER + "".join(strangers[:5] + lines[:6] + strangers[5:]))
    (folder / "SEND2026112221-2.LOG").write_text("".join(lines[6:]) + "2026-11-22T21:")
    ended = hostprobe(f"verdict {capture} --log {tmp_path / 'exch'}")
    told = " ".join(ended.stdout.split())
    assert "Log: SEND2026112221-2.LOG line 5 'DATA'," in told
    assert "line 7 disconnect (Local); no reply to the message" in told
    assert "half of a last line, left out" in ended.stderr
    assert hostprobe(f"verdict {capture} --log {tmp_path / 'exch'} -q").stderr == ""


def test_shuffled(hostprobe: Program, tmp_path: Path) -> None:
    """Lines in any order are still of the session, as far as its ends and its time tell."""
    capture, log = _CAPTURES / "slow.pcap", tmp_path / "send.log"
    lines = log_of(capture, ahead_s=1.0).splitlines(keepends=True)
    middle = lines[2:-1]
    random.Random(7).shuffle(middle)  # noqa: S311 - an order
    log.write_text("".join([*lines[:2], *middle, lines[-1]]))
    (row,) = hostprobe(f"verdict {capture} --log {log} -f jsonl").records("verdict")
    assert (row["code"], row["clock_difference_s"]) == ("slow", pytest.approx(1.0, abs=0.01))


@pytest.mark.parametrize(
    ("ahead_s", "reason"),
    [
        (86400.0 * 3, "is 3.0 days later; where its clock is so wrong, --skew"),
        (86400.0 * 6000, "is 6000.0 days later"),
    ],
)
def test_other_times(ahead_s: float, reason: str, hostprobe: Program, tmp_path: Path) -> None:
    """A log of another time is not joined; the reason is said, and --skew joins it."""
    capture, log = _CAPTURES / "nodot.pcap", tmp_path / "send.log"
    log.write_text(log_of(capture, ahead_s=ahead_s))
    ended = hostprobe(f"verdict {capture} --log {log}")
    assert reason in " ".join(ended.stdout.split())
    assert (ended.code, "Log: " in ended.stdout) == (12, False)
    told = hostprobe(f"verdict {capture} --log {log} --skew {ahead_s + 30:.0f} -f jsonl")
    assert told.records("verdict")[0]["clock_difference_s"] == pytest.approx(ahead_s, abs=0.01)


def test_foreign_logs(hostprobe: Program, tmp_path: Path) -> None:
    """A log of other ports is told of in the page and the records, and the exit code stays."""
    foreign, empty = tmp_path / "other.log", tmp_path / "SEND1.LOG"
    foreign.write_text(log_of(_CAPTURES / "ok.pcap"))
    empty.write_text(HEADER)
    ended = hostprobe(f"verdict {_CAPTURES}/nodot.pcap --log {foreign} --log {empty}")
    told = " ".join(ended.stdout.split())
    assert ended.code == 12
    assert f"Log {foreign}: not joined: no session has the ports of a conversation of the" in told
    assert f"Log {empty}: not joined: there is no session in it." in told
    ended = hostprobe(f"verdict {_CAPTURES}/nodot.pcap --log {foreign} -f jsonl")
    assert "not joined" in str(ended.records("host")[0]["notes"])
    assert ended.records("verdict")[0]["log_file"] is None


def test_several_servers_and_captures(hostprobe: Program, tmp_path: Path) -> None:
    """Each server's log has its own clock to each capture, and is named."""
    for site, ahead_s in (("hub1", 5.0), ("hub2", -60.0)):
        folder = tmp_path / site / "SmtpSend"
        folder.mkdir(parents=True)
        name = "nodot" if site == "hub1" else "ok"
        (folder / "SEND1.LOG").write_text(log_of(_CAPTURES / f"{name}.pcap", ahead_s=ahead_s))
    names = f"{_CAPTURES}/nodot.pcap {_CAPTURES}/ok.pcap"
    ended = hostprobe(f"verdict {names} --log {tmp_path}")
    told = " ".join(ended.stdout.split())
    assert f"Log {tmp_path} (hub1, send): 1 conversation" in told
    assert f"Log {tmp_path} (hub2, send): 1 conversation" in told
    assert told.count(" it; its clock is ") == 2


def test_server_log_of_a_lost_reply(hostprobe: Program, tmp_path: Path) -> None:
    """No server is accused whose reply is in the log and not in the capture."""
    turns = conversation(b"220 hi\r\n", b"EHLO me\r\n")
    ends = ("192.0.2.1", 40000), ("192.0.2.25", 25)
    turns += [Packet(0.3, *ends[::-1], ACK, 509, 110), Packet(9.0, *ends, FIN | ACK, 110, 509)]
    capture = write(tmp_path / "lost.pcap", turns)
    assert hostprobe(f"verdict {capture}").code == 12
    log = tmp_path / "RECV1.LOG"
    begins = datetime.fromtimestamp(1_700_000_000, UTC)
    said = ("+,,", ">,220 hi,", "<,EHLO me,", ">,250 relay,", "-,,Remote")
    log.write_text(
        "".join(
            f"{begins + timedelta(seconds=9 * (number == 4)):%Y-%m-%dT%H:%M:%S.000Z},From all,"
            f"08DE000000000009,{number},192.0.2.25:25,192.0.2.1:40000,{text}\n"
            for number, text in enumerate(said)
        )
    )
    ended = hostprobe(f"verdict {capture} --log {log}")
    assert ended.code == 20
    assert "The log has the reply that the capture lacks." in ended.stdout
    assert "RECV1.LOG line 4: 250 relay" in " ".join(ended.stdout.split())


def test_log_of_the_docs() -> None:
    """The log that the documentation shows beside a capture tells what is in that capture."""
    ends = {"local": "exchsvr:52284", "peer": "relayhost:2525"}
    told = log_of(_CAPTURES / "nodot.pcap", ahead_s=37.25, **ends)
    assert (_CAPTURES / "nodot.log").read_bytes() == told.encode()


def test_named_type(hostprobe: Program, tmp_path: Path) -> None:
    """A log that does not tell whose it is is joined where --type says it."""
    capture, log = _CAPTURES / "refused.pcap", tmp_path / "x.log"
    log.write_text(log_of(capture))
    ended = hostprobe(f"verdict {capture} --log {log}")
    assert (ended.code, "say --type send or --type receive" in ended.complaint) == (2, True)
    ended = hostprobe(f"verdict {capture} --log {log} --type send")
    told = " ".join(ended.stdout.split())
    assert (ended.code, "10061'; no connection was made." in told) == (10, True)


def test_stdin(hostprobe: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log may come from stdin, which is read once for all captures."""
    text = (_CAPTURES / "nodot.log").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    ended = hostprobe(f"verdict {_CAPTURES}/ok.pcap {_CAPTURES}/nodot.pcap --log -")
    assert "Log -: 1 conversation" in ended.stdout
    assert "Log -: not joined: no session" in ended.stdout


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("--skew 5", "give them with --log"),
        ("--log {log} --type both", "is neither send nor receive"),
        ("--log {log}.gone", "cannot read"),
        ("--log {folder}/empty", "no *.log"),
        ("--log {log} -o {log}", "it would be lost"),
        ("--log {capture}", "is no SMTP protocol log of Exchange"),
    ],
)
def test_mistakes(options: str, complaint: str, hostprobe: Program, tmp_path: Path) -> None:
    """What is wrong with a log is told in one line, before a capture is read."""
    log, capture = tmp_path / "send.log", _CAPTURES / "nodot.pcap"
    (tmp_path / "empty").mkdir()
    log.write_text(log_of(capture))
    given = options.format(log=log, folder=tmp_path, capture=capture)
    ended = hostprobe(f"verdict {capture} {given}")
    assert (ended.code, complaint in ended.complaint, ended.stdout) == (2, True, "")


def test_damaged(hostprobe: Program, tmp_path: Path) -> None:
    """A file that breaks off says so; in a folder the other files are read all the same."""
    capture = _CAPTURES / "nodot.pcap"
    packed = gzip.compress(("x" + log_of(capture)).encode() * 999)
    broken = tmp_path / "SEND2.LOG.gz"
    broken.write_bytes(packed[:-40])
    ended = hostprobe(f"verdict {capture} --log {broken}")
    assert (ended.code, "its gzip data end early" in ended.complaint) == (2, True)
    (tmp_path / "SEND1.LOG").write_text(log_of(capture))
    ended = hostprobe(f"verdict {capture} --log {tmp_path}")
    assert ended.code == 12
    assert "its gzip data end early" in ended.stderr
