"""Deliveries that lose labels, run with the real tools where they are installed."""

import http.server
import io
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from countermark import labels
from countermark.labels import delivery, delivery_archive, delivery_fetch, delivery_steps
from countermark.labels.delivery import Change
from countermark.labels.delivery_advice import AGAIN, advise, program_of
from countermark.labels.delivery_marks import Look, Mark, Presence, look
from countermark.labels.delivery_steps import Bounds, Step, StepError
from countermark.labels.security.trust import SigningKey

FIELDS = labels.Fields.generated("001191110102MACQD9K64010000", "n-1")
PYTHON = f"'{sys.executable}'"


def needs(*programs):
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} is not installed")


def sample(folder: Path, name: str = "a.jpg") -> Path:
    """A labelled picture, sound or video."""
    path = folder / name
    if path.suffix in (".mp4", ".mkv", ".wav", ".mp3", ".avi"):
        sound = ["-f", "lavfi", "-i", "sine=d=0.3"]
        video = ["-f", "lavfi", "-i", "testsrc=d=0.3:s=64x48", "-c:v", "mpeg4"] if "m" in name[-3:-1] else []
        video = [] if path.suffix == ".mp3" else video
        subprocess.run(["ffmpeg", "-v", "error", *sound, *video, path], check=True)
    else:
        Image.effect_noise((64, 48), 40).convert("RGB").save(path)
    labels.write(path, FIELDS)
    return path


def python(code: str) -> str:
    return f'{PYTHON} -c "{code}" {{in}} {{out}}'


RESAVE = python("import sys; from PIL import Image; Image.open(sys.argv[1]).save(sys.argv[2])")


def changes(trace, mark="label") -> list[Change]:
    return [stage.changes.get(mark) for stage in trace.stages[1:]]


def traced(files):
    """Without the look for explicit labels, which reads text in pictures and takes its time."""
    return delivery.trace(files, explicit=False)


def run(original, steps, **options):
    return delivery.run(original, steps, explicit=False, **options)


# --- files ----------------------------------------------------------------------------------------------


def test_each_file_is_compared_with_the_first(tmp_path) -> None:
    first = sample(tmp_path)
    same = Path(shutil.copy(first, tmp_path / "same.jpg"))
    added = tmp_path / "added.jpg"
    labels.update(first, "platform", "p-1", to=added)
    bare = tmp_path / "bare.png"
    Image.open(first).save(bare)
    other = tmp_path / "other.jpg"
    Image.open(first).save(other)
    labels.write(other, labels.Fields.generated("somebody", "2"))
    trace = traced([first, same, added, bare, other, added])
    assert changes(trace) == [Change.KEPT, Change.ADDED_TO, Change.LOST, Change.CHANGED, Change.ADDED_TO]
    assert [(loss.mark, loss.stage, loss.change) for loss in trace.losses] == [("label", 3, Change.LOST)]
    assert trace.carried == ("label",)
    assert trace.lost == ()
    assert trace.losses[0].detail == "it stood in: XMP TC260:AIGC"
    assert trace.stages[3].look.container == "png"
    assert trace.to_dict()["losses"][0]["step"] == "bare.png"


def test_a_label_that_moved_is_not_lost(tmp_path) -> None:
    first = sample(tmp_path, "a.png")
    moved = tmp_path / "b.jpg"
    with Image.open(first) as picture:
        picture.save(moved, xmp=picture.info["XML:com.adobe.xmp"].encode())
    trace = traced([first, moved])
    assert changes(trace) == [Change.MOVED]
    assert (trace.lost, trace.losses) == ((), ())
    assert changes(trace, "content") == [Change.CHANGED]


def test_pixels_and_other_metadata(tmp_path) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    exif = Image.Exif()
    exif[0x010E] = "a garden"
    picture = Image.linear_gradient("L").convert("RGB")
    picture.save(first, exif=exif)
    picture.save(second, compress_level=1)
    labels.write(first, FIELDS)
    trace = traced([first, second])
    assert changes(trace, "content") == [Change.KEPT]
    assert changes(trace, "metadata") == [Change.LOST]
    assert trace.stages[0].look.marks["metadata"].value == ("EXIF 0x010e",)


def test_a_broken_label_is_a_loss(tmp_path) -> None:
    first = sample(tmp_path)
    second = tmp_path / "b.jpg"
    second.write_bytes(first.read_bytes().replace(b"ContentProducer", b"ContentProduced"))
    (loss,) = traced([first, second]).losses
    assert (loss.mark, loss.change) == ("label", Change.BROKEN)
    again = traced([second, second])
    assert (again.carried, again.lost) == (("label",), ())


@pytest.mark.parametrize("body", [b"", b"what?\0", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04 broken"])
def test_a_file_that_cannot_be_looked_at_is_open_and_no_loss(tmp_path, body) -> None:
    first = sample(tmp_path)
    second = tmp_path / "b.png"
    second.write_bytes(body)
    trace = traced([first, second])
    if trace.stages[1].look.trouble:
        assert (trace.open, trace.lost, trace.losses) == (True, (), ())
    else:
        assert trace.lost == ("label",)


def test_a_missing_file_and_a_lonely_one(tmp_path) -> None:
    first = sample(tmp_path)
    assert traced([first, tmp_path / "none.jpg"]).open
    with pytest.raises(labels.LabelError, match="at least one"):
        traced([first])
    bare = tmp_path / "bare.png"
    Image.new("L", (8, 8)).save(bare)
    nothing = traced([bare, bare])
    assert nothing.open
    assert nothing.carried == ()


def test_a_signature_goes_with_the_label_and_its_binding_with_the_pixels(tmp_path) -> None:
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    first = tmp_path / "a.png"
    Image.effect_noise((64, 48), 40).save(first)
    labels.write(first, FIELDS, options=labels.Options(key=SigningKey.from_pem(key)))
    changed = tmp_path / "b.png"
    with Image.open(first) as picture:
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", picture.info["XML:com.adobe.xmp"])
        picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(changed, pnginfo=info)
    bare = tmp_path / "c.png"
    Image.open(first).save(bare)
    trace = traced([first, changed, bare])
    assert trace.carried == ("label", "signature", "binding")
    assert changes(trace, "label") == [Change.KEPT, Change.LOST]
    assert changes(trace, "signature") == [Change.KEPT, Change.LOST]
    assert changes(trace, "binding") == [Change.BROKEN, Change.LOST]
    assert [(loss.mark, loss.stage) for loss in trace.losses] == [
        ("binding", 1), ("label", 2), ("signature", 2),
    ]  # fmt: skip


def test_a_manifest_that_is_broken_and_lost(tmp_path) -> None:
    pytest.importorskip("c2pa", reason="the extra c2pa is not installed")
    from countermark.labels.c2pa import certificates, signing  # noqa: PLC0415 - needs the extra

    plain, first = sample(tmp_path), tmp_path / "signed.jpg"
    signing.sign(plain, first, FIELDS.to_dict(), certificates.make_test_key()[0])
    broken = tmp_path / "broken.jpg"
    data = bytearray(first.read_bytes())
    data[-9] ^= 1
    broken.write_bytes(data)
    trace = traced([first, broken, plain])
    assert trace.stages[0].look.marks["c2pa"] == Mark(Presence.THERE, "valid")
    assert changes(trace, "c2pa") == [Change.BROKEN, Change.LOST]
    assert changes(trace) == [Change.KEPT, Change.KEPT]
    (loss,) = trace.losses
    assert (loss.mark, loss.stage) == ("c2pa", 1)
    again = traced([broken, broken])
    assert again.carried == ("label",)
    assert (again.lost, again.open) == ((), False)


def test_text_that_loses_its_sentence(tmp_path) -> None:
    first, second = tmp_path / "a.md", tmp_path / "b.md"
    first.write_text("> 本内容由AI生成\n\n# x\n\n" + "y " * 200)
    second.write_text("# x\n")
    labels.write(first, FIELDS)
    trace = delivery.trace([first, second])
    assert trace.lost == ("label", "explicit")


# --- archives -------------------------------------------------------------------------------------------


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_an_archive_is_looked_into(tmp_path) -> None:
    first = sample(tmp_path)
    one = packed(tmp_path / "one.zip", {"x/anything.jpg": first.read_bytes()})
    several = packed(tmp_path / "many.zip", {"readme.txt": b"hi", "x/a.jpg": first.read_bytes()})
    unclear = packed(tmp_path / "unclear.zip", {"b.txt": b"hi", "c.txt": b"hi"})
    trace = traced([first, one, several, unclear])
    assert changes(trace) == [Change.KEPT, Change.KEPT, None]
    assert trace.stages[1].look.title == "JPEG in ZIP"


def test_archives_have_limits(tmp_path, monkeypatch) -> None:
    bomb = packed(tmp_path / "bomb.zip", {"a.jpg": bytes(4 << 20)})
    monkeypatch.setattr(delivery_archive, "MAX_BYTES", 1 << 20)
    with pytest.raises(labels.TooLargeError):
        delivery_archive.extract(bomb, "a", tmp_path)
    lying = bytearray(bomb.read_bytes())
    at = lying.index(b"PK\x01\x02")
    lying[at + 24 : at + 28] = (100).to_bytes(4, "little")
    bomb.write_bytes(lying)
    with pytest.raises(labels.LabelError):
        delivery_archive.extract(bomb, "a", tmp_path)
    assert (tmp_path / "member.jpg").stat().st_size <= 1 << 20


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6), st.integers(0, 400))
def test_any_archive_gives_a_value(tmp_path, flips, cut) -> None:
    data = bytearray(packed(tmp_path / "f.zip", {"a.txt": b"hello" * 20, "b.txt": b"x"}).read_bytes())
    for at, byte in flips:
        data[at % len(data)] = byte
    path = tmp_path / "g.zip"
    path.write_bytes(data[: max(len(data) - cut, 0)])
    with delivery_archive.opened(path, "a") as (inner, _):
        look(inner, explicit=False)


# --- steps ----------------------------------------------------------------------------------------------


def test_steps_run_one_after_the_other(tmp_path) -> None:
    first = sample(tmp_path)
    before = first.read_bytes()
    steps = [
        Step("copy", f"{PYTHON} -c 'import shutil,sys; shutil.copy(*sys.argv[1:])' {{in}} {{out}}"),
        Step("pack", "zip:"),
        Step("unpack", "unzip:"),
        Step("save", RESAVE.replace("{out}", "{out.png}")),
        Step("again", RESAVE.replace("{out}", "{out}.webp")),
    ]
    trace = run(first, steps)
    assert changes(trace) == [Change.KEPT, Change.KEPT, Change.KEPT, Change.LOST, Change.LOST]
    assert [stage.look.container for stage in trace.stages] == ["jpeg", "jpeg", "jpeg", "jpeg", "png", "webp"]
    (loss,) = trace.losses
    assert (loss.stage, loss.advice.tool, loss.advice.verified) == (4, "Pillow", True)
    assert "PngInfo" in loss.advice.keep
    assert first.read_bytes() == before


def test_a_command_that_changes_its_input_changes_a_copy(tmp_path) -> None:
    first = sample(tmp_path)
    before = first.read_bytes()
    code = "import sys; from PIL import Image; Image.open(sys.argv[1]).save(sys.argv[1])"
    trace = run(first, [Step("in place", f'{PYTHON} -c "{code}" {{in}}')])
    assert changes(trace) == [Change.LOST]
    assert first.read_bytes() == before


def test_a_folder_takes_the_one_file_that_was_made(tmp_path) -> None:
    first = sample(tmp_path)
    code = "import sys,shutil,pathlib; shutil.copy(sys.argv[1], pathlib.Path(sys.argv[2]) / 'new.jpg')"
    assert changes(run(first, [Step("a", f'{PYTHON} -c "{code}" {{in}} {{dir}}')])) == [Change.KEPT]
    two = code + "; pathlib.Path(sys.argv[2], 'b').touch()"
    trace = run(first, [Step("a", f'{PYTHON} -c "{two}" {{in}} {{dir}}')])
    assert "2 files where one is meant" in trace.stages[1].look.trouble


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            f"{PYTHON} -c 'import sys; sys.exit(\"no such filter\")' {{in}} {{out}}",
            "exit code 1: no such filter",
        ),
        (f"{PYTHON} -c '' {{in}} {{out}}", "wrote nothing"),
        ("countermark-no-such-program {in} {out}", "could not be started"),
        (f"{PYTHON} -c 'import time; time.sleep(60)' {{in}} {{out}}", "longer than 1 s"),
        (
            f"{PYTHON} -c 'import sys; open(sys.argv[2], chr(119)).write(chr(120) * 3000000)' {{in}} {{out}}",
            "bytes",
        ),
        (f"{PYTHON} -c 'while True: print(chr(120) * 9999)' {{in}} {{out}}", "was stopped: it wrote more"),
        ("url:http://192.0.2.1/a.png", "192.0.2.1 is not this machine"),
        ("url:file:///etc/passwd", "no address of http"),
        ("unzip:", "the ZIP archive cannot be read"),
    ],
)
def test_a_step_that_fails_says_why_and_ends_the_trace(tmp_path, command, said) -> None:
    first = sample(tmp_path)
    bounds = Bounds(timeout_s=1, output_bytes=2_000_000)
    trace = run(first, [Step("bad", command), Step("never", "zip:")], bounds=bounds)
    assert len(trace.stages) == 2
    assert said in trace.stages[1].look.trouble
    assert trace.open
    assert trace.lost == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no command",
        "=x",
        "a=",
        "a=ffmpeg -i {in} | cat",
        "a=x && y",
        "a='",
        "a=x {out.jpg} {out.png}",
        "\0=x",
    ],
)
def test_what_is_no_step(text) -> None:
    with pytest.raises(labels.LabelError):
        Step.of(text)


def test_a_pipeline_is_a_file(tmp_path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('[[step]]\nname = "save"\nrun = "zip:"\n[[step]]\nname = "b"\nrun = "x {in} {out.jpg}"\n')
    assert delivery_steps.pipeline(path) == [Step("save", "zip:"), Step("b", "x {in} {out.jpg}")]
    for bad in (
        "",
        "x = 1",
        "[[step]]\nname = 1\nrun = 'x'",
        "[[step]]\nname='a'\nrun='b|c | d'",
        "\xff",
        "step = 3",
    ):
        path.write_text(bad, "latin-1")
        with pytest.raises(labels.LabelError):
            delivery_steps.pipeline(path)


def test_nothing_is_left_behind(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run(sample(tmp_path), [Step("a", RESAVE), Step("z", "zip:"), Step("f", "false {in} {out}")])
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


# --- fetching -------------------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path):
    """A server on this machine that delivers what its folder has, and redirects elsewhere."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, directory=str(tmp_path), **kwargs)

        def do_GET(self):
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", "http://192.0.2.1/x")
                self.end_headers()
            elif self.path == "/nonsense":
                self.wfile.write(b"nonsense\r\n\r\n")
            else:
                super().do_GET()

        def log_message(self, *_args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


def test_a_file_is_fetched_from_this_machine(tmp_path, server) -> None:
    first = sample(tmp_path)
    trace = run(first, [Step("cdn", f"url:{server}/a.jpg")])
    assert changes(trace) == [Change.KEPT]
    for path, said in (("none", "404"), ("away", "not this machine"), ("nonsense", "cannot be fetched")):
        trace = run(first, [Step("cdn", f"url:{server}/{path}")])
        assert said in trace.stages[1].look.trouble
    small = run(first, [Step("cdn", f"url:{server}/a.jpg")], bounds=Bounds(output_bytes=10))
    assert "larger than 10 bytes" in small.stages[1].look.trouble


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("http://127.0.0.1:8000/a", True),
        ("http://[::1]/a", True),
        ("https://localhost/a", True),
        ("http://cdn.example/a", True),
        ("http://127.0.0.1.example/a", False),
        ("http://127.0.0.1@example.org/a", False),
        ("http://0.0.0.0/", False),
        ("http://10.0.0.1/", False),
        ("http://2130706433/", False),
        ("ftp://127.0.0.1/", False),
        ("http:///a", False),
        ("http://[::1", False),
    ],
)
def test_which_hosts_are_asked(address, is_allowed) -> None:
    hosts = frozenset({"cdn.example"})
    if is_allowed:
        delivery_fetch.check(address, hosts)
    else:
        with pytest.raises(labels.LabelError):
            delivery_fetch.check(address, hosts)


# --- advice, by the tools themselves --------------------------------------------------------------------

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
    text = Path(delivery.__file__).with_name("delivery_advice.toml").read_text("utf-8")
    rows = tomllib.loads(text)["advice"]
    assert all({"tool", "cause", "keep", "source", "verified"} <= set(row) for row in rows)
    assert all("program" in row or "trace" in row for row in rows)
    known = set(labels.CONTAINERS)
    assert all(set(row.get("from", ())) | set(row.get("into", ())) <= known for row in rows)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.integers(0, 3000))
def test_any_file_gives_a_look(tmp_path, junk, at) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    data = out.getvalue()
    path = tmp_path / "f.png"
    path.write_bytes(data[: at % len(data)] + junk)
    assert look(path, explicit=False).size == path.stat().st_size


def test_step_errors_are_label_errors() -> None:
    assert issubclass(StepError, labels.LabelError)
