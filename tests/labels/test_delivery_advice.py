"""Advice on deliveries, held against the tools themselves where they are installed."""

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from delivery_samples import needs, run, sample, traced

from countermark import labels
from countermark.labels import delivery
from countermark.labels.delivery.advice import AGAIN, advise, program_of
from countermark.labels.delivery.marks import Look, Mark, Presence
from countermark.labels.delivery.steps import Step

FFMPEG = "ffmpeg -v error -i {in}"
TAGS = "-map_metadata 0 -movflags use_metadata_tags"
TOOLS = [
    (
        "a.mp4",
        f"{FFMPEG} -c copy {{out}}",
        f"{FFMPEG} -c copy {TAGS} {{out}}",
    ),
    ("a.mp4", f"{FFMPEG} -c copy -map_metadata -1 {{out.mkv}}", f"{FFMPEG} -c copy {{out.mkv}}"),
    ("a.mp3", f"{FFMPEG} {{out.wav}}", ""),
    ("a.wav", f"{FFMPEG} {{out.mp3}}", ""),
    ("a.png", f"{FFMPEG} {{out.jpg}}", ""),
    ("a.jpg", "mogrify -resize 50% -strip {in}", "mogrify -resize 50% {in}"),
    ("a.jpg", "mogrify -thumbnail 50% {in}", "mogrify -resize 50% {in}"),
    ("a.png", "mogrify -resize 50% {in}", ""),
    ("a.webp", "mogrify -resize 50% {in}", ""),
    ("a.jpg", "mogrify -format png -path {dir} {in}", ""),
    ("a.mp4", f"{FFMPEG} -c:v mpeg4 -c:a mp3 {{out.avi}}", ""),
    ("a.mp4", f"{FFMPEG} -c copy {{out.ts}}", ""),
    ("a.mkv", f"{FFMPEG} -c copy {{out.mp4}}", f"{FFMPEG} -c copy {TAGS} {{out.mp4}}"),
    ("a.jpg", "exiftool -q -all= -o {out} {in}", "exiftool -q -all= -tagsFromFile @ -xmp -o {out} {in}"),
    ("a.jpg", "jpegoptim -q --strip-all {in}", "jpegoptim -q --strip-all --keep-xmp {in}"),
    ("a.jpg", "jpegtran -outfile {out} {in}", "jpegtran -copy all -outfile {out} {in}"),
    ("a.png", "cwebp -quiet {in} -o {out.webp}", "cwebp -quiet -metadata all {in} -o {out.webp}"),
    ("a.webp", "dwebp -quiet {in} -o {out.png}", ""),
    ("a.jpg", "vips copy {in} {out}[strip]", "vips copy {in} {out}"),
    ("a.jpg", "vipsthumbnail {in} -s 32 -o {out}[strip]", "vipsthumbnail {in} -s 32 -o {out}"),
    ("a.png", "optipng -quiet -strip all {in} -out {out}", "optipng -quiet {in} -out {out}"),
    ("a.png", "pngquant --strip {in} -o {out}", "pngquant {in} -o {out}"),
    ("a.gif", "gifsicle --no-app-extensions {in} -o {out}", "gifsicle -O3 {in} -o {out}"),
    ("a.pdf", "gs -q -sDEVICE=pdfwrite -o {out} {in}", ""),
    ("a.pdf", "qpdf --empty --pages {in} -- {out}", "qpdf {in} --pages . 1-z -- {out}"),
]
"""A file, a command that loses its label, and the same with the advice followed, where there is any."""


@pytest.mark.parametrize(("name", "command", "remedy"), TOOLS)
def test_the_advice_is_true(tmp_path, name, command, remedy) -> None:
    program = command.partition(" ")[0]
    needed = {program, "ffmpeg"} if name.endswith(("mp4", "mp3", "wav", "mkv")) else {program}
    if not all(map(shutil.which, needed)):
        pytest.skip(f"{program} is not installed")
    first = sample(tmp_path, name)
    trace = run(first, [Step("step", command)])
    assert trace.stages[1].look.trouble == ""
    assert trace.lost == ("label",)
    (loss,) = trace.losses
    assert loss.advice.verified
    assert loss.advice.tool
    if not remedy:
        assert loss.advice.keep == AGAIN
        return
    assert loss.advice.keep != AGAIN
    assert run(first, [Step("step", remedy)]).lost == ()


@needs("ffmpeg")
def test_a_tool_is_known_by_what_it_leaves(tmp_path) -> None:
    first = sample(tmp_path, "a.mp4")
    second = tmp_path / "b.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-i", first, "-c", "copy", second], check=True)
    (loss,) = traced([first, second]).losses
    assert loss.advice.tool == "ffmpeg"
    assert "use_metadata_tags" in loss.advice.keep


def seen(container: str, traces: str = "") -> Look:
    return Look(container, marks={"label": Mark(Presence.ABSENT)}, traces=traces)


@pytest.mark.parametrize(
    ("command", "tool"),
    [
        ("https://x.example/_next/image?url=%2Fa.png&w=640&q=75", "next/image"),
        ("http://127.0.0.1:8080/insecure/rs:fit:300:300/plain/http://x/a.jpg", "imgproxy"),
        ("http://127.0.0.1:8888/unsafe/300x200/http://x/a.jpg", "Thumbor"),
        ("https://x.example/cdn-cgi/image/width=80/a.jpg", "Cloudflare images"),
        (
            "https://b.oss-cn-hangzhou.aliyuncs.com/a.jpg?x-oss-process=image/resize,w_100",
            "Alibaba Cloud OSS",
        ),
        ("https://b.cos.ap-beijing.myqcloud.com/a.jpg?imageMogr2/thumbnail/50p", "Tencent Cloud COS"),
        ("/opt/tools/ffmpeg.exe -i a b.jpg", "ffmpeg"),
        ("node resize.mjs a b", "sharp"),
        ("myresizer a b", ""),
    ],
)
def test_tools_by_command_and_address(command, tool) -> None:
    assert advise("label", command, seen("jpeg"), seen("jpeg")).tool == tool


def test_marks_that_need_no_tool() -> None:
    assert "sign again" in advise("c2pa", "", seen("jpeg"), seen("jpeg")).keep
    assert advise("label", "", seen("jpeg"), seen("jpeg", "CREATOR: gd-jpeg v1.0")).tool.startswith("GD")
    assert program_of("'") == ""
    assert program_of("C:/x/ffmpeg.exe -i") == "ffmpeg"


def test_every_row_of_the_table_is_whole() -> None:
    text = Path(delivery.__file__).with_name("advice.toml").read_text("utf-8")
    rows = tomllib.loads(text)["advice"]
    assert all({"tool", "cause", "keep", "source", "verified"} <= set(row) for row in rows)
    assert all("program" in row or "trace" in row for row in rows)
    known = set(labels.CONTAINERS)
    assert all(set(row.get("from", ())) | set(row.get("into", ())) <= known for row in rows)
