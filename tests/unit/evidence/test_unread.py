"""Lines that no parser understood."""

from hostprobe.evidence.unread import Unread, UnreadLines, unread


def test_all_are_counted_and_some_are_kept() -> None:
    """Of many unread lines the first few are kept, each of them in part."""
    lines = UnreadLines()
    for number in range(1, 1001):
        lines.add(unread(number, "x" * 5000 + "  "))

    assert lines.count == 1000
    assert lines.first[0] == Unread(1, "x" * 200)
    assert [line.number for line in lines.first] == list(range(1, 21))
