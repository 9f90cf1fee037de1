"""The drive behaves as NTFS does where a client can tell."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.files import Disk, FileSystem, Node, Tree, name_pattern

TREE: Tree = {"Windows": {"System32": {"cmd.exe": b"MZ"}, "win.ini": b"[fonts]"}}


def file_of(free_bytes: int, content: bytes = b"") -> Node:
    """A file on a disk with so much room."""
    return Node("a.txt", None, Disk(free_bytes), content, 0.0)


@pytest.mark.parametrize(
    "path",
    [
        r"C:\Windows\System32\cmd.exe",
        r"windows\SYSTEM32\CMD.EXE",
        "/Windows/System32/cmd.exe",
        r"C:\Windows\.\System32\..\System32\\cmd.exe",
        r"..\Windows\System32\cmd.exe",
    ],
)
def test_a_path_is_found_as_windows_finds_it(path: str) -> None:
    """Case, kind of slash, dots and the drive's letter do not matter."""
    found = FileSystem(TREE).find(path)
    assert found is not None
    assert found.path() == r"C:\Windows\System32\cmd.exe"


@pytest.mark.parametrize("path", ["Windows\\nothing", r"Windows\win.ini\x", r"no\win.ini"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    """A missing name, or a name below a file, is None."""
    assert FileSystem(TREE).find(path) is None


def test_a_path_can_start_at_a_folder() -> None:
    """A path is followed from the folder that is given."""
    files = FileSystem(TREE)
    assert files.find("cmd.exe", files.find(r"Windows\System32")) is files.find(
        r"Windows\System32\cmd.exe"
    )


def test_hosts_share_a_tree_but_not_what_they_write() -> None:
    """What one host writes, no other host reads."""
    one, other = FileSystem(TREE), FileSystem(TREE)
    mine, theirs = one.find(r"Windows\win.ini"), other.find(r"Windows\win.ini")
    assert mine is not None
    assert theirs is not None
    assert mine.content is theirs.content
    mine.write(0, b"<")
    assert (mine.content, theirs.content) == (b"<fonts]", b"[fonts]")


def test_a_write_beyond_the_end_fills_up_with_zeros() -> None:
    """The gap between the old end and the new bytes reads as zeros."""
    node = file_of(100, b"ab")
    node.write(4, b"z")
    assert (node.content, node.size) == (b"ab\0\0z", 5)
    assert node.written_at == pytest.approx(time.time(), abs=60)


@pytest.mark.parametrize(("size", "content"), [(1, b"a"), (4, b"ab\0\0"), (0, b"")])
def test_truncate_cuts_or_fills_up(size: int, content: bytes) -> None:
    """A file gets exactly the size that is asked for."""
    node = file_of(100, b"ab")
    node.truncate(size)
    assert node.content == content


def test_a_write_far_away_takes_no_memory() -> None:
    """An offset beyond the disk's room is refused before anything grows."""
    node = file_of(100, b"ab")
    with pytest.raises(StatusError) as refused:
        node.write(1 << 60, b"x")
    assert refused.value.status == NtStatus.DISK_FULL
    assert node.content == b"ab"


def test_a_disk_gets_full_and_gets_room_again() -> None:
    """What a file gave back can be written again."""
    node = file_of(10)
    node.write(0, bytes(10))
    with pytest.raises(StatusError):
        node.write(10, b"x")
    node.truncate(4)
    node.write(4, b"123456")
    assert node.size == 10


def test_a_disk_takes_only_so_many_files() -> None:
    """Empty files fill the disk too, and removing one makes room."""
    folder = Node("", None, Disk(4096), {}, 0.0)
    made = [folder.add(f"{number}", b"") for number in range(4)]
    with pytest.raises(StatusError):
        folder.add("4", b"")
    made[0].write(0, b"")
    made[0].unlink()
    assert folder.add("4", b"").name == "4"


def test_a_file_in_place_of_another_gives_its_room_back() -> None:
    """Making a file again and again does not fill the disk."""
    folder = Node("", None, Disk(5000), {}, 0.0)
    for _ in range(9):
        folder.add("a", b"").write(0, bytes(3000))
    assert folder.children is not None
    assert list(folder.children) == ["a"]


def test_put_makes_the_folders_above() -> None:
    """A file comes with its folders, and an old folder stays as it is."""
    files = FileSystem(TREE)
    files.put(r"Windows\Temp\a\b.txt", b"x")
    files.put("WINDOWS", None)
    assert files.find(r"Windows\Temp\a\b.txt") is not None
    assert files.find(r"Windows\win.ini") is not None


def test_nothing_is_put_below_a_file() -> None:
    """A file is no folder."""
    files = FileSystem(TREE)
    with pytest.raises(StatusError) as refused:
        files.put(r"Windows\win.ini\x", b"")
    assert refused.value.status == NtStatus.NOT_A_DIRECTORY


def test_a_new_entry_is_a_file_or_a_folder() -> None:
    """`add` makes what is asked for, empty."""
    files = FileSystem()
    folder = files.add(files.root, "Logs", folder=True)
    file = files.add(folder, "a.log", folder=False)
    assert (folder.children, file.children) == ({"a.log": file}, None)
    assert (folder.is_folder, file.is_folder) == (True, False)


def test_unlink_leaves_what_took_its_place() -> None:
    """Only the node itself goes, not another one of its name; and the root stays."""
    files = FileSystem()
    old = files.put("a", b"1")
    new = files.put("A", b"2")
    old.unlink()
    files.root.unlink()
    assert files.find("a") is new


def test_move_gives_a_new_name_and_place() -> None:
    """A moved file is found in its new place only."""
    files = FileSystem(TREE)
    node = files.put("a.txt", b"x")
    folder = files.find("Windows")
    assert folder is not None
    node.move(folder, "B.txt")
    assert files.find("a.txt") is None
    assert node.path() == r"C:\Windows\B.txt"
    with pytest.raises(StatusError):
        folder.move(node, "c")


def test_a_file_is_in_use_while_it_runs_and_until_its_lock_ends() -> None:
    """A running program's file, and one just left, cannot be deleted."""
    node = file_of(1)
    assert not node.is_in_use(now=10.0)
    node.running = 1
    assert node.is_in_use(now=10.0)
    node.running, node.locked_until = 0, 11.0
    assert node.is_in_use(now=10.0)
    assert not node.is_in_use(now=11.0)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*", {"a.txt", "b.TXT", "ab", "a.b.txt", "a[1].log"}),
        ("*.*", {"a.txt", "b.TXT", "ab", "a.b.txt", "a[1].log"}),
        ("*.txt", {"a.txt", "b.TXT", "a.b.txt"}),
        ("<.txt", {"a.txt", "b.TXT", "a.b.txt"}),
        ("?.txt", {"a.txt", "b.TXT"}),
        ("a*", {"a.txt", "ab", "a.b.txt", "a[1].log"}),
        ("*b*t", {"b.TXT", "a.b.txt"}),
        ("a[1].log", {"a[1].log"}),
        ('ab"', {"ab"}),
        ("a>>>>", {"ab"}),
        ("", {"a.txt", "b.TXT", "ab", "a.b.txt", "a[1].log"}),
    ],
)
def test_patterns_match_as_on_windows(pattern: str, names: set[str]) -> None:
    """Stars, question marks and the DOS forms of the wire match the right names."""
    expression = name_pattern(pattern)
    all_names = ("a.txt", "b.TXT", "ab", "a.b.txt", "a[1].log")
    assert {name for name in all_names if expression.match(name)} == names


@given(st.text("ab*?<", max_size=60), st.text("ab", max_size=200))
def test_a_pattern_is_matched_as_by_definition(pattern: str, name: str) -> None:
    """Whatever the stars, the answer is that of the plain definition, and it comes in time."""
    if pattern in ("", "<.*", "*.*"):
        return
    reached = {0}
    for sign in pattern:
        if sign in "*<":
            reached = set(range(min(reached), len(name) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(name) and sign in ("?", name[at])}
    assert (name_pattern(pattern).match(name) is not None) == (len(name) in reached)
