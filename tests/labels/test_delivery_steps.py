"""The steps of a delivery: commands, folders, limits, addresses."""

import http.server
import threading

import pytest
from delivery_samples import PYTHON, RESAVE, changes, run, sample

from countermark import labels
from countermark.labels.delivery import Change, fetching, steps
from countermark.labels.delivery.steps import Bounds, Step, StepError


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
    assert steps.pipeline(path) == [Step("save", "zip:"), Step("b", "x {in} {out.jpg}")]
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
            steps.pipeline(path)


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
        fetching.check(address, hosts)
    else:
        with pytest.raises(labels.LabelError):
            fetching.check(address, hosts)


def test_step_errors_are_label_errors() -> None:
    assert issubclass(StepError, labels.LabelError)
