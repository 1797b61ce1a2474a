"""Files and folders of logs: packed, rotated, large, damaged, and what is said of what was not read."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import random
import tarfile
from pathlib import Path

import pytest
import zstandard
from log_samples import NGINX, SAMPLES, SQUID, json_lines, litellm, otlp, rows, scanned, span

from countermark.inventory.logs import detect, scan, scanning, streams, tallies, usages
from countermark.inventory.logs.reading import NO_FORM, NO_JSON
from countermark.inventory.usage import Unread

LINE = json_lines(litellm()).encode()
EXPECTED = ["effective gpt-4o @ api.openai.com 1x :1 2025-01-15T08:41:10Z"]


@pytest.mark.parametrize(("form", "text"), SAMPLES.items())
def test_the_content_decides_what_a_log_is(form: str, text: str) -> None:
    assert detect(text.encode()) == form
    assert detect(gzip.compress(text.encode())) == form
    assert detect(zstandard.compress(text.encode())[:-2]) in (form, "")  # cut short, as a head is


def test_what_is_no_log() -> None:
    for head in (
        b"",
        b"\0" * 100,
        b"\x7fELF\x02\x01",
        b"hello\nworld\n",
        b"{}",
        b"[]",
        b'{"a": 1}\n',
        b"a,b,c\n1,2,3\n",
    ):
        assert detect(head) == "", head
    assert detect(b"SQLite format 3\0" + bytes(100)) == "sqlite"
    assert detect(bz2.compress(LINE)) == ""


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(LINE),
        gzip.compress(LINE[:100]) + gzip.compress(LINE[100:]),
        gzip.compress(LINE) + bytes(512),
        zstandard.compress(LINE),
        zstandard.compress(LINE[:100]) + zstandard.compress(LINE[100:]),
        b"\xef\xbb\xbf" + LINE,
        LINE.rstrip(),
        LINE.replace(b"\n", b"\r\n"),
        b"\xff\xfe" + LINE.decode().encode("utf-16-le"),
        b"\xfe\xff" + LINE.decode().encode("utf-16-be"),
        LINE.replace(b"secret of", "提示".encode("gbk")),
    ],
    ids=["gzip", "two members", "padded", "zstd", "two frames", "BOM", "no end", "CRLF", "UTF-16 LE",
    "UTF-16 BE", "GBK"],
)  # fmt: skip
def test_however_it_is_packed_and_encoded(packed: bytes) -> None:
    found = scanned(packed, "some.log.1")
    assert rows(found) == EXPECTED
    assert found.unread == []


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (gzip.compress(LINE * 2000)[:-9], "not read further: it ends in the middle of a member"),
        (gzip.compress(LINE * 2000)[:-8] + bytes(8),
         "not read further: Error -3 while decompressing data: incorrect data check"),
        (gzip.compress(LINE * 2000) + b"junk",
         "not read further: Error -3 while decompressing data: incorrect header check"),
        (zstandard.compress(LINE * 2000)[:-3], "not read further: it ends in the middle of a frame"),
    ],
    ids=["short", "CRC", "junk behind", "zstd short"],
)  # fmt: skip
def test_a_packed_log_that_ends_wrongly_is_read_up_to_there(damaged: bytes, said: str) -> None:
    found = scanned(damaged, "some.log.gz")
    assert [unread.why for unread in found.unread] == [said]
    assert 1500 <= found.usages[0].requests <= 2000
    assert found.unread[0].line == found.counts["lines"]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(bz2.compress(LINE))
    (tmp_path / "b.log").write_bytes(b"\x1f\x8b" + os.urandom(40))
    (tmp_path / "c.log").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "d.log").write_bytes(b"")
    (tmp_path / "e.log").write_bytes(b"nothing that\nis a log\n")
    (tmp_path / "f.txt").write_bytes(b"nothing either\n")
    (tmp_path / "g.log").symlink_to(tmp_path / "a.log")
    os.mkfifo(tmp_path / "h.log")
    (tmp_path / "i.db.gz").write_bytes(gzip.compress(b"SQLite format 3\0" + bytes(100)))
    found = scan([tmp_path])
    assert found.usages == []
    assert [(each.path, each.why.partition(" (")[0]) for each in found.unread] == [
        ("a.log", "packed by bzip2: unpack it first"),
        ("b.log", found.unread[1].why.partition(" (")[0]),
        ("c.log", "is binary, and no database that is read; flows of mitmproxy can be saved as HAR"),
        ("d.log", "is empty"),
        ("e.log", "of no form of log that is read"),
        ("g.log", "a link: not followed; what it leads to can be named itself"),
        ("h.log", "neither a file nor a folder: not read"),
        ("i.db.gz", "a packed database: unpack it first"),
    ]
    assert (found.counts["files"], found.counts["read"], found.counts["ignored"]) == (7, 0, 4)
    assert rows(scan([tmp_path / "f.txt"])) == []
    assert scan([tmp_path / "f.txt"]).unread == [Unread("f.txt", "of no form of log that is read")]
    missing = scan([tmp_path / "missing", tmp_path / "g.log"])
    assert [each.why for each in missing.unread] == [
        "not read: No such file or directory",
        "packed by bzip2: unpack it first",
    ]


def test_a_rotated_log_is_one_log(tmp_path: Path) -> None:
    logs = tmp_path / "nginx"
    logs.mkdir()
    (logs / "access.log").write_text(NGINX.replace("/Mar/", "/May/"), "utf-8")
    (logs / "access.log.1").write_text(NGINX.replace("/Mar/", "/Apr/").replace(" 200 ", " 500 "), "utf-8")
    (logs / "access.log.2.gz").write_bytes(gzip.compress(NGINX.encode()))
    (tmp_path / "squid.log").write_text(SQUID, "utf-8")
    found = scan([tmp_path])
    usage = next(usage for usage in found.usages if not usage.host)
    assert (usage.requests, usage.first, usage.last) == (6, "2025-03-21T04:28:03Z", "2025-05-21T04:28:05Z")
    assert [str(place) for place in usage.places] == [
        "nginx/access.log:1-3", "nginx/access.log.1:1-3", "nginx/access.log.2.gz:1-3"
    ]  # fmt: skip
    assert usage.why[0] == "6 calls, 1 failed"
    assert found.counts["files"] == found.counts["read"] == 4
    named = scan([logs / "access.log", tmp_path / "squid.log"])
    assert {place.path for usage in named.usages for place in usage.places} == {
        (logs / "access.log").as_posix(), (tmp_path / "squid.log").as_posix()
    }  # fmt: skip


def test_calls_that_failed_in_one_file_and_not_in_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json_lines(litellm(status="failure")), "utf-8")
    assert [str(usage.state) for usage in scan([tmp_path]).usages] == ["stale"]
    (tmp_path / "b.jsonl").write_text(json_lines(litellm()), "utf-8")
    assert [str(usage.state) for usage in scan([tmp_path]).usages] == ["effective"]


@pytest.mark.parametrize("processes", [1, 2])
def test_parts_of_a_large_log_make_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    chosen = random.Random(4)  # noqa: S311 - the same in every run
    text = "".join(
        chosen.choice([LINE.decode(), NGINX, SQUID, SAMPLES["higress"], "noise\n", "\n"]) for _ in range(4000)
    )
    (tmp_path / "big.log").write_text(text + "POST", "utf-8")
    (tmp_path / "other.jsonl").write_text(SAMPLES["kong"], "utf-8")
    whole = scan([tmp_path])
    monkeypatch.setattr(scanning, "PART", 100_000)
    progress: list[int] = []
    parts = scan([tmp_path], processes=processes, progress=progress.append)
    assert parts == whole
    assert progress == [len(text) + 4, len(text) + 4 + len(SAMPLES["kong"])]
    assert whole.counts["lines"] == text.count("\n") + 1 + 1


def test_a_mixed_file_is_read_line_by_line() -> None:
    text = (
        "starting\n" + LINE.decode() + NGINX + '{"model": "gpt-4o", "api_base\n' + SQUID + "\0\0\0\n"
        + "POST something else\n" + "\x00".join("model") + "\n" + LINE.decode()[:200] + "\n"
    )  # fmt: skip
    found = scanned(text)
    assert [row.partition(" :")[0] for row in rows(found)] == [
        "effective gpt-4o @ api.openai.com 1x",
        "unresolved POST /v1/chat/completions @ ? 2x",
        "unresolved CONNECT api.openai.com:443 @ api.openai.com 1x",
        "stale CONNECT ark.cn-beijing.volces.com:443 @ ark.cn-beijing.volces.com 1x",
    ]
    assert found.unread == [
        Unread("some.log", f"2 times: {NO_JSON}", 6),
        Unread("some.log", NO_FORM, 11),
    ]


def test_long_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    prompt = [{"role": "user", "content": "x" * (10 << 20)}]
    long_one = json_lines(litellm(messages=prompt))
    found = scanned(LINE.decode() + long_one + LINE.decode())
    assert [(usage.requests, usage.place.end) for usage in found.usages] == [(3, 3)]
    monkeypatch.setattr(streams, "MAX_LINE", 5 << 20)
    found = scanned(LINE.decode() + long_one + LINE.decode() + long_one.rstrip())
    assert [(usage.requests, usage.place.end) for usage in found.usages] == [(2, 3)]
    assert [(each.why, each.line) for each in found.unread] == [(f"2 times: {scanning.TOO_LONG}", 2)]
    assert found.counts["lines"] == 3


def test_a_bomb_is_not_unpacked_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "FREE", 4 << 20)
    monkeypatch.setattr(streams, "MAX_RATIO", 500)
    bomb = zstandard.compress(LINE * 8 + b"\n" * (64 << 20))
    found = scanned(bomb, "bomb.zst")
    assert found.usages[0].requests == 8
    assert [each.why for each in found.unread] == ["grows more than 500-fold when unpacked: not read further"]
    assert found.counts["bytes"] < 40 << 20


def test_too_many_different_calls_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "MAX_KEYS", 50)
    found = scanned(
        json_lines(*(litellm(model=f"model-{n}", model_group="", response={}) for n in range(80)))
    )
    assert len(found.usages) == 51
    rest = next(usage for usage in found.usages if not usage.model)
    assert (rest.requests, rest.expression) == (30, "calls that the log does not tell apart")
    assert [each.why.partition(": ")[2] for each in found.unread] == [tallies.TOO_MANY]


def test_too_many_usages_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usages, "MAX_ROWS", 3)
    found = scanned(json_lines(*(litellm(model=f"model-{n}", model_group="", response={}) for n in range(5))))
    assert len(found.usages) == 3
    assert [each.why.partition(": ")[2] for each in found.unread] == ["2 were left out"]


def test_documents_that_are_cut_short_or_no_json() -> None:
    listed = json.dumps([litellm() for _ in range(2000)])
    found = scanned(listed[:-300])
    assert (found.usages[0].requests, [each.why for each in found.unread]) == (
        1999, ["the document ends in the middle of an entry"]
    )  # fmt: skip
    found = scanned(listed.replace('"id": "chatcmpl-1"', '"id": chatcmpl-1', 1))
    assert (found.usages[0].requests, [each.why for each in found.unread]) == (
        1999, ["entries that should be JSON are not"]
    )  # fmt: skip
    spans = [span({"gen_ai.request.model": "gpt-4o"}, attributes_like=[{"traceId": "x"}]) for _ in range(500)]
    nested = json.dumps([otlp(*spans), otlp(*spans)], separators=(",", ":"))
    assert scanned(nested).usages[0].requests == 1000


def test_rows_that_do_not_fit_their_headings() -> None:
    table = "call_type,model,api_base,status\nacompletion,gpt-4o,https://api.openai.com,success\na,b\n\nc,d,e,f,g\n"
    found = scanned(table, "spend.csv")
    assert found.usages[0].requests == 1
    assert [(each.why, each.line) for each in found.unread] == [
        ("2 times: rows with more or fewer cells than there are headings", 3)
    ]


def test_a_tar_or_a_flow_of_mitmproxy_is_not_mistaken_for_a_log() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo("access.log")
        member.size = len(NGINX)
        tar.addfile(member, io.BytesIO(NGINX.encode()))
    assert scanned(out.getvalue()).usages == []
    assert [each.why[:9] for each in scanned(b"2345:4:type;8:http;7:version;2:19#").unread] == ["is binary"]
