"""What is taken out of an answer, and what stays as it was."""

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe import snapshot
from hostprobe.analysis.redaction import Redactor
from hostprobe.analysis.stand_ins import MOST_NAMES

RECORD = (
    "P\t432\t912\tnet.exe\t8\t1\t20\t1\t1\t0\t0\t20240131115800.000000+000\t1\t"
    "CORP\\jörg.müßig\tC:\\Users\\jörg.müßig\\net.exe\t{}"
)


def answer(command_line: str, page: int = 850) -> bytes:
    """An answer of a German host in which PowerShell tells of one process."""
    head = "==hostprobe:host:WS081==\r\n"
    told = f"H\t1\t133511760000000000\t10.0\t5.1\n{RECORD.format(command_line)}\nE\t1\n"
    listed = '"Gehälter.exe","432","N/A"\r\n==hostprobe:services:0==\r\n'
    return (
        f"Aktive Codepage: {page}.\r\n==hostprobe:chcp:0==\r\n{head}{listed}".encode(f"cp{page}")
        + f"{told}==hostprobe:powershell:0==\r\n".encode()
    )


def test_it_is_as_long_as_before() -> None:
    """Every name and address has a stand-in of its own length, and the same one each time."""
    redactor = Redactor()
    redactor.learn("host", "ws081.corp.example", "WS081")
    redactor.learn_account(r"CORP\ops")
    before = r"ws081.corp.example WS081 ws081$ CORP\ops 10.1.50.81 10.1.50.81 \\WS081\c"
    after = redactor.text(before)
    assert len(after) == len(before)
    long, short, again, account, first, second, path = after.split()
    assert again == f"{short}$"
    assert short in path
    assert first == second != "10.1.50.81"
    assert long.startswith("host1x")
    assert re.fullmatch(r"\w{4}\\\w{3}", account)
    assert not re.search("ws081|corp|ops", after, re.IGNORECASE)


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0:135 127.0.0.1:445 [::]:80 [::1]:80 *:* 224.0.0.251",
        "Platform\\4.18.24090.11-0 10.0.22631 12:34:56",
        r"NT AUTHORITY\SYSTEM C:\Users\Public\x.exe Window Manager\DWM-1",
        "dropsonde.exe opsview.exe ops-agent.exe",
        "==hostprobe:netstat:0== netstat",
    ],
)
def test_what_stays(text: str) -> None:
    """Addresses of everybody, versions, accounts of Windows and parts of words are no secrets."""
    redactor = Redactor()
    redactor.learn("user", "ops", "Public", "netstat", "4")
    redactor.learn_account(r"NT AUTHORITY\SYSTEM")
    assert redactor.text(text) == text


def test_short_names_and_numbers() -> None:
    """A user called 432 is one behind a backslash only: elsewhere that is a PID."""
    redactor = Redactor()
    redactor.learn("user", "432", "x")
    assert redactor.text(r"CORP\432 432 x") == r"CORP\use 432 x".replace("use", "u1x")
    assert redactor.text(r"C:\Users\x\y").endswith(r"\u\y")


def test_addresses_keep_their_shape() -> None:
    """An address becomes a valid one of as many digits, and two stay two."""
    redactor = Redactor()
    texts = ["10.1.50.81", "192.168.1.7", "fe80::5c1d:9a2e:77b0:41f3", "2001:db8::1"]
    found = [redactor.text(text) for text in texts]
    assert [len(text) for text in found] == [len(text) for text in texts]
    assert not {*found} & {*texts}
    assert len({*map(ipaddress.ip_address, found)}) == len(texts)
    assert found[2].startswith("fe80::")
    assert redactor.text("[FE80::5c1d:9a2e:77b0:41f3%4]:1900") == f"[{found[2]}%4]:1900"


def test_no_more_addresses_of_so_few_digits() -> None:
    """Where all stand-ins of so short an address are taken, it stays: it tells nothing."""
    redactor = Redactor()
    redactor._addresses._taken = {f"{digit}::" for digit in "123456789abcdef"}
    assert redactor.text("1::") == "1::"


def test_users_of_an_answer() -> None:
    """Owners of processes and of home folders are learnt from the answer, in its two encodings."""
    raw = answer(r"net user /add jörg.müßig Pa55")
    redactor = Redactor()
    redactor.learn_from(raw)
    after = redactor.data(raw, 850)
    assert len(after) == len(raw)
    assert "müßig".encode() not in after
    assert b"CORP" not in after
    assert "Gehälter.exe".encode("cp850") in after
    assert snapshot.about(after).code_page == 850


def test_command_lines() -> None:
    """Of a command line the program stays, and of the rest only its shape."""
    raw = answer(r'"C:\Program Files\net.exe" use \\srv /user:x "Gehä m!t"')
    after = Redactor().data(raw, 850)
    assert rb'"C:\Program Files\net.exe" xxx \\xxx /xxxx:x "xxxxx x!x"' in after
    assert snapshot.read(after).processes == snapshot.read(after).processes


def test_too_many_names() -> None:
    """A host that names more users than can be replaced is one whose answer is not shown."""
    redactor = Redactor()
    redactor.learn("user", *(f"user-{number}" for number in range(MOST_NAMES)), "user-0")
    assert not redactor.is_full
    redactor.learn("user", "one-more")
    assert redactor.is_full


def test_secrets_go_wherever_they_stand() -> None:
    """A password is taken out even in the middle of a word."""
    redactor = Redactor()
    redactor.learn("secret", "Pa55")
    assert "Pa55" not in redactor.text("C:\\xPa55x\\y.exe")


def test_values() -> None:
    """What JSON is made of is redacted to its leaves; numbers stay."""
    redactor = Redactor()
    redactor.learn("host", "WS081")
    value = {"message": "WS081: no", "times": [1, ("WS081", None)]}
    assert redactor.value(value) == {"message": "host1: no", "times": [1, ["host1", None]]}
    assert redactor.replaced["host"] == 2


@given(st.binary(max_size=200), st.text(max_size=5))
def test_any_bytes(raw: bytes, name: str) -> None:
    """Whatever a host says, its length stays."""
    redactor = Redactor()
    redactor.learn("user", name)
    redactor.learn_from(raw)
    assert len(redactor.data(raw, 850)) == len(raw)
