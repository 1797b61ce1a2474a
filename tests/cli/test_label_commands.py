"""``countermark label`` as a person runs it, on files, folders, patterns and a list."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from countermark import labels

Label = Callable[..., subprocess.CompletedProcess[str]]
PRODUCER = "示例科技"
BAD_SIGNER = ["--manifest-key", "out/note.txt", "--manifest-chain", "out/note.txt"]


def picture(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 80, 10)).save(out, form)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "out"
    (root / "深 层").mkdir(parents=True)
    (root / "a.png").write_bytes(picture("PNG"))
    (root / "深 层" / "b.jpg").write_bytes(picture("JPEG"))
    (root / "note.txt").write_text("文字\n", encoding="utf-8")
    (root / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe1\x00")
    (root / "tool.bin").write_bytes(b"\x7fELF\2\1\1\0")
    return root


@pytest.fixture
def label(folder: Path) -> Label:
    def run(*arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "countermark", "label", *map(str, arguments)],
            cwd=folder.parent,
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    return run


def lines(text: str) -> dict[str, dict[str, object]]:
    values = [json.loads(line) for line in text.splitlines()]
    assert len({value["path"] for value in values}) == len(values)
    return {str(value["path"]): value for value in values}


def test_a_folder_is_written_verified_and_updated(label: Label, folder: Path) -> None:
    wrote = label("write", "out", "--producer", PRODUCER, "-f", "jsonl", "-j", "2")
    outcomes = {path: value["outcome"] for path, value in lines(wrote.stdout).items()}
    assert outcomes == {
        "out/a.png": "written",
        "out/broken.jpg": "failed",
        "out/note.txt": "written",
        "out/tool.bin": "unsupported",
        "out/深 层/b.jpg": "written",
    }
    assert wrote.returncode == 3
    numbers = {
        label_.fields["ProduceID"]
        for path in ("a.png", "note.txt", "深 层/b.jpg")
        if (label_ := labels.read(folder / path).label)
    }
    assert len(numbers) == 3, "each file has a number of its own"
    seen = label("verify", "out")
    assert seen.returncode == 3
    assert "unreadable  out/broken.jpg\n              the JPEG ends within a segment" in seen.stdout
    assert ["all", "3", "1", "1"] in [line.split() for line in seen.stdout.splitlines()]
    (folder / "broken.jpg").unlink()
    updated = label("update", "out", "--propagator", "平台", "-f", "jsonl")
    assert {value["outcome"] for value in lines(updated.stdout).values()} == {"confirmed", "unsupported"}
    after = labels.read(folder / "a.png").label
    assert after is not None
    assert after.fields["ContentPropagator"] == "平台"
    assert after.fields["ContentProducer"] == PRODUCER


def test_a_label_of_another_is_refused_and_nothing_changes(label: Label, folder: Path) -> None:
    label("write", "out/a.png", "--producer", PRODUCER)
    before = (folder / "a.png").read_bytes()
    refused = label("write", "out/a.png", "--producer", "somebody else")
    assert refused.returncode == 1
    assert "`update` adds a propagator" in refused.stdout
    assert (folder / "a.png").read_bytes() == before


def test_copies_go_to_a_folder_with_the_same_shape(label: Label, folder: Path) -> None:
    before = (folder / "a.png").read_bytes()
    label("write", "out/a.png", "out/深 层", "--producer", PRODUCER, "--to", "copies")
    copies = folder.parent / "copies"
    assert {p.relative_to(copies).as_posix() for p in copies.rglob("*") if p.is_file()} == {"a.png", "b.jpg"}
    assert (folder / "a.png").read_bytes() == before


def test_names_come_from_standard_input_and_from_patterns(label: Label) -> None:
    given = label("verify", "-", "-f", "jsonl", given="out/a.png\nout/深 层/b.jpg\r\n\n")
    assert [value["outcome"] for value in lines(given.stdout).values()] == ["absent", "absent"]
    matched = label("verify", "out/**/*.jpg", "-f", "jsonl")
    assert set(lines(matched.stdout)) == {"out/broken.jpg", "out/深 层/b.jpg"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "gone"], "gone: no such file or folder"),
        (["verify", "out/*.tiff"], "matches no file"),
        (["verify", "out", "--resume"], "--resume needs the record"),
        (["verify", "out", "-f", "xml"], "'xml' is no format: table, jsonl"),
        (["write", "out", "--producer", "x", "--to", "y", "--in-place"], "choose one"),
        (["write", "out"], "--producer"),
        (["write", "out/a.png", "gone", "--producer", "x"], "gone: no such file or folder"),
        (["write", "out", "--producer", "x", "--to", "."], "copies would replace files"),
        (["write", "out/a.png", "--producer", "x", "--produce-id", ""], "leave it out"),
        (["write", "out", "--producer", "x", "--produce-id", "1"], "there are more files"),
        (["write", "out", "--producer", "x", *BAD_SIGNER], "note.txt"),
        (["update", "out", "--propagator", ""], "--propagator and --propagate-id"),
        (["update", "out", "--propagator", "p", "--propagate-id", ""], "--propagator and --propagate-id"),
        (["verify", "out", "--max-metadata", "-5"], "-5 is not in the range"),
        (["verify", "out", "--fail-on", "untrusted"], "--trust FILE"),
        (["verify", "out", "-f", "table=gone/x"], "gone/x: No such file"),
        (["verify", "-dash.png"], "write -- before it"),
        (["write", "out", "--producer", ""], "names a provider and its number"),
        (["write", "out", "--producer", "x", "--key", "out/note.txt"], "note.txt"),
        (["code"], "name a code to check, or --compose one"),
        (["code", "123"], "27 characters"),
        (["verfy", "out"], "Did you mean 'verify'?"),
    ],
)
def test_a_wrong_use_is_named_and_nothing_is_written(
    label: Label, folder: Path, arguments: list[str], message: str
) -> None:
    (folder.parent / "-dash.png").write_bytes(picture("PNG"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    wrong = label(*arguments)
    assert wrong.returncode == 2
    assert message in wrong.stderr
    assert not wrong.stdout
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("fail_on", "code"), [("absent", 1), ("defective", 0), ("never", 0)])
def test_what_fails_is_for_the_user_to_say(label: Label, fail_on: str, code: int) -> None:
    assert label("verify", "out/a.png", "--fail-on", fail_on).returncode == code


def test_an_interrupted_run_is_taken_up_where_it_stopped(label: Label, folder: Path) -> None:
    record = folder.parent / "lines.jsonl"
    whole = label("verify", "out", "-f", "jsonl=lines.jsonl")
    assert "absent" not in whole.stdout
    kept = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join(kept[:2]) + kept[2][:20])
    resumed = label("verify", "out", "-f", "jsonl=lines.jsonl", "-f", "table", "--resume")
    assert record.read_bytes() == b"".join(kept)
    assert resumed.stdout.splitlines()[-1].split() == ["all", "3", "1", "1"]
    other = label("write", "out", "--producer", "x", "-f", "jsonl=lines.jsonl", "--resume")
    assert (other.returncode, "of `verify`" in other.stderr) == (2, True)
    other = label("verify", "out", "-f", "jsonl=lines.jsonl", "--resume", "--max-metadata", "99")
    assert (other.returncode, "with other options" in other.stderr) == (2, True)
    (folder / "broken.jpg").write_bytes(picture("JPEG"))
    again = label("verify", str(folder), "-f", "jsonl=lines.jsonl", "--resume", "--fail-on", "never")
    assert again.returncode == 0
    outcomes = [value["outcome"] for value in lines(record.read_text(encoding="utf-8")).values()]
    assert sorted(outcomes) == ["absent"] * 4 + ["unsupported"], "only what failed was looked at again"
    record.write_text("no record\n")
    assert label("verify", "out", "-f", "jsonl=lines.jsonl", "--resume").returncode == 2


def test_a_provider_code_is_composed_and_read_back(label: Label) -> None:
    composed = label("code", "--compose", "91110102MACQD9K640", "--role", "generation", "--service", "0001")
    assert composed.stdout == "001191110102MACQD9K64010001\n"
    said = label("code", composed.stdout.strip(), "--json")
    assert json.loads(said.stdout)["credit_code"] == "91110102MACQD9K640"
    wrong = label("code", "001191110102MACQD9K65010001")
    assert wrong.returncode == 1
    assert "wrong check digit" in wrong.stdout


def test_the_number_of_a_person_is_not_shown(label: Label) -> None:
    assert "9" * 18 not in label("code", "0021" + "9" * 18 + "10001").stdout


def test_containers_are_listed(label: Label) -> None:
    listed = label("containers").stdout
    assert all(container.title in listed for container in labels.CONTAINERS.values())


def test_a_write_that_was_cut_off_is_taken_back(label: Label, folder: Path) -> None:
    journal = folder / ".a.png.countermark-journal"
    journal.write_bytes(b"countermark-journal 1\n{")
    assert label("verify", "out", "--fail-on", "never").returncode == 3
    recovered = label("recover", "out")
    assert (recovered.returncode, journal.exists()) == (0, False)


def test_an_explicit_label_is_put_on_first(label: Label, folder: Path) -> None:
    large = Image.new("RGB", (400, 300), (20, 90, 160))
    large.save(folder / "large.png")
    files = ("out/large.png", "out/note.txt")
    wrote = label("write", "--producer", PRODUCER, "--to", "x", "--explicit", *files)
    assert wrote.returncode == 0, wrote.stdout + wrote.stderr
    marked = Image.open(folder.parent / "x/large.png")
    assert marked.tobytes() != large.tobytes()
    assert labels.read(folder.parent / "x/large.png").label is not None
    assert "AI生成" in (folder.parent / "x/note.txt").read_text(encoding="utf-8")
    refused = label("write", "out/a.png", "--producer", PRODUCER, "--explicit-text", "very nice")
    assert refused.returncode == 2
    assert "生成" in refused.stderr


def test_a_manifest_is_signed_last_and_an_older_one_becomes_its_parent(label: Label, folder: Path) -> None:
    certificates = pytest.importorskip("countermark.labels.c2pa.certificates")
    c2pa = pytest.importorskip("countermark.labels.c2pa")
    key, _root = certificates.make_test_key("es256")
    (folder.parent / "key.pem").write_text(key.private_key)
    (folder.parent / "chain.pem").write_text(key.chain)
    signing = ("--manifest-key", "key.pem", "--manifest-chain", "chain.pem")
    large = folder / "large.jpg"
    Image.new("RGB", (64, 64), (20, 90, 160)).save(large)
    wrote = label("write", "out/large.jpg", "--producer", PRODUCER, *signing)
    assert wrote.returncode == 0, wrote.stdout + wrote.stderr
    report = c2pa.read(large)
    assert report.intact
    assert report.fields["ContentProducer"] == PRODUCER
    assert label("update", "out/large.jpg", "--propagator", "p").returncode == 1, (
        "it would break the manifest"
    )
    assert label("write", "out/large.jpg", "--producer", "x", "--manifest-key", "key.pem").returncode == 2


def test_what_an_interrupted_write_did_is_taken_up_and_not_refused(label: Label, folder: Path) -> None:
    (folder / "broken.jpg").unlink()
    (folder / "tool.bin").unlink()
    line = ("write", "out", "--producer", PRODUCER, "-f", "jsonl=lines.jsonl")
    assert label(*line).returncode == 0
    record = folder.parent / "lines.jsonl"
    kept = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(kept[0])
    assert label(*line, "--resume").returncode == 0
    values = lines(record.read_text(encoding="utf-8"))
    assert {value["outcome"] for value in values.values()} == {"written"}
    note = labels.read(folder / "note.txt").label
    assert note is not None
    assert values["out/note.txt"]["fields"] == note.fields


def test_copies_never_replace_one_another_and_are_not_taken_for_originals(label: Label, folder: Path) -> None:
    for name in ("d1", "d2"):
        (folder / name).mkdir()
        (folder / name / "x.png").write_bytes(picture("PNG"))
    files = ("out/d1/x.png", "out/d2/x.png")
    flat = label("write", *files, "--producer", PRODUCER, "--to", "T", "-f", "jsonl")
    assert [value["outcome"] for value in lines(flat.stdout).values()] == ["written", "failed"]
    assert flat.returncode == 3
    into = ("write", "out", "--producer", PRODUCER, "--to", "out/labelled", "-f", "jsonl")
    first, second = (set(lines(label(*into).stdout)) for _ in range(2))
    assert first == second


def test_links_of_a_folder_are_not_written_through(label: Label, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(picture("PNG"))
    (folder / "link.png").symlink_to(outside)
    (folder / "nothing.png").symlink_to("gone")
    wrote = lines(label("write", "out", "--producer", PRODUCER, "-f", "jsonl").stdout)
    assert [wrote[f"out/{name}.png"]["outcome"] for name in ("link", "nothing")] == ["failed", "failed"]
    assert labels.read(outside).label is None
    assert label("write", "out/link.png", "--producer", PRODUCER).returncode == 0
    assert labels.read(outside).label is not None
    assert label("verify", "out/link.png").returncode == 0


def test_a_name_on_standard_input_that_is_gone_is_one_line(label: Label, folder: Path) -> None:
    odd = folder / "two\nlines.png"
    odd.write_bytes(picture("PNG"))
    given = label("verify", "-", "-0", "-f", "jsonl", given="gone\0out/two\nlines.png\0")
    assert [value["outcome"] for value in lines(given.stdout).values()] == ["unreadable", "absent"]
    assert "absent      out/two\\nlines.png\n" in label("verify", "out").stdout


def test_an_unsupported_file_was_not_looked_at(label: Label) -> None:
    assert label("verify", "out/tool.bin").returncode == 3
    assert label("verify", "out/tool.bin", "--fail-on", "never").returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_a_message(label: Label) -> None:
    for output in ("jsonl=/dev/full", "table=/dev/full"):
        full = label("verify", "out", "-f", output)
        assert full.returncode == 3
        assert full.stderr.startswith("Error: /dev/full: No space left on device")


def test_a_single_file_is_shown_whole(label: Label, folder: Path) -> None:
    label("write", "out/a.png", "--producer", PRODUCER)
    shown = label("verify", "out/a.png").stdout
    assert "place " in shown
    assert f"ContentProducer    {PRODUCER}" in shown


def test_the_public_is_told_what_the_stage_says(label: Label, folder: Path) -> None:
    told = label("update", "out/a.png", "--propagator", "p", "--declared")
    assert "possible    show: 本内容可能由人工智能生成合成 / This content may" in told.stdout


def test_a_label_by_no_pinned_key_is_untrusted(label: Label, folder: Path) -> None:
    trust = pytest.importorskip("countermark.labels.security.trust")
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    forms = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    for name in ("ours", "theirs"):
        pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
            forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption()
        )
        (folder.parent / f"{name}.pem").write_bytes(pem)
        (folder / f"{name}.png").write_bytes(picture("PNG"))
        label("write", f"out/{name}.png", "--producer", PRODUCER, "--key", f"{name}.pem")
    ours = trust.SigningKey.from_pem((folder.parent / "ours.pem").read_bytes()).public
    (folder.parent / "keys.toml").write_text(f'[[key]]\nowner = "us"\nsha256 = "{ours.fingerprint}"\n')
    trusted = ("--trust", "keys.toml", "--fail-on", "untrusted")
    label("write", "out/a.png", "--producer", PRODUCER)
    codes = [label("verify", f"out/{name}.png", *trusted).returncode for name in ("ours", "theirs", "a")]
    assert codes == [0, 1, 1]
    assert "untrusted" in label("verify", "out/theirs.png", "--trust", "keys.toml").stdout


def test_the_worst_is_listed_before_what_is_only_absent(label: Label, folder: Path) -> None:
    for number in range(25):
        (folder / f"a{number:02}.png").write_bytes(picture("PNG"))
    lines_ = label("verify", "out").stdout.splitlines()
    assert lines_[0].split() == ["unreadable", "out/broken.jpg"]
    assert lines_[2].startswith("absent")
    assert "… and more: -f jsonl lists all of them" in lines_
