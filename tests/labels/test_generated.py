"""The decorator, and streams of text."""

import asyncio
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from countermark import labels
from countermark.labels.explicit.placing import Where
from countermark.labels.responses.decorator import Opening, labelled

PRODUCER = "001191110102MACQD9K64010000"
SENTENCE = "本内容由AI生成"
FIELDS = labels.Fields.generated(PRODUCER, "n-1")


def number() -> str:
    return "n-1"


def picture():
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "PNG")
    return out.getvalue()


mark = labelled(producer=PRODUCER, produce_id=number, pointers=("/text",))


def test_a_function_gives_back_labelled_results(tmp_path) -> None:
    assert labels.read(mark(picture)()).label.fields == FIELDS.to_dict()
    assert mark(lambda: "text")() == f"{SENTENCE}\ntext"
    assert mark(lambda: {"text": "a"})() == {"AIGC": FIELDS.to_dict(), "text": f"{SENTENCE}\na"}
    assert mark(lambda: {"AIGC": FIELDS.to_dict()})() == {"AIGC": FIELDS.to_dict()}
    path = tmp_path / "a.png"
    path.write_bytes(picture())
    assert mark(lambda: path)() == path
    assert labels.read(path).label.fields == FIELDS.to_dict()
    with pytest.raises(labels.LabelError, match="of the type int"):
        mark(lambda: 1)()
    with pytest.raises(labels.LabelError):
        mark(lambda: b"nothing known")()


@pytest.mark.parametrize("made", ["", 7, None, "n\n", "n" * 10_000])
def test_a_generator_of_numbers_that_gives_none_is_refused(made) -> None:
    with pytest.raises(labels.LabelError, match="the number generator gave no text"):
        labelled(producer=PRODUCER, produce_id=lambda: made)
    for result in (picture(), {"text": "a"}):
        numbers = iter(("n-1", made))
        broken = labelled(producer=PRODUCER, produce_id=lambda numbers=numbers: next(numbers))
        with pytest.raises(labels.LabelError, match="the number generator gave no text"):
            broken(lambda result=result: result)()


def test_coroutines_and_generators() -> None:
    @mark
    async def one():
        """Says so."""
        return "text"

    @mark
    async def many():
        for part in ("a", "b"):
            yield part

    async def collected():
        return [part async for part in many()]

    assert asyncio.run(one()) == f"{SENTENCE}\ntext"
    assert one.__doc__ == "Says so."
    assert "".join(asyncio.run(collected())) == f"{SENTENCE}\n\nab"
    assert "".join(mark(lambda: iter(["a", "b"]))()) == f"{SENTENCE}\n\nab"
    with pytest.raises(labels.LabelError, match="of the type int"):
        list(mark(lambda: iter([1]))())


@given(st.lists(st.integers(0, 60), max_size=10), st.booleans(), st.sampled_from([Where.START, Where.END]))
def test_a_stream_of_text_is_labelled_once(cuts, there, where) -> None:
    text = "你好, world: 本内容由人写\n"
    if there:
        text = f"> {SENTENCE}\n\n{text}" if where is Where.START else f"{text}\n{SENTENCE}\n"
    at = sorted({cut % (len(text) + 1) for cut in cuts} | {0, len(text)})
    opening = Opening(SENTENCE, where)
    got = "".join(opening.feed(text[a:b]) for a, b in pairwise(at)) + opening.close()
    assert got.count(SENTENCE) == 1
    assert text in got
    assert (got == text) is there
