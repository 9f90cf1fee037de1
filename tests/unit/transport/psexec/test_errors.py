"""Foreign failures and what becomes of them."""

import inspect
from types import ModuleType

import pypsexec.exceptions
import pytest
import smbprotocol.exceptions
from hypothesis import given
from hypothesis import strategies as st
from pypsexec.exceptions import PAExecException
from smbprotocol.exceptions import SMBResponseException
from smbprotocol.header import SMB2HeaderResponse

from hostprobe import errors
from hostprobe.errors import HostError, HostprobeError, JournalError
from hostprobe.transport.psexec.deadline import StoppedByUser
from hostprobe.transport.psexec.errors import (
    _CLASSES,
    SERVICE,
    STATUS,
    ServiceCallError,
    StatusError,
    Steps,
    host_error,
    verdict,
)

STATUSES = {
    "bad_credentials": (0xC000006D, 0xC000006A, 0xC0000064),
    "account_locked": (0xC0000234,),
    "account_disabled": (0xC0000072, 0xC0000193),
    "password_expired": (0xC0000071, 0xC0000224),
    "logon_denied": (0xC000015B, 0xC000006E, 0xC000006F, 0xC0000070, 0xC0000413, 0xC0000418),
    "domain_problem": (0xC000005E, 0xC000018C, 0xC000018D, 0xC0000192, 0xC0000133),
    "not_admin": (0xC0000022,),
    "no_admin_share": (0xC00000CC,),
    "busy": (0xC00000D0, 0xC0000205, 0xC000009A, 0xC00000AC, 0xC00000AE),
    "blocked": (0xC0000906, 0xC0000907),
    "shutting_down": (0xC0000203, 0xC000035C, 0xC00000C9),
    "not_smb": (0xC00000BB,),
}
CODES = {
    "not_admin": (5,),
    "busy": (1055,),
    "blocked": (2, 3, 225, 577, 1260, 4551),
    "service_conflict": (1072, 1073, 1078),
    "service_failed": (1053, 1058, 1069, 193, 216),
    "shutting_down": (1115,),
}

# Statuses that smbprotocol has a class for and no run meets, unless a host answers nonsense.
UNEXPECTED = {
    "BufferOverflow",
    "BufferTooSmall",
    "Cancelled",
    "CannotDelete",
    "DeletePending",
    "DfsUnavailable",
    "DirectoryNotEmpty",
    "EACorruptError",
    "EAListInconsistent",
    "EASNotSupported",
    "EATooLarge",
    "EndOfFile",
    "FSDriverRequired",
    "FileClosed",
    "FileIsADirectory",
    "IOTimeout",
    "InfoLengthMismatch",
    "InternalError",
    "InvalidDeviceRequest",
    "InvalidEAName",
    "InvalidInfoClass",
    "InvalidParameter",
    "MoreProcessingRequired",
    "NoEASOnFile",
    "NoMoreFiles",
    "NoSuchFile",
    "NonExistentEAEntry",
    "NoneMapped",
    "NotAReparsePoint",
    "NotFound",
    "NotifyCleanup",
    "NotifyEnumDir",
    "ObjectNameCollision",
    "ObjectNameInvalid",
    "ObjectNameNotFound",
    "ObjectPathInvalid",
    "ObjectPathNotFound",
    "ObjectPathSyntaxBad",
    "PathNotCovered",
    "PipeClosing",
    "PipeDisconnected",
    "PipeEmpty",
    "SMBResponseException",
    "SharingViolation",
    "StatusNotADirectory",
    "StatusPending",
    "StoppedOnSymlink",
    "Unsuccessful",
}


def exceptions_of(module: ModuleType) -> list[type[Exception]]:
    """Every exception class that a module defines."""
    members = (each for _, each in inspect.getmembers(module, inspect.isclass))
    return [
        each
        for each in members
        if issubclass(each, Exception) and each.__module__ == module.__name__
    ]


def subclasses(cls: type[HostprobeError]) -> list[type[HostprobeError]]:
    """A class and all below it."""
    return [cls, *(each for below in cls.__subclasses__() for each in subclasses(below))]


FOREIGN = exceptions_of(smbprotocol.exceptions) + exceptions_of(pypsexec.exceptions)
STATUS_CLASSES = [each for each in FOREIGN if issubclass(each, SMBResponseException)]
OTHERS = [each for each in FOREIGN if not issubclass(each, SMBResponseException)]


@pytest.mark.parametrize(
    ("kind", "status"), [(kind, each) for kind, found in STATUSES.items() for each in found]
)
def test_each_status_has_its_class(kind: str, status: int) -> None:
    """What the server says is the kind that the user reads."""
    found = host_error(StatusError(status), "pc7", "log in")
    assert found.kind == kind
    assert found.step == "log in"


@pytest.mark.parametrize(
    ("kind", "code"), [(kind, each) for kind, found in CODES.items() for each in found]
)
def test_each_code_of_the_service_manager_has_its_class(kind: str, code: int) -> None:
    """What the service manager says is the kind that the user reads."""
    assert host_error(ServiceCallError("ROpenSCManagerW", code), "pc7", "go").kind == kind


def test_what_stops_the_start_is_security_software() -> None:
    """Who may make a service may start it: denied, it is not the account that is to blame."""
    assert host_error(ServiceCallError("RStartServiceW", 5), "pc7", "start").kind == "blocked"


@pytest.mark.parametrize("status", [0xC00000CC, 0xC0000906, 0xC000007F])
def test_a_log_in_is_not_refused_for_what_comes_after_it(status: int) -> None:
    """A host that answers the log-in with such a status talks nonsense."""
    header = SMB2HeaderResponse()
    header["status"] = status
    assert host_error(SMBResponseException(header), "pc7", "log in").kind == "protocol"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (StoppedByUser(), "stopped"),
        (TimeoutError(), "deadline"),
        (ConnectionResetError(), "connection_lost"),
        (OSError(9, "bad descriptor"), "connection_lost"),
        (KeyError("x"), "protocol"),
        (StatusError(0xC0DEC0DE), "protocol"),
        (ServiceCallError("RDeleteService", 4711), "service_failed"),
    ],
)
def test_other_failures_have_the_class_of_their_cause(error: Exception, kind: str) -> None:
    """Time, the connection, the user and nonsense are told apart."""
    assert host_error(error, "pc7", "log in").kind == kind


def test_an_unknown_status_or_code_is_in_the_message() -> None:
    """Who searches for it finds it."""
    assert "0xC0DEC0DE" in str(host_error(StatusError(0xC0DEC0DE), "pc7", "log in"))
    assert "error 4711" in str(host_error(ServiceCallError("RDeleteService", 4711), "pc7", "go"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Failed to start x. [Err=0x2, 2]", "command_not_found"),
        ("Error logging in as x. Wrong password. [Err=0x52E, 1326]", "run_as"),
        ("Error logging in as x. Locked. [Err=0x775, 1909]", "run_as"),
        ("Failed to start x. [Err=0x2E4, 740]", "command_failed"),
        ("Failed to start 1326", "command_failed"),
    ],
)
def test_why_a_program_was_not_started(text: str, kind: str) -> None:
    """The number at the end of PAExec's line tells what is missing, and whose log-on failed."""
    buffer = len(text).to_bytes(4, "little") + text.encode("utf-16-le")
    assert host_error(PAExecException(6, buffer), "pc7", "run the command").kind == kind


@pytest.mark.parametrize("foreign", OTHERS, ids=lambda each: each.__name__)
def test_each_class_of_the_libraries_is_mapped_on_purpose(foreign: type[Exception]) -> None:
    """An upgrade that adds a class beside the known families fails here."""
    found = next(cls for cls in foreign.__mro__ if cls in _CLASSES)
    assert found not in {Exception, OSError} or issubclass(foreign, OSError)
    assert issubclass(verdict(foreign.__new__(foreign))[0], HostError)


def test_the_walk_over_the_libraries_finds_their_classes() -> None:
    """The tests above see what they should."""
    names = {each.__name__ for each in OTHERS}
    assert {"SMBException", "SMBAuthenticationError", "PAExecException", "SCMRException"} <= names
    assert len(STATUS_CLASSES) > 50


@pytest.mark.parametrize("foreign", STATUS_CLASSES, ids=lambda each: each.__name__)
def test_each_status_of_smbprotocol_is_mapped_or_known_to_be_strange(
    foreign: type[SMBResponseException],
) -> None:
    """A new class of smbprotocol has to be put into the table or among the strange ones."""
    status = getattr(foreign, "_STATUS_CODE", None)
    assert (status in STATUS) != (foreign.__name__ in UNEXPECTED)


@pytest.mark.parametrize("cls", subclasses(HostprobeError), ids=lambda cls: cls.__name__)
def test_every_error_can_be_shown(cls: type[HostprobeError]) -> None:
    """Its text is what it was given, and its kind a name in lower case."""
    assert str(cls("pc7: no")) == "pc7: no"
    assert cls("pc7: no").kind.replace("_", "").isalpha()


@pytest.mark.parametrize(
    "error",
    [*map(StatusError, STATUS), *(ServiceCallError("R", code) for code in SERVICE)],
    ids=str,
)
def test_every_message_is_one_line_that_names_the_host(error: Exception) -> None:
    """The host stands first, and the step is in it."""
    text = str(host_error(error, "pc7:4450", "start the service"))
    assert text.startswith("pc7:4450: cannot start the service: ")
    assert "\n" not in text


@given(buffer=st.binary(max_size=4000))
def test_what_paexec_says_is_one_short_line(buffer: bytes) -> None:
    """A hostile text is bounded, and no length that it claims is believed."""
    text = str(host_error(PAExecException(6, buffer), "pc7", "run the command"))
    assert len(text) < 700
    assert len(text.splitlines()) == 1


def test_what_is_ours_is_left_alone() -> None:
    """An error of ours passes the door as it is."""
    ours = errors.GuestError("pc7: a guest")
    assert host_error(ours, "pc7", "log in") is ours
    refused = JournalError("no")
    with pytest.raises(JournalError) as caught, Steps("pc7").mapped():
        raise refused
    assert caught.value is refused


def test_the_door_lets_nothing_foreign_out() -> None:
    """Any exception becomes an error of the host, with the step and the cause."""
    steps = Steps("pc7")
    steps.at("negotiate")
    steps.address = "10.1.2.3"
    cause = RuntimeError("dictionary changed size during iteration")
    with pytest.raises(HostError, match="pc7: cannot negotiate") as caught, steps.mapped():
        raise cause
    assert caught.value.__cause__ is cause
    assert caught.value.step == "negotiate"
    assert caught.value.address == "10.1.2.3"


def test_an_interrupt_passes_the_door() -> None:
    """Ctrl-C is no failure of a host."""
    with pytest.raises(KeyboardInterrupt), Steps("pc7").mapped():
        raise KeyboardInterrupt
