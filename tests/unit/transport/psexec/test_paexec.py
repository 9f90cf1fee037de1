"""What is said to PAExec."""

import pkgutil
import secrets
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypsexec.exceptions import PAExecException
from pypsexec.paexec import (
    PAExecMsg,
    PAExecMsgId,
    PAExecReturnBuffer,
    PAExecSettingsMsg,
    PAExecStartBuffer,
    get_unique_id,
)

from hostprobe.errors import GuardError
from hostprobe.transport.base import Command
from hostprobe.transport.program import Program
from hostprobe.transport.psexec import paexec
from hostprobe.transport.psexec.names import Names

NAMES = Names(4711, "hp01234567")
TEXT = st.text(st.characters(codec="utf-16-le", exclude_characters="\0"), max_size=300)


def unpacked(message: bytes) -> dict[str, object]:
    """The settings as pypsexec's own structure reads them."""
    structure: Any = PAExecSettingsMsg()
    structure.unpack(message)
    buffer = structure["buffer"].get_value()
    fields: dict[str, object] = {name: buffer[name].get_value() for name in buffer.fields}
    return fields


@settings(max_examples=25)
@given(executable=TEXT, arguments=TEXT, timeout_s=st.integers(0, 2**31))
def test_the_settings_are_what_pypsexec_reads(
    executable: str, arguments: str, timeout_s: int
) -> None:
    """Any command comes through the scrambling unchanged, with nothing asked for beside it."""
    message = paexec.settings(NAMES, Program(command=Command(executable, arguments)), timeout_s)
    found = unpacked(message)
    assert found["executable"] == executable.encode("utf-16-le")
    assert found["arguments"] == arguments.encode("utf-16-le")
    assert found["timeout_seconds"] == timeout_s
    assert (found["dont_load_profile"], found["disable_file_redirection"]) == (True, True)
    for absent in ("username", "password", "working_dir", "remote_log_path", "num_processors"):
        assert not found[absent]
    for off in ("use_system_account", "interactive", "run_elevated", "copy_files", "asynchronous"):
        assert found[off] is False


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.integers(2**31 - 2**16, 2**31 - 1), length=st.integers(0, 7900))
def test_no_key_is_too_large_for_the_scrambling(
    monkeypatch: pytest.MonkeyPatch, key: int, length: int
) -> None:
    """The largest keys that are drawn do not overflow with the longest commands."""
    monkeypatch.setattr(secrets, "randbits", lambda bits: key & (2**bits - 1))
    paexec._pad.cache_clear()
    command = Program(command=Command("cmd.exe", "x" * length))
    assert unpacked(paexec.settings(NAMES, command, 60))["arguments"] == b"x\0" * length


def test_a_command_that_paexec_cannot_unscramble_is_refused() -> None:
    """What does not fit into PAExec's first read would be run garbled."""
    with pytest.raises(ValueError, match="8100 characters is more"):
        paexec.settings(NAMES, Program(command=Command("cmd.exe", "x" * 8100)), 60)


def test_the_program_is_the_pinned_one() -> None:
    """The installed pypsexec ships the paexec.exe that hostprobe was made for."""
    assert paexec.program()[:2] == b"MZ"


@pytest.mark.parametrize("found", [None, b"", b"MZ another"])
def test_another_program_is_refused(monkeypatch: pytest.MonkeyPatch, found: bytes | None) -> None:
    """No other file is ever uploaded, and the message says what to do."""
    monkeypatch.setattr(pkgutil, "get_data", lambda *_: found)
    paexec.program.cache_clear()
    with pytest.raises(GuardError, match=r"reinstall pypsexec 0\.3\.0"):
        paexec.program()
    paexec.program.cache_clear()


@given(answer=st.binary(max_size=64))
def test_any_answer_is_a_code_or_an_exception(answer: bytes) -> None:
    """Garbage from the main pipe raises, or is a 32-bit code: it never hangs or crashes."""
    try:
        code = paexec.exit_code(answer)
    except Exception:  # noqa: BLE001 - pypsexec's structures raise what they like; the door maps it
        return
    assert 0 <= code < 2**32


def test_a_failure_is_no_exit_code() -> None:
    """MSGID_FAILED raises with PAExec's text."""
    with pytest.raises(PAExecException):
        paexec.exit_code(b"\6\0" + bytes(4) + b"\4\0\0\0" + b"\0\0\0\0")


def test_the_start_is_what_pypsexec_writes() -> None:
    """Pypsexec's own structures read the message that starts the program."""
    message: Any = PAExecMsg()
    message.unpack(paexec.start(NAMES))
    content: Any = PAExecStartBuffer()
    content.unpack(message["buffer"].get_value())
    assert message["msg_id"].get_value() == PAExecMsgId.MSGID_START_APP
    assert message["unique_id"].get_value() == get_unique_id(NAMES.pid, NAMES.computer)
    assert content["process_id"].get_value() == NAMES.pid
    assert content["comp_name"].get_value().decode("utf-16-le") == NAMES.computer


@given(code=st.integers(0, 2**32 - 1))
def test_the_exit_code_is_what_pypsexec_packs(code: int) -> None:
    """What pypsexec's own structures pack as an exit code is read as that."""
    content: Any = PAExecReturnBuffer()
    content["return_code"] = code.to_bytes(4, "little")
    message: Any = PAExecMsg()
    message["msg_id"], message["unique_id"] = PAExecMsgId.MSGID_OK, 1
    message["buffer"] = content.pack()
    assert paexec.exit_code(message.pack()) == code
