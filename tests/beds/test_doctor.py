"""The doctor on a host that works, and on one that does not let us in."""

from tests.beds.bed import Bed
from tests.beds.program import Answer, Hostprobe


def _became(answer: Answer, status: str) -> list[object]:
    return [check["step"] for check in answer.records("check") if check["status"] == status]


def test_it_works(hostprobe: Hostprobe, bed: Bed) -> None:
    """Every check is well, with a run of a command, and the host tells its name and code page."""
    answer = hostprobe("doctor", "--run")
    assert (answer.exit_code, _became(answer, "failed"), _became(answer, "not_tried")) == (
        0,
        [],
        [],
    )
    assert "powershell" in _became(answer, "ok") + _became(answer, "warning")
    assert len(answer.records("check")) == 16
    assert answer.host["encrypted"] is True
    assert bed.host_name.casefold() in str(answer.records("check")).casefold()


def test_it_changes_nothing(hostprobe: Hostprobe, bed: Bed) -> None:
    """Without --run nothing is made on the host, and no journal here."""
    before = bed.traces()
    answer = hostprobe("doctor")
    assert answer.exit_code == 0
    assert len(answer.records("check")) == 9
    assert bed.traces() == before
    assert not [*(hostprobe.folder / "state").rglob("*.json")]


def test_a_wrong_password(hostprobe: Hostprobe) -> None:
    """A wrong password fails at the log-in, behind what was agreed before it."""
    answer = hostprobe("doctor", password="wrong-secret")
    assert (answer.exit_code, answer.error_kind) == (5, "bad_credentials")
    assert _became(answer, "failed") == ["log_in"]
    assert "3.1.1" in str(answer.records("check"))
    assert "wrong-secret" not in answer.stdout + answer.stderr


def test_no_encryption(hostprobe: Hostprobe, bed: Bed) -> None:
    """A host that cannot encrypt fails at SMB, and the way out works."""
    port = bed.plain().port
    answer = hostprobe("doctor", port=port)
    assert (answer.exit_code, _became(answer, "failed")) == (4, ["smb"])
    answer = hostprobe("doctor", "--allow-unencrypted", port=port)
    assert (answer.exit_code, _became(answer, "warning")) == (0, ["smb"])
