"""A folder, scanned: what is read, what is said of the rest, and that nothing stops it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.saving import from_json, to_json
from countermark.inventory.scanning import MAX_TEXT, scan, scan_files
from countermark.inventory.usage import State

CALL = 'from openai import OpenAI\nOpenAI().chat.completions.create(model="gpt-4o-mini", messages=[])\n'
FOUND = [("gpt-4o-mini", State.EFFECTIVE, "api.openai.com", "app/main.py:2")]


def service(root: Path) -> Path:
    (root / "app").mkdir(parents=True)
    (root / "app/main.py").write_text(CALL)
    return root


def found(root: Path, **options: int) -> list[tuple[str, State, str, str]]:
    return [(u.model, u.state, u.host, str(u.place)) for u in scan(root, **options).usages]


class TestRead:
    def test_a_folder_and_a_file(self, tmp_path: Path) -> None:
        service(tmp_path)
        assert found(tmp_path) == FOUND
        assert [u.model for u in scan(tmp_path / "app/main.py").usages] == ["gpt-4o-mini"]

    def test_a_root_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            scan(tmp_path / "none")

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        got = scan(tmp_path)
        assert (got.usages, got.sdks, got.unread, got.counts["files"]) == ([], [], [], 0)

    def test_utf_16_and_gb_18030(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_bytes(CALL.encode("utf-16"))
        (tmp_path / "b.py").write_bytes(("# 模型\n" + CALL.replace("4o-mini", "4-turbo")).encode("gb18030"))
        assert {u.model for u in scan(tmp_path).usages} == {"gpt-4o-mini", "gpt-4-turbo"}

    def test_a_library_of_a_manifest(self, tmp_path: Path) -> None:
        service(tmp_path)
        (tmp_path / "requirements.txt").write_text("requests==2.0\nopenai==1.50.0\n")
        assert [(s.package, s.version, s.place.path, s.place.line) for s in scan(tmp_path).sdks] == [
            ("openai", "==1.50.0", "requirements.txt", 2)
        ]

    def test_notebooks_keep_the_lines_of_the_file(self, tmp_path: Path) -> None:
        lines = ["{", '"cells": [{"cell_type": "code", "source": [']
        lines += ['"from openai import OpenAI\\n",']
        lines += ['"OpenAI().chat.completions.create(model=\\"gpt-4o\\", messages=[])\\n"]}],']
        (tmp_path / "a.ipynb").write_text("\n".join([*lines, '"metadata": {}, "nbformat": 4}']))
        [usage] = scan(tmp_path).usages
        assert (usage.model, usage.state, usage.place.line) == ("gpt-4o", State.OFFLINE, 4)

    def test_files_that_are_not_on_disk(self) -> None:
        got = scan_files([("app/main.py", CALL.encode()), ("logo.bin", b"\0\1\2")])
        assert [u.model for u in got.usages] == ["gpt-4o-mini"]
        assert (got.counts["files"], got.counts["read"], got.counts["binary"]) == (2, 1, 1)

    def test_progress_counts_the_files(self, tmp_path: Path) -> None:
        service(tmp_path)
        for n in range(450):
            (tmp_path / f"{n}.py").write_text("x = 1\n")
        told: list[int] = []
        scan(tmp_path, progress=told.append)
        assert told == [200, 400, 451]


class TestCounts:
    def test_each_file_is_counted_once(self, tmp_path: Path) -> None:
        service(tmp_path)
        for path in ("logo.png", "node_modules/a.js", "dist/b.js", "c.log", "data.py"):
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_bytes(b"x = 1\n")
        (tmp_path / "blob.py").write_bytes(b"model\0\1\2")
        (tmp_path / ".gitignore").write_text("*.log\n")
        (tmp_path / "app.js").write_text('var m = "gpt-4o";' * 2_000)
        counts = scan(tmp_path).counts
        assert {
            name: counts[name] for name in ("files", "read", "ignored", "vendored", "generated", "binary")
        } == {
            "files": 7,  # those that a walk meets: main, logo, c.log, data, blob, .gitignore, app.js
            "read": 4,
            "ignored": 1,
            "vendored": 1,
            "generated": 2,
            "binary": 2,
        }
        assert counts["bytes"] == len(CALL) + len(b"x = 1\n") + len("*.log\n") + 34_000


class TestUnread:
    def unread(self, root: Path) -> dict[str, str]:
        return {each.path: each.why for each in scan(root).unread}

    def test_a_huge_file_is_said(self, tmp_path: Path) -> None:
        service(tmp_path)
        (tmp_path / "huge.py").write_bytes(b"# model\n" * (MAX_TEXT // 8 + 1))
        (tmp_path / "huge.dat2").write_bytes(b"\0" * (MAX_TEXT + 1))
        assert self.unread(tmp_path) == {"huge.py": "larger than 2 MiB: not read"}
        assert found(tmp_path) == FOUND
        assert scan(tmp_path).counts["binary"] == 1

    def test_a_syntax_error_is_said_and_what_stands_there_still_found(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text('print "x"\nMODEL = "gpt-4o-mini"\n')
        [unread] = scan(tmp_path).unread
        assert (unread.path, "line 1" in unread.why) == ("a.py", True)

    def test_links(self, tmp_path: Path) -> None:
        service(tmp_path / "root")
        (tmp_path / "root/app/loop").symlink_to(tmp_path / "root")
        (tmp_path / "root/app/self").symlink_to("self")
        (tmp_path / "root/app/out").symlink_to("/etc")
        assert found(tmp_path / "root") == FOUND
        assert set(self.unread(tmp_path / "root")) == {"app/self", "app/out"}

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    def test_a_file_that_may_not_be_read(self, tmp_path: Path) -> None:
        service(tmp_path)
        (tmp_path / "a.py").write_text("model = 1")
        (tmp_path / "a.py").chmod(0)
        assert self.unread(tmp_path) == {"a.py": "not read: Permission denied"}

    def test_a_file_that_is_gone_when_its_turn_comes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service(tmp_path)
        (tmp_path / "a.py").write_text("model = 1")
        real: Callable[..., object] = open

        def failing(file: object, *arguments: object, **options: object) -> object:
            if str(file).endswith("a.py"):
                raise FileNotFoundError(2, "No such file or directory")
            return real(file, *arguments, **options)

        monkeypatch.setattr("builtins.open", failing)
        assert self.unread(tmp_path) == {"a.py": "not read: No such file or directory"}


BOMB = "a0: &a0 [model, model]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
SPEAKS = b"# or // openai: gpt-4o\n"
HOSTILE = {
    "bomb.yaml": SPEAKS + BOMB.encode(),
    "docker-compose.yml": SPEAKS + b"services:\n  api:\n    environment: *x\n" + BOMB.encode(),
    "brackets.json": b'{"note": "openai gpt-4o", "a": ' + b"[\n" * 100_000,
    "brackets.yaml": SPEAKS + b"model: " + b"[" * 100_000,
    "brackets.toml": SPEAKS + b"model = " + b"[" * 100_000,
    "brackets.py": SPEAKS + b"model = " + b"(" * 100_000,
    "braces.ts": b"// openai: gpt-4o\nconst model = " + b"{a:\n" * 100_000,
    "brackets.go": b"// openai: gpt-4o\npackage a\nvar model = " + b"(" * 100_000,
    "deep.yaml": SPEAKS + b"".join(b" " * n + b"model:\n" for n in range(1_500)),
    "values.tf": SPEAKS + b'model = "' + b"${" * 100_000,
}


NAMES = [
    *("a.py", ".env", "b.yaml", "docker-compose.yml", "c.json", "Dockerfile", "d.ts", "e.go", "f.sql"),
    *("README.md", "g.toml", "h.sh", "i.ipynb", "pom.xml", "package.json", "application.properties"),
    *("Chart.yaml", "values.yaml"),
]


class TestHostile:
    @pytest.mark.timeout(60)
    @pytest.mark.parametrize("name", HOSTILE)
    def test_a_line_says_what_was_not_read(self, tmp_path: Path, name: str) -> None:
        service(tmp_path)
        (tmp_path / name).write_bytes(HOSTILE[name])
        got = scan(tmp_path)
        effective = [u for u in got.usages if u.state is State.EFFECTIVE]
        assert [(u.model, u.state, u.host, str(u.place)) for u in effective] == FOUND
        assert name in [each.path for each in got.unread]

    @settings(max_examples=60, deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from(NAMES),
            st.binary(max_size=80).map(lambda data: b"model=gpt-4o " + data),
            max_size=4,
        )
    )
    def test_any_bytes_in_any_file(self, files: dict[str, bytes]) -> None:
        got = scan_files(files.items())
        assert from_json(json.dumps(to_json(got))) == got


class TestProcesses:
    @pytest.mark.timeout(120)
    def test_two_find_what_one_finds(self, tmp_path: Path) -> None:
        service(tmp_path)
        for n in range(450):
            (tmp_path / f"s{n}").mkdir()
            (tmp_path / f"s{n}/main.py").write_text(
                f'from openai import OpenAI\nMODEL = "gpt-4o-2024-{n % 12 + 1:02d}-{n % 28 + 1:02d}"\n'
                "OpenAI().chat.completions.create(model=MODEL, messages=[])\n"
            )
        (tmp_path / "bad.py").write_text('print "model"\n')
        one, two = scan(tmp_path, processes=1), scan(tmp_path, processes=2)
        assert to_json(one) == to_json(two)
        assert len(one.usages) > 80
