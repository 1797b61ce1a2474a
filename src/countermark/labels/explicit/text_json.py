"""The explicit label in one string of a JSON document, every other character of which stays.

Source: RFC 8259; RFC 6901 for the address of the string.
"""

from __future__ import annotations

import json
import re

from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.explicit import text
from countermark.labels.explicit.placing import Where
from countermark.labels.explicit.text import MAX_CHARACTERS, PROMPT, WINDOW, Kind, TextFinding

TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]:,]|[^\s"{}\[\]:,]++')
MAX_DEPTH = 500


def add(
    document: str, pointer: str, prompt: str = PROMPT, where: Where = Where.START, kind: Kind = Kind.PLAIN
) -> str:
    """The document with a label in the string at ``pointer``, such as ``/choices/0/message/content``.

    A document that is ASCII stays so. Of names that an object has twice, the last counts.

    Raises:
        LabelError: the document is no JSON or too large, there is no such string, or the label is refused.
    """
    start, end = _span(document, pointer)
    old: str = json.loads(document[start:end])
    new = text.add(old, prompt, where, kind)
    if new == old:
        return document
    plain = document.isascii() or not _encodable(new)
    return document[:start] + json.dumps(new, ensure_ascii=plain) + document[end:]


def find(document: str, pointer: str, kind: Kind = Kind.PLAIN, window: int = WINDOW) -> TextFinding:
    """What :func:`countermark.labels.explicit.text.find` finds in the string at ``pointer``.

    Raises:
        LabelError: the document is no JSON or too large, or there is no such string.
    """
    start, end = _span(document, pointer)
    return text.find(json.loads(document[start:end]), kind, window)


def _encodable(value: str) -> bool:
    """Half a surrogate pair can be escaped in JSON, and in UTF-8 it cannot stand."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _span(document: str, pointer: str) -> tuple[int, int]:
    """Where the string at ``pointer`` stands in the source, quotes included."""
    if len(document) > MAX_CHARACTERS:
        raise TooLargeError(f"a document of more than {MAX_CHARACTERS:,} characters")
    try:
        json.loads(document)
    except (ValueError, RecursionError) as error:
        raise LabelError(f"is no JSON that can be read: {error}") from error
    if pointer and not pointer.startswith("/"):
        raise LabelError(f"{pointer!r} is no JSON pointer: it begins with a slash, or is empty")
    wanted = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    found = _walk(document, wanted)
    if found is None:
        raise LabelError(f"there is no string at {pointer!r}")
    return found


def _walk(document: str, wanted: list[str]) -> tuple[int, int] | None:
    """The last string whose path is ``wanted``. The document is known to be valid."""
    path: list[str | int] = []
    objects: list[bool] = []
    is_name = False
    found = None
    for token in TOKEN.finditer(document):
        mark = token[0]
        if mark in "{[":
            objects.append(mark == "{")
            path.append("" if objects[-1] else 0)
            is_name = objects[-1]
        elif mark in "}]":
            objects.pop()
            path.pop()
        elif mark == ",":
            is_name = objects[-1]
            last = path[-1]
            path[-1] = last + 1 if isinstance(last, int) else ""
        elif mark == ":":
            is_name = False
        elif is_name:
            path[-1] = json.loads(mark)
        if not is_name and mark not in ":," and len(path) == len(wanted) and [str(p) for p in path] == wanted:
            found = token.span() if mark.startswith('"') else None
    return found
