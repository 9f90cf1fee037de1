"""The long watch after a kill: fresh looks now and then, and what they see."""

import signal
from collections.abc import Callable

import pytest
from tests.unit.cli import program
from tests.unit.cli.killing import LISTED, POWERLESS, TWIN, VICTIM, done, ill, look
from tests.unit.cli.program import Ended, Program
from tests.unit.cli.script import Host, Script, host, host_while

from hostprobe import cli
from hostprobe.actions.kill import KillRequest
from hostprobe.cli.acting import act_on
from hostprobe.cli.comeback import Comeback, schedule
from hostprobe.cli.killing import Killing
from hostprobe.cli.options import ActOptions
from hostprobe.errors import BadCredentialsError, ConnectionLostError, HostError
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Collector

OTHER = '"victim.exe","500","Services","0","9 K"\r\n'
PAGE = "Active code page: 65001\r\n"
Watch = Callable[[dict[str, Host]], Ended]


@pytest.fixture
def watch(said: program.Said) -> Watch:
    """`kill --name victim.exe --yes --watch 10m` on scripted hosts, whose seconds are no time."""

    def run(hosts: dict[str, Host], *, quiet: bool = False) -> Ended:
        request = KillRequest(
            name="victim.exe",
            expect="victim.exe",
            assume_yes=True,
            all_matches=True,
            several_hosts=len(hosts) > 1,
        )
        acting = ActOptions(jobs=1, yes=True, retries=0)
        options = (program.host_options(), acting, program.output_options("json", quiet=quiet))
        after = Comeback(for_s=50, collector=Collector.AUTO, quiet=quiet, pace=0)
        act = Killing(request, Collector.AUTO, is_followed=True)
        targets = [Target(name) for name in hosts]
        return said(
            cli._ended(
                lambda: act_on(
                    act, targets, options, opener=Script(hosts), search=_nobody, after=after
                )
            )
        )

    return run


def _nobody(_options: object) -> None:
    """No search for hosts."""


def later(name: str, *processes: str) -> bytes:
    """What a host lists at one more look."""
    listed = LISTED + "".join(processes)
    text = (
        f"{PAGE}==hostprobe:chcp:0==\r\n==hostprobe:host:{name}==\r\n"
        f"{listed}==hostprobe:tasklist:0==\r\n"
        '"svchost.exe","912","N/A"\r\n==hostprobe:services:0==\r\n'
    )
    return text.encode() + POWERLESS


def seen(*looks: bytes | HostError) -> Host:
    """A host whose victim is killed, and what is seen of it afterwards."""
    return host(look("WEB01", VICTIM), done("WEB01"), *looks)


def respawned(ended: Ended) -> list[object]:
    """Who came back, by the one record."""
    (row,) = ended.records("kill")
    found = row["respawned"]
    assert isinstance(found, list)
    return found


NOTHING = later("WEB01")
BACK = later("WEB01", TWIN)


def test_it_comes_back(watch: Watch) -> None:
    """A new process of that image is told when it is seen, once, and is in the record."""
    ended = watch({"web01": seen(NOTHING, NOTHING, BACK, BACK, BACK)})
    assert ended.code == 0
    assert respawned(ended) == [440]
    assert ended.stderr.count("web01: WEB01: victim.exe came back as PID 440") == 1
    assert ended.stderr.count("came back as") == 1
    assert "watching 1 host for 50 s: 5 looks, 10 s apart; what lives only" in ended.stderr
    assert "watched for 50 s: it came back on 1 of 1 host\n" in ended.stderr


def test_the_kill_is_told_before(watch: Watch) -> None:
    """What was done is told before the watch, for the records come after it."""
    ended = watch({"web01": seen(*[NOTHING] * 5)})
    assert ended.stderr.index("it has ended") < ended.stderr.index("watching 1 host")
    assert respawned(ended) == []


def test_another_each_time(watch: Watch) -> None:
    """One that comes back again and again is told each time, with its new PID."""
    ended = watch({"web01": seen(BACK, NOTHING, later("WEB01", VICTIM), NOTHING, NOTHING)})
    assert respawned(ended) == [440, 432]


def test_others_of_that_name(watch: Watch) -> None:
    """A process of the same image that was there before and spared has not come back."""
    spared = done("WEB01").replace(VICTIM.encode(), (VICTIM + OTHER).encode())
    answers = [later("WEB01", OTHER)] * 5
    ended = watch({"web01": host(look("WEB01", VICTIM), spared, *answers)})
    assert "came back on 0 of 1 host" in ended.stderr
    assert respawned(ended) == []


def test_a_look_that_fails(watch: Watch) -> None:
    """A host that is not seen for a while is told once, and looked at again."""
    lost = ConnectionLostError("web01: lost", left_behind=("a file",))
    ended = watch({"web01": seen(lost, lost, BACK, NOTHING, NOTHING)})
    assert ended.stderr.count("web01: lost; not seen this time") == 1
    assert respawned(ended) == [440]
    assert ended.code == 7
    assert "left behind: a file" in ended.stderr


def test_a_listing_that_fails(watch: Watch) -> None:
    """A host that lists no processes is not taken for one where nothing came back."""
    blind = f"{PAGE}==hostprobe:chcp:0==\r\n==hostprobe:host:WEB01==\r\n".encode()
    empty = blind + b"==hostprobe:tasklist:1==\r\n==hostprobe:services:1==\r\n" + POWERLESS
    ended = watch({"web01": seen(empty, *[NOTHING] * 4)})
    assert "not seen this time" in ended.stderr


def test_a_log_in_that_is_refused(watch: Watch) -> None:
    """A host that refuses the account in the watch is not asked again: that locks accounts."""
    hosts = {"web01": seen(BadCredentialsError("web01: wrong"), BACK)}
    ended = watch(hosts)
    assert respawned(ended) == []
    session = hosts["web01"]
    assert not isinstance(session, HostError)
    assert len(session.asked) == 3


def test_the_account_is_spared(watch: Watch) -> None:
    """Two refused log-ins end the use of the account in the watch; who is spared is told once."""
    wrong = BadCredentialsError("wrong")
    names = ("web01", "web02", "web03")
    ended = watch(
        {name: host(look(name, VICTIM), done(name), *[wrong] * 5) for name in names},
    )
    assert ended.stderr.count("web03: not asked: ") == 1
    assert "one more could lock it; not seen this time" in ended.stderr


def test_only_where_something_was_killed(watch: Watch) -> None:
    """A host without a victim, and one where it was gone by then, are not watched."""
    gone = host(look("WEB02", VICTIM), done("WEB02", "kept").replace(VICTIM.encode(), b""))
    ended = watch({"web01": seen(*[NOTHING] * 5), "web02": gone, "web03": host(look("WEB03"))})
    assert "watching 1 host" in ended.stderr
    nobody = watch({"web03": host(look("WEB03")), "web04": host(look("WEB04"))})
    assert nobody.code == 1
    assert "not seen" not in nobody.stderr


def test_a_kill_that_was_cut(watch: Watch) -> None:
    """Where nobody saw who ran before the kill, nobody can tell who is new: no watch."""
    cut = b"==hostprobe:kill:432:0==\r\n" + LISTED.encode() + b"==hostprobe:after==\r\n"
    ended = watch({"web01": host(look("WEB01", VICTIM), cut)})
    assert ended.stderr.count("did not come to its end") == 1
    assert "not seen" not in ended.stderr


def test_ctrl_c_ends_it(watch: Watch) -> None:
    """Ctrl-C ends the watch, and what was seen until then is written: code 130."""
    signals = iter((None, None, None, signal.SIGINT))

    def happens() -> None:
        if number := next(signals):
            signal.raise_signal(number)

    answers = (look("WEB01", VICTIM), done("WEB01"), BACK, NOTHING, NOTHING)
    session = host_while(happens, *answers)
    ended = watch({"web01": session})
    assert ended.code == 130
    assert len(session.asked) == 4
    assert respawned(ended) == [440]


def test_nothing_after_ctrl_c(watch: Watch) -> None:
    """A kill that was stopped is not followed by a watch."""
    signals = iter((None, signal.SIGINT))

    def happens() -> None:
        if number := next(signals):
            signal.raise_signal(number)

    first = host_while(happens, look("WEB01", VICTIM), done("WEB01"), BACK)
    ended = watch({"web01": first, "web02": ill("WEB02")})
    assert ended.code == 130
    assert "not seen" not in ended.stderr


def test_quietly(watch: Callable[..., Ended]) -> None:
    """-q leaves out how it is watched, not what came back."""
    ended = watch({"web01": seen(BACK, *[BACK] * 4)}, quiet=True)
    assert "watch" not in ended.stderr
    assert "came back" in ended.stderr


@pytest.mark.parametrize(
    ("for_s", "looks", "gap_s"),
    [(10, 5, 2), (150, 5, 30), (600, 20, 30), (3600, 20, 180), (86_400, 20, 4320)],
)
def test_how_often(for_s: float, looks: int, gap_s: float) -> None:
    """Half a minute apart, but at least five looks and at most twenty."""
    assert schedule(for_s) == (looks, gap_s)


@pytest.mark.parametrize("options", ["--dry-run", "--plan-out plan.json"])
def test_a_plan_is_not_watched(hostprobe: Program, options: str) -> None:
    """Nothing comes back after a plan, so the two exclude each other."""
    ended = hostprobe(f"kill web01 --name a.exe --watch 10m {options}")
    assert ended.code == 2
    assert "--watch" in ended.complaint
