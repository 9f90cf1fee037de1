"""One act from start to end: plan on all hosts, show, ask, carry out, tell."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from shlex import quote
from typing import Generic

from hostprobe.actions._audit import Audit, audit_path, intents
from hostprobe.actions.plan_files import Header, PlanFile, refuse_to_overwrite
from hostprobe.cli import output, receipts, reports
from hostprobe.cli.acting._act import Act, Done, P, Planned, R, Spared
from hostprobe.cli.acting._plan_file import introduce, kept, out_of, require_fresh, storable
from hostprobe.cli.acting._telling import Telling, hosts_in_words
from hostprobe.cli.acting._visiting import After, Options, Rounds, carried_out, plans, stopped
from hostprobe.cli.aliases import remark
from hostprobe.cli.console import confirm, require_someone, say
from hostprobe.cli.credentials import accounts
from hostprobe.cli.options import HostOptions
from hostprobe.cli.places import require_place
from hostprobe.cli.selecting import Announce, announcement
from hostprobe.cli.survey import prepare_talk
from hostprobe.cli.tally import FailedList
from hostprobe.cli.visits import Opener, open_connector, port_check, scope_of
from hostprobe.errors import GuardError, JournalError, UsageError
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Failed, Reach


def act_on(
    act: Act[P, R],
    targets: Sequence[Target],
    options: Options,
    *,
    opener: Opener = open_connector,
    search: Callable[[HostOptions], Reach | None] = port_check,
    after: After[P, R] | None = None,
    announce: Announce = announcement,
) -> int:
    """Plan an act on all hosts that were named, ask, carry it out, and tell; the exit code.

    Args:
        act: What is done.
        targets: The hosts that were named.
        options: How to reach them, what becomes of the plan, and what is written.
        opener: Makes what opens sessions.
        search: Makes what finds out which hosts are there.
        after: Follows what was done before it is told.
        announce: Says what a look at many hosts means to them.

    Raises:
        UsageError: It cannot be done as asked, or its records cannot be written.
    """
    wanted = options[1]
    if not targets:
        msg = f"{act.name} what? name a TARGET"
        raise UsageError(msg)
    telling = _telling(act, targets, options)
    if wanted.plan_out:
        refuse_to_overwrite(wanted.plan_out)
    find = partial(plans, act, targets)
    run = _Run(
        *(act, targets, options, telling, opener, search, act.check, find, after),
        announce=announce,
    )
    return run.code()


def act_on_plans(
    act: Act[P, R],
    file: PlanFile[P],
    path: Path,
    options: Options,
    *,
    opener: Opener = open_connector,
    search: Callable[[HostOptions], Reach | None] = port_check,
    after: After[P, R] | None = None,
) -> int:
    """Carry out the plans of a file, or only show them; the exit code.

    Args:
        act: What is done; its request is that of the plans.
        file: As it was read.
        path: Of the file.
        options: As for `act_on`.
        opener: The same.
        search: The same.
        after: The same.

    Raises:
        UsageError: A plan in it is none, or the records cannot be written.
    """
    hosts, wanted, written = options
    targets = [each.target for each in file.plans]
    telling = _telling(act, targets, options)
    ready = out_of(file, act, path, begun=intents(audit_path(os.environ), file.sha256))
    introduce(file, path)
    if wanted.dry_run:
        telling.explain([each for each in ready if isinstance(each, Spared)])
        telling.show_plans([each for each in ready if isinstance(each, Planned)])
        telling.write(ready)
        return telling.code(interrupted=False)
    ticket = wanted.ticket or file.header.ticket
    options = (hosts, replace(wanted, ticket=ticket), written)
    check = partial(require_fresh, file, path, wanted.max_age)

    def find(_rounds: Rounds) -> Iterable[Planned[P] | Spared]:
        return ready

    run = _Run(act, targets, options, telling, opener, search, check, find, after, file.sha256)
    return run.code()


def _telling(act: Act[P, R], targets: Sequence[Target], options: Options) -> Telling[P, R]:
    """What tells of it; typing errors are told before anybody logs in."""
    hosts, wanted, written = options
    prepare_talk(written)
    scope_of(hosts)
    output.layout(written, reports.columns(act.row), act.shown)
    require_place(written.output)
    require_place(wanted.plan_out)
    used = (written.output, wanted.inventory, wanted.failed_to, wanted.plan, wanted.plan_out)
    output.refuse_to_share("--receipt", written.receipt, used)
    return Telling(act, targets, written, FailedList(wanted.failed_to), wanted.is_plan)


@dataclass(frozen=True, slots=True)
class _Run(Generic[P, R]):
    """An act under way.

    Attributes:
        check: Refuses what needs no host.
        find: The plan of each host.
        plan_sha256: Of the file that they come from; None where they are made now.
    """

    act: Act[P, R]
    targets: Sequence[Target]
    options: Options
    telling: Telling[P, R]
    opener: Opener
    search: Callable[[HostOptions], Reach | None]
    check: Callable[[], None]
    find: Callable[[Rounds], Iterable[Planned[P] | Spared]]
    after: After[P, R] | None
    plan_sha256: str | None = None
    announce: Announce = announcement

    def code(self) -> int:
        """Do it, or only plan it; the exit code."""
        hosts, wanted, written = self.options
        try:
            self.check()
            account_of = accounts(hosts, self.targets, quiet=written.quiet)
            if not wanted.is_plan:
                require_someone(assume_yes=wanted.yes)
        except GuardError as error:
            return self._refused(error)
        with receipts.kept(self.act.name, written) as receipt:
            if not written.quiet and (text := remark(self.targets)):
                say(text)
            if len(self.targets) > 1 and not written.quiet:
                say(self.announce(self.targets, account_of, wanted.jobs))
            go = partial(Rounds, self.options, account_of, self.opener, self.search)
            return self._planned(go(note=receipt.add))

    def _planned(self, rounds: Rounds) -> int:
        """Look, and go on from there."""
        places = {target: place for place, target in enumerate(self.targets)}
        found = sorted(self.find(rounds), key=lambda each: places[each.target])
        if rounds.was_stopped:
            found = [stopped(self.act, e) if isinstance(e, Planned) else e for e in found]
        if self.options[1].plan_out:
            found = [storable(self.act, e) if isinstance(e, Planned) else e for e in found]
        planned = [each for each in found if isinstance(each, Planned)]
        spared = [self._written_down(e) for e in found if isinstance(e, Spared)]
        self.telling.explain(spared)
        self.telling.show_plans(planned)
        if planned and not self.telling.is_plan:
            return self._confirmed(planned, spared, rounds)
        if planned and self.options[1].plan_out:
            self._keep(planned, spared, self.options[1].plan_out)
        self.telling.write(chain(spared, planned))
        return self.telling.code(interrupted=rounds.was_stopped)

    def _keep(self, planned: Sequence[Planned[P]], spared: Sequence[Spared], path: Path) -> None:
        """Write the plans to their file, and say how they are carried out."""
        hosts, wanted, _ = self.options
        header = Header.of(self.act.name, account=hosts.username or "", ticket=wanted.ticket)
        file = kept(header, planned, spared)
        file.write(path)
        number, all_of_them = len(planned), hosts_in_words(len(self.targets))
        say(f"{path}: plans for {number:,} of {all_of_them}; SHA-256 {file.sha256}")
        say(f"nothing was changed; hostprobe {self.act.name} --plan {quote(str(path))} does that")

    def _confirmed(
        self, planned: Sequence[Planned[P]], spared: Sequence[Spared], rounds: Rounds
    ) -> int:
        """Ask, and carry it out. Nothing of ours is on the hosts while we ask."""
        _, wanted, written = self.options
        question = self.act.question([each.plan for each in planned])
        try:
            confirm(question.text, answer=question.answer, assume_yes=wanted.yes)
        except GuardError as error:
            return self._refused(error, spared, planned)
        if not written.quiet:
            say(self.act.doing([each.plan for each in planned]))

        def audit(target: Target) -> Audit:
            return self._audit(target, rounds.accounts.of(target).username)

        told: Iterable[Done[P, R] | Spared] = carried_out(self.act, planned, rounds, audit)
        if self.after is not None:
            told = self.after(told, rounds)
        self.telling.write(chain(spared, told))
        return self.telling.code(interrupted=rounds.was_stopped)

    def _refused(
        self,
        error: GuardError,
        spared: Iterable[Spared] = (),
        planned: Iterable[Planned[P]] | None = None,
    ) -> int:
        """Nothing is done on any host, for one reason, which is said once."""
        left = {each.target: each.left for each in planned or ()}
        targets = self.targets if planned is None else [*left]
        error = self._journalled(error, targets)
        refused = [Spared(Failed(each, error, None), left.get(each, ())) for each in targets]
        self.telling.refuse(refused, error)
        self.telling.write(chain(spared, refused), sums_up=False)
        return self.telling.code(interrupted=False)

    def _journalled(self, error: GuardError, targets: Sequence[Target]) -> GuardError:
        """The reason, in the audit file; or that it cannot be written there."""
        if self.telling.is_plan:
            return error
        who = targets[0] if len(targets) == 1 else f"{len(targets)} hosts"
        try:
            self._audit(who).refused(self.act.request, error)
        except JournalError as unwritten:
            return unwritten
        return error

    def _written_down(self, spared: Spared) -> Spared:
        """What a guard refused, in the audit file."""
        outcome = spared.outcome
        if not isinstance(outcome, Failed) or not isinstance(outcome.error, GuardError):
            return spared
        error = self._journalled(outcome.error, [outcome.target])
        return Spared(Failed(outcome.target, error, outcome.elapsed_s), spared.left)

    def _audit(self, target: Target | str, account: str | None = None) -> Audit:
        hosts, wanted, _ = self.options
        return Audit(
            path=audit_path(os.environ),
            action=self.act.name,
            target=str(target),
            account=account or hosts.username or "",
            ticket=wanted.ticket,
            plan_sha256=self.plan_sha256,
        )
