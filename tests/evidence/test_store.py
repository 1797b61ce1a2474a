"""Runs on disk: append-only, content-addressed, and whole or honest about it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from countermark.evidence import Run, RunError, RunState, runs
from countermark.model import Evidence, Gap, GapCause, Report
from countermark.target import load

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def piece(number: int) -> Evidence:
    return Evidence(kind="k", subject=f"s{number}", fact={"n": number}, collector="c", collected=NOW)


@pytest.fixture
def run(shop: Path) -> Iterator[Run]:
    run = Run.start(shop, load(shop))
    yield run
    run.close()


def test_a_record_is_named_by_the_digest_of_its_line(run: Run) -> None:
    run.add([piece(1), piece(2)], "t")
    lines = (run.folder / "records.jsonl").read_bytes().splitlines()
    digests = [f"sha256:{hashlib.sha256(line).hexdigest()}" for line in lines[:2]]
    assert digests == [piece(1).id, piece(2).id] == [r.id for r in run.records()]
    assert json.loads(lines[0])["fact"] == {"n": 1}


def test_the_same_record_is_kept_once(run: Run) -> None:
    run.add([piece(1)], "t")
    run.add([piece(1)], "u")
    assert len(list(run.records())) == 1
    assert run.done == {"t", "u"}


def test_a_run_that_was_left_behind_goes_on_where_it_stopped(run: Run) -> None:
    run.add([piece(1)], "t")
    assert Run.read(run.folder).state is RunState.RUNNING
    run.close()
    assert Run.read(run.folder).state is RunState.INTERRUPTED
    resumed = Run.resume(run.folder)
    assert resumed.done == {"t"}
    resumed.add([piece(1), piece(2)], "u")
    resumed.close()
    assert [r.subject for r in resumed.records()] == ["s1", "s2"]


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_half_written_line_is_dropped_and_said(run: Run, cut: int) -> None:
    run.add([piece(1)], "t")
    run.add([piece(2)], "u")
    run.close()
    path = run.folder / "records.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    resumed = Run.resume(run.folder)
    assert resumed.torn_bytes > 0
    assert "t" in resumed.done
    assert "u" not in resumed.done
    resumed.add([piece(2)], "u")
    resumed.close()
    assert path.read_bytes() == whole


def test_two_writers_are_refused(run: Run) -> None:
    with pytest.raises(RunError, match="running"):
        Run.resume(run.folder)


def test_an_edited_line_is_found(run: Run) -> None:
    run.add([piece(1)], "t")
    run.close()
    path = run.folder / "records.jsonl"
    path.write_bytes(b"{broken\n" + path.read_bytes())
    with pytest.raises(RunError, match=r"records\.jsonl:1"):
        Run.read(run.folder)


def test_every_file_of_a_sealed_run_is_held_by_the_seal(audited: Callable[[], Report], shop: Path) -> None:
    audited()
    (run,) = runs(shop)
    assert run.state is RunState.SEALED
    assert run.broken_files() == []
    for name in ("run.json", "target.json", "records.jsonl", "report.json"):
        path = run.folder / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert run.broken_files() == [name]
        path.write_bytes(whole)
    (run.folder / "report.json").unlink()
    assert run.broken_files() == ["report.json"]


def test_a_sealed_run_is_not_resumed(audited: Callable[[], Report], shop: Path) -> None:
    audited()
    (run,) = runs(shop)
    with pytest.raises(RunError, match="sealed"):
        Run.resume(run.folder)


def test_nothing_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="holds no run"):
        Run.read(tmp_path)


FULL_DISK = """
import resource, signal, sys
from countermark.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
sys.argv = ["countermark", "audit"]
main()
"""


def test_a_full_disk_keeps_what_was_there_and_the_run_goes_on_later(shop: Path) -> None:
    """The limit on the size of a file stands for the disk: writing beyond it fails in the same way."""
    plain = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    full = subprocess.run(
        [sys.executable, "-c", FULL_DISK],
        cwd=shop, env=plain, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert full.returncode == 3
    assert "cannot be written" in full.stderr
    assert "finished tasks are kept" in full.stderr
    assert "Traceback" not in full.stderr
    kept = Run.read(runs(shop)[-1].folder)
    assert kept.done
    resumed = subprocess.run(
        [sys.executable, "-m", "countermark", "audit", "--resume"],
        cwd=shop, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert f"{len(kept.done)} tasks are done" in resumed.stderr
    assert resumed.returncode == 0, resumed.stderr
    assert runs(shop)[-1].broken_files() == []


SLOW = """
import sys, time
from countermark.collectors.media import Media
from countermark.collectors.weights import Weights
inner = Weights.collect
def slow(self, task, site):
    print("ready", flush=True)
    time.sleep(60)
    yield from inner(self, task, site)
Weights.collect = slow
from countermark.cli import main
sys.argv = ["countermark", "audit"]
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_loses_nothing(shop: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW], cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    started = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert time.monotonic() - started < 20
    if number is not signal.SIGKILL:
        assert process.returncode == 130
        assert "finished tasks are kept" in said
    (left,) = runs(shop)
    assert left.state is RunState.INTERRUPTED
    kept = Run.read(left.folder)
    assert kept.done

    def countermark(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "countermark", *arguments],
            cwd=shop, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    judged = countermark("judge")
    assert "is interrupted" in judged.stderr
    again = countermark("audit", "--resume")
    assert f"{len(kept.done)} tasks are done" in again.stderr
    whole = Run.read(left.folder)
    assert whole.state is RunState.SEALED
    assert kept.done < whole.done
    before = [r.id for r in kept.records() if isinstance(r, Evidence)]
    assert before == [r.id for r in whole.records()][: len(before)]


def test_what_an_interrupted_run_did_not_reach_is_a_gap(run: Run) -> None:
    def missed(number: int) -> Gap:
        cause = GapCause.INTERRUPTED
        return Gap(kind="k", subject=f"s{number}", cause=cause, detail="", collector="c", collected=NOW)

    run.plan([("t", missed(1)), ("u", missed(2))])
    run.add([piece(1)], "t")
    run.add([piece(9)], "no longer planned")
    run.close()
    done, left = Run.read(run.folder).records()
    assert done == piece(1)
    assert isinstance(left, Gap)
    assert left.subject == "s2"


def test_what_a_task_left_before_it_was_done_does_not_count(run: Run) -> None:
    run.add([piece(1)], "t")
    run.close()
    with (run.folder / "records.jsonl").open("ab") as stream:
        stream.write(piece(2).to_bytes() + b"\n")
    assert list(Run.read(run.folder).records()) == [piece(1)]


def test_a_report_without_its_seal_does_not_verify(audited: Callable[[], Report], shop: Path) -> None:
    audited()
    (run,) = runs(shop)
    (run.folder / "seal.json").unlink()
    said = subprocess.run(
        [sys.executable, "-m", "countermark", "report"], cwd=shop, capture_output=True, text=True, check=False
    )
    assert said.returncode == 4
    assert "not as it was sealed: seal.json" in said.stderr
