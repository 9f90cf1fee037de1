"""Plans in a file: what was written is what is read, and nothing else passes."""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.actions import kill, plan_files
from hostprobe.actions._plain import plain, record
from hostprobe.actions._sealed import digest
from hostprobe.actions.kill import KillPlan, KillRequest, Victim
from hostprobe.actions.plan_files import Header, HostPlan, PlanFile, Unplanned
from hostprobe.errors import GuardError, InputFileError
from hostprobe.inventory.targets import Target
from hostprobe.models import Connection, Endpoint, Process

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PARENT = Process(pid=300, name="explorer.exe", started_at=NOON - timedelta(hours=3))
VICTIM = Process(
    pid=432,
    name="victim.exe",
    parent_pid=300,
    started_at=NOON - timedelta(hours=1),
    path="C:\\Users\\Public\\victim.exe",
    command_line='victim.exe "\u202e\ud800"',
    services=(),
    cpu_time_s=1,
)
SOCKET = Connection(
    protocol="tcp",
    local=Endpoint("10.0.0.5", 50123),
    remote=Endpoint("203.0.113.9", 443),
    state="ESTABLISHED",
    listening=False,
    pid=432,
)
PLAN = KillPlan(
    request=KillRequest(name="victim.exe", several_hosts=True),
    host_name="WEB01",
    collected_at=NOON,
    process_source="powershell",
    identity="full",
    victims=(Victim(process=VICTIM, parent=PARENT, connections=(SOCKET,)),),
    notes=("a note",),
)
HEADER = Header(
    action="kill",
    made_at=NOON,
    made_by="ann",
    made_on="desk",
    account=r"CORP\ops",
    ticket="INC-42",
)
FILE = PlanFile(
    header=HEADER,
    plans=(
        HostPlan(Target("web01"), "10.0.0.5", PLAN),
        HostPlan(Target("fd00::7", 4450, "london", r"LON\p"), None, replace(PLAN, host_name="W7")),
    ),
    unplanned=(Unplanned("web02", "refused", "web02: refused"),),
)
FIRST = ("hosts", 0)
PROCESS = (*FIRST, "plan", "victims", 0, "process")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the plans are kept."""
    return tmp_path / "plan.json"


def edited(
    path: Path, change: Callable[[dict[str, object]], object], *, seals: bool = True
) -> Path:
    """The file after somebody's change, with a SHA-256 that fits it again."""
    path.unlink(missing_ok=True)
    FILE.write(path)
    content = json.loads(path.read_text())
    change(content)
    if seals:
        content["sha256"] = digest(content)
    path.write_text(json.dumps(content))
    return path


def put(place: tuple[str | int, ...], value: object) -> Callable[[dict[str, object]], None]:
    """A change that puts a value there."""

    def change(content: object) -> None:
        for step in place[:-1]:
            content = content[step]  # type: ignore[index] # a list or an object
        content[place[-1]] = value  # type: ignore[index] # the same

    return change


def complaint(path: Path) -> str:
    """The one line about a file that is refused, which names it."""
    with pytest.raises(InputFileError) as caught:
        plan_files.load(path, "kill", KillPlan)
    text = str(caught.value)
    assert "plan.json" in text
    assert "\n" not in text
    assert text.isprintable()
    return text


def test_what_was_written_is_read(path: Path) -> None:
    """A plan comes back as it was, with who made it and what it does not touch."""
    FILE.write(path)
    read = plan_files.load(path, "kill", KillPlan)
    assert (read.header, tuple(read.plans)) == (FILE.header, FILE.plans)
    assert tuple(read.unplanned) == FILE.unplanned
    assert read.sha256 == FILE.sha256 == json.loads(path.read_text())["sha256"]
    assert read.collected_at == NOON


def test_it_is_for_people(path: Path) -> None:
    """It is indented and in ASCII: no letter can look like another or turn the line around."""
    FILE.write(path)
    text = path.read_text()
    assert text.isascii()
    assert '\n        "host_name": "WEB01",\n' in text
    assert "null" not in text


def test_it_is_not_overwritten(path: Path) -> None:
    """A file that is there stays: somebody may have approved it."""
    path.write_text("approved")
    with pytest.raises(InputFileError, match="name a new file"):
        FILE.write(path)
    assert path.read_text() == "approved"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be written is told."""
    with pytest.raises(InputFileError, match="cannot write"):
        FILE.write(tmp_path / "nowhere" / "plan.json")


@pytest.mark.parametrize("place", [(*PROCESS, "pid"), ("ticket",), (*FIRST, "port"), ("made_by",)])
def test_a_slip_of_the_keyboard(path: Path, place: tuple[str | int, ...]) -> None:
    """Whatever is changed in it without a new SHA-256 is told."""
    assert "was changed" in complaint(edited(path, put(place, 8), seals=False))


def test_other_spaces_do_not_matter(path: Path) -> None:
    """An editor that indents it anew, or sorts it, has not changed the plan."""
    FILE.write(path)
    path.write_text(json.dumps(json.loads(path.read_text()), sort_keys=True, indent=8))
    assert plan_files.load(path, "kill", KillPlan).sha256 == FILE.sha256


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_a_cut_file(path: Path, share: float) -> None:
    """A file that was cut is told as such."""
    FILE.write(path)
    text = path.read_text()
    path.write_text(text[: int(len(text) * share)])
    assert "no whole JSON" in complaint(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "no plan of hostprobe"),
        ('{"record": "host"}', "no plan of hostprobe"),
        ('{"record": "plan", "schema": 2}', "another schema"),
        ('{"record": "plan", "schema": true}', "another schema"),
        ('{"record": "plan", "record": "plan"}', "no whole JSON"),
        ('{"record": NaN}', "no whole JSON"),
        ("[" * 100_000, "no whole JSON"),
        ('{"a": ' + "1" * 5000 + "}", "no whole JSON"),
    ],
)
def test_what_is_no_plan(path: Path, text: str, told: str) -> None:
    """Another JSON, one with a member twice, and one too deep are refused with their reason."""
    path.write_text(text)
    assert told in complaint(path)


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (("hosts",), [], "hosts is empty"),
        (("hosts",), {}, "hosts is no list"),
        (("hosts", 0), 8, "hosts[0] is no object"),
        (("hosts", 0), {}, "hosts[0].plan is missing"),
        (("hosts", 1, "target"), "a b", "hosts[1].target"),
        (("hosts", 1, "target"), "web01:80", "hosts[1].target"),
        ((*FIRST, "port"), 0, "hosts[0].port"),
        ((*FIRST, "port"), "445", "hosts[0].port"),
        ((*FIRST, "port"), True, "hosts[0].port"),
        ((*FIRST, "shell"), "rm", "'shell'"),
        ((*FIRST, "plan", "host_name"), 8, "hosts[0].plan.host_name"),
        ((*FIRST, "plan", "collected_at"), "2026-11-22T12:00:00", "collected_at"),
        ((*FIRST, "plan", "collected_at"), "soon", "collected_at"),
        ((*FIRST, "plan", "identity"), "none", "hosts[0].plan.identity"),
        ((*FIRST, "plan", "victims"), "all", "hosts[0].plan.victims"),
        ((*FIRST, "plan", "request"), {}, "'request'"),
        ((*PROCESS, "pid"), 432.0, "victims[0].process.pid"),
        ((*PROCESS, "pid"), 1 << 70, "victims[0].process.pid"),
        ((*PROCESS, "name"), None, "victims[0].process.name"),
        ((*PROCESS, "command_line"), "v" * 40_000, "command_line"),
        ((*PROCESS, "cpu_time_s"), "1", "cpu_time_s"),
        (("request", "allow_critical"), 1, "request.allow_critical"),
        (("action",), "shutdown", "another command, 'shutdown'"),
        (("made_at",), None, "made_at"),
        (("unplanned",), [8], "unplanned[0]"),
        (("more",), 1, "'more'"),
    ],
)
def test_what_a_plan_cannot_be(
    path: Path, place: tuple[str | int, ...], value: object, told: str
) -> None:
    """A field that is missing, unknown, or of another kind is named, with the file."""
    assert told in complaint(edited(path, put(place, value)))


def test_a_host_that_is_there_twice(path: Path) -> None:
    """Each host has one plan."""

    def repeat(content: dict[str, object]) -> None:
        hosts = content["hosts"]
        assert isinstance(hosts, list)
        hosts.append(hosts[0])

    assert "hosts[2].target 'web01' is there twice" in complaint(edited(path, repeat))


def test_what_can_be_missing(path: Path) -> None:
    """Only what nobody knew may be missing."""

    def forget(content: dict[str, object]) -> None:
        del content["ticket"]

    assert plan_files.load(edited(path, forget), "kill", KillPlan).header.ticket is None


def test_a_file_too_large(path: Path) -> None:
    """A file larger than any plan is not read."""
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    assert "larger than" in complaint(path)


class _Word(StrEnum):
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class _Leaf:
    number: float | None
    word: _Word


@dataclass(frozen=True, slots=True)
class _Tree:
    """One of each kind of field."""

    text: str
    whole: int
    is_so: bool
    mode: Literal["a", "b"] | None
    at: datetime
    leaf: _Leaf | None
    leaves: tuple[_Leaf, ...]


_LEAVES = st.builds(
    _Leaf,
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.just(_Word.GOOD),
)
_TREES = st.builds(
    _Tree,
    st.text(),
    st.integers(-(2**62), 2**62),
    st.booleans(),
    st.sampled_from(["a", "b", None]),
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(  # noqa: DTZ001 - made aware next
        lambda moment: moment.replace(tzinfo=UTC)
    ),
    st.none() | _LEAVES,
    st.lists(_LEAVES).map(tuple),
)


@given(_TREES)
def test_any_record_comes_back(tree: _Tree) -> None:
    """A record of any plan survives JSON as it is, whatever its fields hold."""
    assert record(_Tree, json.loads(json.dumps(plain(tree))), "it") == tree


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*"abc", "text", "at"]), inner),
)


@given(st.fixed_dictionaries({field.name: _JSON for field in fields(_Tree)}))
def test_any_other_is_refused(content: dict[str, object]) -> None:
    """Any other JSON is refused with one class of error."""
    with pytest.raises(InputFileError):
        record(_Tree, content, "it")


def reviewed(victim: Process, **other: object) -> None:
    """Look at the plan again, with another victim."""
    victims = (replace(PLAN.victims[0], process=victim),)
    plan = replace(PLAN, **{"victims": victims, **other})  # type: ignore[arg-type] # fields of it
    kill.review(plan, "'plan.json': hosts[0].plan", allow_critical=False)


def test_a_plan_that_was_made_here() -> None:
    """What a plan holds passes the second look."""
    reviewed(VICTIM)
    reviewed(replace(VICTIM, started_at=None), identity="name only")
    reviewed(replace(VICTIM, name="ctf\u043con.exe"))


@pytest.mark.parametrize(
    ("victim", "other", "told"),
    [
        (VICTIM, {"host_name": "A & del"}, "host_name"),
        (VICTIM, {"victims": ()}, "victims"),
        (VICTIM, {"victims": PLAN.victims * 2}, "victims"),
        (VICTIM, {"identity": "name only"}, "identity"),
        (replace(VICTIM, started_at=None), {}, "identity"),
        (replace(VICTIM, pid=-8), {}, "process.pid"),
        (replace(VICTIM, pid=1 << 32), {}, "process.pid"),
        (replace(VICTIM, name='a" & del'), {}, "process.name"),
        (replace(VICTIM, name="\x1b[2J"), {}, "process.name"),
        (replace(VICTIM, name=""), {}, "process.name"),
        (replace(VICTIM, started_at=datetime(1, 1, 1, tzinfo=UTC)), {}, "started_at"),
    ],
)
def test_what_no_plan_of_a_kill_can_be(
    victim: Process, other: dict[str, object], told: str
) -> None:
    """What could not stand in the command that kills is refused by its field."""
    with pytest.raises(InputFileError, match=r"hosts\[0\]\.plan") as caught:
        reviewed(victim, **other)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "victim",
    [
        replace(VICTIM, pid=4),
        replace(VICTIM, name="LSASS.exe"),
        replace(VICTIM, name="lsass"),
        replace(VICTIM, name="winlogon.exe"),
        replace(VICTIM, name="svchost.exe", services=("RpcSs",)),
        replace(VICTIM, name="svchost.exe", services=("Spooler",)),  # as the file says
    ],
)
def test_guards_look_again(victim: Process) -> None:
    """Who is never killed, or only when that is allowed, is not killed from a file either."""
    with pytest.raises(GuardError):
        reviewed(victim)


def test_a_name_for_the_command_line() -> None:
    """A name that would stand in the command line as it is must be a plain one."""
    with pytest.raises(GuardError, match="command line"):
        reviewed(replace(VICTIM, name="a&b.exe", started_at=None), identity="name only")


def test_allow_critical_is_said_by_who_carries_it_out() -> None:
    """What the file says of --allow-critical does not count."""
    victim = replace(VICTIM, name="winlogon.exe")
    plan = replace(
        PLAN,
        request=replace(PLAN.request, allow_critical=True),
        victims=(replace(PLAN.victims[0], process=victim),),
    )
    with pytest.raises(GuardError, match="--allow-critical"):
        kill.review(plan, "it", allow_critical=False)
    kill.review(plan, "it", allow_critical=True)
