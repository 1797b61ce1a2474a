"""The text of a label: any text gives one, and its defects name what Annex E asks for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED

from countermark.labels import grammar
from countermark.labels.defects import LabelError
from countermark.labels.grammar import Fields


def defects(text: str) -> tuple[str, ...]:
    return tuple(map(str, grammar.parse(text, "here", normative=True).defects))


@pytest.mark.parametrize("text", [BARE, WRAPPED, f"\ufeff{BARE}", f"{WRAPPED}\0\0", f"\n  {BARE} \r\n"])
def test_a_whole_label_has_no_defect(text: str) -> None:
    label = grammar.parse(text, "here", normative=True)
    assert label.fields == FIELDS
    assert label.defects == ()
    assert (label.place, label.normative) == ("here", True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is not JSON"),
        ("生成合成", "is not JSON"),
        (BARE[:-1], "is not JSON"),
        (BARE.replace('"', "'"), "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("9" * 10_000, "is not JSON"),
        ("[]", "is JSON, but no object"),
        ('"AIGC"', "is JSON, but no object"),
        ("null", "is JSON, but no object"),
        ('{"AIGC": "1"}', "AIGC is no field of the standard"),
        ("x" * ((1 << 20) + 1), "longer than 1,048,576 characters"),
    ],
)
def test_what_is_no_label_at_all(text: str, expected: str) -> None:
    assert expected in defects(text)
    assert not grammar.parse(text, "here", normative=True).fields


@pytest.mark.parametrize("name", list(FIELDS))
def test_every_field_must_be_there_and_be_a_string(name: str) -> None:
    assert defects(json.dumps({k: v for k, v in FIELDS.items() if k != name})) == (f"{name} is missing",)
    kinds = [(None, "null"), (True, "a boolean"), (1, "a number"), (1.5, "a number")]
    kinds += [([], "a list"), ({}, "an object"), (float("nan"), "a number")]
    for value, kind in kinds:
        assert defects(json.dumps(FIELDS | {name: value})) == (f"{name} is {kind}, not a string",)


@pytest.mark.parametrize("name", ["reservedCode1", "ReserveCode1", "reserveCode1"])
def test_a_misspelt_key_is_taken_for_its_field_and_named(name: str) -> None:
    label = grammar.parse(BARE.replace("ReservedCode1", name), "here", normative=True)
    assert label.fields == FIELDS
    assert [str(defect) for defect in label.errors] == [f"{name} is taken for ReservedCode1"]


def test_a_misspelt_key_beside_the_right_one_is_not_taken() -> None:
    assert defects(BARE[:-1] + ', "label": "2"}') == ("label stands beside Label",)


def test_a_label_in_lower_camel_case_is_read_and_every_key_is_named() -> None:
    text = json.dumps({"aigc": {name[0].lower() + name[1:]: value for name, value in FIELDS.items()}})
    label = grammar.parse(text, "here", normative=True)
    assert label.fields == FIELDS
    assert str(label.defects[0]) == "aigc is taken for AIGC"
    assert len(label.errors) == 8


@pytest.mark.parametrize("prefix", ["AIGC", "AIGC=", "AIGC: "])
def test_a_name_before_the_json_is_a_defect(prefix: str) -> None:
    label = grammar.parse(prefix + BARE, "here", normative=True)
    assert label.fields == FIELDS
    assert [defect.code for defect in label.defects] == ["prefix"]


def test_the_schema_of_another_service_is_called_by_its_keys() -> None:
    text = '{"AIGC":{"ServiceProvider":"云","ServiceUser":"","Time":"2026-07-31 11:33:15","ContentId":"9"}}'
    label = grammar.parse(text, "here", normative=False)
    assert grammar.looks_like_one(text)
    assert not label.fields
    assert [defect.code for defect in label.defects] == ["foreign-schema"]


@pytest.mark.parametrize("name", ["Reservedcode1", "ContentProducer ", "标识"])
def test_an_unknown_key_is_named(name: str) -> None:
    rest = {k: v for k, v in FIELDS.items() if k != "ReservedCode1"}
    found = defects(json.dumps({**rest, name: ""}))
    assert found == (f"{name} is no field of the standard", "ReservedCode1 is missing")


def test_a_key_that_stands_twice_is_named_wherever_it_stands() -> None:
    assert defects(BARE[:-1] + ', "Label": "2"}') == ("Label stands in it twice",)
    assert defects(f'{{"AIGC": {BARE}, "AIGC": {BARE}}}') == ("AIGC stands in it twice",)


def test_a_label_of_many_wrong_keys_is_short_and_quick() -> None:
    text = "{" + ", ".join(f'"k{i}": 1, "k{i}": 2' for i in range(30_000)) + "}"
    found = defects(text)
    assert len(found) == grammar.MAX_DEFECTS + 1
    assert found[-1] == "and 59,975 more"
    assert all(len(defect) < 300 for defect in defects('{"' + "k" * 9000 + '": 1}'))


@pytest.mark.parametrize(
    "text",
    [
        BARE,
        WRAPPED,
        f"\0 {BARE}",
        f"\ufeff{WRAPPED}",
        json.dumps({"AIGC": FIELDS}, indent=4),
        '{"ProduceID":"',
    ],
)
def test_a_text_that_is_meant_to_be_a_label(text: str) -> None:
    assert grammar.looks_like_one(text)


@pytest.mark.parametrize("text", ["", "Label: 1", '{"labels": "1"}', "{}", '{"parameters": {"Label": "1"}}'])
def test_a_text_that_is_something_else(text: str) -> None:
    assert not grammar.looks_like_one(text)


def test_the_fields_are_written_as_annex_e_spells_them() -> None:
    fields = Fields.generated("001191110105MA0EXAMPLE00000", "a-1")
    assert fields.wrapped() == (
        '{"AIGC": {"Label":"1","ContentProducer":"001191110105MA0EXAMPLE00000","ProduceID":"a-1",'
        '"ReservedCode1":"","ContentPropagator":"001191110105MA0EXAMPLE00000","PropagateID":"a-1",'
        '"ReservedCode2":""}}'
    )
    assert Fields.of(fields.to_dict()) == fields
    assert grammar.parse(fields.bare(), "here", normative=True).fields == fields.to_dict()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"Label": "4", "ContentProducer": "a", "ProduceID": "1"}, "Label is '4'"),
        ({"ContentProducer": "a", "ProduceID": "1"}, "Label is ''"),
        ({"Label": "1", "ContentProducer": "a"}, "names a provider and its number"),
        ({"Label": "2", "ContentPropagator": "a"}, "names a provider and its number"),
        ({"Label": "1", "Labl": "a"}, "Labl is no field"),
        ({"Label": None}, "Label is null"),
    ],
)
def test_fields_that_say_nothing_are_not_made(values: dict[str, str], message: str) -> None:
    with pytest.raises(LabelError, match=message):
        Fields.of(values)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"Label": "AIGC"}, ["Label is 'AIGC', not 1, 2 or 3"]),
        ({"ProduceID": ""}, ["ProduceID is empty"]),
        ({"ContentProducer": "", "ProduceID": "", "ContentPropagator": "p", "PropagateID": "1"}, []),
        (
            {"ContentProducer": "示例"},
            ["ContentProducer has '示', beyond the characters that Annex E prefers"],
        ),
        ({"ReservedCode1": '{"a":"b"}'}, []),
    ],
)
def test_the_values_are_examined_apart_from_the_form(changes: dict[str, str], found: list[str]) -> None:
    assert [str(defect) for defect in grammar.examine(FIELDS | changes)] == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from([*FIELDS, "AIGC", "x"]) | st.text(), inner)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=100)
@given(st.text() | JSON.map(json.dumps))
def test_any_text_gives_a_label(text: str) -> None:
    label = grammar.parse(text, "here", normative=False)
    assert set(label.fields) <= set(FIELDS)
    assert label.defects or set(label.fields) == set(FIELDS)
    assert isinstance(grammar.looks_like_one(text), bool)
