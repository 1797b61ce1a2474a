"""Streams of events, cut anywhere."""

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark import labels
from countermark.labels.explicit.placing import Where
from countermark.labels.responses.sse import MAX_EVENT, Labeller

PRODUCER = "001191110102MACQD9K64010000"
SENTENCE = "本内容由AI生成"
FIELDS = labels.Fields.generated(PRODUCER, "n-1")


def chunk(index=0, finish=None, **delta) -> str:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    value = {"id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(value, ensure_ascii=False)}"


def stream(*events, newline="\n") -> bytes:
    return "".join(event.replace("\n", newline) + 2 * newline for event in events).encode()


COMPLETIONS = (
    ": ping",
    chunk(role="assistant", content=""),
    chunk(content="你"),
    chunk(1, content="Hé"),
    chunk(content="好🎉"),
    chunk(1, content="llo"),
    chunk(finish="stop"),
    chunk(1, finish="length"),
    "data: [DONE]",
)


def contents(data: bytes) -> tuple[dict[int, str], list[dict]]:
    """The text of each choice as a client adds it up, and the events that are JSON."""
    texts: dict[int, str] = {}
    values = []
    for event in re.split(r"(?>\r\n|\n|\r){2}", data.decode()):
        lines = [line[6:] for line in re.split(r"\r\n|\n|\r", event) if line.startswith("data: ")]
        if not lines or lines == ["[DONE]"]:
            continue
        values.append(json.loads("\n".join(lines)))
        for choice in values[-1].get("choices", []):
            texts.setdefault(choice["index"], "")
            texts[choice["index"]] += choice["delta"].get("content") or ""
    return texts, values


def pieces(data: bytes, cuts) -> list[bytes]:
    at = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in pairwise(at)]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 5000), max_size=40),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([Where.START, Where.END]),
)
def test_a_stream_is_labelled_the_same_however_it_is_cut(cuts, newline, where) -> None:
    data = stream(*COMPLETIONS, newline=newline)
    labeller = Labeller(FIELDS, SENTENCE, where)
    got = b"".join([*map(labeller.feed, pieces(data, cuts)), labeller.close()])
    whole = Labeller(FIELDS, SENTENCE, where)
    assert got == whole.feed(data) + whole.close()
    texts, values = contents(got)
    sentence = [
        f"{SENTENCE}\n\n{t}" if where is Where.START else f"{t}\n\n{SENTENCE}" for t in ("你好🎉", "Héllo")
    ]
    assert texts == dict(enumerate(sentence))
    (labelled_event,) = [value for value in values if "AIGC" in value]
    assert labelled_event["AIGC"] == FIELDS.to_dict()
    assert {key: labelled_event[key] for key in ("id", "object", "created", "model")} == {
        "id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "m",
    }  # fmt: skip
    ours = [
        event for event in got.split(2 * newline.encode()) if json.dumps(SENTENCE)[1:-1].encode() in event
    ]
    assert len(ours) == 2
    rest = got
    for event in ours:
        rest = rest.replace(event + 2 * newline.encode(), b"", 1)
    assert rest == data


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *(b"data: ", b"[DONE]", b"\n", b"\r", b"\r\n", b"\n\n", b"{", b"[[", b"event: e\n", b":"),
                *(b'{"text":"a"}', b'{"choices":[{"delta":{"content":"x"}}]}', b"\xff\xe4\xbd"),
                *(b'{"choices":[1,{"index":"a","text":3}]}', b'{"AIGC":{}}', b'{"delta":{"text":"\\ud800"}}'),
            ]
        ),
        max_size=25,
    ),
    st.sampled_from([Where.START, Where.END]),
    st.lists(st.integers(0, 500), max_size=20),
)  # fmt: skip
def test_any_stream_keeps_what_it_had_and_gets_a_label(parts, where, cuts) -> None:
    data = b"".join(parts)
    labeller, whole = Labeller(FIELDS, SENTENCE, where), Labeller(FIELDS, SENTENCE, where)
    got = b"".join([*map(labeller.feed, pieces(data, cuts)), labeller.close()])
    assert got == whole.feed(data) + whole.close()
    at = 0
    for byte in data:  # a subsequence: nothing was taken away
        at = got.index(byte, at) + 1
    assert data == got or b"AIGC" in got or "本内容" in got.decode("utf-8", "replace")


def test_nothing_is_held_but_the_event_that_is_not_whole() -> None:
    labeller = Labeller(FIELDS, SENTENCE)
    first = stream(chunk(content="a"))
    assert labeller.feed(first[:-1]) == b""
    assert labeller.feed(b"\n").endswith(first)
    for number_ in range(5):
        event = stream(chunk(content=str(number_)))
        assert labeller.feed(event) == event
    assert labeller.close() == b""


@pytest.mark.parametrize("where", [Where.START, Where.END])
def test_other_shapes(where) -> None:
    delta = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}'
    anthropic = [
        'event: content_block_start\ndata: {"type":"content_block_start","index":0}',
        f"event: content_block_delta\ndata: {delta}",
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}',
    ]
    labeller = Labeller(FIELDS, SENTENCE, where)
    events = (labeller.feed(stream(*anthropic)) + labeller.close()).decode().split("\n\n")[:-1]
    ours = events.pop(1 if where is Where.START else 2)
    assert events == anthropic
    name, data = ours.split("\n")
    assert name == "event: content_block_delta"
    value = json.loads(data[6:])
    assert value.pop("AIGC") == FIELDS.to_dict()
    text = f"{SENTENCE}\n\n" if where is Where.START else f"\n\n{SENTENCE}"
    assert value == {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    labeller = Labeller(FIELDS, SENTENCE, where)
    plain = (labeller.feed(b"data: a\n\n") + labeller.close()).decode()
    start, end = f"data: {SENTENCE}\ndata: \ndata: \n\n", f"data: \ndata: \ndata: {SENTENCE}\n\n"
    assert plain == (f"{start}data: a\n\n" if where is Where.START else f"data: a\n\n{end}")


def test_a_stream_without_text_gets_an_event_of_its_own_before_the_end() -> None:
    labeller = Labeller(FIELDS, SENTENCE)
    got = labeller.feed(b'data: {"tokens":[1]}\n\ndata: [DONE]\n\n') + labeller.close()
    first, ours, done, _ = got.decode().split("\n\n")
    assert (first, done) == ('data: {"tokens":[1]}', "data: [DONE]")
    assert ours.startswith("event: aigc-label\ndata: ")
    assert json.loads(ours.partition("data: ")[2]) == {"AIGC": FIELDS.to_dict(), "text": SENTENCE}
    without = Labeller(FIELDS, "").feed(stream(chunk(content="a")))
    assert without.startswith(b"event: aigc-label\n")
    assert without.endswith(stream(chunk(content="a")))


def test_a_labelled_stream_is_left_as_it_is() -> None:
    labeller = Labeller(FIELDS, SENTENCE)
    once = labeller.feed(stream(*COMPLETIONS)) + labeller.close()
    again = Labeller(labels.Fields.generated("other", "2"), SENTENCE)
    assert again.feed(once) + again.close() == once


def test_an_event_too_long_to_read_is_passed_behind_the_label() -> None:
    labeller = Labeller(FIELDS, SENTENCE)
    data = b"data: " + b"x" * (MAX_EVENT + 10) + b"\n\ndata: y\n\n"
    got = (
        b"".join(labeller.feed(data[at : at + 65536]) for at in range(0, len(data), 65536)) + labeller.close()
    )
    assert got.startswith(b"event: aigc-label\n")
    assert got.endswith(data)
