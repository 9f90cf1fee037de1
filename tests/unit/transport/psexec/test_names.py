"""What a run calls itself."""

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
