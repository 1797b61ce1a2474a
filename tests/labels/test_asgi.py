"""The middleware, called as a server would; and the decorator."""

import asyncio
import base64
import gzip
import hashlib
import io
import json
import logging
import re
import wave
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from countermark import labels
from countermark.labels import asgi
from countermark.labels.asgi import LabelMiddleware, Policy
from countermark.labels.explicit.placing import Where
from countermark.labels.generated import Opening, labelled
from countermark.labels.labelled_text import COMPLETION, Provider
from countermark.labels.sse import MAX_EVENT, Labeller

PRODUCER = "001191110102MACQD9K64010000"
SENTENCE = "本内容由AI生成"
FIELDS = labels.Fields.generated(PRODUCER, "n-1")
STREAM = "text/event-stream"


def number() -> str:
    return "n-1"


def responder(body, media_type, *, status=200, headers=(), pieces=1):
    async def app(scope, receive, send):
        start = [(b"content-type", media_type.encode()), *headers]
        await send({"type": "http.response.start", "status": status, "headers": start})
        size = max(1, -(-len(body) // pieces))
        for at in range(0, max(len(body), 1), size):
            part = body[at : at + size]
            more = at + size < len(body)
            await send({"type": "http.response.body", "body": part, "more_body": more})

    return app


def ask(app, *, path="/v1/x", method="GET", headers=(), policy=None, provider=None):
    """Status, headers and body of one response."""
    policy = policy or Policy(provider=provider)
    wrapped = LabelMiddleware(app, producer=PRODUCER, produce_id=number, policy=policy)
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    asyncio.run(wrapped(scope, receive, send))
    start, *bodies = sent
    assert start["type"] == "http.response.start"
    assert not bodies[-1].get("more_body", False)
    assert all(message["more_body"] for message in bodies[:-1])
    got = {name.lower(): value for name, value in start["headers"]}
    return start["status"], got, b"".join(message["body"] for message in bodies)


def picture(kind="PNG", **options) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, kind, **options)
    return out.getvalue()


def sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16000))
    return out.getvalue()


def chat(**more) -> bytes:
    choices = [
        {"index": n, "message": {"role": "assistant", "content": t}} for n, t in enumerate(("Hi", "你好"))
    ]
    return json.dumps({"id": "c1", "object": "chat.completion", "choices": choices, **more}).encode()


@pytest.mark.parametrize("pieces", [1, 7])
@pytest.mark.parametrize(
    ("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_a_picture_gets_its_label_and_its_headers(kind, media_type, pieces) -> None:
    body = picture(kind)
    old = [
        (b"content-length", str(len(body)).encode()),
        (b"etag", b'"abc"'),
        (b"content-md5", b"x"),
        (b"a", b"b"),
    ]
    status, headers, got = ask(responder(body, media_type, headers=old, pieces=pieces))
    assert status == 200
    (label,) = labels.read(got).labels
    assert label.fields == FIELDS.to_dict()
    assert Image.open(io.BytesIO(got)).tobytes() == Image.open(io.BytesIO(body)).tobytes()
    assert headers[b"content-length"] == str(len(got)).encode()
    assert headers[b"etag"] == b'W/"abc"'
    assert base64.b64decode(headers[b"content-md5"]) == hashlib.md5(got).digest()  # noqa: S324
    assert headers[b"a"] == b"b"
    assert asgi.fields_of(headers[b"x-aigc-label"]) == FIELDS


def test_sound_is_labelled_too() -> None:
    _, _, got = ask(responder(sound(), "audio/wav"))
    (label,) = labels.read(got).labels
    assert label.fields == FIELDS.to_dict()
    assert label.normative


def test_an_object_of_json_gets_the_fields_and_each_choice_its_sentence() -> None:
    _, _, got = ask(responder(chat(), "application/json"), provider=Provider("", pointers=COMPLETION))
    value = json.loads(got)
    assert value.pop("AIGC") == FIELDS.to_dict()
    assert [c["message"]["content"] for c in value["choices"]] == [f"{SENTENCE}\nHi", f"{SENTENCE}\n你好"]
    for choice, text in zip(value["choices"], ("Hi", "你好"), strict=True):
        choice["message"]["content"] = text
    assert value == json.loads(chat())


def test_by_default_the_texts_of_json_stay() -> None:
    _, _, got = ask(responder(b'{"content":"{}"}', "application/problem+json"))
    assert json.loads(got) == {"AIGC": FIELDS.to_dict(), "content": "{}"}


@pytest.mark.parametrize("body", [b"[1]", b"{", b"null", b'{"a":1}{"b":2}'])
def test_json_without_a_place_is_withheld(body) -> None:
    status, headers, got = ask(responder(body, "application/json"))
    assert (status, got) == (500, asgi.WITHHELD)
    assert headers[b"content-length"] == str(len(got)).encode()


def test_a_page_gets_a_meta_element_and_a_paragraph() -> None:
    page = "<!doctype html><html><head><title>x</title></head><body><p>文字</p></body></html>".encode(
        "gb18030"
    )
    _, _, got = ask(responder(page, "text/html; charset=GB18030"))
    assert labels.read(got, name="a.html").label.fields == FIELDS.to_dict()
    assert got.decode("gb18030").count(SENTENCE) == 1
    assert "<p>文字</p>" in got.decode("gb18030")


def test_plain_text_and_markdown() -> None:
    _, headers, got = ask(responder("你好".encode(), "text/plain; charset=utf-8"))
    assert got.decode() == f"{SENTENCE}\n你好"
    assert b"x-aigc-label" in headers
    _, _, got = ask(responder(b"# Hi\n", "text/markdown"))
    assert got.decode().startswith("---\nAIGC:")
    assert got.decode().endswith(f"> {SENTENCE}\n\n# Hi\n")
    assert ask(responder(b"\xff\xfe", "text/plain"))[0] == 500
    assert ask(responder(b"a", "text/plain; charset=nothing"))[0] == 500


@pytest.mark.parametrize("body", [b"", b"broken", b"\x89PNG\r\n\x1a\n broken"])
def test_what_cannot_be_labelled_is_withheld_and_its_content_not_logged(body, caplog) -> None:
    with caplog.at_level(logging.ERROR):
        status, headers, got = ask(responder(body, "image/png"))
    if not body:
        assert (status, got) == (200, b"")
        return
    assert (status, got) == (500, asgi.WITHHELD)
    assert "broken" not in caplog.text
    assert "/v1/x" in caplog.text
    assert b"x-aigc-label" not in headers


def test_the_policy_can_let_it_pass_with_a_mark() -> None:
    policy = Policy(unlabelled="mark", max_bytes=10)
    status, headers, got = ask(responder(b"0123456789abcdef", "image/png", pieces=4), policy=policy)
    assert (status, got) == (200, b"0123456789abcdef")
    assert headers[b"x-aigc-label-missing"] == b"has more than 10 bytes"
    assert asgi.fields_of(headers[b"x-aigc-label"]) == FIELDS


def test_a_body_beyond_the_limit_is_withheld() -> None:
    assert ask(responder(picture(), "image/png", pieces=9), policy=Policy(max_bytes=100))[0] == 500


def test_no_label_beside_another() -> None:
    theirs = labels.write(picture(), labels.Fields.generated("somebody", "7")).data
    _, headers, got = ask(responder(theirs, "image/png"))
    assert got == theirs
    assert asgi.fields_of(headers[b"x-aigc-label"]).content_producer == "somebody"
    _, _, got = ask(responder(theirs, "image/png"), provider=Provider("", update_others=True))
    (label,) = labels.read(got).labels
    assert (label.fields["ContentProducer"], label.fields["ContentPropagator"]) == ("somebody", PRODUCER)
    ours = labels.write(picture(), FIELDS).data
    assert ask(responder(ours, "image/png"), provider=Provider("", update_others=True))[2] == ours


def test_two_middlewares_label_once() -> None:
    inner = LabelMiddleware(responder(chat(), "application/json"), producer="inner", produce_id=number)
    _, headers, got = ask(inner)
    assert json.loads(got)["AIGC"]["ContentProducer"] == "inner"
    assert got.count(b"AIGC") == 1
    assert asgi.fields_of(headers[b"x-aigc-label"]).content_producer == "inner"


def test_compression_is_undone_or_refused() -> None:
    body = picture()
    packed = responder(gzip.compress(body), "image/png", headers=[(b"content-encoding", b"gzip")])
    _, headers, got = ask(packed)
    assert b"content-encoding" not in headers
    assert labels.read(got).label.fields == FIELDS.to_dict()
    for coding in (b"br", b"gzip, gzip", b"zstd"):
        assert ask(responder(body, "image/png", headers=[(b"content-encoding", coding)]))[0] == 500
    assert (
        ask(responder(gzip.compress(body)[:-9], "image/png", headers=[(b"content-encoding", b"gzip")]))[0]
        == 500
    )
    bomb = responder(gzip.compress(bytes(1 << 20)), "image/png", headers=[(b"content-encoding", b"gzip")])
    assert ask(bomb, policy=Policy(max_bytes=1 << 16))[0] == 500
    assert ask(responder(b"x", STREAM, headers=[(b"content-encoding", b"gzip")]))[0] == 500


def test_head_promises_nothing_that_does_not_hold() -> None:
    headers = [(b"content-length", b"99"), (b"etag", b'"a"'), (b"accept-ranges", b"bytes")]
    status, got, body = ask(responder(b"", "image/png", headers=headers), method="HEAD")
    assert (status, body) == (200, b"")
    assert b"content-length" not in got
    assert b"accept-ranges" not in got
    assert got[b"etag"] == b'W/"a"'


def test_a_range_is_not_asked_for_and_a_part_not_passed() -> None:
    seen = []

    async def app(scope, receive, send):
        seen.extend(scope["headers"])
        await responder(b"part", "video/mp4", status=206)(scope, receive, send)

    assert ask(app, headers=[(b"Range", b"bytes=0-3"), (b"if-range", b'"a"'), (b"accept", b"*/*")])[0] == 500
    assert seen == [(b"accept", b"*/*")]


@pytest.mark.parametrize("status", [204, 301, 304, 404, 500])
def test_what_is_no_content_passes(status) -> None:
    headers = [(b"etag", b'"a"')]
    got = ask(responder(b"", "image/png", status=status, headers=headers))
    assert got[0] == status
    assert got[1][b"etag"] == (b'W/"a"' if status == 304 else b'"a"')


def test_only_what_the_policy_selects_is_touched() -> None:
    body = picture()
    app = responder(body, "image/png", headers=[(b"X-Generated", b"1")])
    assert ask(app, policy=Policy(paths=("/out",)))[2] == body
    assert ask(app, policy=Policy(media_types=("audio/",)))[2] == body
    assert ask(app, policy=Policy(marker="x-generated"))[2] != body
    assert ask(responder(body, "image/png"), policy=Policy(marker="x-generated"))[2] == body


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_other_scopes_pass_untouched(kind) -> None:
    seen = []

    async def app(scope, receive, send):
        seen.extend((scope, receive, send))

    given_scope = {"type": kind, "path": "/", "extensions": {}}
    wrapped = LabelMiddleware(app, producer=PRODUCER)
    asyncio.run(wrapped(given_scope, "receive", "send"))
    assert seen[0] is given_scope
    assert seen[1:] == ["receive", "send"]


def test_files_are_not_sent_past_the_middleware() -> None:
    seen = {}

    async def app(scope, receive, send):
        seen.update(scope["extensions"])
        await responder(picture(), "image/png")(scope, receive, send)

    wrapped = LabelMiddleware(app, producer=PRODUCER)

    async def send(_message):
        pass

    scope = {
        "type": "http",
        "path": "/",
        "headers": [],
        "extensions": {"http.response.pathsend": {}, "tls": {}},
    }
    asyncio.run(wrapped(scope, None, send))
    assert seen == {"tls": {}}


def test_a_middleware_without_a_producer_is_refused_at_once() -> None:
    with pytest.raises(labels.LabelError):
        LabelMiddleware(responder(b"", "x/y"), producer="")


# --- streams --------------------------------------------------------------------------------------------


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


def test_a_stream_goes_through_the_middleware() -> None:
    body = stream(*COMPLETIONS)
    app = responder(body, f"{STREAM}; charset=utf-8", headers=[(b"content-length", b"1")], pieces=50)
    status, headers, got = ask(app)
    assert status == 200
    assert b"content-length" not in headers
    assert contents(got)[0] == {0: f"{SENTENCE}\n\n你好🎉", 1: f"{SENTENCE}\n\nHéllo"}
    assert asgi.fields_of(headers[b"x-aigc-label"]) == FIELDS


# --- the decorator --------------------------------------------------------------------------------------

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
