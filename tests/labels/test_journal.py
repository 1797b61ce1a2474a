"""Writing in place: cut off at any byte, the old file or the new one can be had, and nothing between."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from label_samples import jpeg

from countermark import labels
from countermark.labels import journal, splicing
from countermark.labels.journal import InterruptedWriteError
from countermark.labels.source import Source
from countermark.labels.splicing import Edit

OLD = bytes(range(256)) * 40
OVER = [Edit(10, 5, b"label"), Edit(len(OLD) - 20, 20, b"a longer end than before, of forty bytes.")]
SHORTER = [Edit(3, 2, b"xy"), Edit(len(OLD) - 50, 50, b"end")]
BLOCK = 4096
INSERTED = [Edit(20, 0, b"L" * BLOCK)]


class Killed(BaseException):
    """Stands for a kill: nothing after it runs."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "picture.jpg"
    file.write_bytes(OLD)
    return file


def expected(edits: list[Edit]) -> bytes:
    return splicing.to_bytes(Source(OLD), edits)


def fine(_: Path) -> None:
    """Stands for a check that finds nothing."""


@pytest.fixture
def inserting(path: Path) -> Path:
    if not journal.write_inserted(path, [Edit(0, 0, b"x" * BLOCK)], check=fine):
        pytest.skip("this file system inserts no blocks")
    path.write_bytes(OLD)
    return path


@pytest.mark.parametrize("edits", [OVER, SHORTER, [Edit(0, 1, b"x")], [Edit(len(OLD), 0, b"tail")]])
def test_what_fits_is_written_over(path: Path, edits: list[Edit]) -> None:
    assert journal.fits_in_place(edits, len(OLD))
    inode = path.stat().st_ino
    journal.write_over(path, edits, check=fine, fsync=True)
    assert path.read_bytes() == expected(edits)
    assert path.stat().st_ino == inode
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("edits", [[Edit(5, 0, b"x")], [Edit(5, 2, b"x"), Edit(len(OLD), 0, b"t")]])
def test_what_would_move_other_bytes_does_not_fit(edits: list[Edit]) -> None:
    assert not journal.fits_in_place(edits, len(OLD))


def test_blocks_are_inserted(inserting: Path) -> None:
    assert journal.fits_insertion(INSERTED, BLOCK)
    assert not journal.fits_insertion([Edit(0, 0, b"x")], BLOCK)
    assert journal.write_inserted(inserting, INSERTED, check=fine, fsync=True)
    assert inserting.read_bytes() == expected(INSERTED)


def test_a_change_that_is_found_wrong_is_taken_back(path: Path) -> None:
    def refuse(file: Path) -> None:
        assert file.read_bytes() == expected(OVER)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        journal.write_over(path, OVER, check=refuse)
    assert path.read_bytes() == OLD
    assert list(path.parent.iterdir()) == [path]


def test_an_insertion_that_is_found_wrong_is_taken_back(inserting: Path) -> None:
    def refuse(_: Path) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        journal.write_inserted(inserting, INSERTED, check=refuse)
    assert inserting.read_bytes() == OLD


class Pen:
    """Writes like :func:`os.write`, until a number of bytes; then the process is as good as dead."""

    def __init__(self, patch: pytest.MonkeyPatch, left: int) -> None:
        self.left = left
        self.spent = 0
        self.write, self.pwrite, self.truncate = os.write, os.pwrite, os.ftruncate
        patch.setattr(os, "write", self._write)
        patch.setattr(os, "pwrite", self._pwrite)
        patch.setattr(os, "ftruncate", self._truncate)
        patch.setattr(journal, "_undo", self._undo)
        self.undo = journal._undo

    def _allowed(self, data: memoryview) -> memoryview:
        if self.left <= 0:
            raise Killed
        part = data[: self.left]
        self.left -= len(part)
        self.spent += len(part)
        return part

    def _write(self, fd: int, data: memoryview) -> int:
        return self.write(fd, self._allowed(memoryview(data)))

    def _pwrite(self, fd: int, data: memoryview, offset: int) -> int:
        return self.pwrite(fd, self._allowed(memoryview(data)), offset)

    def _truncate(self, fd: int, size: int) -> None:
        self._allowed(memoryview(b"x"))
        self.truncate(fd, size)

    def _undo(self, *_: object) -> None:
        raise Killed  # a process that is killed undoes nothing


def cut_off(path: Path, edits: list[Edit], write: object, left: int) -> bool:
    """Whether the write was cut off after ``left`` bytes."""
    assert callable(write)
    with pytest.MonkeyPatch.context() as patch:
        Pen(patch, left)
        try:
            write(path, edits, check=fine)
        except Killed:
            return True
    return False


def steps(path: Path, edits: list[Edit], write: object) -> Iterator[int]:
    """How many bytes a whole write takes, journal included; every count below that is a place to die."""
    assert callable(write)
    with pytest.MonkeyPatch.context() as patch:
        pen = Pen(patch, 1 << 30)
        write(path, edits, check=fine)
        spent = pen.spent
    path.write_bytes(OLD)
    return iter([*range(min(spent, 700)), *range(700, spent, 97), *range(max(0, spent - 300), spent)])


@pytest.mark.parametrize("edits", [OVER, SHORTER])
def test_cut_off_at_any_byte_the_old_file_comes_back(path: Path, edits: list[Edit]) -> None:
    for left in steps(path, edits, journal.write_over):
        assert cut_off(path, edits, journal.write_over, left)
        journal.recover(path)
        assert path.read_bytes() == OLD, left
        assert list(path.parent.iterdir()) == [path], left


def test_an_insertion_cut_off_at_any_byte_is_taken_back(inserting: Path) -> None:
    for left in steps(inserting, INSERTED, journal.write_inserted):
        assert cut_off(inserting, INSERTED, journal.write_inserted, left)
        journal.recover(inserting)
        assert inserting.read_bytes() == OLD, left


def test_the_next_write_takes_back_what_was_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(jpeg())
    journal.journal_of(file).write_bytes(b"countermark-journal 1\n{")
    written = labels.write(file, labels.Fields.generated("示例", "1"), options=labels.Options(in_place=True))
    assert written.label.fields["ContentProducer"] == "示例"
    assert list(tmp_path.iterdir()) == [file]


def test_a_journal_that_is_there_stops_a_write_that_does_not_recover(path: Path) -> None:
    journal.journal_of(path).write_bytes(b"")
    with pytest.raises(InterruptedWriteError, match="countermark label recover"):
        journal.write_over(path, OVER, check=fine)
    assert path.read_bytes() == OLD


@pytest.mark.parametrize("now", [OLD + b"more", b"another file", OLD[:9] + b"!" + OLD[10:], OLD * 2])
def test_a_file_that_somebody_else_changed_is_left_alone(path: Path, now: bytes) -> None:
    edits = [Edit(9, 1, b"#"), *OVER[1:]]
    journal.journal_of(path).write_bytes(journal._serialise(changed(edits)))
    path.write_bytes(now)
    with pytest.raises(labels.LabelError, match=r"somebody else changed picture.jpg"):
        journal.recover(path)
    assert path.read_bytes() == now


def changed(edits: list[Edit]) -> journal.Change:
    regions = tuple((e.offset, OLD[e.offset : e.offset + e.length], e.new) for e in edits)
    return journal.Change(len(OLD), 0, regions)


def test_an_insertion_into_a_file_that_was_replaced_is_not_undone(inserting: Path) -> None:
    assert cut_off(inserting, INSERTED, journal.write_inserted, 6_000)
    inserting.write_bytes(OLD + b"more")
    with pytest.raises(labels.LabelError, match=r"somebody else changed picture.jpg"):
        journal.recover(inserting)
    assert inserting.read_bytes() == OLD + b"more"


def sealed(head: bytes) -> bytes:
    return journal.MAGIC + head + hashlib.sha256(head).digest()


@pytest.mark.parametrize(
    "head",
    [
        b"{}\n",
        b"[]\n",
        b"no JSON\n",
        b'{"size":"x","inserted":0,"regions":[]}\n',
        b'{"size":-1,"inserted":0,"regions":[]}\n',
        b'{"size":1000000000000,"inserted":0,"regions":[]}\n',
        b'{"size":9,"inserted":0,"regions":[[0,1]]}\n',
        b'{"size":9,"inserted":0,"regions":[[0,5,5]]}\nx',
    ],
)
def test_a_journal_that_makes_no_sense_does_nothing(path: Path, head: bytes) -> None:
    journal.journal_of(path).write_bytes(sealed(head))
    with pytest.raises(labels.LabelError):
        journal.recover(path)
    assert path.read_bytes() == OLD


def test_a_kill_while_taking_back_is_taken_back_too(path: Path) -> None:
    whole, new = journal._serialise(changed(OVER)), expected(OVER)
    for cut in range(0, len(new), 97):
        path.write_bytes(OLD[:cut] + new[cut:])
        journal.journal_of(path).write_bytes(whole)
        assert journal.recover(path)
        assert path.read_bytes() == OLD


def test_a_name_that_leaves_no_room_for_a_journal_is_labelled_by_a_copy(tmp_path: Path) -> None:
    file = tmp_path / ("图" * 80 + ".jpg")
    file.write_bytes(jpeg())
    written = labels.write(file, labels.Fields.generated("示例", "1"), options=labels.Options(in_place=True))
    assert written.way is labels.Way.COPY
    assert list(tmp_path.iterdir()) == [file]


KILLED = """
import os, sys, time
from pathlib import Path
from countermark.labels import journal
from countermark.labels.splicing import Edit
def slow(path):
    print("changed", flush=True)
    time.sleep(60)
journal.write_over(Path(sys.argv[1]), [Edit(10, 5, b"label")], check=slow)
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_a_process_that_is_killed_leaves_a_file_that_recovers(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"changed\n"
        assert path.read_bytes() != OLD
        with pytest.raises(InterruptedWriteError, match="another process"):
            journal.recover(path)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert journal.recover(path)
    assert path.read_bytes() == OLD
    assert not journal.recover(path)
