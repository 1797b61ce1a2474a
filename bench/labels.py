"""How quick labels are read and written, beside the peers and beside the limit, in one run.

Run with ``make bench``, or ``python bench/labels.py [--files N]``. Peers that are absent are left out
and named. The limit of a verification is opening a file and reading 4 KiB of it; that of a labelled
copy is ``shutil.copyfile``. Times are medians; the table tells how often slower or faster, because
ratios carry further than seconds.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from countermark import labels

FIELDS = labels.Fields.generated("001191110105MA0EXAMP1X10001", "20261125-000001")
ROUNDS = 7
SEED = 45438


def main() -> None:
    """Measure everything, and print tables for ``docs/benchmarks.md``."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--files", type=int, default=100_000, help="small files of the run at scale")
    options.add_argument("--folder", type=Path, help="where to work; not on a file system in memory")
    given = options.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, seed {SEED}, medians of {ROUNDS}.\n")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        samples = make(folder)
        verifying(samples)
        writing(samples, folder)
        processes(samples["JPEG"], folder)
        scale(folder, given.files)


def make(folder: Path) -> dict[str, Path]:
    """One unlabelled file of each kind; what needs ffmpeg is left out without it."""
    random.seed(SEED)
    samples = {"JPEG": folder / "a.jpg", "JPEG, large": folder / "b.jpg", "PNG": folder / "a.png"}
    noise = Image.effect_noise((3000, 2000), 60).convert("RGB")
    noise.resize((900, 700)).save(samples["JPEG"], quality=90)
    noise.save(samples["JPEG, large"], quality=95)
    noise.resize((1800, 1200)).save(samples["PNG"])
    samples["WAV"] = folder / "a.wav"
    with wave.open(str(samples["WAV"]), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(44_100)
        sound.writeframes(random.randbytes(35_000_000))
    if shutil.which("ffmpeg"):
        samples["MP3"] = encoded(folder / "a.mp3", samples["WAV"], "-b:a", "320k")
        picture = ("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=60")
        for name, flags in {"MP4": (), "MP4, moov first": ("-movflags", "+faststart")}.items():
            target = folder / f"{len(samples)}.mp4"
            quality = ("-c:v", "mpeg4", "-b:v", "5M")
            ffmpeg(
                *picture, "-i", str(samples["WAV"]), *quality, "-c:a", "aac", "-shortest", *flags, str(target)
            )
            samples[name] = target
    return samples


def verifying(samples: dict[str, Path]) -> None:
    """Verify a labelled file, beside exiftool and beside the limit."""
    print("## Verify, ms a file\n")
    print("| file | MB | limit: open, 4 KiB | **ours** | exiftool `-stay_open` | exiftool / ours | others |")
    print("|---|---|---|---|---|---|---|")
    for name, path in samples.items():
        labelled = path.with_name(f"labelled-{path.name}")
        labels.write(path, FIELDS, to=labelled)
        ours = per_call(lambda file=labelled: labels.verify(file), 400)  # type: ignore[misc]
        floor = per_call(lambda file=labelled: read_head(file), 2000)  # type: ignore[misc]
        with exiftool() as ask:
            theirs = per_call(lambda file=labelled: ask(file), 15) if ask else None  # type: ignore[misc]
        others = ", ".join(f"{peer} {per_call(job, 60):.2g}" for peer, job in readers(labelled))
        ratio = f"{theirs / ours:.0f} ×" if theirs else "absent"
        size = labelled.stat().st_size / 1e6
        print(
            f"| {name} | {size:.1f} | {floor:.3g} | **{ours:.3g}** | {shown(theirs)} | {ratio} | {others} |"
        )
    print()


def writing(samples: dict[str, Path], folder: Path) -> None:
    """Write a labelled copy, and in place, beside a plain copy and the peers."""
    print("## Write, ms a file\n")
    print("| file | MB | limit: copyfile | **ours, copy** | copy / limit | **in place** | faster | peers |")
    print("|---|---|---|---|---|---|---|---|")
    for name, path in samples.items():
        target = folder / f"target{path.suffix}"
        copies, ours = interleaved(
            lambda p=path, t=target: shutil.copyfile(p, t),  # type: ignore[misc]
            lambda p=path, t=target: labels.write(p, FIELDS, to=t),  # type: ignore[misc]
            target,
        )
        place, way = in_place(path, folder)
        faster = f"{ours / place:.1f} × ({way})" if way != "copy" else "not supported"
        peers = ", ".join(f"{peer} {ms:.3g}" for peer, ms in writers(path, folder))
        size = path.stat().st_size / 1e6
        print(
            f"| {name} | {size:.1f} | {copies:.3g} | **{ours:.3g}** | {ours / copies:.2f} × "
            f"| **{place:.3g}** | {faster} | {peers} |"
        )
    print()


def processes(sample: Path, folder: Path) -> None:
    """The command on a folder, with one process and with two."""
    many = folder / "many"
    many.mkdir()
    out = io.BytesIO()
    Image.open(sample).resize((160, 120)).save(out, "JPEG")
    data = labels.write(out.getvalue(), FIELDS).data
    for number in range(20_000):
        (many / f"{number}.jpg").write_bytes(data)
    print("## From one process to two, 20,000 JPEG of 8 kB\n\n| job | 1 | 2 | speed-up |\n|---|---|---|---|")
    jobs = {
        "verify": ("verify", str(many), "--fail-on", "never"),
        "update copies": ("update", str(many), "--propagator", "bench", "--to", str(folder / "copies")),
    }
    for name, arguments in jobs.items():
        times = []
        for number in ("1", "2"):
            shutil.rmtree(folder / "copies", ignore_errors=True)
            times.append(once(lambda a=arguments, n=number: command(*a, "-j", n)))  # type: ignore[misc]
        print(f"| {name} | {times[0]:.2f} s | {times[1]:.2f} s | {times[0] / times[1]:.2f} × |")
    shutil.rmtree(many)
    shutil.rmtree(folder / "copies")
    print()


def scale(folder: Path, number: int) -> None:
    """Many small files: written, verified, interrupted and taken up again."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "PNG")
    small = out.getvalue()
    root = folder / "small"
    for index in range(number):
        below = root / f"{index // 1000:04}"
        if index % 1000 == 0:
            below.mkdir(parents=True)
        (below / f"{index}.png").write_bytes(small)
    record = folder / "lines.jsonl"
    line = ["verify", str(root), "--fail-on", "never", "-j", "2", "-f", f"jsonl={record}"]
    print(f"## {number:,} small files, two processes\n\n| job | s | files/s |\n|---|---|---|")
    wrote = once(lambda: command("write", str(root), "--producer", "bench", "--in-place", "-j", "2"))
    print(f"| write in place | {wrote:.1f} | {number / wrote:,.0f} |")
    whole = once(lambda: command(*line))
    print(f"| verify | {whole:.1f} | {number / whole:,.0f} |")
    process = subprocess.Popen(
        [sys.executable, "-m", "countermark", "label", *line], stderr=subprocess.DEVNULL
    )
    time.sleep(whole / 2)
    process.kill()
    process.wait()
    kept = record.read_bytes().count(b"\n")
    rest = once(lambda: command(*line, "--resume"))
    lines = record.read_text(encoding="utf-8").splitlines()
    paths = {json.loads(each)["path"] for each in lines}
    assert len(lines) == len(paths) == number, "a file was lost or done twice"
    print(f"| verify, resumed after a kill -9 with {kept:,} files done | {rest:.1f} | |")


def per_call(job: Callable[[], object], times: int) -> float:
    """Milliseconds of one call: the median of rounds."""
    job()
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(times):
            job()
        rounds.append((time.perf_counter() - start) / times)
    return statistics.median(rounds) * 1000


def interleaved(one: Callable[[], object], other: Callable[[], object], target: Path) -> tuple[float, float]:
    """Milliseconds of two jobs that make ``target``, in turn, so that the machine's noise falls on both."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(40):
        for job, list_ in zip((one, other), spent, strict=True):
            target.unlink(missing_ok=True)
            start = time.perf_counter()
            job()
            list_.append(time.perf_counter() - start)
    return statistics.median(spent[0]) * 1000, statistics.median(spent[1]) * 1000


def once(job: Callable[[], object]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def in_place(path: Path, folder: Path) -> tuple[float, str]:
    """Milliseconds of labelling a file where it is, and the way; the copies are made beforehand."""
    spent, way = [], ""
    for number in range(20):
        file = folder / f"place-{number}{path.suffix}"
        shutil.copyfile(path, file)
        with file.open("rb") as stream:
            os.fsync(stream.fileno())  # a file that has been there for a while, in the page cache
        start = time.perf_counter()
        way = str(labels.write(file, FIELDS, options=labels.Options(in_place=True)).way)
        spent.append(time.perf_counter() - start)
        file.unlink()
    return statistics.median(spent) * 1000, way


def read_head(path: Path) -> bytes:
    """The least that a verification can do."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.pread(fd, 4096, 0)
    finally:
        os.close(fd)


@contextmanager
def exiftool() -> Iterator[Callable[[Path], str] | None]:
    """One process of exiftool that answers for one file after another."""
    program = shutil.which("exiftool")
    if program is None:
        yield None
        return
    line = [program, "-stay_open", "True", "-@", "-"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout

        def ask(path: Path) -> str:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"-j\n-G1\n{path}\n-execute\n")
            process.stdin.flush()
            said = ""
            while not said.endswith("{ready}\n"):
                said += process.stdout.readline()
            return said

        yield ask
        process.stdin.write("-stay_open\nFalse\n")
        process.stdin.flush()


def readers(path: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Libraries that read such a file's metadata, where they are installed."""
    if path.suffix in (".jpg", ".png"):
        yield "Pillow", lambda: Image.open(path).info
    if find_spec("mutagen") and path.suffix in (".mp3", ".mp4"):
        import mutagen

        yield "mutagen", lambda: mutagen.File(path)


def writers(path: Path, folder: Path) -> Iterator[tuple[str, float]]:
    """Tools that write such metadata: whole processes, as people run them."""
    target = folder / f"peer{path.suffix}"
    if path.suffix == ".mp4" and shutil.which("ffmpeg"):
        flags = ("-c", "copy", "-movflags", "use_metadata_tags", "-metadata", f"AIGC={FIELDS.bare()}")
        yield "ffmpeg", per_process(lambda: ffmpeg("-i", str(path), *flags, str(target)))
    if find_spec("mutagen") and path.suffix == ".mp3":
        from mutagen.id3 import ID3, TXXX

        def tag() -> None:
            shutil.copyfile(path, target)
            tags = ID3(target)
            tags.add(TXXX(encoding=3, desc="AIGC", text=FIELDS.bare()))
            tags.save()

        yield "mutagen", per_call(tag, 5)
    if path.suffix in (".jpg", ".png"):
        yield "Pillow (encodes anew)", per_call(lambda: Image.open(path).save(target), 3)


def per_process(job: Callable[[], object]) -> float:
    """Milliseconds of a whole process."""
    return statistics.median(once(job) for _ in range(3)) * 1000


def encoded(target: Path, source: Path, *flags: str) -> Path:
    """``source`` in another encoding."""
    ffmpeg("-i", str(source), *flags, str(target))
    return target


def ffmpeg(*arguments: str) -> None:
    """Run it, over what is there."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)


def command(*arguments: str) -> None:
    """``countermark label``."""
    line = [sys.executable, "-m", "countermark", "label", *arguments]
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)


def shown(value: float | None) -> str:
    """A time, or that there is none."""
    return "absent" if value is None else f"{value:.3g}"


if __name__ == "__main__":
    main()
