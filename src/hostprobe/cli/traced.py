"""What became of tracing a flow: its records, what a person should hear of it, and its code."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from hostprobe.analysis import trace
from hostprobe.analysis.trace import End, EndName, Side, TracedSocket, Wanted
from hostprobe.cli import aliases, exit_codes, reports
from hostprobe.cli.answers import Answer, plain
from hostprobe.cli.visits import Outcome, Visit
from hostprobe.errors import HostError, OutsideScopeError
from hostprobe.formats import HostReport
from hostprobe.inventory.aliases import Aliases
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Snapshot
from hostprobe.sweep import Answered, Failed, NotAsked


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRow(TracedSocket):
    """A socket with the user's names for its addresses, which come in when it is shown."""

    local_alias: str | None = field(default=None, init=False)
    remote_alias: str | None = field(default=None, init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedEnd:
    """One end of the flow.

    Attributes:
        target: Who was asked for it.
        sockets: Of the end.
        notes: What is to be known beside them, in words; of one that did not answer, why.
    """

    name: EndName
    target: Target
    end: End
    sockets: tuple[TracedSocket, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """What became of tracing a flow.

    Attributes:
        outcomes: One for each host that was asked, or was not to be.
        ends: Source and destination; one host may be both.
        notes: On the flow as a whole.
    """

    flow: Wanted
    outcomes: tuple[Outcome[Snapshot], ...]
    ends: tuple[TracedEnd, TracedEnd]
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls, flow: Wanted, targets: tuple[Target, Target], outcomes: Iterable[Outcome[Snapshot]]
    ) -> "Traced":
        """Put together what the ends have answered."""
        by_target = {outcome.target: outcome for outcome in outcomes}
        askers = _without_twins(targets, by_target)
        source = _end(flow.source, askers[0], by_target[askers[0]])
        destination = _end(flow.destination, askers[1], by_target[askers[1]])
        found = trace.sockets(flow, source, destination)

        def traced(name: EndName, target: Target, end: End) -> TracedEnd:
            return TracedEnd(
                name=name,
                target=target,
                end=end,
                sockets=tuple(socket for socket in found if socket.end == name),
                notes=trace.notes(flow, name, end, found),
            )

        return cls(
            flow=flow,
            outcomes=tuple(by_target.values()),
            ends=(
                traced("source", askers[0], source),
                traced("destination", askers[1], destination),
            ),
            notes=trace.explanation(flow, (source, destination), found),
        )

    def named(self, names: Aliases) -> "Traced":
        """The same with the user's names in place of addresses, for a person."""
        source, destination = (
            replace(end, sockets=tuple(_named(socket, names) for socket in end.sockets))
            for end in self.ends
        )
        return replace(self, ends=(source, destination))

    def reports(self, names: Aliases) -> Iterator[HostReport]:
        """The report of each host, with the user's names beside addresses."""
        for outcome in map(self._told, self.outcomes):
            if isinstance(outcome, Answered):
                told = outcome.value.value
                origin = reports.origin_of(outcome.target, outcome.value)
                rows = reports.records("trace", origin, aliases.named(told.rows, names))
                yield reports.answered(origin, rows, told, outcome)
            else:
                yield reports.unanswered(outcome)

    def messages(self, *, quiet: bool, shows_failures: bool) -> Iterator[str]:
        """What a person should hear of the hosts; the arguments are those of `reports.messages`."""
        for outcome in map(self._told, self.outcomes):
            yield from reports.messages(outcome, quiet=quiet, shows_failures=shows_failures)

    def exit_code(self, *, is_interrupted: bool) -> int:
        """Whom nobody wanted to be asked has not failed, unless nobody else is left."""
        asked = [outcome for outcome in self.outcomes if not _is_outside(outcome)]
        if not asked:
            return exit_codes.GUARD
        verdict = exit_codes.Verdict()
        for outcome in asked:
            verdict.add(outcome)
        rows = sum(socket.is_of_the_flow for end in self.ends for socket in end.sockets)
        return verdict.code(rows=rows, interrupted=is_interrupted)

    def _told(self, outcome: Outcome[Snapshot]) -> Outcome[Answer]:
        if not isinstance(outcome, Answered):
            return outcome
        mine = [end for end in self.ends if end.target == outcome.target]
        of_ends = (note for end in mine for note in end.notes)
        visit, seen = outcome.value, outcome.value.value
        told = Answer(
            host_name=seen.host_name,
            collected_at=seen.collected_at,
            rows=tuple(plain(socket) for end in mine for socket in end.sockets),
            notes=tuple(dict.fromkeys((*seen.notes, *of_ends, *self.notes))),
            unread=unread(seen),
        )
        told_visit = Visit(told, visit.facts, visit.receipt)
        return Answered(outcome.target, told_visit, outcome.elapsed_s)


def _named(socket: TracedSocket, names: Aliases) -> TracedSocket:
    local, remote = socket.local_address, socket.remote_address
    return replace(
        socket,
        local_address=aliases.name_of(names, local) or local,
        remote_address=aliases.name_of(names, remote) or remote,
    )


def _is_outside(outcome: Outcome[Snapshot]) -> bool:
    return isinstance(outcome, Failed) and isinstance(outcome.error, OutsideScopeError)


def unread(seen: Snapshot) -> tuple[str, ...]:
    """The lines of an answer that nobody understood."""
    listings = (seen.connections, seen.processes)
    return tuple(line for listing in listings if listing for line in listing.unparsed)


def _without_twins(
    targets: tuple[Target, Target], outcomes: dict[Target, Outcome[Snapshot]]
) -> Sequence[Target]:
    """Who answers for each end: two names of one host are asked by one of them."""
    twins = [
        target
        for target in targets
        if isinstance(twin := outcomes[target], NotAsked) and twin.cause == "twin"
    ]
    others = [target for target in targets if target not in twins]
    return [others[0] if target in twins else target for target in targets]


def _end(side: Side, target: Target, outcome: Outcome[Snapshot]) -> End:
    match outcome:
        case Answered(value=visit):
            return End.of(side, visit.value, target.host, visit.facts.address)
        case Failed(error=HostError(address=address)):
            return End.of(side, outcome, target.host, address)
        case _:
            return End.of(side, outcome, target.host)
