"""``countermark weights compare`` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from checkpoint_samples import network, saved, tuned
from click.testing import CliRunner, Result

from countermark.cli import CLEAN, INCOMPLETE, USAGE
from countermark.cli.weights_command import command


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    saved(tmp_path / "a.safetensors", network(0))
    saved(tmp_path / "b.safetensors", tuned(network(0), 1))
    saved(tmp_path / "c.safetensors", tuned(network(0), 2))

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(command, ["compare", *arguments], standalone_mode=False)

    return invoke


def code_of(result: Result) -> int:
    error = result.exception
    return result.return_value if error is None else getattr(error, "code", -1)


def test_the_text_says_what_it_rests_on(run) -> None:
    result = run("a.safetensors", "b.safetensors")
    assert code_of(result) == CLEAN, result.output
    lines = result.output.splitlines()
    assert lines[:2] == ["relation      fine-tuned", "confidence    high"]
    assert "tensors       30 changed" in result.output
    assert "all of them" in result.output
    assert "Distillation" in result.output


def test_json_into_a_file_and_tensors_in_the_text(run, tmp_path: Path) -> None:
    result = run("a.safetensors", "a.safetensors", "--tensors", "-f", "text", "-f", "json=lineage.json")
    assert "equal      cosine  1.000" in result.output
    value = json.loads((tmp_path / "lineage.json").read_text())
    assert value["relation"] == "same"
    assert value["sampled"]["whole"] is True


def test_a_merge_names_its_parts(run, tmp_path: Path) -> None:
    one, two = tuned(network(0), 1), tuned(network(0), 2)
    saved(tmp_path / "m.safetensors", {name: (w + two[name]) / 2 for name, w in one.items()})
    result = run("b.safetensors", "m.safetensors", "--also", "c.safetensors")
    assert "relation      merged" in result.output
    assert "0.50  c.safetensors" in result.output


def test_undetermined_is_incomplete(run, tmp_path: Path) -> None:
    saved(tmp_path / "x.safetensors", {"x": network(1)["lm_head.weight"][:7]})
    assert code_of(run("a.safetensors", "x.safetensors")) == INCOMPLETE


def test_what_cannot_be_read_is_a_message(run, tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF")
    for arguments in (
        ("a.safetensors", "bad.gguf"),
        ("a.safetensors", "a.safetensors", "-f", "json=nowhere/x.json"),
    ):
        result = run(*arguments)
        assert code_of(result) == USAGE
        assert "bad.gguf" in str(result.exception) or "nowhere" in str(result.exception)
