"""Real protocol logs that may not be copied here: HOSTPROBE_SAMPLES names where they are."""

import os
from itertools import chain
from pathlib import Path

import pytest

from hostprobe.evidence.smtp_log import LogReader, Session, as_utf8, blocks, kind_of

_SAMPLES = os.environ.get("HOSTPROBE_SAMPLES")
# By name: whose log, and of each session its last command, its reply, what was due, what became.
_Words = tuple[str | None, str | None, str | None, str]
_FOUND: dict[str, tuple[str, list[_Words]]] = {
    "dfir_notes_2023_RECV_brute_force.log": (
        "receive",
        [("AUTH LOGIN", "334 <authentication response>", None, "open")],
    ),
    "elastic_2024_SmtpReceive.log": (
        "receive",
        [
            ("EHLO mgt.my.domain.tld", "220 my-mail", "EHLO", "open"),
            (None, "220 my-mail", None, "open"),
        ],
    ),
    "elastic_2024_SmtpSend_connect_refused.log": (
        "send",
        [(None, None, "connect", "not_connected"), (None, None, "connect", "connecting")],
    ),
    "rhoderick_2019_RECV_ex2010.log": ("receive", [(None, None, "greeting", "connecting")]),
    "seed_2009_SmtpSend_snippet.log": (
        "send",
        [
            ("DATA", "354 Enter mail", "message", "no_reply"),
            (None, None, "greeting", "connecting"),
        ],
    ),
}


@pytest.mark.parametrize("name", _FOUND)
def test_sample(name: str) -> None:
    """A real log is all read, and gives the sessions that a person sees in it."""
    if _SAMPLES is None:
        pytest.skip("HOSTPROBE_SAMPLES is not set: the samples lie outside the project")
    data = (Path(_SAMPLES) / "smtp" / "exchange" / name).read_bytes()
    kind = kind_of(data, name)
    assert kind is not None
    assert kind == _FOUND[name][0]

    reader = LogReader(kind)
    found = [*chain(reader.read(blocks(as_utf8([data])), name), reader.finish())]
    sessions = [item for item in found if isinstance(item, Session)]
    assert [
        (
            one.last_command,
            one.last_reply and one.last_reply[: len(reply or "")],
            one.awaited,
            one.outcome,
        )
        for one, (_, reply, _, _) in zip(sessions, _FOUND[name][1], strict=True)
    ] == _FOUND[name][1]
    assert not any(type(item).__name__ == "Unread" for item in found)
