"""Files of environment variables."""

from __future__ import annotations

import pytest
from config_samples import read, said
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.config import read as read_bytes


def test_an_env_file_as_people_write_it() -> None:
    assert said(
        ".env",
        """\
        # ---- models ----
        LLM_MODEL=qwen-plus   # the cheap one
        export LLM_BASE_URL="https://dashscope.aliyuncs.com/compatible-mode/v1"
        EMBED_MODEL='text-embedding-v3'
        EMPTY=
        FROM_OTHER=${LLM_MODEL:-gpt-4o}-latest
        LITERAL='${NOT}'
        #RERANK_MODEL=gte-rerank
        # Set VISION_MODEL=qwen-vl-max to look at pictures
        URL=http://a/#fragment
        SPACED = yes
        JSON="{
          \\"model\\": \\"x\\"
        }"
        LAST: yaml-like
        """,
    ) == [
        "2 [] LLM_MODEL = qwen-plus",
        "3 [] LLM_BASE_URL = https://dashscope.aliyuncs.com/compatible-mode/v1",
        "4 [] EMBED_MODEL = text-embedding-v3",
        "5 [] EMPTY = ",
        "6 [] FROM_OTHER = ${LLM_MODEL:-gpt-4o}-latest",
        "7 [] LITERAL = ${NOT}",
        "8 [] RERANK_MODEL = gte-rerank !commented out",
        "10 [] URL = http://a/#fragment",
        "11 [] SPACED = yes",
        '12 [] JSON = {\n  "model": "x"\n}',
        "15 [] LAST = yaml-like",
    ]


def test_what_stands_twice_and_what_is_switched_off() -> None:
    assert said(
        ".env",
        "MODEL=a\nMODEL=b\n# MODEL=c\nENABLE_RERANK=false\n"
        "RERANK_MODEL=d\nVISION_ENABLED=0\nVISION_MODEL=e\n",
    ) == [
        "1 [] MODEL = a !overwritten at line 2",
        "2 [] MODEL = b",
        "3 [] MODEL = c !commented out",
        "4 [] ENABLE_RERANK = false",
        "5 [] RERANK_MODEL = d !ENABLE_RERANK=false",
        "6 [] VISION_ENABLED = 0",
        "7 [] VISION_MODEL = e !VISION_ENABLED=0",
    ]


@pytest.mark.parametrize(
    ("path", "template"), [(".env", False), (".env.example", True), ("env.template", True)]
)
def test_a_template_says_so(path: str, *, template: bool) -> None:
    assert [a.template for a in read(path, "A=b\n# C=d\n")[0].assignments] == [template, template]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("# X=gpt-4", "gpt-4"),
        ("#X=gpt-4 # old", "gpt-4"),
        ("## X='a b'", "a b"),
        ("# export X=gpt-4", "gpt-4"),
        ("# X= the model to use", None),
        ("# X=", None),
        ("# Use X=gpt-4", None),
    ],
)
def test_comments_that_are_settings(line: str, value: str | None) -> None:
    found = read(".env", line)[0].assignments
    assert [a.value.value for a in found] == ([] if value is None else [value])


def test_a_quote_that_does_not_close_takes_no_further_variables() -> None:
    assert said(".env", "A=\"x\nB=y\nC='z\n") == ['1 [] A = "x', "2 [] B = y", "3 [] C = 'z"]


@given(st.binary(max_size=200) | st.text(st.sampled_from("AB=\"'#$ {}\n\\:`-x")).map(str.encode))
@settings(deadline=None, max_examples=300)
def test_any_bytes_give_a_document(data: bytes) -> None:
    (document,) = read_bytes(".env", data)
    breaks = data.decode("gb18030", "replace").replace("\r", "\n").count("\n") + 1
    assert all(a.name and a.line <= max(breaks, len(data)) for a in document.assignments)
