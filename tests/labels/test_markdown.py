"""Labels in the front matter of Markdown, in every form that was seen."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS
from ruamel.yaml import YAML

from countermark import labels
from countermark.labels.containers import markdown
from countermark.labels.source import DEFAULT_LIMITS, opened
from countermark.labels.splicing import to_bytes

OURS = labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017")
NAMED = labels.Options(name="a.md")
PLATFORM = "001191110105MA0EXAMPLE20000"
BODY = "# A report\n\n---\n\nAI 生成 text, *emphasis*: `AIGC: {}`\n"
BLOCK = "".join(f'  {name}: "{value}"\n' for name, value in FIELDS.items())
UUID = "0b8f8f2e-6f0a-4f0e-9a53-0c3a1f9f0a11"


def front(*lines: str) -> str:
    return "---\n" + "\n".join(lines) + "\n---\n" + BODY


def samples() -> dict[str, bytes]:
    return {
        "none": BODY.encode(),
        "empty": b"\n",
        "rule first": ("---\n\n" + BODY).encode(),
        "setext": b"---\nJust prose\n---\n",
        "byte order mark": b"\xef\xbb\xbf" + BODY.encode(),
        "line ends": BODY.replace("\n", "\r\n").encode(),
        "front matter": front(
            "title: A report # the title", "tags: [a, b]", "nested:", "  deep: |", "    text", ""
        ).encode(),
        "front matter, line ends": front("title: x", "tags: [a]").replace("\n", "\r\n").encode(),
        "front matter, mark": b"\xef\xbb\xbf" + front("title: x").encode(),
        "front matter, dots": front("title: x").replace("x\n---", "x\n...").encode(),
        "front matter, empty": b"---\n---\nx",
        "front matter, comment": front("# nothing yet").encode(),
        "front matter, indented": front("  title: x", "  b: y").encode(),
        "front matter, flow": front("{title: x, tags: [a]}").encode(),
        "front matter, end of file": b"---\ntitle: x\n---",
    }


ALPHABETICAL = "".join(f"  {name}: {json.dumps(FIELDS[name])}\n" for name in sorted(FIELDS))
FORMS = {
    "as written by us": front("AIGC:\n" + BLOCK[:-1]),
    "alphabetical": front("AIGC:\n" + ALPHABETICAL[:-1], "title: x"),
    "merged, comments": front(
        "title: x", "", "AIGC: # the label\n" + BLOCK[:-1] + " # last", "", "# then", "tags: [a]"
    ),
    "four spaces, little quoted": front(
        "AIGC:",
        '    Label: "1"',
        f"    ContentProducer: {FIELDS['ContentProducer']}",
        f"    ProduceID: {FIELDS['ProduceID']}",
        *(f'    {n}: ""' for n in list(FIELDS)[3:]),
    ),
    "one line": front(f"AIGC: {BARE}"),
    "one line, compact": front("AIGC: " + json.dumps(FIELDS, separators=(",", ":"))),
    "single quotes": front("AIGC:\n" + BLOCK[:-1].replace('"', "'"), "x: y"),
    "text": front(f"AIGC: '{BARE}'"),
    "text, block": front("AIGC: |-", f"  {BARE}", "x: y"),
    "quoted key": front('"AIGC":\n' + BLOCK[:-1]),
    "line ends": front("title: x", "AIGC:\n" + BLOCK[:-1]).replace("\n", "\r\n"),
    "flow": front('{title: x, "AIGC": ' + BARE + "}"),
    "empty values, spaces": front(
        "AIGC:\n" + BLOCK[:-1].replace('""', " ") + " # last", "# then", "title: x"
    ),
    "tight": "---\nAIGC:\n" + BLOCK + "---",
}


def meaning(data: bytes) -> object:
    """The front matter without the label, by a parser that we do not use."""
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    yaml = pytest.importorskip("yaml")
    loaded = yaml.safe_load(text.split("\n---")[0].split("\n...")[0].removeprefix("---")) or {}
    loaded.pop("AIGC", None)
    return loaded


@pytest.mark.parametrize("name", samples())
def test_a_label_is_written_and_every_other_byte_stays(name: str) -> None:
    old = samples()[name]
    written = labels.write(old, OURS, options=NAMED)
    assert (written.label.place, written.label.normative) == ("front matter AIGC", True)
    kept = written.data
    with opened(kept) as source:
        if "flow" not in name and name != "front matter, empty":
            assert to_bytes(source, markdown.carrier(source, DEFAULT_LIMITS)) == old
    if name.startswith("front matter"):
        assert meaning(kept) == meaning(old)
        assert kept.count(b"---") + kept.count(b"...") == old.count(b"---") + old.count(b"...")


@pytest.mark.parametrize("name", samples())
def test_another_parser_reads_it(name: str) -> None:
    pyyaml = pytest.importorskip("yaml")
    data = labels.update(
        labels.write(samples()[name], OURS, options=NAMED).data, '平台 "x" \\', "1", options=NAMED
    ).data
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    assert text.startswith("---\n")
    loaded = pyyaml.safe_load(text[4:].split("\n---")[0].split("\n...")[0])
    assert list(loaded["AIGC"]) == list(FIELDS)
    assert loaded["AIGC"]["ContentPropagator"] == '平台 "x" \\'


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(form: str) -> None:
    (label,) = labels.read(FORMS[form].encode(), name="a.md").labels
    assert (label.place, label.normative, label.fields) == ("front matter AIGC", True, FIELDS)
    assert {defect.code for defect in label.defects} == ({"unquoted"} if "empty" in form else set())
    assert FORMS[form].encode()[label.offset :].lstrip(b'"').startswith(b"AIGC")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_brought_up_to_date_where_it_stands(form: str) -> None:
    old = FORMS[form].encode()
    written = labels.update(old, PLATFORM, "p: 1", options=NAMED)
    assert written.label.fields == FIELDS | {"ContentPropagator": PLATFORM, "PropagateID": "p: 1"}
    new = written.data
    assert new.partition(b"AIGC")[0] == old.partition(b"AIGC")[0]
    assert new.endswith(old.rpartition(b"---")[2])
    assert meaning(new) == meaning(old)
    if "comments" in form:
        assert new == old.replace(
            b'ContentPropagator: ""', f'ContentPropagator: "{PLATFORM}"'.encode()
        ).replace(b'PropagateID: ""', b'PropagateID: "p: 1"')


ZEROS = "0" * 24
LATER = list(FIELDS)[3:]
MINIMAX = ["  Label: AIGC", "  ContentProducer: Some Company AI", f"  ProduceID: {ZEROS}"]
ODD = {
    "Label is AIGC": ([*MINIMAX, *(f"  {n}: {ZEROS}" for n in LATER)], {"unquoted"}, {"Label": "AIGC"}),
    "empty": (
        ["    Label: 1", *(f"    {n}:" for n in list(FIELDS)[1:])],
        {"unquoted"},
        {"Label": "1", "ProduceID": ""},
    ),
    "plain": (['  Label: "1"', f"  ProduceID: {UUID}"], {"missing-field"}, {"ProduceID": UUID}),
    "misspelt": (
        ['  Label: "1"', "  ReserveCode1: x"],
        {"missing-field", "misspelt-field"},
        {"ReservedCode1": "x"},
    ),
    "twice": (['  Label: "1"', '  Label: "2"'], {"missing-field", "repeated-key"}, {}),
    "a list": (["  - 1"], {"not-an-object"}, {}),
    "nothing": ([], {"not-json"}, {}),
    "nested": (['  Label: "1"', "  ReservedCode1: {a: b}"], {"missing-field", "not-a-string"}, {}),
}


@pytest.mark.parametrize(("lines", "codes", "values"), ODD.values(), ids=ODD)
def test_what_is_odd_is_said(lines: list[str], codes: set[str], values: dict[str, str]) -> None:
    (label,) = labels.read(front("AIGC:", *lines).encode(), name="a.md").labels
    assert {defect.code for defect in label.defects} == codes
    assert values.items() <= label.fields.items()


def test_a_nested_security_code_in_single_quotes_stays() -> None:
    code = '{"SecurityData":{"Type":"TC260PG","Version":1}}'
    old = front("AIGC:\n" + BLOCK[:-1].replace('ReservedCode1: ""', f"ReservedCode1: '{code}'")).encode()
    assert labels.read(old, name="a.md").labels[0].fields["ReservedCode1"] == code
    new = labels.update(old, PLATFORM, "p-1", options=NAMED).data
    assert f"ReservedCode1: '{code}'".encode() in new


def test_an_identifier_with_odd_signs_is_read() -> None:
    value = "ExportRequest(files=[ExportFile(docType=1, x='y'"
    (label,) = labels.read(front("AIGC:", f'  ProduceID: "{value}"').encode(), name="a.md").labels
    assert label.fields["ProduceID"] == value


def test_a_second_front_matter_below_is_a_variant_and_moves_up() -> None:
    old = ("---\ntitle: x\n---\n\n---\nAIGC:\n" + BLOCK + "---\n" + BODY).encode()
    (label,) = labels.read(old, name="a.md").labels
    assert (label.place, label.normative, label.fields) == ("second front matter AIGC", False, FIELDS)
    new = labels.update(old, PLATFORM, "p-1", options=NAMED).data.decode()
    assert new.startswith("---\nAIGC:\n")
    assert new.endswith("title: x\n---\n\n" + BODY)


def test_misspelt_and_double_keys_become_one() -> None:
    old = front("aigc:\n" + BLOCK[:-1], "title: x", "AIGC:\n" + BLOCK[:-1]).encode()
    assert [label.normative for label in labels.read(old, name="a.md").labels] == [False, True]
    new = labels.update(old, PLATFORM, "p-1", options=NAMED).data
    assert new.startswith(b"---\ntitle: x\nAIGC:\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\nAIGC: [\n---\nx", "is no YAML"),
        ("---\na: *b\n---\nx", "is no YAML"),
        ("+++\ntitle = 'x'\n+++\n", "TOML"),
        ("---\nx: &a '1'\nAIGC:\n  Label: *a\n  ProduceID: p\n  ContentProducer: q\n---\n", "anchors"),
        ("---\nAIGC: " + "[" * 500 + "\n---\n", "is no YAML"),
        ("---\nAIGC: " + "x" * 70000 + "\n---\n", "longer than"),
    ],
)
def test_what_cannot_be_spliced_is_refused(text: str, message: str) -> None:
    with opened(text.encode()) as source, pytest.raises(labels.LabelError, match=message):
        markdown.edits(source, OURS, labels.Room(), DEFAULT_LIMITS)
    with suppress(labels.TooLargeError):
        labels.read(text.encode(), name="a.md")


@pytest.mark.parametrize("text", [b"---\nAIGC: [\n---\nx", b"---\nAIGC: \xff\n---\nx"])
def test_front_matter_that_is_no_yaml_is_a_label_with_a_defect(text: bytes) -> None:
    (label,) = labels.read(text, name="a.md").labels
    assert [defect.code for defect in label.defects] == ["front-matter"]


def test_the_body_is_never_read(tmp_path: Path) -> None:
    path = tmp_path / "long.md"
    with path.open("wb") as file:
        file.write(BODY.encode())
        file.truncate(20 << 30)
    with opened(path) as source:
        changes = markdown.edits(source, OURS, labels.Room(), DEFAULT_LIMITS)
    assert [(edit.offset, edit.length) for edit in changes] == [(0, 0)]


def test_writing_in_a_file_gives_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(samples()["front matter"])
    labels.write(path, OURS, options=labels.Options(in_place=True))
    assert path.read_bytes() == labels.write(samples()["front matter"], OURS, options=NAMED).data


PARTS = ["AIGC:", "  Label: '1'", "  ProduceID: x", "aigc: 1", "- a", "  b: |", "   c", "{", "}", "AIGC: {"]
PARTS += ["#", "&a", "*a", "!!x", "---", "? a", "\t", 'x: "']
LINES = st.lists(st.sampled_from(PARTS) | st.text(max_size=8), max_size=9)


@pytest.mark.parametrize(
    "below", ["\n---\nAIGC: {\n---\n", "\r---\nAIGC:\n  Lab}l: '1'\n---\n", "\n\n---\nAIGC: {}\n---"]
)
def test_front_matter_behind_blank_lines_does_not_become_a_second_one(below: str) -> None:
    with pytest.raises(labels.LabelError, match="behind blank lines"):
        labels.write(below.encode(), OURS, options=labels.Options(name="a.md"))


@settings(deadline=None, max_examples=300)
@given(LINES)
def test_any_front_matter_gives_a_reading_or_the_named_error(lines: list[str]) -> None:
    data = front(*lines).encode("utf-8", "surrogatepass")
    with suppress(labels.LabelError):
        labels.read(data, name="a.md")
    with suppress(labels.LabelError):
        new = labels.write(data, OURS, options=NAMED).data
        assert new.endswith(data.rpartition(b"---")[2])


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_value_comes_back(value: str) -> None:
    fields = labels.Fields.generated(value, value)
    new = labels.write(BODY.encode(), fields, options=NAMED).data
    loaded = YAML(typ="safe", pure=True).load(new.decode()[4:].split("\n---")[0])
    assert loaded["AIGC"]["ContentProducer"] == value


def test_front_matter_that_names_the_label_and_is_no_yaml_is_a_label_that_cannot_be_read() -> None:
    found = labels.verify(b"---\nAIGC:\n\tLabel: '1'\n---\ntext\n", name="a.md")
    assert found.outcome == "defective"
    other = labels.verify(b"---\ntitle: [\n---\nAIGC: a text on it\n", name="a.md")
    assert other.outcome == "absent"
