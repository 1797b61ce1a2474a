"""The walk through a folder: what git leaves out, what others wrote, and what cannot be followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from countermark.inventory.tree import MAX_DEPTH, Walk


def write(root: Path, *paths: str) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")


def ignore(folder: Path, *lines: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("\n".join(lines) + "\n")


def seen(walk: Walk) -> list[str]:
    return [file.path for file in walk if not file.path.endswith(".gitignore")]


class TestIgnored:
    def test_rules_of_each_folder(self, tmp_path: Path) -> None:
        write(tmp_path, "a.log", "a.py", "app/a.log", "app/keep.log", "app/secret.py", "lib/secret.py")
        ignore(tmp_path, "*.log")
        ignore(tmp_path / "app", "!keep.log", "secret.py")
        walk = Walk(tmp_path)
        assert seen(walk) == ["a.py", "app/keep.log", "lib/secret.py"]
        assert walk.counts["ignored"] == 3

    def test_a_file_below_an_ignored_folder_does_not_come_back(self, tmp_path: Path) -> None:
        write(tmp_path, "logs/keep.py", "logs/deep/a.py", "a.py")
        ignore(tmp_path, "logs/", "!logs/keep.py")
        walk = Walk(tmp_path)
        assert seen(walk) == ["a.py"]
        assert walk.counts["ignored"] == 2

    def test_a_rule_with_a_slash_is_of_its_own_folder(self, tmp_path: Path) -> None:
        write(tmp_path, "a.py", "app/a.py")
        ignore(tmp_path, "/a.py")
        assert seen(Walk(tmp_path)) == ["app/a.py"]

    def test_rules_of_the_repository_above(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        write(tmp_path, "services/chat/a.py", "services/chat/local.py", "services/chat/gen/b.py")
        ignore(tmp_path, "local.py", "services/chat/gen/")
        assert seen(Walk(tmp_path / "services" / "chat")) == ["a.py"]

    def test_who_names_an_ignored_folder_means_it(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        write(tmp_path, "local/deploy/a.py", "local/deploy/b.log")
        ignore(tmp_path, "/local/")
        ignore(tmp_path / "local" / "deploy", "*.log")
        assert seen(Walk(tmp_path)) == []
        assert seen(Walk(tmp_path / "local")) == ["deploy/a.py"]
        assert seen(Walk(tmp_path / "local" / "deploy")) == ["a.py"]

    def test_rules_above_a_repository_are_not_its_own(self, tmp_path: Path) -> None:
        ignore(tmp_path, "*.py")
        (tmp_path / "repo" / ".git").mkdir(parents=True)
        write(tmp_path, "repo/a.py")
        assert seen(Walk(tmp_path / "repo")) == ["a.py"]

    def test_all_files_where_that_is_asked_for(self, tmp_path: Path) -> None:
        write(tmp_path, "a.log", "a.py")
        ignore(tmp_path, "*.log")
        assert seen(Walk(tmp_path, ignore=False)) == ["a.log", "a.py"]

    def test_rules_that_are_none(self, tmp_path: Path) -> None:
        write(tmp_path, "a.py", "b.log")
        (tmp_path / ".gitignore").write_bytes(b"\xff\xfe\n[\n!\n# x\n\\\n*.log\n")
        assert seen(Walk(tmp_path)) == ["a.py"]


class TestApart:
    def test_what_others_wrote_and_what_tools_made(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            "a.py",
            "node_modules/x/a.js",
            "node_modules/x/b.js",
            "web/vendor/c.go",
            "dist/app.js",
            "web/app.min.js",
            "api/x_pb2.py",
            ".git/HEAD",
            ".venv/lib/y.py",
        )
        walk = Walk(tmp_path)
        assert seen(walk) == ["a.py"]
        assert walk.counts["vendored"] == 3
        assert walk.counts["generated"] == 3

    def test_a_build_folder_that_somebody_wrote(self, tmp_path: Path) -> None:
        write(tmp_path, "build/Dockerfile", "build/entry.sh", "web/build/index.html", "web/build/run.py")
        assert seen(Walk(tmp_path)) == ["build/Dockerfile", "build/entry.sh"]


class TestLinks:
    def test_links_are_not_followed_and_said_where_they_lead_out(self, tmp_path: Path) -> None:
        root = tmp_path / "root"
        write(root, "a/b.py")
        write(tmp_path, "outside/secret.py")
        (root / "inner").symlink_to(root / "a")
        (root / "loop").symlink_to(root)
        (root / "out").symlink_to(tmp_path / "outside")
        (root / "dead").symlink_to(root / "none")
        (root / "self").symlink_to(root / "self")
        walk = Walk(root)
        assert seen(walk) == ["a/b.py"]
        assert walk.counts["links"] == 5
        assert {(each.path, each.why) for each in walk.unread} == {
            ("dead", "a link that leads nowhere, or in a circle"),
            ("self", "a link that leads nowhere, or in a circle"),
            ("out", "a link that leads out of the folder: not followed"),
        }

    def test_a_root_that_is_a_link(self, tmp_path: Path) -> None:
        write(tmp_path, "real/a.py", "real/b/c.py")
        (tmp_path / "root").symlink_to(tmp_path / "real")
        (tmp_path / "real" / "inner").symlink_to(tmp_path / "real" / "b")
        walk = Walk(tmp_path / "root")
        assert seen(walk) == ["a.py", "b/c.py"]
        assert walk.unread == []


class TestOdd:
    def test_too_deep(self, tmp_path: Path) -> None:
        deep = "/".join(["d"] * (MAX_DEPTH + 2))
        write(tmp_path, deep + "/a.py", "d/b.py")
        walk = Walk(tmp_path)
        assert seen(walk) == ["d/b.py"]
        [unread] = walk.unread
        assert unread.why == "deeper than 64 folders: not read"
        assert unread.path.count("/") == MAX_DEPTH

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    @pytest.mark.parametrize("name", ["private", "build"])
    def test_a_folder_that_may_not_be_read(self, tmp_path: Path, name: str) -> None:
        write(tmp_path, f"{name}/a.py", "b.py")
        (tmp_path / name).chmod(0)
        walk = Walk(tmp_path)
        try:
            assert seen(walk) == ["b.py"]
        finally:
            (tmp_path / name).chmod(0o700)
        assert [(each.path, each.why) for each in walk.unread] == [
            (name, "folder not read: Permission denied")
        ]

    @pytest.mark.parametrize("name", ["build", "sources"])
    def test_a_folder_that_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        write(tmp_path, f"{name}/a.py", "b.py")
        real = os.scandir

        def failing(folder: str) -> object:
            if str(folder).endswith(name):
                raise OSError(5, "Input/output error")
            return real(folder)

        monkeypatch.setattr(os, "scandir", failing)
        walk = Walk(tmp_path)
        assert seen(walk) == ["b.py"]
        assert [each.why for each in walk.unread] == ["folder not read: Input/output error"]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
    def test_a_pipe_is_no_file(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.py")
        write(tmp_path, "a.py")
        assert seen(Walk(tmp_path)) == ["a.py"]

    def test_names_of_any_kind(self, tmp_path: Path) -> None:
        write(tmp_path, "模型 配置/é\n.py", "-rf", "[a]*?.py")
        try:
            Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.py")).write_text("x")
        except OSError:
            pytest.skip("the file system takes only names in Unicode")
        found = seen(Walk(tmp_path))
        assert found == ["-rf", "[a]*?.py", "bad\\udcff.py", "模型 配置/é\n.py"]
        assert "".join(found).encode()  # as text that can be written

    def test_files_come_in_the_order_of_their_names(self, tmp_path: Path) -> None:
        write(tmp_path, "b.py", "a/z.py", "a.py", "a/b/c.py", "c.py")
        assert seen(Walk(tmp_path)) == ["a.py", "b.py", "c.py", "a/z.py", "a/b/c.py"]
        assert [file.size for file in Walk(tmp_path)] == [1] * 5

    def test_a_walk_can_be_done_again(self, tmp_path: Path) -> None:
        write(tmp_path, "a.py")
        (tmp_path / "dead").symlink_to("none")
        walk = Walk(tmp_path)
        assert seen(walk) == seen(walk)
        assert len(walk.unread) == 1
