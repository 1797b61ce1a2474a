"""Article 6: each way in which metadata, declaration and traces can meet."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.labels import propagation
from countermark.labels.defects import LabelError
from countermark.labels.propagation import Stage, decide

LABEL = {
    "Label": "1",
    "ContentProducer": "Example",
    "ProduceID": "20260301-000017",
    "ReservedCode1": '{"SecurityData":{}}',
    "ContentPropagator": "Example",
    "PropagateID": "20260301-000017",
    "ReservedCode2": "old",
}
OWN = ("ContentPropagator", "PropagateID")


@pytest.mark.parametrize(
    ("labels", "declared", "traces", "stage", "label", "write", "unclear"),
    [
        (["1"], None, [], Stage.CONFIRMED, "1", OWN, False),
        (["1"], True, ["x"], Stage.CONFIRMED, "1", OWN, False),
        (["1"], False, [], Stage.CONFIRMED, "1", OWN, False),
        (["2"], None, [], Stage.POSSIBLE, "2", OWN, False),
        (["2"], False, [], Stage.POSSIBLE, "2", OWN, False),
        (["3"], None, [], Stage.SUSPECTED, "3", OWN, False),
        (["3"], True, [], Stage.POSSIBLE, "3", OWN, False),
        (["1", "1"], None, [], Stage.CONFIRMED, "1", OWN, False),
        (["3", "1"], None, [], Stage.CONFIRMED, "1", OWN, True),
        (["2", "3"], None, [], Stage.POSSIBLE, "2", OWN, True),
        ([None], None, [], Stage.SUSPECTED, "3", OWN, True),
        (["AIGC"], None, [], Stage.SUSPECTED, "3", OWN, True),
        ([""], True, [], Stage.POSSIBLE, "2", OWN, True),
        (["1", None], None, [], Stage.CONFIRMED, "1", OWN, True),
        ([], True, [], Stage.POSSIBLE, "2", ("Label", *OWN), False),
        ([], True, ["explicit label"], Stage.POSSIBLE, "2", ("Label", *OWN), False),
        ([], None, ["explicit label"], Stage.SUSPECTED, "3", ("Label", *OWN), False),
        ([], False, ["explicit label"], Stage.SUSPECTED, "3", ("Label", *OWN), False),
        ([], None, [], Stage.NONE, "", (), False),
        ([], False, [], Stage.NONE, "", (), False),
    ],
)
def test_the_stage_and_what_follows(  # noqa: PLR0913 - a row of the table
    *,
    labels: list[str | None],
    declared: bool | None,
    traces: list[str],
    stage: Stage,
    label: str,
    write: tuple[str, ...],
    unclear: bool,
) -> None:
    decision = decide(labels, declared=declared, traces=traces)
    assert (decision.stage, decision.label, decision.write) == (stage, label, write)
    assert decision.unclear == unclear
    assert decision.reasons
    assert all(reason.en and reason.zh for reason in decision.reasons)
    if stage is not Stage.NONE:
        assert "人工智能" in decision.sentence_zh
        assert "生成合成" in decision.sentence_zh
        assert "AI" in decision.sentence


def test_the_public_is_told_the_three_stages_apart() -> None:
    told = [decide([value], declared=None) for value in "123"]
    assert [("可能" in one.sentence_zh, "疑似" in one.sentence_zh) for one in told] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    nothing = decide([], declared=None)
    assert (nothing.sentence, nothing.sentence_zh) == ("", "")
    assert "proves nothing" in nothing.reasons[0].en


def test_a_denial_is_named_where_it_changes_nothing() -> None:
    assert "the user denies it, which lowers nothing" in [
        reason.en for reason in decide(["1"], declared=False).reasons
    ]


def test_the_producers_fields_stay_and_the_platforms_are_written() -> None:
    assert propagation.with_propagator(LABEL, "Platform", "p-1", "rc2") == LABEL | {
        "ContentPropagator": "Platform",
        "PropagateID": "p-1",
        "ReservedCode2": "rc2",
    }
    assert propagation.with_propagator(LABEL, "Platform", "p-1")["ReservedCode2"] == ""
    odd = {"Label": "AIGC", "ContentProducer": "", "ProduceID": "0"}
    assert propagation.with_propagator(odd, "Platform", "p-1") == odd | {
        "ReservedCode1": "",
        "ContentPropagator": "Platform",
        "PropagateID": "p-1",
        "ReservedCode2": "",
    }


@pytest.mark.parametrize(
    ("fields", "own", "match"),
    [
        ({**LABEL, "Timestamp": "1"}, ("P", "1"), "Timestamp"),
        ({name: text for name, text in LABEL.items() if name != "Label"}, ("P", "1"), "Label is missing"),
        (
            {name: text for name, text in LABEL.items() if name != "ProduceID"},
            ("P", "1"),
            "ProduceID is missing",
        ),
        ({**LABEL, "ContentProducer": None}, ("P", "1"), "ContentProducer is missing or no text"),
        ({**LABEL, "ReservedCode1": None}, ("P", "1"), "ReservedCode1 is missing or no text"),
        (LABEL, ("", "1"), "one is empty"),
        (LABEL, ("P", ""), "one is empty"),
    ],
)
def test_what_would_change_or_lose_something_is_refused(
    fields: dict[str, str], own: tuple[str, str], match: str
) -> None:
    with pytest.raises(LabelError, match=match):
        propagation.with_propagator(fields, *own)


def test_a_new_label_only_where_there_is_none() -> None:
    declared = decide([], declared=True)
    assert propagation.new_label(declared, "Platform", "p-1") == {
        "Label": "2",
        "ContentProducer": "",
        "ProduceID": "",
        "ReservedCode1": "",
        "ContentPropagator": "Platform",
        "PropagateID": "p-1",
        "ReservedCode2": "",
    }
    for decision in (decide(["1"], declared=None), decide([None], declared=True), decide([], declared=None)):
        with pytest.raises(LabelError, match="nothing to write a new label for"):
            propagation.new_label(decision, "Platform", "p-1")


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.none() | st.sampled_from("123") | st.text(max_size=5), max_size=4),
    st.none() | st.booleans(),
    st.lists(st.text(), max_size=2),
)
def test_any_finding_gives_a_decision(
    labels: list[str | None], declared: bool | None, traces: list[str]
) -> None:
    decision = decide(labels, declared=declared, traces=traces)
    assert (decision.stage is Stage.NONE) == (not labels and not declared and not traces)
    assert ("1" in labels) == (decision.stage is Stage.CONFIRMED)
    assert decision.label in ("", "1", "2", "3")
    assert not {"ContentProducer", "ProduceID", "ReservedCode1"} & set(decision.write)
