"""The table of sockets loses what its process had open, and nothing else."""

from hostprobe.lab.machine.sockets import Socket, SocketTable


def test_sockets_keep_their_order() -> None:
    """Sockets come out as they came in."""
    table = SocketTable()
    first = table.add(Socket("TCP", ("0.0.0.0", 135), state="LISTENING", pid=900))  # noqa: S104 - a row
    second = table.add(Socket("UDP", ("::", 123), pid=1000))
    assert list(table) == [first, second]


def test_a_process_takes_only_its_own_sockets_along() -> None:
    """The sockets of another process stay."""
    table = SocketTable()
    table.add(Socket("TCP", ("127.0.0.1", 1), pid=8))
    other = table.add(Socket("TCP", ("127.0.0.1", 2), pid=12))
    table.close_of(8)
    assert list(table) == [other]
    assert table.of(12) == (other,)
    assert table.of(8) == ()


def test_a_socket_can_be_removed_twice() -> None:
    """Removing what is gone already does nothing."""
    table = SocketTable()
    socket = table.add(Socket("TCP", ("127.0.0.1", 1)))
    table.remove(socket)
    table.remove(socket)
    assert list(table) == []


def test_equal_rows_are_different_sockets() -> None:
    """Two sockets that look the same are removed one by one."""
    table = SocketTable()
    first, second = (table.add(Socket("UDP", ("127.0.0.1", 5))) for _ in range(2))
    table.remove(second)
    assert [socket is first for socket in table] == [True]


def test_sockets_may_go_while_one_looks() -> None:
    """Walking over the table stands removals."""
    table = SocketTable()
    for port in range(3):
        table.add(Socket("UDP", ("127.0.0.1", port)))
    for socket in table:
        table.remove(socket)
    assert list(table) == []
