"""What a report of a check-up holds, without a host."""

import io
import json
import zipfile

from tests.unit.transport.hellos import MOMENT, agreed, challenged

from hostprobe.cli.bundle import bundled
from hostprobe.cli.examination import Examination
from hostprobe.cli.options import HostOptions
from hostprobe.inventory.targets import Target
from hostprobe.transport.trail import Trail

RAW = (
    b"Active code page: 437\r\n==hostprobe:chcp:0==\r\n==hostprobe:host:WS081==\r\n"
    b"  TCP    10.1.50.81:1373  203.0.113.17:80  ESTABLISHED  3968\r\n  TCP    odd\x7f\r\n"
    b"==hostprobe:netstat:0==\r\nnothing that is a list\r\n==hostprobe:tasklist:1==\r\n"
)


def members(made: Examination) -> dict[str, bytes]:
    """The files of a report."""
    bundle = zipfile.ZipFile(io.BytesIO(bundled(made)))
    return {name: bundle.read(name) for name in bundle.namelist()}


def examination(raw: bytes = b"") -> Examination:
    """Of a host in a domain, by its name."""
    names = {1: "WS081", 2: "CORP", 3: "ws081.corp.example", 4: "corp.example"}
    return Examination(
        Target("ws081.corp.example"),
        HostOptions(username=r"CORP\ops"),
        runs=True,
        trail=Trail(hellos=[agreed(0x302), challenged(names)], heard_at=MOMENT),
        raw=raw,
        password="Pa55",
    )


def test_names_of_a_domain() -> None:
    """Host, domain and user are replaced in what is told of a host by its name."""
    made = examination(RAW.replace(b"odd", rb"\\ws081\CORP\ops corp.example Pa55"))
    told = members(made)
    text = b"".join(told.values()).lower()
    assert not [word for word in (b"ws081", b"corp", b"ops", b"pa55") if word in text]
    assert json.loads(told["report.json"])["host"]["is_in_domain"] is True
    assert json.loads(told["report.json"])["host"]["clock_ahead_s"] == 0


def test_a_listing_that_nobody_understands() -> None:
    """It is in the answer, and is no case; a line that was not read is in the case's facts."""
    told = members(examination(RAW))
    folders = {name.split("/")[2] for name in told if name.startswith("cases/")}
    assert folders == {"reported_netstat"}
    assert b"nothing that is a list" in told["answer.raw"]
    assert rb"odd\u007f" in told["cases/connections/reported_netstat/case.toml"]


def test_an_answer_that_is_too_large() -> None:
    """What would take long to be made anonymous is left out, and the file says so."""
    told = members(examination(RAW + b"x" * (2 << 20)))
    assert [*told] == ["README.txt", "report.json"]
    assert b"The answer is not in it" in told["README.txt"]


def test_nothing_was_answered() -> None:
    """Without an answer there is no file of it, and nothing was replaced."""
    told = members(examination())
    assert [*told] == ["README.txt", "report.json"]
    assert b"  nothing" in told["README.txt"]
