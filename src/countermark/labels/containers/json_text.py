"""JSON: the label is the first key ``AIGC`` of the object.

Only the text of an object's own keys is walked over; nothing is parsed into values but the label.

Source: RFC 8259; no text names a place for the label, so that this one is our convention.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from countermark.labels import grammar
from countermark.labels.blocks import Blocks
from countermark.labels.defects import Defect, LabelError, TooLargeError, error, warning
from countermark.labels.grammar import Fields, Label
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

KEY = "AIGC"
BOM = b"\xef\xbb\xbf"
SPACE = re.compile(rb"[ \t\r\n]*+")
STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
SCALAR = re.compile(rb"[^\s,:\[\]{}\"]++")
NESTED = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]|[^"\[\]{}]++', re.DOTALL)
LINE = re.compile(rb"(\r\n|\n|\r)([ \t]*)")
FIRST = 64 << 10
"""Where the label stands when we wrote it; what lies further on is read only where it may hold one."""
ADVICE = "a label has its place in an object: wrap the {what} in one, or label the file that carries it"


@dataclass(frozen=True, slots=True)
class _Pair:
    """One key of the object with its value."""

    key: str
    start: int
    """Of the key."""
    value: int
    """Where the value begins."""
    end: int
    """Behind the value."""


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the keys of the object up to the limit; what is no object has no place for a label.

    A file longer than ``limits.metadata_bytes`` is read to there, and a note says so.
    """
    blocks = Blocks()
    data = source.peek(0, min(source.size, limits.metadata_bytes))
    if data[_start(data) : _start(data) + 1] != b"{":
        return blocks
    if b"aigc" not in data[:FIRST].lower() and b"aigc" not in data.lower():
        return blocks
    try:
        found = [pair for pair in _pairs(data, limits) if pair.key.lower() == KEY.lower()]
    except LabelError as trouble:
        found = [pair for pair in _sound_pairs(data, limits) if pair.key.lower() == KEY.lower()]
        whole = len(data) == source.size
        blocks.defects.append(error("json-broken", str(trouble)) if whole else _cut(limits))
    repeated = len(found) > 1 and len({pair.key for pair in found}) < len(found)
    blocks.labels += [_label(data, pair, repeated=repeated) for pair in found[: grammar.MAX_DEFECTS]]
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the object ``fields`` as its one label: in the value of its key, or as its first key.

    Raises:
        LabelError: the text is no object, or no JSON.
        TooLargeError: it is longer than ``limits.metadata_bytes``.
    """
    if source.size > limits.metadata_bytes:
        raise TooLargeError(f"{source.size:,} bytes of JSON; the limit is {limits.metadata_bytes:,}")
    data = source.read(0, source.size)
    start = _start(data)
    if data[start : start + 1] != b"{":
        raise LabelError(ADVICE.format(what="array" if data[start : start + 1] == b"[" else "value"))
    pairs = list(_pairs(data, limits))
    named = [pair for pair in pairs if pair.key.lower() == KEY.lower()]
    if len(named) > grammar.MAX_DEFECTS:
        raise LabelError(f"the key {KEY} stands in the object {len(named):,} times")
    keep = next((pair for pair in named if pair.key == KEY), None)
    if keep is None:
        kept = [pair for pair in pairs if pair not in named]
        return [*_gone(pairs, named), _inserted(data, start, fields, is_only=not kept)]
    new = _styled(data, keep, fields)
    return [
        *_gone(pairs, [pair for pair in named if pair is not keep]),
        Edit(keep.value, keep.end - keep.value, new),
    ]


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the text is without the first key, which is the label, and what separates it from the next.

    Raises:
        LabelError: the text is no JSON.
    """
    data = source.peek(0, min(source.size, limits.metadata_bytes))
    start = _start(data)
    pairs = list(_pairs(data, limits)) if data[start : start + 1] == b"{" else []
    if not pairs or pairs[0].key != KEY:
        return []
    first = pairs[0]
    if len(pairs) > 1:
        comma = data.index(b",", first.end) + 1
        return [Edit(start + 1, comma - start - 1, b"")]
    return [Edit(start + 1, first.end - start - 1, b"")]


def _start(data: bytes) -> int:
    found = SPACE.match(data, len(BOM) if data.startswith(BOM) else 0)
    return found.end() if found else 0


def _cut(limits: Limits) -> Defect:
    return warning("not-read-whole", f"only its first {limits.metadata_bytes:,} bytes were looked through")


def _sound_pairs(data: bytes, limits: Limits) -> list[_Pair]:
    """Those before the break."""
    found: list[_Pair] = []
    try:
        for pair in _pairs(data, limits):
            found.append(pair)  # noqa: PERF402 - what came before an error counts
    except LabelError:
        pass
    return found


def _pairs(data: bytes, limits: Limits) -> Iterator[_Pair]:
    """The keys of the outermost object; what follows it makes the text no JSON.

    Raises:
        LabelError: the text is no JSON so far as it is looked at, or goes on behind the object.
    """
    at = _skip(data, _start(data) + 1)
    for number in range(limits.elements):
        if data[at : at + 1] == b"}" and not number:
            return _end(data, at + 1)
        key = STRING.match(data, at)
        if not key:
            raise _broken(at)
        colon = _skip(data, key.end())
        if data[colon : colon + 1] != b":":
            raise _broken(colon)
        value = _skip(data, colon + 1)
        end = _behind(data, value, limits)
        yield _Pair(_text(key[0], at), at, value, end)
        at = _skip(data, end)
        if data[at : at + 1] == b"}":
            return _end(data, at + 1)
        if data[at : at + 1] != b",":
            raise _broken(at)
        at = _skip(data, at + 1)
    raise TooLargeError(f"more than {limits.elements:,} keys")


def _end(data: bytes, at: int) -> None:
    rest = _skip(data, at)
    if rest < len(data):
        what = "lines" if data[rest : rest + 1] == b"{" else "text"
        raise LabelError(f"the JSON goes on behind its object, at byte {rest:,}; " + ADVICE.format(what=what))


def _skip(data: bytes, at: int) -> int:
    found = SPACE.match(data, at)
    return found.end() if found else at


def _behind(data: bytes, at: int, limits: Limits) -> int:
    """Where a value ends."""
    if data[at : at + 1] not in (b"{", b"["):
        found = STRING.match(data, at) or SCALAR.match(data, at)
        if not found:
            raise _broken(at)
        return found.end()
    open_ = 0
    for found in NESTED.finditer(data, at):
        if found.start() != at:
            break  # an open string
        at = found.end()
        if found[0] in (b"{", b"["):
            open_ += 1
        elif found[0] in (b"}", b"]"):
            open_ -= 1
            if not open_:
                return at
    raise _broken(at)


def _text(raw: bytes, at: int) -> str:
    try:
        return str(json.loads(raw.decode()))
    except ValueError:
        raise _broken(at) from None


def _broken(at: int) -> LabelError:
    return LabelError(f"is no JSON, at byte {at:,}")


def _label(data: bytes, pair: _Pair, *, repeated: bool) -> Label:
    text = data[pair.value : pair.end][: grammar.MAX_TEXT + 1].decode("utf-8", "replace")
    place, normative = f"key {pair.key}", pair.key == KEY
    if text.startswith('"'):
        text = json.loads(text) if STRING.fullmatch(data[pair.value : pair.end]) and _is_json(text) else text
    label = grammar.parse(text, place, normative=normative, offset=pair.start)
    if not repeated:
        return label
    twice = error("repeated-key", f"the key {KEY} stands in the object twice")
    return replace(label, defects=(*label.defects, twice))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _gone(pairs: list[_Pair], gone: list[_Pair]) -> list[Edit]:
    """Without some pairs, each with what separates it from a neighbour that stays."""
    changes = []
    last = max((number for number, pair in enumerate(pairs) if pair not in gone), default=-1)
    for number, pair in enumerate(pairs):
        if pair not in gone:
            continue
        if number < last:
            changes.append(Edit(pair.start, pairs[number + 1].start - pair.start, b""))
        else:
            start = pairs[number - 1].end if number else pair.start
            changes.append(Edit(start, pair.end - start, b""))
    return changes


def _inserted(data: bytes, start: int, fields: Fields, *, is_only: bool) -> Edit:
    line = LINE.match(data, start + 1)
    head = b"" if is_only else b","
    if line is None:
        spaced = data[start + 1 :].partition(b",")[0].count(b'": ') or b": " in data[start : start + 200]
        text = f'"{KEY}":{" " if spaced else ""}{fields.bare()}'.encode()
        return Edit(start + 1, 0, text + head)
    newline, indent = line[1], line[2]
    text = f'"{KEY}": '.encode() + _indented(fields, newline, indent)
    return Edit(start + 1, 0, newline + indent + text + head)


def _styled(data: bytes, pair: _Pair, fields: Fields) -> bytes:
    """The value in the form that the old one has."""
    old = data[pair.value : pair.end]
    if old.startswith(b'"'):
        return json.dumps(fields.bare(), ensure_ascii=False).encode()
    line = LINE.search(data[: pair.start][-200:].rpartition(b",")[2] or data[: pair.start][-200:])
    if not LINE.search(old) or line is None:
        return fields.bare().encode()
    return _indented(fields, line[1], line[2])


def _indented(fields: Fields, newline: bytes, indent: bytes) -> bytes:
    unit = (indent or b"  ").decode()
    text = json.dumps(fields.to_dict(), ensure_ascii=False, indent=unit)
    return text.replace("\n", (newline + indent).decode()).encode()
