"""How deep a page is, before a parser sees it."""

from __future__ import annotations

import pytest

from countermark.markup import MAX_DEPTH, too_deep


def tags(text: str) -> list[tuple[str, bool, int]]:
    return [(word.lstrip("/"), word.startswith("/"), at) for at, word in enumerate(text.split())]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("", None),
        ("div " * MAX_DEPTH, None),
        ("div " * (MAX_DEPTH + 1), MAX_DEPTH),
        ("div /div " * (MAX_DEPTH + 1), None),
        ("li br path " * MAX_DEPTH, None),
        ("/div " * 5 + "div " * (MAX_DEPTH + 1), MAX_DEPTH + 5),
        ("div /b " * (MAX_DEPTH + 1), 2 * MAX_DEPTH),
    ],
    ids=[
        "empty",
        "as deep as it may be",
        "deeper",
        "side by side",
        "close themselves",
        "closed first",
        "others",
    ],
)
def test_where_a_page_is_too_deep(page: str, found: int | None) -> None:
    assert too_deep(tags(page)) == found
