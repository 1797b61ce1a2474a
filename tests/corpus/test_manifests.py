"""Manifests of digests, in both forms, and what must not be in one."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.corpus import ManifestError, read_manifest

A, B = "a" * 64, "0123456789abcdef" * 4


def as_json(*entries: object) -> bytes:
    return json.dumps({"files": entries}).encode()


@pytest.mark.parametrize(
    "data",
    [
        f"{A}  rows.jsonl\n{B} *sub/b c.jsonl\n".encode(),
        f"{A.upper()}  ./rows.jsonl\r\n{B}  sub//b c.jsonl".encode(),
        f"\ufeff# made by sha256sum\n\n{A}  rows.jsonl\n{B}  sub/b c.jsonl\n{A}  rows.jsonl\n".encode(),
        as_json(
            {"path": "rows.jsonl", "sha256": A.upper()}, {"path": "sub/b c.jsonl", "sha256": B, "size": 3}
        ),
        b" \n" + as_json({"path": "rows.jsonl", "sha256": A}, {"path": "./sub/b c.jsonl", "sha256": B}),
    ],
)
def test_both_forms_are_read(data: bytes) -> None:
    assert read_manifest(data) == {"rows.jsonl": A, "sub/b c.jsonl": B}


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum is not installed")
def test_what_sha256sum_writes_is_read_with_every_name(tmp_path: Path) -> None:
    names = [
        "plain",
        "with space",
        "二",
        "back\\slash",
        "new\nline",
        "return\r",
        "form\x0cfeed",
        "#hash",
        "next\x85",
    ]
    for name in names:
        (tmp_path / name).write_text(name)
    output = subprocess.run(["sha256sum", "--", *names], cwd=tmp_path, capture_output=True, check=True).stdout
    assert read_manifest(output) == {name: hashlib.sha256(name.encode()).hexdigest() for name in names}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "lists no file"),
        (b"# nothing\n\n", "lists no file"),
        (as_json(), "lists no file"),
        (b"\xff\xfe", "is not UTF-8 text, at byte 0"),
        (f"{A} rows\n".encode(), "line 1: is no `sha256sum` line"),
        (f"\n{A[:-1]}  rows\n".encode(), "line 2: is no `sha256sum` line"),
        (f"{A}  ".encode(), "line 1: is no `sha256sum` line"),
        (f"MD5 (rows) = {A}".encode(), "line 1: is no `sha256sum` line"),
        (f"{A}  /etc/passwd\n".encode(), "line 1: '/etc/passwd' leads out of the folder"),
        (f"{A}  a/../../b\n".encode(), "leads out of the folder"),
        (f"{A}  .\n".encode(), "line 1: '.' is no path of a file"),
        (f"{A}  a\0b\n".encode(), "is no path of a file"),
        (f"{A}  a\n{B}  ./a\n".encode(), "line 2: a is listed twice, with two digests"),
        (as_json({"path": "a", "sha256": "x"}), r"files\[0\]: 'x' is no SHA-256"),
        (as_json({"path": "", "sha256": A}), "'' is no path of a file"),
        (as_json({"path": "\ud800", "sha256": A}), "is no path of a file"),
        (as_json({"path": "../a", "sha256": A}), "leads out of the folder"),
        (as_json({"path": None, "sha256": A}), "TypeError: path is no string"),
        (as_json({"path": "a", "sha256": 1}), "TypeError: sha256 is no string"),
        (as_json({"sha256": A}), "KeyError: 'path'"),
        (as_json("a"), "is no JSON of the form"),
        (b"{", "is no JSON of the form"),
        (b"{}", "KeyError: 'files'"),
        (b'{"files": null}', "TypeError"),
        (b'{"files": {"path": "a"}}', "TypeError"),
        (b'{"files":' + b"[" * 100_000, "RecursionError"),
    ],
)
def test_a_bad_manifest_is_named_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        read_manifest(data)


@settings(deadline=None, max_examples=200)
@given(
    st.binary(max_size=150), st.sampled_from([b"", f"{A}  ".encode(), f"\\{A} *".encode(), b'{"files": ['])
)
def test_any_bytes_give_digests_or_the_named_error(data: bytes, start: bytes) -> None:
    with suppress(ManifestError):
        for path, digest in read_manifest(start + data).items():
            assert not path.startswith("/")
            assert ".." not in path.split("/")
            assert len(digest) == 64


ANY = st.recursive(st.none() | st.integers() | st.text(max_size=4) | st.just(A), st.lists, max_leaves=4)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.dictionaries(st.sampled_from(["path", "sha256"]), ANY) | ANY, max_size=4))
def test_any_json_gives_digests_or_the_named_error(entries: list[object]) -> None:
    with suppress(ManifestError):
        read_manifest(as_json(*entries))
