"""One piece of work on many hosts."""

import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from itertools import count
from threading import Barrier, Event, Lock
from typing import ParamSpec, TypeVar

import pytest

from hostprobe.errors import (
    AccountLockedError,
    BadCredentialsError,
    CommandFailedError,
    ConnectionLostError,
    DeadlineError,
    HostprobeError,
    InternalError,
    NotAdminError,
    UnreachableError,
    WorkerLostError,
)
from hostprobe.inventory.credentials import Accounts, Credentials, Ticket
from hostprobe.inventory.targets import Target
from hostprobe.sweep import (
    Answered,
    DaemonThreadExecutor,
    Failed,
    Gate,
    InlineExecutor,
    NotAsked,
    Stop,
    sweep,
)

T = TypeVar("T")
P = ParamSpec("P")

PATIENCE_S = 30

Outcome = Answered[str] | Failed | NotAsked


def _gate(username: str = r"CORP\admin", *, is_open: bool = False) -> Gate:
    gate = Gate(Accounts(Credentials(username, "secret")))
    if is_open:
        gate.note(Answered(Target("known"), None, 0.0))
    return gate


def test_a_ticket_needs_no_gate() -> None:
    """No log-in with a ticket is a guess, so that none waits for another or ends its use."""
    gate = Gate(Credentials("ops@LAB.TEST", Ticket()))
    assert not is_alone(gate)
    for name in ("first", "second", "third"):
        error = AccountLockedError(f"{name}: locked out", step="log in")
        gate.note(Failed(Target(name), error, 0.0))
    assert gate.refusal(Target("fourth")) is None


def is_alone(gate: Gate) -> bool:
    """Whether a second host must wait for the first."""
    gate.began(Target("first"))
    return not gate.ready(Target("second"))


def _hosts(*names: str) -> list[Target]:
    return [Target(name) for name in names]


def _raises(errors: dict[str, Exception]) -> Callable[[Target], str]:
    """Work that fails with the host's error, or answers its name in capitals."""

    def work(target: Target) -> str:
        if target.host in errors:
            raise errors[target.host]
        return target.host.upper()

    return work


def _inline(
    errors: dict[str, Exception], *hosts: str, username: str = r"CORP\admin"
) -> list[Outcome]:
    gate = _gate(username)
    targets = _hosts(*hosts)
    return list(sweep(_raises(errors), targets, executor=InlineExecutor(), in_flight=1, gate=gate))


def test_a_failed_host_is_an_outcome() -> None:
    """A host that fails is reported with its error and does not stop the others."""
    error = UnreachableError("down: no answer")

    first, second, third = _inline({"down": error}, "a", "down", "b")

    assert isinstance(first, Answered)
    assert first.value == "A"
    assert first.elapsed_s >= 0
    assert isinstance(second, Failed)
    assert second.error is error
    assert isinstance(third, Answered)


def test_a_bug_costs_one_host_and_names_it() -> None:
    """An error that is not hostprobe's own is an InternalError that keeps its cause."""
    bug, answered = _inline({"a": ZeroDivisionError()}, "a", "b")

    assert isinstance(bug, Failed)
    assert isinstance(bug.error, InternalError)
    assert str(bug.error).startswith("a: a bug of hostprobe (ZeroDivisionError)")
    assert isinstance(bug.error.__cause__, ZeroDivisionError)
    assert isinstance(answered, Answered)


def test_outcomes_can_cross_a_process_border() -> None:
    """What a worker returns keeps the details of its error when it is pickled."""
    error = CommandFailedError("a: x", step="run", left_behind=("a service",), partial=b"half")
    outcomes = _inline({"a": error}, "a", "b")

    failed, answered = pickle.loads(pickle.dumps(outcomes))  # noqa: S301 - pickled right here

    assert (failed.error.step, failed.error.partial) == ("run", b"half")
    assert failed.error.left_behind == ("a service",)
    assert answered == outcomes[1]


def test_outcomes_come_as_hosts_finish() -> None:
    """A slow host does not hold back the outcome of a quick one."""
    quick_is_out = Event()

    def work(target: Target) -> str:
        if target.host == "slow":
            assert quick_is_out.wait(PATIENCE_S)
        return target.host

    gate = _gate(is_open=True)
    with DaemonThreadExecutor(2) as pool:
        outcomes = sweep(work, _hosts("slow", "quick"), executor=pool, in_flight=2, gate=gate)
        first = next(outcomes)
        quick_is_out.set()
        second = next(outcomes)

    assert [first.target.host, second.target.host] == ["quick", "slow"]


def test_never_more_at_work_than_in_flight() -> None:
    """However many workers the executor has, `in_flight` bounds the hosts at work."""
    lock, now, most = Lock(), 0, 0
    three_at_work = Event()

    def work(target: Target) -> str:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
            if now == 3:
                three_at_work.set()
        assert three_at_work.wait(PATIENCE_S)
        with lock:
            now -= 1
        return target.host

    hosts = (Target(f"h{n}") for n in range(50))
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(sweep(work, hosts, executor=pool, in_flight=3, gate=_gate(is_open=True)))

    assert len(outcomes) == 50
    assert most == 3


def test_targets_are_read_as_they_are_needed() -> None:
    """A list of any length costs no more than the hosts at work."""
    endless = (Target(f"h{n}") for n in count())
    gate = _gate(is_open=True)
    outcomes = sweep(_raises({}), endless, executor=InlineExecutor(), in_flight=4, gate=gate)

    next(outcomes)

    assert next(endless) == Target("h4")


def test_in_flight_below_one_is_a_mistake_of_the_caller() -> None:
    """A sweep that could ask nobody does not pass for one with nobody to ask."""
    with pytest.raises(ValueError, match="in_flight"):
        list(sweep(_raises({}), _hosts("a"), executor=InlineExecutor(), in_flight=0, gate=_gate()))


def test_an_interrupt_in_the_work_ends_the_sweep() -> None:
    """Ctrl-C that no handler took comes out of the sweep as KeyboardInterrupt."""

    def work(_: Target) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(sweep(work, _hosts("a"), executor=InlineExecutor(), in_flight=1, gate=_gate()))


def test_the_first_log_in_runs_alone() -> None:
    """Until a host has accepted the account one host is at work, then as many as allowed."""
    asked: list[str] = []

    def work(target: Target) -> str:
        asked.append(target.host)
        if target.host == "dead":
            message = "dead: no answer"
            raise UnreachableError(message)
        return target.host

    targets = _hosts("dead", "good", "a", "b", "c")
    outcomes = sweep(work, targets, executor=InlineExecutor(), in_flight=3, gate=_gate())

    next(outcomes)
    assert asked == ["dead"]
    next(outcomes)
    assert asked == ["dead", "good"]
    next(outcomes)
    assert asked == ["dead", "good", "a", "b", "c"]


@pytest.mark.parametrize(
    ("username", "error", "alone"),
    [
        ("admin", UnreachableError("a: x"), True),
        ("admin", ConnectionLostError("a: x", step="negotiate"), True),
        ("admin", BadCredentialsError("a: x"), True),
        (r".\admin", UnreachableError("a: x"), True),
        (r".\admin", BadCredentialsError("a: x"), False),
        ("admin", NotAdminError("a: x"), False),
        ("admin", ConnectionLostError("a: x", partial=b""), False),
        ("admin", DeadlineError("a: x", left_behind=("a file",)), False),
    ],
)
def test_only_a_verdict_on_the_account_lets_the_others_start(
    username: str, error: HostprobeError, *, alone: bool
) -> None:
    """A host that never came to the log-in proves nothing; a local account is each host's own."""
    gate = _gate(username)

    gate.note(Failed(Target("a"), error, 0.1))

    assert is_alone(gate) is alone


def test_once_open_the_gate_stays_open() -> None:
    """An unreachable host later on does not slow the sweep down again."""
    gate = _gate(is_open=True)

    gate.note(Failed(Target("a"), UnreachableError("a: x"), 0.1))

    assert not is_alone(gate)


def test_two_authentication_failures_end_the_account() -> None:
    """After the second failure nobody else is asked, and the reason names account and host."""
    errors: dict[str, Exception] = {name: BadCredentialsError(f"{name}: no") for name in "ab"}

    outcomes = _inline(errors, "good", "a", "b", "c", "d")

    assert [type(outcome) for outcome in outcomes[1:]] == [Failed, Failed, NotAsked, NotAsked]
    assert isinstance(outcomes[3], NotAsked)
    assert outcomes[3].reason == (
        r"CORP\admin failed to log in 2 times, last at b (bad_credentials);"
        " one more could lock it"
    )


def test_a_wrong_password_is_tried_once() -> None:
    """Where no host has taken the account yet, the first refusal ends its use."""
    errors: dict[str, Exception] = {"a": BadCredentialsError("a: no")}

    outcomes = _inline(errors, "a", "b", "c")

    assert [type(outcome) for outcome in outcomes] == [Failed, NotAsked, NotAsked]
    assert isinstance(outcomes[1], NotAsked)
    assert "failed to log in once, last at a" in outcomes[1].reason


def test_a_locked_account_ends_at_once() -> None:
    """One host that says "locked out" is enough."""
    outcomes = _inline({"a": AccountLockedError("a: locked")}, "a", "b")

    assert outcomes[1:] == [NotAsked(Target("b"), r"CORP\admin is locked out, says a")]


def test_a_local_account_is_counted_for_each_host() -> None:
    """Another password on each host is no lock-out; the same host twice is."""
    errors: dict[str, Exception] = {name: BadCredentialsError(f"{name}: no") for name in "abc"}

    outcomes = _inline(errors, "a", "b", "c", "a", "a", username=r".\admin")

    assert [type(outcome) for outcome in outcomes[:3]] == [Failed, Failed, Failed]
    assert isinstance(outcomes[4], NotAsked)


def test_after_close_no_host_is_started() -> None:
    """Closing the sweep leaves the hosts that were not yet started alone."""
    asked: list[str] = []

    def work(target: Target) -> str:
        asked.append(target.host)
        return target.host

    gate = _gate(is_open=True)
    outcomes = sweep(work, _hosts("a", "b", "c"), executor=InlineExecutor(), in_flight=1, gate=gate)
    next(outcomes)
    outcomes.close()

    assert asked == ["a"]


def test_a_stop_gives_every_target_an_outcome() -> None:
    """After a stop the running host may finish; queued and unread ones are not asked."""
    begun, release, stop = Event(), Event(), Stop()

    def targets() -> Iterator[Target]:
        yield from _hosts("running", "queued")
        assert begun.wait(PATIENCE_S)
        stop.request()
        yield from _hosts("queued too", "unread")

    def work(target: Target) -> str:
        begun.set()
        assert release.wait(PATIENCE_S)
        return target.host

    gate = _gate(is_open=True)
    with DaemonThreadExecutor(1) as pool:
        outcomes = sweep(work, targets(), executor=pool, in_flight=3, gate=gate, stop=stop)
        queued = [next(outcomes), next(outcomes)]
        release.set()
        running, unread = outcomes

    assert [type(outcome) for outcome in (*queued, running, unread)] == [
        NotAsked,
        NotAsked,
        Answered,
        NotAsked,
    ]
    assert (running.target, unread.target) == (Target("running"), Target("unread"))


def test_a_host_that_outlasts_the_grace_of_a_stop_is_a_failure() -> None:
    """A hung host does not hold a stopped sweep; what it left is unknown, and said so."""
    release, stop = Event(), Stop(grace_s=0)
    targets = _hosts("hung")

    def work(target: Target) -> str:
        stop.request()
        assert release.wait(PATIENCE_S)
        return target.host

    pool = DaemonThreadExecutor(1)
    outcomes = list(sweep(work, targets, executor=pool, in_flight=1, gate=_gate(), stop=stop))
    release.set()
    pool.shutdown()

    (outcome,) = outcomes
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, DeadlineError)
    assert outcome.elapsed_s is None


class _BrokenExecutor(InlineExecutor):
    """Loses every piece of work, as a process pool does whose worker was killed."""

    def __init__(self, problem: Exception) -> None:
        self._problem = problem

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        super().submit(fn, *args, **kwargs)
        lost: Future[T] = Future()
        lost.set_exception(self._problem)
        return lost


def test_a_worker_that_dies_costs_its_host_alone() -> None:
    """A breakage of the executor is a failure of the host that was at work there."""
    executor = _BrokenExecutor(BrokenExecutor("lost"))
    (outcome,) = sweep(_raises({}), _hosts("a"), executor=executor, in_flight=1, gate=_gate())

    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, InternalError)
    assert "BrokenExecutor" in str(outcome.error)


def test_an_executor_can_say_why_it_did_no_work() -> None:
    """An error of ours from the executor is the host's, as it is."""
    error = WorkerLostError("a: no worker is left")
    executor = _BrokenExecutor(error)
    (outcome,) = sweep(_raises({}), _hosts("a"), executor=executor, in_flight=1, gate=_gate())

    assert outcome == Failed(Target("a"), error, None)


@pytest.mark.parametrize(("retries", "times"), [(0, 1), (1, 2), (3, 4)])
def test_what_may_pass_is_tried_again(retries: int, times: int) -> None:
    """A host whose error may pass by itself is asked again, so often and no more."""
    asked: list[str] = []

    def work(target: Target) -> str:
        asked.append(target.host)
        raise ConnectionLostError(target.host)

    (outcome,) = sweep(
        work,
        _hosts("a"),
        executor=InlineExecutor(),
        in_flight=1,
        gate=_gate(is_open=True),
        retries=retries,
    )

    assert isinstance(outcome, Failed)
    assert asked == ["a"] * times
    assert [error.kind for error in outcome.before] == ["connection_lost"] * (times - 1)


def test_an_answer_knows_the_tries_before_it() -> None:
    """What failed before a host answered is told with the answer."""
    errors = [ConnectionLostError("a"), ConnectionLostError("a")]
    left = iter(errors)

    def work(target: Target) -> str:
        for error in left:
            raise error
        return target.host

    (outcome,) = sweep(
        work,
        _hosts("a"),
        executor=InlineExecutor(),
        in_flight=1,
        gate=_gate(is_open=True),
        retries=2,
    )

    assert isinstance(outcome, Answered)
    assert outcome.before == tuple(errors)


@pytest.mark.parametrize(
    "error",
    [
        BadCredentialsError("a"),
        UnreachableError("a"),
        ConnectionLostError("a", left_behind=("service x",)),
    ],
)
def test_what_does_not_pass_is_not_tried_again(error: HostprobeError) -> None:
    """No log-in is repeated, nobody waits for a dead host twice, and what is left is told."""
    outcomes = list(
        sweep(
            _raises({"a": error}),
            _hosts("a"),
            executor=InlineExecutor(),
            in_flight=1,
            gate=_gate(is_open=True),
            retries=5,
        )
    )

    assert outcomes == [Failed(Target("a"), error, outcomes[0].elapsed_s)]  # type: ignore[union-attr] # a Failed has it


def test_no_site_is_overrun() -> None:
    """Of one site at most `per_site` hosts are at work, while others go on."""
    lock, at_work, most = Lock(), 0, 0
    meet = Barrier(3, timeout=PATIENCE_S)  # two of the site, and one that has none

    def work(target: Target) -> str:
        nonlocal at_work, most
        if target.site is None:
            meet.wait()
            return target.host
        with lock:
            at_work += 1
            most = max(most, at_work)
        if target.host in {"a", "b"}:
            meet.wait()
        with lock:
            at_work -= 1
        return target.host

    targets = [Target(name, site="rome") for name in "abcdef"] + [Target("z")]
    outcomes = list(
        sweep(
            work,
            targets,
            executor=ThreadPoolExecutor(7),
            in_flight=7,
            gate=_gate(is_open=True),
            per_site=2,
        )
    )

    assert most == 2
    assert {outcome.target.host for outcome in outcomes} == set("abcdefz")


def test_reach_goes_ahead_of_the_work() -> None:
    """What a search finds is asked, what it does not find is told, and none is lost."""

    def reach(
        targets: Iterator[Target], has_room: Callable[[], bool], stop: Stop
    ) -> Iterator[Target | Failed | NotAsked]:
        assert has_room()
        assert not stop.requested
        for target in targets:
            yield NotAsked(target, "twin") if target.host == "b" else target

    outcomes = list(
        sweep(
            _raises({}),
            _hosts("a", "b", "c"),
            executor=InlineExecutor(),
            in_flight=1,
            gate=_gate(is_open=True),
            reach=reach,
        )
    )

    assert {type(outcome): outcome.target.host for outcome in outcomes}[NotAsked] == "b"
    assert {o.value for o in outcomes if isinstance(o, Answered)} == {"A", "C"}


def test_a_bug_of_the_search_is_raised() -> None:
    """Where the search breaks, the sweep says so instead of losing hosts."""

    def reach(
        targets: Iterator[Target], _has_room: Callable[[], bool], _stop: Stop
    ) -> Iterator[Target | Failed | NotAsked]:
        yield next(targets)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(
            sweep(
                _raises({}),
                _hosts("a"),
                executor=InlineExecutor(),
                in_flight=1,
                gate=_gate(),
                reach=reach,
            )
        )


def test_a_stop_ends_the_search_too() -> None:
    """What was found but not asked, and what was not looked for, is not asked."""
    stop = Stop()

    def reach(
        targets: Iterator[Target], _has_room: Callable[[], bool], stop: Stop
    ) -> Iterator[Target | Failed | NotAsked]:
        yield next(targets)
        yield next(targets)
        stop.request()

    outcomes = list(
        sweep(
            _raises({}),
            _hosts("a", "b", "c"),
            executor=InlineExecutor(),
            in_flight=1,
            gate=_gate(),
            reach=reach,
            stop=stop,
        )
    )

    assert sorted(outcome.target.host for outcome in outcomes) == ["a", "b", "c"]
    assert isinstance(outcomes[-1], NotAsked)


def test_each_account_has_a_trial_of_its_own() -> None:
    """One account that is not known yet holds up its own hosts alone."""
    accounts = {name: Credentials(name, "secret") for name in ("x", "y")}
    gate = Gate(Accounts(None, accounts))
    first, second, other = (Target(host, username=name) for host, name in ("ax", "bx", "cy"))
    gate.began(first)
    assert (gate.ready(second), gate.ready(other)) == (False, True)
    gate.began(other)
    gate.note(Failed(other, BadCredentialsError("c: no"), 0.1))
    assert gate.refusal(Target("d", username="y"))
    assert not gate.refusal(second)
    gate.note(Answered(first, None, 0.1))
    assert gate.ready(second)


def test_hosts_of_a_wrong_account_do_not_hold_up_the_others() -> None:
    """Of two accounts one is wrong: it is tried once, and all hosts of the other are asked."""
    accounts = {name: Credentials(name, "secret") for name in ("good", "bad")}
    targets = [Target(f"{name}{n}", username=name) for n in range(3) for name in accounts]
    work = _raises({f"bad{n}": BadCredentialsError(f"bad{n}: no") for n in range(3)})
    gate = Gate(Accounts(None, accounts))
    outcomes = list(sweep(work, targets, executor=InlineExecutor(), in_flight=9, gate=gate))
    became = Counter((type(outcome), outcome.target.username) for outcome in outcomes)
    assert became == {(Answered, "good"): 3, (Failed, "bad"): 1, (NotAsked, "bad"): 2}
