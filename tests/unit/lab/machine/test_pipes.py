"""Pipes hand over what was written, in order, and keep who has to wait."""

import asyncio

import pytest

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.machine.pipes import Pipe, PipeTable

CALLER = Caller("a", "WS1", ("127.0.0.1", 50000), is_admin=True, is_anonymous=False)


class Answers:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[NtStatus, bytes]] = []

    def done(self, status: NtStatus, data: bytes) -> None:
        """Take one answer."""
        self.got.append((status, data))


@pytest.fixture
def answers() -> Answers:
    """Nothing yet."""
    return Answers()


def bytes_pipe() -> Pipe:
    """A pipe without messages."""
    return Pipe("out", is_message=False)


def test_a_read_takes_one_write_at_most(answers: Answers) -> None:
    """Two writes are read one by one, however large the read is."""
    pipe = bytes_pipe()
    pipe.push(b"one")
    pipe.push(b"two")
    assert pipe.read(100, answers.done) == (NtStatus.SUCCESS, b"one")
    assert pipe.read(100, answers.done) == (NtStatus.SUCCESS, b"two")


@pytest.mark.parametrize(
    ("is_message", "status"), [(False, NtStatus.SUCCESS), (True, NtStatus.BUFFER_OVERFLOW)]
)
def test_a_small_read_leaves_the_rest(
    answers: Answers, *, is_message: bool, status: NtStatus
) -> None:
    """What does not fit is read next; only a message says that it was cut."""
    pipe = Pipe("p", is_message=is_message)
    pipe.push(b"abcde")
    assert pipe.read(3, answers.done) == (status, b"abc")
    assert pipe.queued_bytes == 2
    assert pipe.read(3, answers.done) == (NtStatus.SUCCESS, b"de")
    assert pipe.queued_bytes == 0


def test_a_read_waits_for_data(answers: Answers) -> None:
    """A read of an empty pipe is answered when data come."""
    pipe = bytes_pipe()
    assert pipe.read(10, answers.done) is None
    pipe.push(b"")
    assert answers.got == []
    pipe.push(b"late")
    assert answers.got == [(NtStatus.SUCCESS, b"late")]


def test_the_end_comes_after_what_is_queued(answers: Answers) -> None:
    """A pipe that was shut is read to its end, and then says so."""
    pipe = bytes_pipe()
    pipe.push(b"last")
    pipe.shut()
    pipe.shut(NtStatus.PIPE_CLOSING)
    pipe.push(b"lost")
    assert pipe.read(10, answers.done) == (NtStatus.SUCCESS, b"last")
    assert pipe.read(10, answers.done) == (NtStatus.PIPE_BROKEN, b"")
    assert pipe.write(b"x") == NtStatus.PIPE_BROKEN


def test_who_waits_learns_of_the_end(answers: Answers) -> None:
    """A waiting read is answered when the host's end is shut."""
    pipe = bytes_pipe()
    pipe.read(10, answers.done)
    pipe.shut(NtStatus.PIPE_CLOSING)
    assert answers.got == [(NtStatus.PIPE_CLOSING, b"")]


def test_a_cancelled_read_is_never_answered(answers: Answers) -> None:
    """What was cancelled takes no data away; it can be cancelled once."""
    pipe = bytes_pipe()
    other = Answers()
    pipe.read(10, other.done)
    waiting = answers.done
    pipe.read(10, waiting)
    assert pipe.cancel(waiting)
    assert not pipe.cancel(waiting)
    pipe.push(b"x")
    assert (answers.got, other.got) == ([], [(NtStatus.SUCCESS, b"x")])


def test_closing_answers_who_waits_and_tells_the_host_once(answers: Answers) -> None:
    """The client's close ends its reads, and the host hears of it one time."""
    closed: list[Pipe] = []
    pipe = Pipe("p", is_message=True, on_close=closed.append)
    pipe.read(10, answers.done)
    pipe.client_close()
    pipe.client_close()
    pipe.push(b"too late")
    assert answers.got == [(NtStatus.FILE_CLOSED, b"")]
    assert closed == [pipe]
    assert pipe.queued_bytes == 0


def test_a_write_reaches_the_host() -> None:
    """What the client writes is handed over; a pipe that nobody reads takes it too."""
    got: list[bytes] = []
    pipe = Pipe("p", is_message=True, on_write=lambda _pipe, data: got.append(data))
    assert pipe.write(b"hello") == NtStatus.SUCCESS
    assert got == [b"hello"]
    assert bytes_pipe().write(b"x") == NtStatus.SUCCESS


@pytest.mark.parametrize("way", ["read", "close", "shut"])
def test_who_fills_a_pipe_waits_for_room(answers: Answers, way: str) -> None:
    """A full pipe holds its writer until it is read, or either end is closed."""

    async def scene() -> bool:
        pipe = bytes_pipe()
        for _ in range(3):
            pipe.push(bytes(50_000))
        writer = asyncio.ensure_future(pipe.drain())
        await asyncio.sleep(0)
        pipe.read(50_000, answers.done)
        await asyncio.sleep(0)
        was_waiting = not writer.done()
        if way == "read":
            pipe.read(50_000, answers.done)
        elif way == "close":
            pipe.client_close()
        else:
            pipe.shut()
        await writer
        await pipe.drain()
        return was_waiting

    assert asyncio.run(scene())


def test_pipes_are_opened_by_any_spelling_of_their_name() -> None:
    """Case, a leading backslash and `pipe` do not matter."""
    table = PipeTable()
    table.create("svcctl", lambda caller: Pipe(caller.user, is_message=True))
    assert table.open("\\PIPE\\SvcCtl", CALLER).name == "a"


def test_a_missing_pipe_is_not_found() -> None:
    """Opening or waiting for an unknown name is refused."""
    table = PipeTable()
    with pytest.raises(StatusError) as refused:
        table.open("x", CALLER)
    assert refused.value.status == NtStatus.OBJECT_NAME_NOT_FOUND
    assert table.wait("x", Answers().done) == NtStatus.OBJECT_NAME_NOT_FOUND


def test_an_instance_serves_one_client(answers: Answers) -> None:
    """The second client of the only instance is refused, or waits for the next one."""
    table = PipeTable()

    def connect(_caller: Caller) -> Pipe:
        return bytes_pipe()

    table.create("out", connect, 1)
    assert table.wait("out", answers.done) == NtStatus.SUCCESS
    table.open("out", CALLER)
    with pytest.raises(StatusError) as refused:
        table.open("out", CALLER)
    assert refused.value.status == NtStatus.PIPE_NOT_AVAILABLE
    assert table.wait("OUT", answers.done) is None
    table.create("out", connect, 1)
    assert answers.got == [(NtStatus.SUCCESS, b"")]


def test_removing_a_name_ends_the_wait_for_it(answers: Answers) -> None:
    """Who waits for a pipe that goes is told so; other waits go on."""
    table = PipeTable()
    other = Answers()
    entry = table.create("out", lambda _caller: bytes_pipe(), 0)
    table.create("in", lambda _caller: bytes_pipe(), 0)
    table.wait("out", answers.done)
    table.wait("in", other.done)
    table.remove(entry)
    table.remove(entry)
    assert answers.got == [(NtStatus.OBJECT_NAME_NOT_FOUND, b"")]
    assert other.got == []


def test_who_stops_waiting_hears_nothing(answers: Answers) -> None:
    """A wait that was ended is never answered."""
    table = PipeTable()
    table.create("out", lambda _caller: bytes_pipe(), 0)
    waiting = answers.done
    table.wait("out", waiting)
    table.end_wait(waiting)
    table.create("out", lambda _caller: bytes_pipe())
    assert answers.got == []


def test_a_name_that_is_there_already_gets_more_instances(answers: Answers) -> None:
    """Who makes a pipe under another's name takes no client from it, and takes it not along."""
    table = PipeTable()
    table.create("svcctl", lambda _caller: Pipe("first", is_message=True))
    second = table.create("SVCCTL", lambda _caller: Pipe("second", is_message=True))
    assert table.open("svcctl", CALLER).name == "first"
    table.remove(second)
    table.remove(second)
    assert table.open("svcctl", CALLER).name == "first"
    assert table.wait("svcctl", answers.done) == NtStatus.SUCCESS
