"""The draft of ``countermark.yaml``: whatever a folder holds, it can be read as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark.inventory.drafting import draft
from countermark.inventory.survey import Sighting, Survey, survey
from countermark.target import FilingKind, Target, load

NUMBER = "Zhejiang-Shop-20260715S0197"


@pytest.fixture
def drafted(tmp_path: Path):
    """The target that a draft is read as."""

    def of(found: Survey, folder: str = "shop") -> Target:
        path = tmp_path / "draft" / "countermark.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(draft(found, folder), encoding="utf-8")
        return load(path)

    return of


def test_the_draft_of_an_empty_folder_is_a_target(drafted) -> None:
    target = drafted(Survey())
    assert (target.operator.name, [service.name for service in target.services]) == ("shop", ["shop"])
    assert not target.models
    assert drafted(Survey(), "").operator.name == "Example Ltd"


def test_everything_that_was_seen_is_in_the_draft(drafted) -> None:
    found = Survey(
        models=[Sighting("qwen-plus", "app.py", 3)],
        hosts=[Sighting("Alibaba Cloud (DashScope)", "app.py", 4)],
        filings=[
            Sighting(NUMBER, "index.html", 1),
            Sighting("网信算备110101135224302220011号", "index.html", 2),
        ],
        model_files=["models/own.pt"],
        pages=[f"p{i}.html" for i in range(20)],
        outputs=["outputs/*.png"],
        corpora=["data", "one.jsonl"],
        manifests={"data": "data/SHA256SUMS"},
        transcripts=["chat.jsonl"],
        settings=["limits.yaml", "other.yaml"],
    )
    target = drafted(found)
    assert [model.name for model in target.models] == ["qwen-plus", "own.pt"]
    assert [(filing.kind, filing.name) for filing in target.filings] == [
        (FilingKind.REGISTRATION, "Shop"),
        (FilingKind.ALGORITHM, "shop"),
    ]
    assert len(target.services[0].pages) == 12
    assert target.services[0].settings.file == "limits.yaml"
    assert [(corpus.path, corpus.manifest) for corpus in target.corpora] == [
        ("data", "data/SHA256SUMS"),
        ("one.jsonl", None),
    ]
    assert target.outputs[0].files == ("outputs/*.png",)
    assert target.transcripts[0].files == ("chat.jsonl",)
    text = draft(found, "shop")
    assert "# seen in index.html:1" in text
    assert "# Providers seen: Alibaba Cloud (DashScope) (app.py:4)" in text
    assert "# … and 8 more HTML files" in text


def test_a_catalogue_of_models_is_commented_out(drafted) -> None:
    found = Survey(models=[Sighting(f"gpt-4-{i}", "catalogue.json", i) for i in range(500)])
    assert drafted(found).models == ()
    assert '# - {name: "gpt-4-499"' in draft(found, "shop")
    found.model_files.append("own.pt")
    assert [model.name for model in drafted(found).models] == ["own.pt"]


def test_the_one_filing_is_taken_for_the_models(drafted) -> None:
    found = Survey(models=[Sighting("m", "a", 1)], filings=[Sighting(NUMBER, "b", 1)], model_files=["c.pt"])
    assert [model.filing for model in drafted(found).models] == [NUMBER, NUMBER]


ODD = [
    "it's",
    'a "quote"',
    "#hash",
    "a: b",
    "- x",
    "{x}",
    "[id]",
    "*",
    "&a",
    "!t",
    "%x",
    "@",
    "null",
    "二",
    "1",
]
ODD += [" ", "~", "\N{GRINNING FACE}", "a\u3000b", "\u00a0", "`", "|", "a, b", "\u200b"]


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_quoted_and_globs_match_their_own_file(drafted, tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    for folder, file in (("models", f"{name}.pt"), ("public", f"{name}.html"), ("logs", f"{name}.jsonl")):
        (root / folder / name).mkdir(parents=True)
        (root / folder / name / file).write_text('{"messages": "assistant"}')
    (root / "outputs" / name).mkdir(parents=True)
    (root / "outputs" / name / "a.png").write_text("x")
    target = drafted(survey(root), name)
    assert target.operator.name == target.services[0].name == name
    assert target.models[0].name == f"{name}.pt"
    patterns = [*target.models[0].files, *target.services[0].pages, *target.outputs[0].files]
    for pattern in [*patterns, *(file for transcript in target.transcripts for file in transcript.files)]:
        assert len(list(root.glob(pattern))) == 1, pattern


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(folder=st.text(max_size=12))
def test_any_name_of_a_folder_makes_a_target(drafted, folder: str) -> None:
    target = drafted(Survey(filings=[Sighting(NUMBER, "a", 1)], models=[Sighting("m", "a", 1)]), folder)
    assert target.filings[0].service == target.services[0].name


CONTROL = [chr(code) for code in [*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF]]


def test_every_control_character_in_the_name_of_the_folder_is_escaped(drafted) -> None:
    assert drafted(Survey(), "a" + "".join(CONTROL)).operator.name == "a" + "".join(CONTROL)
    assert drafted(Survey(), "a\udcff").operator.name == "a?"


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(min_size=1, max_size=8), max_size=6))
def test_any_names_of_files_make_a_target(drafted, tmp_path: Path, names: list[str]) -> None:
    root = tmp_path / "site"
    root.mkdir(exist_ok=True)
    for old in root.iterdir():
        old.unlink()
    for name, suffix in zip(names, (".pt", ".html", ".jsonl", ".py", ".yaml", ".png"), strict=False):
        try:
            (root / (name.replace("/", "_") + suffix)).write_text(f"curfew_end: 1\nm: 'gpt-4o' {NUMBER}")
        except (OSError, ValueError):
            continue  # a name that no file can have
    drafted(survey(root), "site")
