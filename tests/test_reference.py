"""The pages and schemas that are made from the code are current, and what the guides say still holds."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from countermark import rules, target
from countermark.audit import collect, plan
from countermark.cli import COMMANDS
from countermark.collectors import Site
from countermark.model import Evidence

ROOT = Path(__file__).parent.parent
LANTERN = ROOT / "examples" / "lantern"
EVIDENCE = (ROOT / "docs/evidence.md").read_text("utf-8")
GUIDES = [*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")]
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
RULE_ID = re.compile(r"\b(?:CN|EU|US)-[A-Z0-9][A-Za-z0-9.-]*[A-Za-z0-9]")
NO_RULES = {"US-CA", "CN-MM-EXAMPLE", "CN-GAI-DATED", "CN-TEAHOUSE-1"}  # a place, and made-up rules
BOOKS = rules.load()


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools/reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def texts(reference: ModuleType) -> dict[Path, str]:
    made: dict[Path, str] = reference.expected()
    return made


def test_pages_and_schemas_are_current() -> None:
    """In a process of its own: what other tests have patched or loaded does not count."""
    said = subprocess.run(
        [sys.executable, ROOT / "tools/reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, f"run `make docs`: {said.stdout}{said.stderr}"


def test_a_changed_a_missing_and_a_left_over_page_are_named(
    reference: ModuleType, texts: dict[Path, str], tmp_path: Path
) -> None:
    reference.write(tmp_path, texts)
    assert reference.outdated(tmp_path, texts) == []
    changed, missing, extra = (Path("docs/reference") / f for f in ("cli.md", "target.md", "rules/gone.md"))
    (tmp_path / changed).write_text("")
    (tmp_path / missing).unlink()
    (tmp_path / extra).write_text("")
    assert reference.outdated(tmp_path, texts) == [changed, extra, missing]
    reference.write(tmp_path, texts)
    assert reference.outdated(tmp_path, texts) == []


def test_every_rule_and_every_command_has_its_place_in_the_reference(texts: dict[Path, str]) -> None:
    pages = {path.as_posix(): text for path, text in texts.items()}
    for rule in BOOKS.rules.values():
        page = f"docs/reference/rules/{rule.clause.edition.replace('/', '-')}.md"
        assert f"{{ #{rule.id} }}" in pages[page]
    assert all(f"## countermark {name}\n" in pages["docs/reference/cli.md"] for name in COMMANDS)


def as_json(value: Any) -> Any:
    """YAML as an editor sees it: a date is a text."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = (ROOT / "src/countermark/schemas/target.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(loaded)
    return loaded


@pytest.mark.skipif(not (LANTERN / "countermark.yaml").exists(), reason="the example is not here")
def test_the_schema_accepts_the_example(schema: dict[str, Any]) -> None:
    declared = as_json(YAML(typ="safe", pure=True).load((LANTERN / "countermark.yaml").read_text("utf-8")))
    jsonschema.validate(declared, schema, format_checker=jsonschema.FormatChecker())
    declared["sevices"] = declared.pop("services")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(declared, schema)


def section(kind: str) -> str:
    found = re.search(rf"^## {re.escape(kind)}\n(.*?)(?=^## |\Z)", EVIDENCE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/evidence.md has no section on {kind}"
    return found[1]


def short(kind: str) -> str:
    return "attestation" if kind.startswith("attestation.") else kind


def test_the_page_on_evidence_names_every_kind_that_rules_ask_for_and_its_checks() -> None:
    for rule in BOOKS.rules.values():
        for kind in rule.evidence:
            assert f"`{rule.check}`" in section(short(kind)), rule.id


def test_the_page_on_evidence_names_every_fact_that_the_example_gives(tmp_path: Path) -> None:
    subprocess.run([sys.executable, LANTERN / "build.py", tmp_path], check=True, capture_output=True)
    site = Site(tmp_path, target.load(tmp_path))
    for _, records in collect(site, plan(site)):
        for record in records:
            if isinstance(record, Evidence):
                missing = [name for name in record.fact if f"`{name}`" not in section(short(record.kind))]
                assert not missing, f"{record.kind}: {missing}"


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_guides_name_only_rules_that_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    named = {name.removesuffix(".toml") for name in RULE_ID.findall(text)} - NO_RULES
    assert named - set(BOOKS.rules) == set()


def written(page: str, folder: Path) -> list[str]:
    """Write the TOML files that a page shows, below ``folder``; how many lines each has."""
    sizes = []
    for language, title, text in BLOCK.findall((ROOT / page).read_text("utf-8")):
        if language == "toml" and title:
            file = folder / title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            sizes.append(f"{len(text.splitlines())} lines")
    return sizes


def test_the_rulebook_in_the_guide_loads(tmp_path: Path) -> None:
    written("docs/writing-rules.md", tmp_path)
    assert set(rules.load(tmp_path).rules) == {"CN-TEAHOUSE-1"}


def test_the_worked_examples_pass_the_tests_of_rules(tmp_path: Path) -> None:
    """The rule, and the check with its rule, in a copy of the project."""
    shutil.copytree(ROOT / "src/countermark", tmp_path / "src/countermark")
    sizes = written("CONTRIBUTING.md", tmp_path)
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert sizes == ["30 lines", "27 lines"]
    assert all(size.split()[0] in text for size in sizes)
    check = next(body for language, _, body in BLOCK.findall(text) if language == "python")
    module = tmp_path / "src/countermark/checks/registration.py"
    head, body = check.split("\n\n\n", 1)
    module.write_text(
        module.read_text("utf-8").replace("from urllib", f"{head}\nfrom urllib", 1) + "\n\n" + body, "utf-8"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}
    only = "CN-MM-EXAMPLE or CN-GAI-DATED or every_check_is_used"
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-k",
            only,
            ROOT / "tests/test_rulebooks.py",
        ],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "11 passed" in ran.stdout, ran.stdout


def plain(text: str) -> str:
    """Without what differs from run to run: numbers, names of runs, digests, the width of the page."""
    text = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{6}|[0-9a-f]{16,}", "0", text)
    return re.sub(r"\d+", "0", " ".join(text.split()))


def session(page: Path, folder: Path) -> list[tuple[str, str, str]]:
    """Do what a guide says, in a shell: each command, what it is said to print, and what it prints."""
    script, shown = ["exec 2>&1"], []
    for language, title, body in BLOCK.findall(page.read_text("utf-8")):
        if title:
            script.append(
                f"mkdir -p $(dirname '{title}'); cat > '{title}' <<'END OF FILE'\n{body}END OF FILE"
            )
        elif language == "console":
            for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                script += ["echo '=====>'", command]
                shown.append((command, output))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    printed = ran.stdout.split("=====>\n")[1:]
    return [(command, said, did) for (command, said), did in zip(shown, printed, strict=True)]


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("sha256sum")), reason="needs bash, sha256sum")
def test_the_tutorial_prints_what_it_says(tmp_path: Path) -> None:
    """Line by line; numbers, and what stands behind an ellipsis, may differ."""
    for command, said, did in session(ROOT / "docs/tutorial.md", tmp_path):
        rest = plain(did)
        for line in said.splitlines():
            wanted = plain(line.rstrip("…"))
            assert wanted in rest, f"$ {command}\nnot printed: {line}\n{did}"
            rest = rest[rest.index(wanted) + len(wanted) :]


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, LANTERN / "build.py", tmp_path / "examples/lantern"], check=True, capture_output=True
    )
    text = (ROOT / "README.md").read_text("utf-8")
    for language, _, body in BLOCK.findall(text):
        if language == "python":
            ran = subprocess.run(
                [sys.executable, "-c", body], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert ran.returncode == 0, ran.stderr
            assert ran.stdout.strip()
