"""What the messages of a run tell in figures."""

from hostprobe.analysis.figures import figures
from hostprobe.transport.trail import Message, Trail

CREATE, CLOSE, READ, WRITE = 5, 6, 8, 9
NOT_FOUND, LOCKED, BROKEN = 0xC0000034, 0xC0000121, 0xC000014B


def trail(*messages: Message) -> Trail:
    """A trail with these messages."""
    return Trail(messages=list(messages))


def message(step: str, command: int, status: int | None = 0, **more: float) -> Message:
    """One that was sent and answered."""
    size, at_s, granted = (
        int(more.get("size", 0)),
        more.get("at_s", 0.0),
        int(more.get("granted", 0)),
    )
    return Message(step, command, at_s, 64, status, size, granted, more.get("took_s"))


def test_reads() -> None:
    """Reads of the output are told by the length of what they brought; an end brings nothing."""
    told = figures(
        trail(
            message("start the command", READ, size=90),
            message("run the command", READ, size=180),
            message("run the command", READ, size=82),
            message("run the command", READ, BROKEN, size=73),
        )
    )
    assert told.read_bytes == (100, 2)
    assert told.statuses == {"0x00000000": 3, "0xC000014B": 1}


def test_the_way_in() -> None:
    """Messages of the upload and misses of the main pipe are counted, each in its own step."""
    told = figures(
        trail(
            message("upload paexec.exe", WRITE, granted=1),
            message("upload paexec.exe", CREATE, granted=64),
            message("reach PAExec", CREATE, NOT_FOUND),
            message("reach PAExec", CREATE, NOT_FOUND),
            message("reach PAExec", CREATE),
            message("clean up", CREATE, NOT_FOUND),
        )
    )
    assert (told.upload_writes, told.main_pipe_misses) == (1, 2)
    assert (told.credits_most, told.credits_granted) == (64, 65)


def test_how_long_the_file_was_held() -> None:
    """From the close of the main pipe until the file could be opened for its removal."""
    told = figures(
        trail(
            message("clean up", CLOSE, at_s=10),
            message("clean up", CREATE, LOCKED, at_s=10.1, took_s=0.1),
            message("clean up", CREATE, at_s=12, took_s=0.5),
        )
    )
    assert (told.file_held_s, told.file_tries) == (2.5, 2)


def test_nothing_happened() -> None:
    """Without a run there are no figures, and an answer that never came has a name."""
    assert figures(trail()).file_held_s is None
    assert figures(trail(message("log in", 1, None))).statuses == {"none": 1}
