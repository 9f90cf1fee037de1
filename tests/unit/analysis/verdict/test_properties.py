"""Whatever a capture holds: a verdict comes out of it, and its texts are bounded."""

from hypothesis import given
from hypothesis import strategies as st

from hostprobe.analysis.verdict import Gathering, Scene, judge_all, pages
from hostprobe.evidence.capture import Frame, Icmp, Segment

_NUMBERS = st.integers(0, 3000)
_TEXTS = st.sampled_from(["1", "22", "23", "0", "220", "250", "354", "550", "0x103", "MAIL", "{x}"])
_NAMES = (
    *("smtp.command_line", "smtp.response", "smtp.eom", "tls.record.content_type"),
    *("tls.handshake.type", "tls.alert_message.desc", "http.request.method", "dns.id"),
    *("dns.qry.name", "smb2.cmd", "smb2.msg_id", "smb2.nt_status"),
)
_DIGITS = st.sampled_from(["0", "1", "3", "21", "48", "0x103"])
_FIELDS = st.dictionaries(
    st.sampled_from(_NAMES), st.lists(_TEXTS, max_size=3).map(tuple), max_size=3
).map(
    lambda told: {name: tuple(t for t in texts if _fits(name, t)) for name, texts in told.items()}
)
_SEGMENTS = st.builds(
    Segment,
    flags=st.sampled_from([2, 16, 18, 17, 4, 20]),
    sequence=_NUMBERS,
    next_sequence=_NUMBERS,
    acknowledged=_NUMBERS,
    payload_bytes=_NUMBERS,
    window_bytes=_NUMBERS,
    resent=st.booleans(),
    spurious=st.booleans(),
    zero_window=st.booleans(),
    lost_before=st.booleans(),
    acked_unseen=st.booleans(),
    keep_alive=st.booleans(),
)
_ICMP = st.builds(
    Icmp,
    sender=st.just("192.0.2.254"),
    type=st.just(3),
    code=_NUMBERS,
    too_big=st.booleans(),
    unreachable=st.booleans(),
    mtu=st.none() | _NUMBERS,
)
_ENDS = st.sampled_from([("192.0.2.1", 40000), ("192.0.2.2", 25), ("192.0.2.2", 445)])


def _fits(name: str, text: str) -> bool:
    """Whether tshark could say this: numbers are numbers to it."""
    is_number = name.startswith(("tls.", "smb2.")) and name != "smb2.nt_status"
    return text.isdigit() or not is_number


@st.composite
def _frames(draw: st.DrawFn) -> list[Frame]:
    steps = draw(st.lists(st.tuples(_ENDS, _ENDS, st.none() | _SEGMENTS, _FIELDS), max_size=30))
    icmp = draw(st.lists(st.none() | _ICMP, min_size=len(steps), max_size=len(steps)))
    return [
        Frame(
            number=number,
            at=1_700_000_000 + number * draw(st.sampled_from([0.01, 3.0])),
            length=60,
            captured=draw(st.sampled_from([60, 40])),
            stream=draw(st.sampled_from(["t0", "t1", "u0"])),
            source=source,
            destination=(target[0], 53 if segment is None else target[1]),
            hops=draw(st.sampled_from([60, 64])),
            ip_id="0x1",
            segment=segment,
            icmp=icmp[number],
            fields={name: texts for name, texts in fields.items() if texts},
        )
        for number, (source, target, segment, fields) in enumerate(steps)
    ]


@given(_frames(), st.booleans())
def test_any_capture(frames: list[Frame], is_cut: bool) -> None:  # noqa: FBT001 - of given
    """Each conversation gets one verdict, whose frames are in the capture, and whose words fit."""
    gathering = Gathering()
    for frame in frames:
        gathering.add(frame)
    found = judge_all(gathering.conversations, Scene(frames[-1].at if frames else 0.0, is_cut))
    assert len(found) == len(gathering.conversations)
    for one in found:
        assert one.verdict == pages()[one.code].outcome
        assert "{" not in one.headline
        assert len(one.meaning) < 2000
        numbers = [int(text.split(":")[0].removeprefix("frame ")) for text in one.evidence]
        assert all(0 <= number < len(frames) for number in numbers)


def test_every_page() -> None:
    """Each page says where to look, from where on it is found, and who says so."""
    for page in pages().values():
        assert all((page.headline, page.meaning, page.threshold, page.source, page.look_next))
        assert page.headline.endswith((".", "}."))
        assert (page.layer is None) == (page.outcome in {"healthy", "cannot_judge"})
