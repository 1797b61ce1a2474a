"""Edits: what they give in memory and on disk, and what stays when they fail."""

from __future__ import annotations

import hashlib
import os
import stat
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.labels import splicing
from countermark.labels.source import Source, opened
from countermark.labels.splicing import Edit, Room

OLD = b"0123456789"


@pytest.mark.parametrize(
    ("edits", "new"),
    [
        ([], OLD),
        ([Edit(0, 0, b"ab")], b"ab0123456789"),
        ([Edit(10, 0, b"ab")], b"0123456789ab"),
        ([Edit(8, 2, b""), Edit(0, 1, b"x")], b"x1234567"),
        ([Edit(2, 3, b"abc"), Edit(5, 0, b"-")], b"01abc-56789"),
    ],
)
def test_edits_give_the_same_bytes_in_memory_on_disk_and_digested(
    tmp_path: Path, edits: list[Edit], new: bytes
) -> None:
    path = tmp_path / "old"
    path.write_bytes(OLD)
    with opened(path) as source:
        assert splicing.to_bytes(source, edits) == new
        assert splicing.digest(source, edits, hashlib.sha256()) == hashlib.sha256(new).hexdigest()
        whole = splicing.Spliced(source, edits)
        assert whole.size == len(new)
        for at in range(len(new) + 2):
            for length in range(len(new) + 2):
                assert whole.peek(at, length) == new[at : at + length]
        splicing.to_file(source, edits, tmp_path / "new", fsync=True)
    assert (tmp_path / "new").read_bytes() == new
    assert path.read_bytes() == OLD
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new", "old"]


@pytest.mark.parametrize("edits", [[Edit(0, 3, b""), Edit(2, 1, b"")], [Edit(9, 2, b"")], [Edit(5, -1, b"")]])
def test_edits_that_overlap_or_leave_the_file_are_a_defect_of_ours(edits: list[Edit]) -> None:
    with pytest.raises(AssertionError):
        splicing.to_bytes(Source(OLD), edits)


@settings(deadline=None, max_examples=60)
@given(
    st.binary(max_size=200),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 9), st.binary(max_size=9))),
)
def test_any_edits_that_stand_apart_are_a_replacement(
    old: bytes, wanted: list[tuple[int, int, bytes]]
) -> None:
    edits, end = [], 0
    for offset, length, new in sorted(wanted):
        if end <= offset <= offset + length <= len(old):
            edits.append(Edit(offset, length, new))
            end = offset + length
    expected = bytearray(old)
    for edit in reversed(edits):
        expected[edit.offset : edit.offset + edit.length] = edit.new
    assert splicing.to_bytes(Source(old), edits) == expected


def test_a_large_file_is_moved_and_not_held(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        stream.truncate(300 << 20)
    tracemalloc.start()
    with opened(path) as source:
        splicing.to_file(source, [Edit(100, 0, b"label")], tmp_path / "copy")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "copy").stat().st_size == (300 << 20) + 5
    assert peak < 4 << 20


def test_a_file_system_that_will_not_copy_by_itself_is_served_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = os.urandom(3 << 20)
    (tmp_path / "old").write_bytes(data)

    def refuse(*_: object, **__: object) -> int:
        raise OSError(18, "across devices")

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    with opened(tmp_path / "old") as source:
        splicing.to_file(source, [Edit(7, 1, b"xyz")], tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == data[:7] + b"xyz" + data[8:]


def test_a_copy_that_is_not_right_does_not_replace_anything(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)

    def refuse(_: Path) -> None:
        raise ValueError("no")

    with opened(path) as source, pytest.raises(ValueError, match="no"):
        splicing.to_file(source, [Edit(0, 5, b"")], path, check=refuse)
    assert path.read_bytes() == OLD
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.name != "posix", reason="permissions and links are those of POSIX")
def test_rights_and_links_stay(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    path.chmod(0o640)
    (tmp_path / "link").symlink_to(path)
    with opened(tmp_path / "link") as source:
        splicing.to_file(source, [Edit(0, 1, b"x")], tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert path.read_bytes() == b"x123456789"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("room", "needed", "held", "size"),
    [
        (Room(slack=100), 50, 0, 150),
        (Room(slack=100), 50, 50, 50),
        (Room(slack=100), 50, 80, 80),
        (Room(slack=100), 90, 80, 190),
        (Room(slack=100, block=4096), 50, 0, 4096),
        (Room(slack=100, block=4096), 5000, 1000, 1000 + 8192),
    ],
)
def test_room_is_kept_where_there_is_some_and_made_where_there_is_not(
    room: Room, needed: int, held: int, size: int
) -> None:
    assert room.size(needed, held) == size
