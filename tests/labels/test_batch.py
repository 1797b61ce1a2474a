"""Many files: what is found, and what becomes of a run whose processes or parent die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from countermark.labels.batch import (
    BROKEN_LINK,
    IRREGULAR,
    LINK,
    TAKEN,
    BrokenProcessPool,
    Done,
    Found,
    Run,
    Search,
)

FILES = [Found(str(number), str(number)) for number in range(500)]
PARENT = """
import sys, time
from countermark.labels.batch import Done, Found, Run

def slow(found):
    print(flush=True)
    time.sleep(0.2)
    return Done("{}", "", "")

with Run(slow, (Found(str(n), "") for n in range(10_000)), 2) as run:
    list(run)
"""


def echo(found: Found) -> Done:
    return Done(f'{{"path":"{found.path}"}}', "", found.path)


def die_at_300(found: Found) -> Done:
    if found.path == "300":
        os.kill(os.getpid(), signal.SIGKILL)
    return echo(found)


def slow(found: Found) -> Done:
    time.sleep(0.05)
    return echo(found)


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_order(processes: int) -> None:
    with Run(echo, FILES, processes) as run:
        assert [done.outcome for done in run] == [found.path for found in FILES]


@pytest.mark.skipif(os.name != "posix", reason="kills with signals")
def test_a_process_that_dies_ends_the_run_whatever_its_parent_does_on_a_signal() -> None:
    earlier = signal.signal(signal.SIGTERM, lambda *_: pytest.fail("a process ran its parent's handler"))
    try:
        with Run(die_at_300, FILES, 2) as run:
            with pytest.raises(BrokenProcessPool):
                list(run)
            list(run.rest())
    finally:
        signal.signal(signal.SIGTERM, earlier)


def test_after_an_interruption_nothing_that_was_finished_is_lost() -> None:
    with Run(slow, FILES, 2) as run:
        seen = []
        for done in run:
            seen.append(done.outcome)
            if len(seen) == 3:
                break
        seen += [done.outcome for done in run.rest()]
    assert 3 <= len(seen) < len(FILES)
    assert len(set(seen)) == len(seen)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks /proc for the processes")
def test_no_process_outlives_a_killed_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        parent.stdout.readline()
        of = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        children = [int(pid) for pid in of.read_text().split()]
        parent.kill()
        parent.wait()
    assert len(children) >= 2
    until = time.monotonic() + 10
    while (left := [pid for pid in children if alive(pid)]) and time.monotonic() < until:
        time.sleep(0.05)
    assert not left


def alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_a_folder_that_cannot_be_listed_is_one_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a/x", "b/y", "c/z"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    listed = os.scandir

    def scandir(folder: str) -> object:
        if folder.endswith("b"):
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    found = [(one.relative, one.trouble) for one in Search().find([str(tmp_path)])]
    assert found == [("a/x", ""), ("b", "Permission denied"), ("c/z", "")]


def test_links_and_pipes_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "nothing").symlink_to("gone")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "self").symlink_to(".")
    troubles = {"file": "", "link": LINK, "nothing": BROKEN_LINK, "pipe": IRREGULAR}
    assert {one.relative: one.trouble for one in Search().find([str(tmp_path)])} == troubles
    followed = {one.relative: one.trouble for one in Search(follow=True).find([str(tmp_path)])}
    assert followed == troubles | {"link": ""}
    assert [one.trouble for one in Search().find([str(tmp_path / "pipe"), str(tmp_path / "link")])] == [
        IRREGULAR,
        "",
    ]


def test_the_folder_of_copies_is_left_out_and_names_in_it_are_given_once(tmp_path: Path) -> None:
    for name in ("a/x", "b/x", "to/x"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    search = Search(to=str(tmp_path / "to"))
    assert [one.relative for one in search.find([str(tmp_path)])] == ["a/x", "b/x"]
    assert {one.relative for one in search.find([str(tmp_path / "**" / "x")])} == {"a/x", "b/x"}
    flat = search.find([str(tmp_path / "a"), str(tmp_path / "b")])
    assert [one.trouble for one in flat] == ["", TAKEN]
    with pytest.raises(ValueError, match="copies would replace files"):
        search.check([str(tmp_path / "to")])
