"""Labels in JSON: the first key of an object."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS

from countermark import labels
from countermark.labels.containers import json_text
from countermark.labels.source import DEFAULT_LIMITS, Limits, opened
from countermark.labels.splicing import to_bytes

OURS = labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017")
PLATFORM = "001191110105MA0EXAMPLE20000"
NAMED = labels.Options(name="a.json")
REAL = Path(__file__).parents[3] / "shared/data/media/exiftool/JSON.json"
CONTENT = {"title": '报告 "x" \\', "n": [1, {"AIGC": 2}], "o": {"a": 1e3, "AIGC": {}}, "u": None}


def samples() -> dict[str, bytes]:
    pretty = json.dumps(CONTENT, ensure_ascii=False, indent=2)
    return {
        "pretty": pretty.encode(),
        "four spaces, line end": (json.dumps(CONTENT, indent=4) + "\n").encode(),
        "tabs, line ends": json.dumps(CONTENT, indent="\t").replace("\n", "\r\n").encode(),
        "one line": json.dumps(CONTENT).encode(),
        "compact": json.dumps(CONTENT, separators=(",", ":")).encode(),
        "byte order mark": b"\xef\xbb\xbf" + pretty.encode(),
        "leading space": b"\n  " + pretty.encode(),
        "empty": b"{}",
        "empty, lines": b"{\n}\n",
    }


@pytest.mark.parametrize("name", samples())
def test_a_label_is_written_as_the_first_key_and_every_other_byte_stays(name: str) -> None:
    old = samples()[name]
    written = labels.write(old, OURS, options=NAMED)
    assert (written.label.place, written.label.normative) == ("key AIGC", True)
    loaded = json.loads(written.data.decode("utf-8-sig"))
    assert next(iter(loaded)) == "AIGC"
    assert loaded.pop("AIGC") == OURS.to_dict()
    assert loaded == json.loads(old.decode("utf-8-sig"))
    with opened(written.data) as source:
        assert to_bytes(source, json_text.carrier(source, DEFAULT_LIMITS)) == old


def test_the_style_of_the_text_is_kept() -> None:
    four = labels.write(samples()["four spaces, line end"], OURS, options=NAMED).data.decode()
    assert four == json.dumps({"AIGC": OURS.to_dict(), **CONTENT}, indent=4) + "\n"
    tabs = labels.write(samples()["tabs, line ends"], OURS, options=NAMED).data.decode()
    assert tabs == json.dumps({"AIGC": OURS.to_dict(), **CONTENT}, indent="\t").replace("\n", "\r\n")
    compact = labels.write(samples()["compact"], OURS, options=NAMED).data.decode()
    assert compact == json.dumps({"AIGC": OURS.to_dict(), **CONTENT}, separators=(",", ":"))


@pytest.mark.parametrize("name", samples())
def test_an_update_changes_the_value_alone(name: str) -> None:
    first = labels.write(samples()[name], OURS, options=NAMED).data
    new = labels.update(first, "平台", "p-1", options=NAMED).data
    expected = re.sub(rb'("ContentPropagator": ?)"[^"]*"', r'\1"平台"'.encode(), first)
    assert new == re.sub(rb'("PropagateID": ?)"[^"]*"', rb'\1"p-1"', expected)


def test_a_label_that_stands_elsewhere_in_the_object_stays_there() -> None:
    old = f'{{"a": 1, "AIGC": {BARE}, "b": 2}}'.encode()
    (label,) = labels.read(old).labels
    assert (label.fields, label.defects, label.offset) == (FIELDS, (), 9)
    new = labels.update(old, PLATFORM, "p-1").data
    assert list(json.loads(new)) == ["a", "AIGC", "b"]


def test_a_label_in_a_string_is_read() -> None:
    old = json.dumps({"AIGC": BARE, "a": 1}).encode()
    assert labels.read(old).labels[0].fields == FIELDS
    new = json.loads(labels.update(old, PLATFORM, "p-1").data)
    assert json.loads(new["AIGC"])["PropagateID"] == "p-1"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"AIGC": {BARE}, "a": 1, "AIGC": {BARE}}}',
        f'{{"AIGC": {BARE}, "AIGC": {BARE}, "AIGC": {BARE}, "a": 1}}',
        f'{{"a": 1, "aigc": {BARE}, "AIGC": {BARE}}}',
        f'{{"aigc": {BARE}, "a": 1, "Aigc": {BARE}}}',
        f'{{"aigc": {BARE}}}',
    ],
)
def test_double_and_misspelt_keys_are_named_and_become_one(text: str) -> None:
    found = labels.read(text.encode()).labels
    codes = {defect.code for label in found for defect in label.defects}
    assert codes == ({"repeated-key"} if text.count('"AIGC"') > 1 else set())
    assert [label.normative for label in found] == [label.place == "key AIGC" for label in found]
    new = labels.update(text.encode(), PLATFORM, "p-1").data
    loaded = json.loads(new, object_pairs_hook=list)
    assert [key for key, _ in loaded if key.lower() == "aigc"] == ["AIGC"]
    assert ("a" in dict(loaded)) is ('"a"' in text)


def test_keys_deeper_down_and_in_strings_are_no_labels() -> None:
    text = json.dumps({"a": {"AIGC": FIELDS}, "b": ["AIGC", {"AIGC": FIELDS}], "c": '"AIGC": {'})
    assert labels.read(text.encode()).labels == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2]", "an object: wrap the array"),
        ('"x"', "an object: wrap the value"),
        ("12", "an object"),
        ('{"a": 1}\n{"a": 2}\n', "wrap the lines"),
        ('{"a": 1', "is no JSON"),
        ('{"a" 1}', "is no JSON, at byte 5"),
        ('{"a": [1, "}', "is no JSON"),
        ('{"a": 1,}', "is no JSON, at byte 8"),
        ("", "empty"),
    ],
)
def test_what_has_no_place_is_refused_with_advice(text: str, message: str) -> None:
    with pytest.raises(labels.LabelError, match=message):
        labels.write(text.encode(), OURS, options=NAMED)


def test_a_label_before_the_break_is_read() -> None:
    reading = labels.read(f'{{"AIGC": {BARE}, "a" 1'.encode())
    assert reading.labels[0].fields == FIELDS
    assert [defect.code for defect in reading.defects] == ["json-broken"]


def test_a_long_file_is_looked_through_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    with path.open("wb") as file:
        file.write(f'{{"AIGC": {BARE}, "text": "'.encode())
        file.truncate(20 << 30)
    with opened(path) as source:
        blocks = json_text.survey(source, Limits(metadata_bytes=1 << 20))
    assert blocks.labels[0].fields == FIELDS
    assert [defect.code for defect in blocks.defects] == ["not-read-whole"]
    with opened(path) as source, pytest.raises(labels.TooLargeError):
        json_text.edits(source, OURS, labels.Room(), DEFAULT_LIMITS)


@pytest.mark.parametrize("part", ["[", "{", '{"a":', '"', "\\", ",", '"a":1,'])
def test_hostile_texts_come_to_an_end(part: str) -> None:
    with suppress(labels.LabelError):
        labels.read(b'{"AIGC":' + part.encode() * (500_000 // len(part)), name="a.json")


PIECES = ["{", "}", "[", "]", '"AIGC"', '"a"', ":", ",", " ", "\n", "1", "null", '"', "\\", BARE]


def test_a_text_with_a_letter_at_each_place_of_a_packet_is_no_transport_stream() -> None:
    assert labels.read(b'{"AIGC":' * 500, name="a.json").container == "json"


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_text_gives_a_reading_or_the_named_error(pieces: list[str]) -> None:
    data = b"{" + "".join(pieces).encode()
    with suppress(labels.LabelError):
        labels.read(data, name="a.json")
        labels.write(data, OURS, options=NAMED)


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=5) | st.lists(st.integers())),
    st.sampled_from([None, 1]),
)
def test_any_object_keeps_its_values(value: dict[str, object], indent: int | None) -> None:
    old = json.dumps(value, indent=indent).encode()
    new = json.loads(labels.write(old, OURS, options=NAMED).data)
    assert new.pop("AIGC") == OURS.to_dict()
    assert new == {key: held for key, held in value.items() if key.lower() != "aigc"}


@pytest.mark.skipif(not REAL.exists(), reason="shared/data/media is not here")
def test_a_real_file(tmp_path: Path) -> None:
    with suppress(labels.LabelError):
        labels.write(REAL, OURS, to=tmp_path / "a.json")
