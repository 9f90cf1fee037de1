"""Real captures, and others that were made with known failures, against the verdicts on them."""

import functools
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from hostprobe.analysis.verdict import Verdict
from hostprobe.cli.judging import judged
from hostprobe.evidence.capture import Reading

pytestmark = pytest.mark.skipif(
    shutil.which("tshark") is None, reason="tshark is not installed: apt-get install tshark"
)

_OURS = Path(__file__).parent / "captures"
_SAMPLES = os.environ.get("HOSTPROBE_SAMPLES")

# Made on loopback between a scripted client and a scripted relay: the file's name is what was done.
_TRUTH = {
    "ok": ("healthy", "healthy", None),
    "nodot": ("application", "no_reply", 74),
    "nobanner": ("application", "no_greeting", 3),
    "slow": ("slow", "slow", 12),
    "err550": ("application", "refused_for_good", 15),
    "err421": ("application", "refused_for_now", 15),
    "rstdata": ("network", "reset", 31),
    "zerowin": ("application", "window", 25),
    "refused": ("network", "refused", 2),
    # hostprobe's own runs against the lab's hosts of these kinds.
    "noshare": ("application", "refused_for_good", 18),
    "locked": ("application", "refused_for_good", 13),
    "silent": ("application", "no_reply", 4),
}
_SMB_PORTS = 4574, 4578, 4580  # on which these hosts listened

# Of real captures those in which something is wrong that a person would call so, too.
_TROUBLED = {
    # DNSKEY over IPv6, asked again after 5 s; then the client asks an IPv4 server, which answers.
    "dns/zeek_dns-edns-ecs.pcap": {"name_unanswered": 1},
    # 20 segments of a modem's upload were sent again; twice nobody spoke for seconds before that.
    "tcp/zeek_reassembly.pcap": {"loss": 1},
    # A PTR query without an answer was asked again after 5 s: the user waited, nobody is accused.
    "wireshark/dns+icmp.pcapng": {"name_repeated": 1},
    # www.example.notginh: the name server says that there is no such name, and is right.
    "dns/zeek_long-connection.pcap": {"name_unknown": 1},
    # Each connection has one strange method in it, which the server refuses (405, 400, 403).
    "http/zeek_methods.pcap": {"refused_for_good": 22},
    # A test of log-ins: after the first one the server denies 21 others (STATUS_ACCESS_DENIED).
    "smb/zeek_smb3_multichannel.pcap": {"refused_for_good": 1},
}

# What is not called healthy, and why it cannot be judged.
_UNJUDGED = {
    "dns/zeek_dns-edns-ecs.pcap": {"one_sided", "name_asked_once"},  # chosen frames of many days
    "http/zeek_1000-requests-one-dropped-response.pcap": {"capture_lost"},  # frame 6
    "http/zeek_bro.org.pcap": {"capture_lost", "empty"},  # a hole in one; spare connections
    "http/zeek_content-range-gap.pcap": {"capture_lost"},  # the hole is its name
    "http/zeek_methods.pcap": {"unread"},  # methods that tshark does not know either
    "smb/zeek_smb3.pcap": {"encrypted"},
    "tcp/zeek_miss_end_data.pcap": {"capture_lost"},  # the reply was acknowledged, not captured
    "tcp/zeek_retransmit-timeout.pcapng": {"not_heard"},  # sent again, 300 s after it was taken
    "tcp/zeek_single-rst.pcap": {"one_sided"},
    "tcp/zeek_ssh-dups.pcap": {"unread"},  # each frame is there four times, which is no loss
    "tcp/zeek_syn-synack.pcap": {"too_short"},
    "tcp/zeek_syn-then-rst.pcap": {"one_sided"},
    "tcp/zeek_syn.pcap": {"too_short"},
    "tcp/zeek_timestamp.pcap": {"frames_cut"},
    "tcp/zeek_truncated-header.pcap": {"frames_cut"},
    "wireshark/dns-ooo.pcap": {"one_sided"},
    "wireshark/gitOverTCP.pcap": {"unread"},
    "wireshark/http-ooo.pcap": {"one_sided"},
    "wireshark/http.pcap": {"one_sided"},
    "wireshark/retrans-tls.pcap": {"one_sided"},
    "wireshark/smb311-aes-128-ccm.pcap": {"encrypted"},
    "wireshark/tcp-badsegments.pcap": {"unread"},  # segments that contradict each other
    "ndpi_smtp-starttls.pcap": {"encrypted"},
    "zeek_smtp-attachment-msg.pcap": {"one_sided"},
    "zeek_smtp-starttls.pcap": {"encrypted"},
    "zeek_smtp.pcap": {"unread", "encrypted"},  # a messenger and web pages beside the mail
}


def _samples() -> list[Path]:
    if _SAMPLES is None:
        return [Path("of others")]
    folders = "captures/[!l]*/*", "smtp/pcap/*"
    found = (path for folder in folders for path in Path(_SAMPLES).glob(folder))
    return sorted(path for path in found if path.suffix != ".gz")


def _name(path: Path) -> str:
    return path.name if path.parent.name == "pcap" else f"{path.parent.name}/{path.name}"


@functools.cache
def _verdicts(path: Path) -> tuple[Verdict, ...]:
    """Those on a capture, which is read once for all tests."""
    return judged(path, smb_ports=_SMB_PORTS if path.parent == _OURS else ()).verdicts


def _require(path: Path) -> None:
    if _SAMPLES is None and path.parent != _OURS:
        pytest.skip("HOSTPROBE_SAMPLES is not set: the samples lie outside the project")


@pytest.mark.parametrize("name", _TRUTH)
def test_known_failure(name: str) -> None:
    """A failure that was made on purpose is named, with the frame that shows it."""
    (found,) = _verdicts(_OURS / f"{name}.pcap")
    outcome, code, frame = _TRUTH[name]
    assert (found.verdict, found.code) == (outcome, code)
    assert frame is None or any(text.startswith(f"frame {frame}:") for text in found.evidence)


def test_every_capture_is_known() -> None:
    """No capture lies here without a verdict that it is known to deserve."""
    assert {path.stem for path in _OURS.glob("*.pcap")} == set(_TRUTH)


@pytest.mark.parametrize("path", _samples(), ids=_name)
def test_sample(path: Path) -> None:
    """No server and no network of a real capture is accused without a reason listed here."""
    _require(path)
    codes = Counter(
        one.code for one in _verdicts(path) if one.verdict not in {"healthy", "cannot_judge"}
    )
    assert codes == _TROUBLED.get(_name(path), {})


@pytest.mark.parametrize("path", _samples(), ids=_name)
def test_sample_not_judged(path: Path) -> None:
    """What is not called healthy in a real capture has a reason that is listed here."""
    _require(path)
    found = {one.code for one in _verdicts(path) if one.verdict == "cannot_judge"}
    assert found == _UNJUDGED.get(_name(path), set())


@pytest.mark.parametrize("path", [*sorted(_OURS.glob("*.pcap")), *_samples()], ids=_name)
def test_figures(path: Path) -> None:
    """Frames sent again, zero windows and resets are as many as tshark itself counts."""
    _require(path)
    verdicts = _verdicts(path)
    assert _sums(verdicts) == _counted(path)


def _sums(verdicts: tuple[Verdict, ...]) -> tuple[int, ...]:
    names = ("resent", "zero_windows", "resets")
    return tuple(sum(getattr(one, name) for one in verdicts) for name in names)


def _counted(path: Path) -> tuple[int, ...]:
    """How many frames tshark itself finds: sent again, zero window, reset."""
    again = "retransmission", "fast_retransmission", "spurious_retransmission"
    names = *(f"tcp.analysis.{name}" for name in again), "tcp.analysis.zero_window"
    line = ["tshark", "-n", "-r", str(path), "-o", "tcp.reassemble_out_of_order:TRUE", "-Y"]
    wanted = [part for name in (*names, "tcp.flags.reset") for part in ("-e", name)]
    done = subprocess.run(  # noqa: S603 - tshark
        [*line, "tcp && !icmp && !icmpv6", "-T", "fields", "-E", "separator=,", *wanted],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        encoding="utf-8",
    )
    rows = [text.split(",") for text in done.stdout.splitlines()]
    return (
        sum(any(row[:3]) for row in rows),
        sum(bool(row[3]) for row in rows),
        sum(row[4] in {"1", "True"} for row in rows),
    )


def test_network_monitor() -> None:
    """The two kinds of Network Monitor's files give what the same frames give in pcap."""
    if _SAMPLES is None:
        pytest.skip("HOSTPROBE_SAMPLES is not set: the samples lie outside the project")
    folder = Path(_SAMPLES)
    frames = [
        [(frame.number, frame.source, frame.segment, frame.fields) for frame in Reading(path)]
        for path in (
            folder / "smtp/pcap/ndpi_smtp.pcap",
            folder / "captures/netmon/ndpi_smtp.netmon1.cap",
            folder / "captures/netmon/ndpi_smtp.netmon2.cap",
        )
    ]
    assert frames[0] == frames[1] == frames[2]
