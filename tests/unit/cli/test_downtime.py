"""Following hosts that were told to go down, by what their ports do."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest
from tests.unit.actions._shutdown.said import looked, planned
from tests.unit.cli.program import host_options, output_options
from tests.unit.cli.script import Host, Script, host

from hostprobe.actions.shutdown import ShutdownOutcome, ShutdownRequest, Verb, Verdict
from hostprobe.cli.acting import Done, Planned, Rounds, Spared
from hostprobe.cli.credentials import accounts
from hostprobe.cli.downtime import Downtime, Told
from hostprobe.cli.options import ActOptions, HostOptions
from hostprobe.errors import BadCredentialsError, ConnectionLostError, RefusedError
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Failed, NotAsked, Reach, Stop
from hostprobe.sweep.reach import Found
from hostprobe.transport.base import Receipt
from hostprobe.transport.scripted import ScriptedSession

PC7 = Target("pc7")
OLD = looked()
NEW = looked(
    boot=looked().decode().split("33.12== \r\n")[1].partition("==")[0].replace("0130", "0131")
)
TASKS = (
    b"x\r\n==hostprobe:page:0==\r\n==hostprobe:host:PC7==\r\n"
    b'"evil.exe","44","Console","1","9 K"\r\n"svchost.exe","9","Services","0","9 K"\r\n'
    b"==hostprobe:tasklist:0==\r\n==hostprobe:services:0==\r\n"
)


@dataclass
class Ports:
    """Hosts whose ports answer (+) or not (-), one look after the other, the last one for ever.

    Attributes:
        now: A clock that goes on by a second with each look.
        while_looking: Done at each look.
    """

    looks: dict[str, str]
    now: float = 0.0
    count: int = 0
    while_looking: Callable[[], object] = lambda: None
    timeouts: list[float] = field(default_factory=list)

    def __call__(self, options: HostOptions) -> Reach:
        """What looks at them."""
        self.timeouts.append(options.connect_timeout)
        return self.reach

    def reach(
        self, targets: Iterator[Target], _has_room: Callable[[], bool], _stop: Stop
    ) -> Iterator[Found]:
        """One look."""
        self.while_looking()
        at, self.count, self.now = self.count, self.count + 1, self.now + 1
        for target in targets:
            script = self.looks[target.host]
            if script[min(at, len(script) - 1)] == "+":
                yield replace(target, address="10.0.0.5")
            else:
                yield Failed(target, RefusedError(f"{target}: refused"), None)


def told(
    name: str = "pc7",
    *,
    verb: Verb = Verb.REBOOT,
    verdict: Verdict = Verdict.ACCEPTED,
    delay_s: int = 10,
) -> Told:
    """A host that was told to go down."""
    plan = planned(ShutdownRequest(verb=verb))
    outcome = ShutdownOutcome(
        host_name="PC7", verb=verb, verdict=verdict, code=0, detail="told", delay_s=delay_s
    )
    return Done(Planned(Target(name), plan), outcome, ScriptedSession([]).facts, ())


def rounds(ports: Ports, hosts: dict[str, Host] | None = None) -> Rounds:
    """What goes to hosts that answer from a script."""
    options = (host_options(), ActOptions(jobs=1), output_options("table"))
    names = [Target(name) for name in ports.looks]
    account_of = accounts(options[0], names)
    return Rounds(options, account_of, Script(hosts or {}), ports, note=lambda *_: None)


def followed(
    ports: Ports,
    *each: Told | Spared,
    hosts: dict[str, Host] | None = None,
    limit_s: float = 60,
    until_back: bool = False,
    image: str | None = None,
) -> Sequence[Told | Spared]:
    """What is told of hosts in the end."""
    downtime = Downtime(
        limit_s=limit_s, until_back=until_back, image=image, pace=0, now=lambda: ports.now
    )
    return list(downtime(each, rounds(ports, hosts)))


def only(found: Sequence[Told | Spared]) -> Told:
    """The one host."""
    (done,) = found
    assert isinstance(done, Done)
    return done


def test_a_host_that_goes_down() -> None:
    """A host is down when its port is silent twice; short looks are taken."""
    ports = Ports({"pc7": "+++--"})
    outcome = only(followed(ports, told())).outcome
    assert outcome.verdict is Verdict.WENT_DOWN
    assert "stopped answering 4 s after it was told" in outcome.detail
    assert ports.count == 5
    assert set(ports.timeouts[1:]) == {2.0}


def test_a_host_that_stays_up() -> None:
    """A host that answers until its time and the limit are over has stayed up."""
    ports = Ports({"pc7": "+"})
    outcome = only(followed(ports, told())).outcome
    assert (outcome.verdict, outcome.exit_code) == (Verdict.STILL_UP, 4)
    assert 70 <= ports.now <= 72


@pytest.mark.parametrize(
    ("each", "limit_s"),
    [
        (told(verdict=Verdict.REFUSED), 60),
        (told(verb=Verb.LOCK, verdict=Verdict.DONE), 60),
        (told(), 0),
        (Spared(NotAsked(PC7, "outside", "stopped")), 60),
    ],
)
def test_who_is_not_followed(each: Told | Spared, limit_s: float) -> None:
    """Who does not go down, or not soon, is told as it is."""
    ports = Ports({"pc7": "+"})
    assert followed(ports, each, limit_s=limit_s) == [each]
    assert ports.count == 0


def test_a_host_that_goes_down_too_late() -> None:
    """Nobody waits for hours, unless told to; that it is not watched is said."""
    ports = Ports({"pc7": "+"})
    outcome = only(followed(ports, told(delay_s=61))).outcome
    assert outcome.verdict is Verdict.ACCEPTED
    assert outcome.detail == "told; not watched, since --limit is 60 s"
    assert ports.count == 0
    hosts: dict[str, Host] = {"pc7": host(NEW)}
    back = only(followed(ports, told(delay_s=61), hosts=hosts, until_back=True))
    assert back.outcome.verdict is Verdict.CAME_BACK


def test_without_looks() -> None:
    """Where nothing can look at ports, nothing is said of them."""
    ports = Ports({"pc7": "+"})
    downtime = Downtime(limit_s=60, pace=0)
    going = rounds(ports)
    going.search = lambda _options: None
    assert only(list(downtime([told()], going))).outcome.verdict is Verdict.ACCEPTED


def test_several_hosts() -> None:
    """Each is told on its own, in the order in which they were told to go down."""
    ports = Ports({"a": "--", "b": "+", "c": "+--"})
    found = followed(ports, told("a"), told("b"), told("c"))
    verdicts = [done.outcome.verdict for done in found if isinstance(done, Done)]
    assert verdicts == [Verdict.WENT_DOWN, Verdict.STILL_UP, Verdict.WENT_DOWN]


def test_a_host_whose_time_has_not_come() -> None:
    """A port that is silent before the host is to go down says nothing, as where a line is cut."""
    ports = Ports({"soon": "--", "later": "---" + 200 * "+"})
    first, second = followed(ports, told("soon"), told("later", delay_s=50), limit_s=60)
    assert only([first]).outcome.verdict is Verdict.WENT_DOWN
    assert only([second]).outcome.verdict is Verdict.STILL_UP


def test_a_host_that_comes_back() -> None:
    """It is asked when it was started, only once it answers again, and what left is told."""
    ports = Ports({"pc7": "+----+"})
    back = host(NEW, left=("file x",))
    done = only(followed(ports, told(), hosts={"pc7": back}, until_back=True))
    assert done.outcome.verdict is Verdict.CAME_BACK
    assert "started anew: 2024-01-31 11:00:00 UTC" in done.outcome.detail
    assert len(back.asked) == 1
    assert done.left == ("file x",)


def test_a_host_that_starts_slowly() -> None:
    """One that answers and cannot be asked yet is asked again, not more often than it bears."""
    ports = Ports({"pc7": "--+"})
    hosts: dict[str, Host] = {"pc7": host(ConnectionLostError("pc7: lost"), NEW)}
    done = only(followed(ports, told(), hosts=hosts, until_back=True))
    assert done.outcome.verdict is Verdict.CAME_BACK


def test_a_host_that_was_not_restarted() -> None:
    """One with the old time of its boot is waited for, and told to be the same."""
    ports = Ports({"pc7": "--+"})
    done = only(followed(ports, told(), hosts={"pc7": host(*[OLD] * 99)}, until_back=True))
    assert (done.outcome.verdict, done.outcome.exit_code) == (Verdict.NOT_BACK, 4)
    assert "it was not restarted yet" in done.outcome.detail


def test_a_host_that_stays_away() -> None:
    """One that is silent to the end is not back."""
    done = only(followed(Ports({"pc7": "-"}), told(), until_back=True))
    assert done.outcome.verdict is Verdict.NOT_BACK


@pytest.mark.parametrize(
    ("answer", "verdict"), [(NEW, Verdict.CAME_BACK), (OLD, Verdict.NOT_RESTARTED)]
)
def test_a_restart_that_nobody_saw(answer: bytes, verdict: Verdict) -> None:
    """One that was never silent is asked once, in the end, whether it was started since."""
    ports, asked = Ports({"pc7": "+"}), host(answer)
    done = only(followed(ports, told(), hosts={"pc7": asked}, until_back=True))
    assert done.outcome.verdict is verdict
    assert len(asked.asked) == 1
    assert 70 <= ports.now <= 72


def test_one_host_does_not_wait_for_another() -> None:
    """A host that is back is asked while another one has not gone down yet."""
    ports = Ports({"a": "--+", "b": "+"})
    hosts: dict[str, Host] = {"a": host(NEW), "b": host(OLD)}
    first, second = followed(ports, told("a"), told("b"), hosts=hosts, until_back=True)
    assert isinstance(first, Done)
    assert first.outcome.detail.startswith("it is back after 3 s")
    assert isinstance(second, Done)
    assert second.outcome.verdict is Verdict.NOT_RESTARTED


def test_a_log_in_that_fails_is_not_repeated() -> None:
    """After a wrong password a host is left alone: it would lock the account."""
    ports = Ports({"pc7": "--+"})
    hosts: dict[str, Host] = {"pc7": BadCredentialsError("pc7: wrong password")}
    done = only(followed(ports, told(), hosts=hosts, until_back=True))
    assert done.outcome.verdict is Verdict.NOT_BACK
    assert "wrong password" in done.outcome.detail
    assert ports.now < 10


def test_an_account_that_is_used_no_more() -> None:
    """A host whose account has failed elsewhere is not logged in to."""
    ports = Ports({"a": "--+", "b": "--+"})
    wrong = BadCredentialsError("wrong password")
    hosts: dict[str, Host] = {"a": wrong, "b": wrong}
    found = followed(ports, told("a"), told("b"), hosts=hosts, until_back=True)
    verdicts = {done.outcome.verdict for done in found if isinstance(done, Done)}
    assert verdicts == {Verdict.NOT_BACK}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (TASKS, "evil.exe runs again (PID 44)"),
        (TASKS.replace(b"evil", b"kind"), "evil.exe does not run now"),
        (b"x\r\n==hostprobe:host:PC7==\r\n", "whether evil.exe runs is unknown"),
    ],
)
def test_an_image_is_looked_for(answer: bytes, words: str) -> None:
    """With --recheck the processes of a host that is back are listed."""
    ports = Ports({"pc7": "--+"})
    hosts: dict[str, Host] = {"pc7": host(NEW, answer)}
    done = only(followed(ports, told(), hosts=hosts, until_back=True, image="EVIL.exe"))
    assert done.outcome.recheck is not None
    assert done.outcome.recheck.casefold().startswith(words.casefold())


def ring() -> None:
    """Press Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("until_back", [False, True])
def test_ctrl_c(capsys: pytest.CaptureFixture[str], *, until_back: bool) -> None:
    """Ctrl-C ends the watch, not the shutdown, which is said."""
    ports = Ports({"pc7": "+"}, while_looking=ring)
    going = rounds(ports)
    downtime = Downtime(limit_s=60, until_back=until_back, pace=0, now=lambda: ports.now)
    done = only(list(downtime([told()], going)))
    assert done.outcome.verdict is Verdict.ACCEPTED
    assert going.was_stopped
    assert "not taken back: --abort does that" in capsys.readouterr().err


def test_ctrl_c_while_it_is_away(capsys: pytest.CaptureFixture[str]) -> None:
    """Who stops waiting for a host that is down is told that it is."""
    ports = Ports({"pc7": "-"})
    ports.while_looking = lambda: ring() if ports.count == 5 else None
    going = rounds(ports)
    downtime = Downtime(limit_s=60, until_back=True, pace=0, now=lambda: ports.now)
    done = only(list(downtime([told()], going)))
    assert done.outcome.verdict is Verdict.WENT_DOWN
    assert "no longer watched\n" in capsys.readouterr().err


def test_news(capsys: pytest.CaptureFixture[str]) -> None:
    """Now and then a person who waits hears how far it is, unless it is to be quiet."""
    ports = Ports({"pc7": "+" * 20 + "-"})
    followed(ports, told())
    assert "0 of 1 down after 15 s" in capsys.readouterr().err
    followed(Ports({"pc7": "-"}), told(), until_back=True)
    assert "1 of 1 down, 0 back after 15 s" in capsys.readouterr().err
    ports = Ports({"pc7": "+" * 20 + "-"})
    quiet = Downtime(limit_s=60, quiet=True, pace=0, now=lambda: ports.now)
    list(quiet([told()], rounds(ports)))
    assert capsys.readouterr().err == ""


def test_a_long_wait(capsys: pytest.CaptureFixture[str]) -> None:
    """Who has to wait long is told how long, and that leaving changes nothing."""
    followed(Ports({"pc7": "-"}), told(delay_s=300), limit_s=600)
    assert "5 min to go; Ctrl-C ends the watch, not the shutdown" in capsys.readouterr().err


def test_a_run_that_was_stopped() -> None:
    """After Ctrl-C in the middle of the telling nobody is followed."""
    ports = Ports({"pc7": "+"})
    going = rounds(ports)
    going.was_stopped = True
    assert only(list(Downtime(limit_s=60, pace=0)([told()], going))).outcome.detail == "told"
    assert ports.count == 0


def test_what_a_failed_visit_leaves() -> None:
    """What a look at a host that starts up could not remove is told."""
    error = ConnectionLostError("pc7: lost", left_behind=("service x",))
    session = ScriptedSession([error], receipt=Receipt(left_behind=("service x",)))
    ports = Ports({"pc7": "--+"})
    done = only(followed(ports, told(), hosts={"pc7": session}, until_back=True))
    assert "service x" in done.left
