"""What a run calls itself."""

import pytest

from hostprobe.transport.psexec.names import SERVICE_NAME, Names


def test_random_names_have_the_shape_that_a_clean_up_looks_for() -> None:
    """The service is recognised, and the file and the pipes follow from the same two numbers."""
    names = Names.random()
    found = SERVICE_NAME.fullmatch(names.service)
    assert found is not None
    assert (int(found[1]), found[2]) == (names.pid, names.computer)
    assert names.file == f"{names.service}.exe"
    assert names.pipe("Out") == f"PaExecOut{names.computer}{names.pid}"


def test_no_two_runs_have_the_same_names() -> None:
    """A thousand runs meet nowhere."""
    assert len({Names.random().service for _ in range(1000)}) == 1000


def test_another_tools_service_is_not_taken_for_ours() -> None:
    """PAExec's own names, with a real computer's name, are left alone."""
    assert SERVICE_NAME.fullmatch("PAExec-4711-DESKTOP1") is None


@pytest.mark.parametrize("rest", [".exe", "-tool.exe", "-a_b-1.x"])
def test_a_file_tells_its_run(rest: str) -> None:
    """Both the program's file and what was copied beside it begin with the service's name."""
    assert Names.of_file(f"PAExec-4711-hp0123abcd{rest}") == Names(4711, "hp0123abcd")


@pytest.mark.parametrize(
    "file",
    [
        *("PAExec.exe", "PAExec-4711-OPSPC.exe", "PAExec-4711-hp0123abcd", "PAExec-x.exe"),
        *("PAExec-0-hp0123abcd.exe", "PAExec-4711-hp0123ABCD.exe", "PAExec-4711-hp0123abcde.exe"),
        *(
            "PAExec-\u0664\u0667-hp0123abcd.exe",
            "PAExec-4711-hp0123abcd-..\\x",
            "xPAExec-1-hp0123abcd.exe",
        ),
        "PAExec-4711-hp0123abcd.exe\n",
    ],
)
def test_a_file_that_hostprobe_did_not_name_is_of_no_run(file: str) -> None:
    """Neither another tool's, nor a path, nor digits of another script."""
    assert Names.of_file(file) is None
