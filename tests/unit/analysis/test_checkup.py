"""The steps of a session as checks."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.transport.hellos import MOMENT, agreed

from hostprobe import errors
from hostprobe.analysis import findings
from hostprobe.analysis.checkup import Check, Checkup, Step
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Snapshot
from hostprobe.transport.trail import Trail

WAY_IN = (
    *("look up the name", "connect", "negotiate", "log in", "open ADMIN$"),
    "open the service manager",
)
RUN = (
    *("upload paexec.exe", "open the service manager", "upload paexec.exe", "create the service"),
    *("start the service", "reach PAExec", "start the command", "run the command", "clean up"),
)
SEEN = Snapshot(
    host_name="WS081",
    collected_at=datetime.now(UTC),
    connections=None,
    processes=None,
    process_source="powershell",
    notes=(),
    raw=b"Active code page: 850\r\n==hostprobe:chcp:0==\r\n5.1.2\r\nFullLanguage\r\n"
    b"==hostprobe:language:0==\r\n",
)


@dataclasses.dataclass
class Told:
    """A check-up, and what it told."""

    checkup: Checkup
    trail: Trail
    checks: list[Check]

    def walk(self, *steps: str) -> "Told":
        """A session that takes these steps, behind a known account."""
        self.checkup.has_account("ops (-u)")
        for step in steps:
            self.trail.at(step)
        return self

    def became(self, status: str) -> list[str]:
        """The checks of that status."""
        return [check.step.value for check in self.checks if check.status == status]


def told(*, runs: bool) -> Told:
    """A check-up that begins."""
    checks: list[Check] = []
    trail = Trail(access={"ADMIN$": 0x1F01FF})
    checkup = Checkup(Target("ws081"), trail, runs, checks.append)
    trail.on_step = checkup.at
    return Told(checkup, trail, checks)


def test_all_is_well() -> None:
    """Without a run there are nine checks, each told as soon as the next step begins."""
    met = told(runs=False).walk(*WAY_IN)
    assert met.became("ok")[-1] == "admin_share"
    met.checkup.is_open()
    met.checkup.is_over()
    assert [check.step for check in met.checks] == list(Step)[:9]
    assert not met.became("failed") + met.became("not_tried")


def test_a_run() -> None:
    """With a run there are all of them; steps that come again do not begin anew."""
    met = told(runs=True).walk(*WAY_IN, *RUN)
    met.checkup.has_run(SEEN)
    met.checkup.is_over(("service x",))
    assert [check.step for check in met.checks] == list(Step)
    details = {check.step: check.detail for check in met.checks}
    assert details[Step.CODE_PAGE] == "850"
    assert details[Step.POWERSHELL] == "5.1.2, FullLanguage"
    assert "nothing of ours" in str(details[Step.CLEAN_UP])


@pytest.mark.parametrize(
    ("steps", "error", "failed"),
    [
        (WAY_IN[:1], errors.UnresolvedError("x", step="look up the name"), "name"),
        (WAY_IN[:2], errors.OutsideScopeError("x"), "port"),
        (WAY_IN[:4], errors.BadCredentialsError("x", step="log in"), "log_in"),
        (WAY_IN, errors.NotAdminError("x", step="open the service manager"), "service_manager"),
        ((*WAY_IN, *RUN[:2]), errors.DeadlineError("x", step=RUN[1]), "upload"),
        ((*WAY_IN, *RUN[:5]), errors.BlockedError("x", step="start the service"), "service"),
        ((*WAY_IN, *RUN), errors.CommandTimeoutError("x", step="run the command"), "command"),
        ((*WAY_IN, *RUN), errors.UnknownOutputError("x"), "command"),
        ((), errors.JournalError("x"), "machine"),
    ],
)
def test_where_it_ends(steps: tuple[str, ...], error: errors.HostprobeError, failed: str) -> None:
    """The check of the failing step fails; those before it are well, those after it not tried."""
    met = told(runs=True).walk(*steps)
    met.checkup.has_failed(error)
    met.checkup.is_over()
    order = [step.value for step in Step]
    assert met.became("failed") == [failed]
    assert met.became("not_tried") == order[order.index(failed) + 1 :]


def test_no_account() -> None:
    """Where it is not known as whom to log in, nothing else is tried."""
    met = told(runs=False)
    met.checkup.has_failed(errors.UsageError("as whom?"))
    met.checkup.is_over()
    assert met.became("failed") == ["account"]


def test_the_cause_alone() -> None:
    """A failure is told without the host and the step, which stand beside it."""
    met = told(runs=False).walk(*WAY_IN[:4])
    met.checkup.has_failed(errors.AccountLockedError("ws081: cannot log in: locked", step="log in"))
    assert met.checks[-1].detail == "locked"
    assert met.checks[-1].seconds is not None


def test_a_clean_up_that_fails() -> None:
    """What is left behind is a failure of its own, also after another one."""
    met = told(runs=True).walk(*WAY_IN, *RUN)
    met.checkup.has_failed(errors.CommandTimeoutError("x", step="run the command"))
    met.checkup.is_over(("service x", "file y"), ("file y",))
    assert met.became("failed") == ["command", "clean_up"]
    assert met.checks[-1].detail == "left behind: file y"


@pytest.mark.parametrize(
    ("ahead", "words", "is_doubtful"),
    [
        (timedelta(seconds=0.4), "right to two seconds", False),
        (timedelta(seconds=-40), "40 seconds behind", False),
        (timedelta(minutes=17), "17 minutes ahead: Kerberos bears five minutes", True),
        (timedelta(days=-400), "400 days behind: Kerberos bears five minutes", True),
    ],
)
def test_the_clock(
    ahead: timedelta,
    words: str,
    is_doubtful: bool,  # noqa: FBT001 - a test parameter
) -> None:
    """Clocks that are apart are told in the largest unit; too far for Kerberos is marked."""
    way = Trail(hellos=[agreed(0x210)], heard_at=MOMENT - ahead)
    assert findings.clock(way) == findings.Finding(words, is_doubtful)


def test_what_is_doubtful() -> None:
    """A silent clock is no doubt; no encryption, no writing, a cut answer and no page are."""
    assert not findings.clock(Trail()).is_doubtful
    assert findings.smb(Trail()).is_doubtful
    assert findings.admin_share(Trail()).is_doubtful
    cut = dataclasses.replace(SEEN, raw=b"", process_source=None, notes=("cut short: too much",))
    assert findings.answer(Trail(), cut).text == "cut short: too much (0 bytes in 0 reads)"
    assert findings.code_page(cut).is_doubtful
    assert findings.powershell(cut).text.startswith("none that answers")


def test_many_addresses() -> None:
    """A name with many addresses shows a few."""
    way = Trail(addresses=("a", "b", "c", "d", "e", "f"))
    assert findings.addresses(way).text == "a, b, c, d and 2 more"


def test_kerberos() -> None:
    """A log-in without a challenge is one with a ticket, and the host tells nothing of itself."""
    assert findings.log_in(Trail()).text == "Kerberos"
