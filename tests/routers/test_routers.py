"""Asking a router: what is typed, who is believed, and every way in which it can fail."""

import shutil
import socket
import subprocess
import threading
from pathlib import Path

import paramiko
import pytest

from hostprobe import errors
from hostprobe.errors import HostError, UsageError
from hostprobe.inventory.targets import Target
from hostprobe.transport import routers
from hostprobe.transport.routers import RouterAnswer, RouterLogIn, RouterQuestion
from hostprobe.transport.routers.host_keys import changed, known_hosts_options
from tests.routers.emulated import PASSWORD, USER, Quirks, Router, router

LISTING = (Path(__file__).parents[1] / "listings/classic_2009/listing.txt").read_text("utf-8")
SHOW = "show ip cache flow"
ANSWERS = {SHOW: LISTING.partition("\n")[2]}
LOG_IN = RouterLogIn(username=USER, password=PASSWORD)


def _ask(
    emulated: Router,
    known_hosts: Path,
    log_in: RouterLogIn = LOG_IN,
    *,
    command: str = SHOW,
    timeout_s: float = 20,
    max_bytes: int = 64 << 20,
) -> RouterAnswer:
    question = RouterQuestion(
        command=command, device_type="cisco_ios", timeout_s=timeout_s, max_bytes=max_bytes
    )
    own = RouterLogIn(
        username=log_in.username,
        password=log_in.password,
        key_file=log_in.key_file,
        uses_agent=log_in.uses_agent,
        known_hosts=known_hosts,
    )
    return routers.ask(Target("127.0.0.1", emulated.port), own, question)


@pytest.mark.parametrize("end", ["#", ">"])
def test_answer(tmp_path: Path, end: str) -> None:
    """The whole answer comes back, without a pager, and nothing but reading was typed."""
    with router(Quirks(answers=ANSWERS, end=end)) as emulated:
        told = _ask(emulated, emulated.known_hosts(tmp_path / "known"))

    assert (told.host_name, told.address) == ("R1", "127.0.0.1")
    lines = told.text.decode().split("\r\n")
    assert lines[0] == SHOW
    assert lines[1:-1] == ANSWERS[SHOW].split("\n")[:-1]
    assert set(emulated.typed) == {"", "terminal width 511", "terminal length 0", SHOW}
    assert emulated.tried == 1


def test_old_router(tmp_path: Path) -> None:
    """A router that knows SHA-1 alone, as those that print classic listings do, can be asked."""
    with router(Quirks(answers=ANSWERS, is_old=True)) as emulated:
        told = _ask(emulated, emulated.known_hosts(tmp_path / "known"))

    assert told.host_name == "R1"


def test_prompt_in_an_answer(tmp_path: Path) -> None:
    """A prompt amid the lines of an answer does not end it."""
    answer = "R1# is what it says\nand R1#\nmore\n"
    with router(Quirks(answers={SHOW: answer})) as emulated:
        told = _ask(emulated, emulated.known_hosts(tmp_path / "known"))

    assert b"more" in told.text


def test_key(tmp_path: Path) -> None:
    """A key file proves the account where one is named; no password is tried."""
    key = paramiko.ECDSAKey.generate()
    key.write_private_key_file(str(tmp_path / "key"))
    with router(Quirks(answers=ANSWERS, user_key=key)) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        told = _ask(emulated, known, RouterLogIn(username=USER, key_file=tmp_path / "key"))

    assert told.host_name == "R1"


def test_key_with_a_passphrase(tmp_path: Path) -> None:
    """A key with a passphrase, and a file without a key, are told before anything is sent."""
    key = paramiko.ECDSAKey.generate()
    key.write_private_key_file(str(tmp_path / "key"), password="of-the-key")
    with router(Quirks(answers=ANSWERS, user_key=key)) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        with pytest.raises(errors.CredentialError, match="--router-agent"):
            _ask(emulated, known, RouterLogIn(username=USER, key_file=tmp_path / "key"))
        with pytest.raises(errors.CredentialError, match="holds no private key"):
            _ask(emulated, known, RouterLogIn(username=USER, key_file=known))

    assert emulated.tried == 0


def test_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of the SSH agent are offered, where that is wanted."""
    if not all(map(shutil.which, ("ssh-agent", "ssh-add"))):
        pytest.skip("no SSH agent here")
    key = paramiko.ECDSAKey.generate()
    key.write_private_key_file(str(tmp_path / "key"))
    monkeypatch.setenv("SSH_AUTH_SOCK", path := str(tmp_path / "agent"))
    with (
        subprocess.Popen(  # noqa: S603 - the system's own
            ["ssh-agent", "-D", "-a", path],  # noqa: S607 - wherever it is
            stdout=subprocess.DEVNULL,
        ) as agent,
        router(Quirks(answers=ANSWERS, user_key=key)) as emulated,
    ):
        try:
            add = ["ssh-add", "-q", str(tmp_path / "key")]
            while subprocess.run(add, check=False).returncode == 2:  # noqa: S603 - 2: no agent yet
                pass
            known = emulated.known_hosts(tmp_path / "known")
            told = _ask(emulated, known, RouterLogIn(username=USER, uses_agent=True))
        finally:
            agent.terminate()

    assert told.host_name == "R1"


def test_wrong_password(tmp_path: Path) -> None:
    """A wrong password costs one log-in."""
    with router(Quirks(answers=ANSWERS)) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        with pytest.raises(errors.BadCredentialsError, match="not tried again") as refused:
            _ask(emulated, known, RouterLogIn(username=USER, password="wrong"))

    assert emulated.tried == 1
    assert refused.value.address == "127.0.0.1"


def test_unknown_key(tmp_path: Path) -> None:
    """A router whose key nobody vouches for is sent nothing; the line has the way out."""
    empty = tmp_path / "known hosts"
    empty.touch()
    with router(Quirks(answers=ANSWERS)) as emulated:
        with pytest.raises(errors.HostKeyError) as refused:
            _ask(emulated, empty)
        way_out = f"ssh-keyscan -p {emulated.port} 127.0.0.1 >> '{empty}'"

    assert emulated.tried == 0
    assert way_out in str(refused.value)
    assert emulated.key.fingerprint in str(refused.value)  # as paramiko has it: SHA256:...


def test_system_keys() -> None:
    """Without a file of the user's choice, the user's own and the system's keys count."""
    told = known_hosts_options(None)

    assert told["system_host_keys"] is True
    assert told["alt_key_file"] == "/etc/ssh/ssh_known_hosts"


def test_changed_key(tmp_path: Path) -> None:
    """A router with another key than the known one is sent nothing."""
    with router(Quirks(answers=ANSWERS)) as emulated:
        emulated.known_hosts(tmp_path / "known")
        line = (tmp_path / "known").read_text("ascii")
        other = paramiko.ECDSAKey.generate().get_base64()
        (tmp_path / "known").write_text(line.replace(emulated.key.get_base64(), other), "ascii")
        with pytest.raises(errors.HostKeyError, match="somebody may be in between") as refused:
            _ask(emulated, tmp_path / "known")

    assert emulated.tried == 0
    way_out = f"ssh-keygen -f {tmp_path / 'known'} -R '[127.0.0.1]:{emulated.port}'"
    assert way_out in str(refused.value)


@pytest.mark.parametrize(
    ("quirks", "timeout_s", "max_bytes", "kind"),
    [
        (Quirks(), 9, 1 << 20, errors.CommandFailedError),
        (Quirks(answers=ANSWERS, hangs_up_after=700), 9, 1 << 20, errors.ConnectionLostError),
        (Quirks(answers=ANSWERS, floods=True), 9, 1 << 20, errors.OutputTooLargeError),
        (Quirks(answers=ANSWERS, floods=True), 1, 1 << 40, errors.DeadlineError),
        (Quirks(answers=ANSWERS, is_silent=True), 1, 1 << 20, errors.HostError),
        (Quirks(answers=ANSWERS, end="%"), 1, 1 << 20, errors.HostError),
    ],
)
def test_failures(
    tmp_path: Path, quirks: Quirks, timeout_s: float, max_bytes: int, kind: type[HostError]
) -> None:
    """Whatever a router does, the run ends in one line, about in time."""
    with router(quirks) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        with pytest.raises(kind, match=r"^127\.0\.0\.1:\d+: ") as failed:
            _ask(emulated, known, timeout_s=timeout_s, max_bytes=max_bytes)

    assert PASSWORD not in str(failed.value)
    assert "\n" not in str(failed.value)


def test_complaint(tmp_path: Path) -> None:
    """What the router says against the command is told."""
    with router(Quirks(answers=ANSWERS)) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        with pytest.raises(errors.CommandFailedError, match="Invalid input detected"):
            _ask(emulated, known, command="show mls netflow ip")


def test_a_router_that_leaves_first(tmp_path: Path) -> None:
    """What a router has answered counts, also where it closes the connection before we do."""
    with router(Quirks(answers=ANSWERS, answers_once=True)) as emulated:
        known = emulated.known_hosts(tmp_path / "known")
        for _ in range(10):  # who is first is a matter of chance
            assert _ask(emulated, known).text == _ask(emulated, known).text


@pytest.mark.parametrize("greeting", [b"", b"220 mail.example ESMTP\r\n" * 200])
def test_no_ssh(greeting: bytes, tmp_path: Path) -> None:
    """What speaks no SSH is said to be no router that can be asked."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            client, _ = listener.accept()
            with client:
                client.sendall(greeting)

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        target = Target("127.0.0.1", listener.getsockname()[1])
        question = RouterQuestion(command=SHOW, device_type="cisco_ios", timeout_s=5)
        (tmp_path / "known").touch()
        log_in = RouterLogIn(username=USER, password=PASSWORD, known_hosts=tmp_path / "known")
        with pytest.raises(HostError, match=r"no SSH that can be used|closed the connection"):
            routers.ask(target, log_in, question)
        thread.join(5)


def test_nobody_listens() -> None:
    """A port on which nothing listens is told as such."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    question = RouterQuestion(command=SHOW, device_type="cisco_ios")
    with pytest.raises(errors.RefusedError, match=f"nothing listens on TCP port {port}"):
        routers.ask(Target("127.0.0.1", port), LOG_IN, question)


@pytest.mark.parametrize(
    ("dialect", "monitor", "command"),
    [
        (None, None, "show ip cache flow"),
        ("verbose", None, "show ip cache verbose flow"),
        (None, "MON-1", "show flow monitor MON-1 cache format record"),
        ("monitor_csv", "MON", "show flow monitor MON cache format csv"),
    ],
)
def test_commands(dialect: str | None, monitor: str | None, command: str) -> None:
    """The dialect, or the monitor, decides on the command."""
    assert routers.show_command(dialect, monitor)[1] == command


@pytest.mark.parametrize(
    ("dialect", "monitor", "told"),
    [
        ("nfdump_csv", None, "it asks for classic, verbose"),
        ("monitor_csv", None, "needs --monitor"),
        ("classic", "MON", "it asks for monitor_record"),
        (None, "MON\nreload", "no name of a flow monitor"),
        (None, "MON | redirect flash:x", "no name of a flow monitor"),
        (None, "", "no name of a flow monitor"),
    ],
)
def test_no_command(dialect: str | None, monitor: str | None, told: str) -> None:
    """What no router prints is not asked for, and no name can be another command."""
    with pytest.raises(UsageError, match=told):
        routers.show_command(dialect, monitor)


def test_secret() -> None:
    """The password is in no repr."""
    assert PASSWORD not in repr(LOG_IN)


def test_the_usual_file() -> None:
    """Where no file was chosen, the way out of a changed key names none."""
    told = str(changed(Target("r1", 22), paramiko.ECDSAKey.generate(), None))
    assert told.endswith("ssh-keygen -R 'r1'")
