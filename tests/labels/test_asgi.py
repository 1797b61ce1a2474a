"""The middleware, called as a server would; and the decorator."""

import asyncio
import base64
import gzip
import hashlib
import io
import json
import logging
import wave

import pytest
from PIL import Image

from countermark import labels
from countermark.labels.responses import asgi
from countermark.labels.responses.asgi import LabelMiddleware, Policy
from countermark.labels.responses.texts import COMPLETION, Provider

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


def test_a_stream_goes_through_the_middleware() -> None:
    event = {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}
    body = f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n".encode()
    app = responder(body, f"{STREAM}; charset=utf-8", headers=[(b"content-length", b"1")], pieces=50)
    status, headers, got = ask(app)
    assert status == 200
    assert b"content-length" not in headers
    assert got.endswith(body)
    ours = json.loads(got.removesuffix(body).decode().removeprefix("data: "))
    assert ours.pop("AIGC") == FIELDS.to_dict()
    assert ours == {"choices": [{"index": 0, "delta": {"content": f"{SENTENCE}\n\n"}}]}
    assert asgi.fields_of(headers[b"x-aigc-label"]) == FIELDS
