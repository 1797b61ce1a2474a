"""``countermark label trace``, as a user calls it."""

import json
import sys

import pytest
from click.testing import CliRunner
from PIL import Image

from countermark import labels
from countermark.cli import cli
from countermark.cli.options import Failure

FIELDS = labels.Fields.generated("001191110102MACQD9K64010000", "n-1")
SAVE = f"{sys.executable} -c 'import sys; from PIL import Image; Image.open(sys.argv[1]).save(sys.argv[2])'"
COPY = f"{sys.executable} -c 'import sys, shutil; shutil.copy(*sys.argv[1:])'"


@pytest.fixture
def original(tmp_path):
    path = tmp_path / "a.jpg"
    Image.effect_noise((64, 48), 40).save(path)
    labels.write(path, FIELDS)
    return path


def call(*arguments):
    result = CliRunner().invoke(cli, ["label", "trace", *map(str, arguments)], standalone_mode=False)
    if isinstance(result.exception, Failure):
        return result.exception.code, result.exception.message
    assert result.exception is None
    return result.return_value, result.output


def test_the_terminal_shows_where_and_how(original) -> None:
    steps = ["--step", f"copy={COPY} {{in}} {{out}}", "--step", f"save={SAVE} {{in}} {{out.webp}}"]
    code, output = call(original, *steps, "--no-explicit")
    assert code == 1
    rows = [line.split() for line in output.splitlines()[:4]]
    assert rows[0] == ["step", "file", "label", "explicit", "pixels"]
    assert [rows[1][0], rows[1][1], *rows[1][-3:]] == ["a.jpg", "JPEG,", "✓", "?", "✓"]
    assert [rows[2][1], *rows[2][-3:]] == ["copy", "✓", "?", "✓"]
    assert [rows[3][1], rows[3][2], *rows[3][-3:]] == ["save", "WebP,", "✗", "?", "≠"]
    assert "✗ implicit label: lost at step 2, save" in output
    assert 'keep it  save(…, xmp=image.info.get("xmp")' in output
    assert "source   tried: Pillow" in output
    assert output.rstrip().endswith("lost on the way: implicit label")


def test_exit_codes(original, tmp_path) -> None:
    assert call(original, original, "--no-explicit")[0] == 0
    bare = tmp_path / "bare.png"
    Image.open(original).save(bare)
    assert call(original, bare, "--no-explicit")[0] == 1
    junk = tmp_path / "junk.png"
    junk.write_bytes(b"\0junk")
    code, output = call(original, junk, "--no-explicit")
    assert code == 3
    assert "? step 1, junk.png: is of a kind that labels are not read from" in output
    code, output = call(junk, original, "--no-explicit")
    assert code == 3
    assert output.endswith("the original could not be looked at\n")
    code, output = call(bare, bare, "--no-explicit")
    assert code == 3
    assert "label it first" in output


def test_json_and_a_pipeline(original, tmp_path) -> None:
    pipeline = tmp_path / "p.toml"
    pipeline.write_text(f'[[step]]\nname = "save"\nrun = """{SAVE} {{in}} {{out.png}}"""\n')
    code, output = call(original, "--pipeline", pipeline, "--json", "--no-explicit")
    value = json.loads(output)
    assert code == 1
    assert value["carried"] == value["lost"] == ["label"]
    assert [stage["container"] for stage in value["stages"]] == ["jpeg", "png"]
    (loss,) = value["losses"]
    assert (loss["step"], loss["change"], loss["tool"]) == ("save", "lost", "Pillow")


def test_what_is_asked_wrongly(original, tmp_path) -> None:
    for arguments in ([], [original, "--step", "zip=zip:"], ["--step", "nothing"], ["--step", "a=x | y"]):
        assert call(original, *arguments)[0] == 2
    bad = tmp_path / "bad.toml"
    bad.write_text("x = 1")
    code, output = call(original, "--pipeline", bad)
    assert code == 2
    assert "[[step]]" in output


def test_a_hostile_name_does_not_reach_the_terminal(original, tmp_path) -> None:
    path = tmp_path / "a\x1b[31m.png"
    Image.new("L", (8, 8)).save(path)
    code, output = call(original, path, "--no-explicit")
    assert code == 1
    assert "\x1b" not in output
