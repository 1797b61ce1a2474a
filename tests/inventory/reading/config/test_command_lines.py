"""Command lines as a shell takes them apart."""

from __future__ import annotations

import time

import pytest
from config_samples import written
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.config.command_lines import is_script, lines, words


def commands(text: str) -> list[str]:
    """Each command as its line, what is set for it, and its words between bars."""
    made = []
    for each in lines(text, 1):
        before = "".join(f"{name}={written(value)};" for name, value in each.variables)
        made.append(
            f"{each.line}:{before}{'|'.join(map(written, each.words))}{'<'.join(['', *each.sources])}"
        )
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vllm serve Qwen/Qwen3-8B --port 8000", ["1:vllm|serve|Qwen/Qwen3-8B|--port|8000"]),
        ("a && b || c; d | e & f", ["1:a", "1:b", "1:c", "1:d", "1:e", "1:f"]),
        ("vllm serve \\\n  $MODEL \\\n  --port 1", ["1:vllm|serve|${MODEL}|--port|1"]),
        ("a 'b $C' \"d $E\" f\\ g", ["1:a|b $C|d ${E}|f g"]),
        ("X=1 Y=$Z a --m=$X", ["1:X=1;Y=${Z};a|--m=${X}"]),
        ("export A=b C='d e'\na", ["1:A=b;C=d e;", "2:a"]),
        ("MODEL=qwen3:8b\nollama run $MODEL", ["1:MODEL=qwen3:8b;", "2:ollama|run|qwen3:8b"]),
        ("M=${M:-a/b}\nx ${M}-y", ["1:M=${M:-a/b};", "2:x|${M:-a/b}-y"]),
        ("a > log 2>&1 < in\nb", ["1:a", "2:b"]),
        ("cat <<EOF > f\nvllm serve no\nEOF\nls", ["1:cat", "4:ls"]),
        ("# vllm serve no\na # b", ["2:a"]),
        ("if [ $X ]; then a; fi", ["1:[|${X}|]", "1:a"]),
        ("source ./set_env.sh && a", ["1:<./set_env.sh", "1:a"]),
        ("a $(b c) `d`", ["1:a|?|?"]),
        ("a ${{ env.MODEL }}", ["1:a|${MODEL}"]),
    ],
)
def test_commands_of_a_script(text: str, expected: list[str]) -> None:
    assert commands(text) == expected


def test_words_keep_the_lines_on_which_they_stand() -> None:
    assert [word.line for word in words("vllm serve \\\n  a/b\\\n  --x", 7)] == [7, 7, 8, 9]


@pytest.mark.parametrize(
    ("given", "position"),
    [
        (["sh", "-c", "a b"], 2),
        (["/bin/bash", "-lc", "a b"], 2),
        (["bash", "-e", "-c", "a"], 3),
        (["sh", "/start.sh"], 0),
        (["vllm", "-c", "a"], 0),
        ([], 0),
    ],
)
def test_a_script_within_a_command(given: list[str], position: int) -> None:
    assert is_script(given) == position


@pytest.mark.parametrize("sign", ["'", '"', "$(", "${", "a=b;", "`", "\\", "<<A\n", "((", "x$y", '"a', "${{"])
def test_many_signs_end_soon(sign: str) -> None:
    start = time.process_time()
    list(lines(sign * (100_000 // len(sign)), 1))
    assert time.process_time() - start < 10


@given(st.text(st.sampled_from("ab=$(){}'\"\\ \n;&|<>`#-") | st.characters(codec="utf-8"), max_size=80))
@settings(deadline=None, max_examples=300)
def test_any_text_gives_commands(text: str) -> None:
    for each in lines(text, 1):
        assert 1 <= each.line <= text.count("\n") + 1
        assert each.words or each.variables or each.sources
