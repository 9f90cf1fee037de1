"""Answers of the service manager."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.transport.psexec import svcctl
from hostprobe.transport.psexec.errors import ServiceCallError


@given(packet=st.binary(max_size=80))
def test_any_packet_is_an_answer_or_an_error(packet: bytes) -> None:
    """No garbage is taken for success, and none raises anything else."""
    try:
        returned = svcctl.result("RDeleteService", packet)
    except (ServiceCallError, ValueError):
        return
    assert packet[2:3] == b"\2"
    assert packet[-4:] == b"\0\0\0\0"
    assert returned == packet[24:-4]


def test_an_allowed_code_is_as_good_as_success() -> None:
    """The codes that the caller names do not raise; every other does, with the call's name."""
    packet = b"\5\0\2\3" + bytes(20) + struct.pack("<I", 1062)
    assert svcctl.result("RControlService", packet, 1062) == b""
    with pytest.raises(ServiceCallError, match="RControlService error 1062") as caught:
        svcctl.result("RControlService", packet, 1060)
    assert (caught.value.call, caught.value.code) == ("RControlService", 1062)


def test_a_fault_is_an_error_with_its_status() -> None:
    """An RPC fault carries its code behind the header."""
    with pytest.raises(ServiceCallError) as caught:
        svcctl.result("ROpenSCManagerW", b"\5\0\3\3" + bytes(20) + struct.pack("<I", 5) + bytes(4))
    assert caught.value.code == 5


def test_a_service_manager_that_takes_no_bind_says_so() -> None:
    """Anything but a bind_ack is refused."""
    with pytest.raises(ServiceCallError, match="bind error 5"):
        svcctl.check_bound(b"\5\0\x0d\3" + bytes(20) + struct.pack("<I", 5))


@pytest.mark.parametrize("name", ["", "a", "ab", "abc", "PAExec-1-hp00000000"])
def test_every_length_of_a_name_is_packed_to_four_bytes(name: str) -> None:
    """A call is aligned whatever the name's length, and says its own length."""
    packet = svcctl.open_service(b"\1" * 20, name)
    assert len(packet) % 4 == 0
    assert int.from_bytes(packet[8:10], "little") == len(packet)


def test_state_and_process_are_read_from_one_answer() -> None:
    """The state stands second and the PID eighth in the status."""
    status = struct.pack("<9I", 0x10, 4, 1, 0, 0, 0, 0, 4711, 0)
    answer = struct.pack("<I36sI", 36, status, 0)
    assert (svcctl.state(answer), svcctl.process_id(answer)) == (4, 4711)
