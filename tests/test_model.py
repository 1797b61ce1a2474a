"""Canonical JSON: what digests are taken over."""

from __future__ import annotations

import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from countermark.model import MAX_SAFE_INTEGER, canonical

INTEGERS = st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@given(VALUES)
def test_both_ways_of_writing_it_give_the_same_bytes(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [math.nan, math.inf, MAX_SAFE_INTEGER + 1, {"a": [2**60]}])
def test_what_readers_would_read_differently_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        canonical(value)
