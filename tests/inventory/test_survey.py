"""What a folder shows, with a file for each thing that a survey looks for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark.inventory.survey import MAX_SIGHTINGS, Sighting, survey

NUMBER = "Zhejiang-Shop-20260715S0197"
CALL = 'from openai import OpenAI\nOpenAI().chat.completions.create(model="gpt-4o", messages=[])\n'
CHAT = '{"messages": [{"role": "user"}, {"role": "assistant"}]}\n'


def write(root: Path, **files: str | bytes) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_a_folder_of_everything(tmp_path: Path) -> None:
    write(
        tmp_path,
        **{
            "app/chat.py": "from openai import OpenAI\n"
            'client = OpenAI(base_url="https://dashscope.aliyuncs.com/compatible-mode/v1")\n'
            'client.chat.completions.create(model="qwen-plus", messages=[])\n',
            "tests/test_chat.py": 'MODEL = "gpt-4o"\n',
            "public/index.html": f"<p>{NUMBER}</p>",
            "config/limits.yaml": "curfew_start: '22:00'\n",
            "models/own.safetensors": b"x",
            "models/tokenizer.bin": b"x",
            "tools/firmware.bin": b"x",
            "outputs/a/1.png": b"x",
            "outputs/a/2.png": b"x",
            "icons/logo.png": b"x",
            "data/a.jsonl": '{"text": "a"}\n',
            "data/b.jsonl": '{"text": "b"}\n',
            "data/SHA256SUMS": "x",
            "sft/one.jsonl": '{"messages": [], "source": "x"}\n',
            "logs/chat.jsonl": CHAT,
        },
    )
    found = survey(tmp_path)
    assert {seen.what for seen in found.models} == {"qwen-plus"}
    assert found.models[0] == Sighting("qwen-plus", "app/chat.py", 3)
    assert [seen.what for seen in found.hosts] == ["Alibaba Cloud Model Studio (DashScope)"]
    assert found.filings == [Sighting(NUMBER, "public/index.html", 1)]
    assert found.model_files == ["models/own.safetensors", "models/tokenizer.bin"]
    assert found.pages == ["public/index.html"]
    assert found.outputs == ["outputs/a/*.png"]
    assert found.corpora == ["data", "sft/one.jsonl"]
    assert found.manifests == {"data": "data/SHA256SUMS"}
    assert found.transcripts == ["logs/chat.jsonl"]
    assert found.settings == ["config/limits.yaml"]
    assert (found.files, found.unread) == (15, [])


def test_an_empty_folder_shows_nothing(tmp_path: Path) -> None:
    assert survey(tmp_path) == type(survey(tmp_path))()


@pytest.mark.parametrize(
    "folder", [".git", "node_modules", ".venv", "dist", ".countermark", "ignored", "a/cache"]
)
def test_what_is_ignored_or_vendored_is_left_out(tmp_path: Path, folder: str) -> None:
    write(tmp_path, **{f"{folder}/m.py": CALL, ".gitignore": "ignored/\ncache/\n*.log\n"})
    assert survey(tmp_path).models == []


@pytest.mark.parametrize("broken", [b"!\n", b"\\\n", b"[\n", b"\xff\xfe\n", b"\0\n"])
def test_a_broken_line_of_gitignore_is_passed_over(tmp_path: Path, broken: bytes) -> None:
    write(
        tmp_path,
        **{
            ".gitignore": broken + b"ignored.py\n",
            "ignored.py": CALL,
            "a.py": CALL.replace("gpt-4o", "gpt-4"),
        },
    )
    assert [seen.what for seen in survey(tmp_path).models] == ["gpt-4"]


def test_documentation_and_tests_name_no_model_that_is_in_use(tmp_path: Path) -> None:
    text = f'model = "gpt-4o" at https://api.openai.com, filed as {NUMBER}'
    write(tmp_path, **{"README.md": text, "tests/a.py": text, "docs/b.yaml": text})
    found = survey(tmp_path)
    assert (found.models, found.hosts, [seen.what for seen in found.filings]) == ([], [], [NUMBER])


def test_what_is_only_supported_or_switched_off_is_not_proposed(tmp_path: Path) -> None:
    write(
        tmp_path,
        **{
            "app.py": "from openai import OpenAI\n"
            'OpenAI().chat.completions.create(model="gpt-4o", messages=[])\n'
            'SUPPORTED = ["gpt-4-turbo", "gpt-3.5-turbo"]\n'
            '# model = "gpt-4"\n',
        },
    )
    assert [seen.what for seen in survey(tmp_path).models] == ["gpt-4o"]


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    write(tmp_path, **{"big.py": b"x" * ((1 << 20) + 1), "new\nline.pt": b"x", "back\\slash.pt": b"x"})
    found = survey(tmp_path)
    assert found.model_files == []
    assert sorted(found.unread) == [
        "'back\\\\slash.pt': countermark.yaml cannot hold such a name",
        "'new\\nline.pt': countermark.yaml cannot hold such a name",
        "big.py: larger than 1 MiB",
    ]


def test_a_name_that_is_no_utf_8_is_said(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(bytes(tmp_path) + b"/\xff.pt")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes no such names")
    assert survey(tmp_path).unread == ["'\\udcff.pt': countermark.yaml cannot hold such a name"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    write(tmp_path, **{"a.py": "x", "b.jsonl": "x"})
    for name in ("a.py", "b.jsonl"):
        (tmp_path / name).chmod(0)
    assert survey(tmp_path).unread == ["'a.py': Permission denied", "'b.jsonl': Permission denied"]


def test_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, **{"real.py": 'm = "gpt-4o"'})
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "other.py").symlink_to(tmp_path / "real.py")
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert survey(tmp_path).files == 1


@pytest.mark.parametrize(
    "text",
    [
        "a." * 500_000,
        "\n".join(f'"gpt-4-{i}"' for i in range(60_000)),
        '"' * 1_000_000,
        "网信算备" * 80_000,
        "A-1-20" * 160_000,
    ],
)
def test_no_text_takes_long(tmp_path: Path, text: str) -> None:
    write(tmp_path, **{"a.py": text})
    assert len(survey(tmp_path).models) in {0, MAX_SIGHTINGS}


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=80),
    name=st.sampled_from(["a.py", "a.html", "a.jsonl", "a.toml", ".gitignore", ".env", "SHA256SUMS", "a.md"]),
)
def test_any_content_is_surveyed(tmp_path: Path, data: bytes, name: str) -> None:
    write(tmp_path, **{name: data})
    survey(tmp_path)
