"""The command line, run as a person runs it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from countermark.cli import COMMANDS
from countermark.evidence import runs

Command = Callable[..., subprocess.CompletedProcess[str]]
HEAVY = ("pydantic", "rich", "ruamel", "jinja2", "selectolax", "countermark.model", "countermark.audit")


def change(shop: Path, old: str, new: str, file: str = "countermark.yaml") -> None:
    path = shop / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_help_teaches_and_imports_nothing_heavy(countermark: Command) -> None:
    said = countermark("--help")
    assert said.returncode == 0
    for name in COMMANDS:
        assert f"  {name} " in said.stdout
    assert "Exit codes" in said.stdout
    code = "import sys, countermark.cli; sys.argv = ['countermark', '--help']\n"
    code += "try: countermark.cli.main()\nexcept SystemExit: pass\n"
    code += f"print([m for m in {HEAVY} if m in sys.modules])"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert imported.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(countermark: Command, name: str) -> None:
    said = countermark(name, "--help")
    assert said.returncode == 0
    assert said.stdout.startswith("Usage: ")


def test_a_misspelt_command_is_guessed(countermark: Command) -> None:
    said = countermark("aduit")
    assert said.returncode == 2
    assert "Did you mean 'audit'?" in said.stderr


def test_a_clean_audit_ends_in_zero(countermark: Command) -> None:
    said = countermark("audit")
    assert said.returncode == 0, said.stderr
    assert "No violation found in what was examined." in said.stdout
    assert "evidence: " in said.stderr
    assert "evidence: " not in said.stdout


def test_exit_codes_tell_violations_from_what_is_missing(countermark: Command, shop: Path) -> None:
    assert countermark("audit", "--strict").returncode == 3
    (shop / "config/limits.yaml").unlink()
    assert countermark("audit").returncode == 3
    (shop / "public/index.html").write_text("nothing")
    assert countermark("audit").returncode == 1
    assert countermark("audit", "--fail-on", "never").returncode == 3


def test_a_missed_recommendation_fails_only_when_asked(countermark: Command, shop: Path) -> None:
    change(shop, "daily_minutes_under_16: 60", "daily_minutes_under_16: 90", "config/limits.yaml")
    assert countermark("audit").returncode == 0
    said = countermark("audit", "--fail-on", "should")
    assert said.returncode == 1
    assert "config/limits.yaml:1" in said.stdout


def test_standard_output_is_the_report_and_nothing_else(countermark: Command) -> None:
    said = countermark("audit", "-f", "json")
    assert json.loads(said.stdout)["schema"] == "countermark-report/1"


def test_several_formats_into_files(countermark: Command, shop: Path) -> None:
    said = countermark(
        "audit", "-f", "json=r.json", "-f", "sarif=r.sarif", "-f", "html=r.html", "-f", "text=r.txt"
    )
    assert said.stdout == ""
    assert json.loads((shop / "r.json").read_text())["summary"]["violations"] == 0
    assert json.loads((shop / "r.sarif").read_text())["version"] == "2.1.0"
    assert (shop / "r.html").read_text().startswith("<!doctype html>")
    assert "Shop Ltd" in (shop / "r.txt").read_text()


def test_a_chinese_report(countermark: Command) -> None:
    said = countermark("audit", "--lang", "zh")
    assert "在已检查的范围内未发现违规。" in said.stdout
    assert "未成年人保护" in said.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("audit", "nowhere"), "no such file"),
        (("audit", "--as-of", "2026-13-01"), "is no day"),
        (("audit", "-f", "pdf"), "is no format"),
        (("audit", "--resume"), "no interrupted run"),
        (("audit", "--rulebooks", "."), "no rulebook here"),
        (("audit", "-f", "html=no/such/folder.html"), "there is no folder no/such"),
        (("judge",), "no run is stored here"),
        (("report", "nowhere"), "no run is stored here"),
        (("runs",), "no run is stored here"),
        (("explain", "CN-LAB-55"), "did you mean CN-LAB-5"),
        (("rules", "diff", "a", "b"), "no edition is called 'a'"),
        (("rules", "list", "--category", "nothing"), "no rule matches"),
        (("init",), "--force replaces"),
    ],
)
def test_usage_errors_say_what_to_do(countermark: Command, arguments: tuple[str, ...], says: str) -> None:
    said = countermark(*arguments)
    assert said.returncode == 2
    assert says in said.stderr
    assert "Traceback" not in said.stderr


def test_all_mistakes_of_the_target_at_once(countermark: Command, shop: Path) -> None:
    change(shop, "roles: [generation-provider]", "rolse: [generation-provider]")
    change(shop, "path: data,", "path: /etc,")
    said = countermark("audit")
    assert said.returncode == 2
    assert "countermark.yaml:4: operator.rolse: unknown key; did you mean `roles`?" in said.stderr
    assert "countermark.yaml:19: corpora[0].path: a path is relative" in said.stderr


def test_judging_stored_evidence_on_another_day(countermark: Command, shop: Path) -> None:
    countermark("audit")
    before = {p: p.read_bytes() for p in runs(shop)[0].folder.iterdir()}
    (shop / "public/index.html").unlink()  # nothing is collected again
    said = countermark("judge", "--as-of", "2026-07-20", "-f", "json")
    assert said.returncode == 0, said.stderr
    report = json.loads(said.stdout)
    in_force = {a["rule"] for a in report["assessments"] if a["standing"] == "in_force"}
    assert "CN-QL2026-P1.1" in in_force
    assert {p: p.read_bytes() for p in runs(shop)[0].folder.iterdir()} == before


OWN_EDITION = """\
title = { en = "House rules", zh = "内部规则" }
jurisdiction = "CN"
level = "guideline"
issued = 2026-01-01
in_force = 2026-01-01
url = ""
"""
OWN_RULE = """\
id = "XX-HOUSE-1"
title = { en = "Minors get half an hour", zh = "未成年人每日半小时" }
requirement = { en = "Under 16: thirty minutes a day.", zh = "十六岁以下每日三十分钟。" }
category = "minors"
clause = "1"
modality = "shall"
source = "quoted"
roles = ["generation-provider"]
check = "settings.at_most"
evidence = "service.settings"
remedy = { en = "Set it.", zh = "请设置。" }
[parameters]
setting = "daily_minutes_under_16"
most = 30
unit = "minutes"
[[example]]
verdict = "violates"
facts = { values = { daily_minutes_under_16 = 31 }, lines = {} }
[[example]]
verdict = "conforms"
facts = { values = { daily_minutes_under_16 = 30 }, lines = {} }
"""


def test_an_operator_brings_rules_of_its_own_without_code(countermark: Command, shop: Path) -> None:
    folder = shop / "ours/house/2026"
    folder.mkdir(parents=True)
    (folder / "edition.toml").write_text(OWN_EDITION)
    (folder / "XX-HOUSE-1.toml").write_text(OWN_RULE)
    countermark("audit")
    said = countermark("judge", "--rulebooks", "shipped", "--rulebooks", "ours")
    assert said.returncode == 1
    assert "XX-HOUSE-1" in said.stdout
    (folder / "XX-HOUSE-1.toml").write_text(OWN_RULE.replace("modality", "modalitty"))
    wrong = countermark("judge", "--rulebooks", "ours")
    assert wrong.returncode == 2
    assert "XX-HOUSE-1.toml: modalitty" in wrong.stderr


def test_evidence_that_was_edited_does_not_verify(countermark: Command, shop: Path) -> None:
    countermark("audit")
    records = runs(shop)[0].folder / "records.jsonl"
    records.write_bytes(records.read_bytes().replace(b"shop-7b", b"shop-8b"))
    for command in ("judge", "report"):
        said = countermark(command)
        assert said.returncode == 4
        assert "not as it was sealed: records.jsonl" in said.stderr


def test_rendering_again_changes_nothing(countermark: Command) -> None:
    first = countermark("audit", "-f", "json")
    assert countermark("report", "-f", "json").stdout == first.stdout


def test_plan_counts_what_will_be_read(countermark: Command, shop: Path) -> None:
    said = countermark("plan")
    assert said.returncode == 0
    assert "read 9, send 0, skip 0" in said.stdout
    assert not (shop / ".countermark").exists()
    (shop / "public/index.html").unlink()
    assert "public/index.html matches no file" in countermark("plan").stdout


def test_init_drafts_a_target_that_an_audit_takes(countermark: Command, shop: Path) -> None:
    (shop / "countermark.yaml").unlink()
    change(shop, "ShopTalk", "Shop", "public/index.html")  # the name that the number holds
    (shop / "app.py").write_text('client(base_url="https://dashscope.aliyuncs.com/x", model="qwen-plus")\n')
    said = countermark("init")
    assert said.returncode == 0, said.stderr
    text = (shop / "countermark.yaml").read_text()
    for seen in (
        "public/index.html",
        "config/limits.yaml",
        "Zhejiang-Shop-20260715S0197",
        "models/shop.pkl",
        "data/SHA256SUMS",
        "qwen-plus",
        "DashScope",
        "app.py:1",
    ):
        assert seen in text
    change(shop, '"shop"  # CHECK: the name under which you file', '"Shop Ltd"', "countermark.yaml")
    said = countermark("audit", "-f", "json")
    assert said.returncode == 3, said.stderr  # the number of the model that is called is still to be named
    assert json.loads(said.stdout)["summary"]["violations"] == 0
    change(shop, '    # upstream: "…"', '    upstream: "ZheJiang-TongYiQianWen-20230901"', "countermark.yaml")
    assert countermark("audit").returncode == 0


def test_rules_can_be_read_offline(countermark: Command) -> None:
    explained = countermark("explain", "cn-lab-5")
    for part in ("What it asks", "How sure we are", "How it is checked", "How to repair it", "Example"):
        assert part in explained.stdout
    assert countermark("rules", "show", "CN-LAB-5").stdout == explained.stdout
    diff = countermark("rules", "diff", "cn-tc260-003/2024-02-29", "cn-gbt45654/2025")
    assert "~ CN-TC260003-G5 → CN-45654-G5" in diff.stdout
    as_of = countermark("rules", "as-of", "2026-07-01")
    assert "CN-QL2026-P1.1" in as_of.stdout
    assert "next:  2026-07-15 cn-anthropomorphic/2026-07-15" in as_of.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(countermark: Command, shell: str) -> None:
    assert "_COUNTERMARK_COMPLETE" in countermark("completion", shell).stdout


def test_hostile_names_reach_no_terminal(countermark: Command, shop: Path) -> None:
    evil = shop / "public/\x1b[2J\u202eevil.html"
    evil.write_text("nothing")
    change(shop, "[public/index.html]", '["public/*.html"]')
    (shop / "public/index.html").unlink()
    said = countermark("audit")
    assert said.returncode == 1
    assert "\x1b" not in said.stdout
    assert "\u202e" not in said.stdout


def test_a_hostile_key_reaches_no_terminal(countermark: Command, shop: Path) -> None:
    with (shop / "countermark.yaml").open("a", encoding="utf-8") as stream:
        stream.write('"\\e]0;pwned\\a": 1\n')
    said = countermark("audit")
    assert said.returncode == 2
    assert "\x1b" not in said.stderr


def test_a_bug_of_ours_is_no_finding(shop: Path) -> None:
    code = "import countermark.audit, sys; countermark.audit.judge = None\n"
    code += "sys.argv = ['countermark', 'audit']; import countermark.cli; countermark.cli.main()"
    said = subprocess.run([sys.executable, "-c", code], cwd=shop, capture_output=True, text=True, check=False)
    assert said.returncode == 3
    assert "this is a bug in countermark" in said.stderr


def test_chinese_reports_come_out_wherever_they_go(shop: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "countermark", "audit", "--lang", "zh"],
        cwd=shop, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "cp1252"},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "未发现违规" in said.stdout.decode("utf-8")
