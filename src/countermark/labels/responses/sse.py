"""Label a stream of server-sent events while it passes: no more than one event is held.

The label is an event of its own in the shape of those of the stream: the first, or the last, event that
carries text is taken again, with the sentence as its text and the seven fields beside it. What is there stays
byte for byte, and does not depend on how it was cut into messages.

Source: WHATWG HTML, server-sent events; the shapes are those of chat completions and of the services like it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from countermark.labels.explicit.placing import Where
from countermark.labels.grammar import Fields

BLANK = re.compile(rb"(?>\r\n|\n|\r){2}")
"""The end of an event. A CRLF is one end of a line, never two."""
MAX_EVENT = 1 << 20
"""Bytes of one event; from a longer one on, the stream passes unread, behind the label."""
MAX_CHOICES = 128
DONE = "[DONE]"
TEXTS = (
    ("delta", "content"),
    ("message", "content"),
    ("delta", "text"),
    ("text",),
    ("delta",),
    ("content",),
    ("response",),
    ("answer",),
)
"""Where an event, or each of its choices, has its text."""
ENDS = re.compile(r"content_block_stop|message_stop|message_end|response\.(?:output_text\.done|completed)")
"""Values of ``type`` or ``event`` behind which clients take no more text."""
GAP = "\n\n"
"""Between the sentence and the text."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Event:
    """One event, as far as it is understood."""

    name: str
    data: str
    value: Json | None
    """Its data, where they are an object of JSON."""
    newline: str

    @classmethod
    def of(cls, raw: bytes) -> _Event | None:
        """None where it has no data: a comment, or a call to keep the line open."""
        lines = re.split(r"\r\n|\n|\r", raw.decode("utf-8", "replace").removeprefix("\ufeff"))
        pairs = [line.partition(":")[::2] for line in lines]
        data = [value.removeprefix(" ") for name, value in pairs if name == "data"]
        if not data:
            return None
        names = [value.strip() for name, value in pairs if name == "event"]
        end = re.search(rb"\r\n|\n|\r", raw)
        newline = end[0].decode() if end else "\n"
        text = "\n".join(data)
        return cls(names[-1] if names else "", text, _object(text), newline)

    def texts(self) -> dict[int, _Text]:
        """Its texts by the number of the choice that they belong to."""
        if self.value is None:
            return {0: _Text((), self.data)} if not _is_json(self.data) else {}
        choices = self.value.get("choices")
        if not isinstance(choices, list):
            found = _text_of(self.value)
            return {0: found} if found else {}
        texts = {}
        for at, choice in enumerate(choices[:MAX_CHOICES]):
            found = _text_of(choice) if isinstance(choice, dict) else None
            if found:
                texts[_number(choice, at)] = _Text(found.path, found.text, at)
        return texts

    def ended(self) -> set[int]:
        """The choices that end with it."""
        if self.value is None:
            return set()
        choices = self.value.get("choices")
        if isinstance(choices, list):
            ends = [(at, c) for at, c in enumerate(choices) if isinstance(c, dict) and c.get("finish_reason")]
            return {_number(choice, at) for at, choice in ends}
        kind = self.value.get("type")
        told = kind if isinstance(kind, str) else self.name
        return {0} if ENDS.fullmatch(told) or self.value.get("done") is True else set()

    def but(self, text: _Text, sentence: str, fields: Fields | None) -> bytes:
        """The same event with another text, and nothing else that counts."""
        if self.value is None:
            return self._raw(sentence)
        value = {key: item for key, item in self.value.items() if key != "usage"}
        holder: Json = value
        if text.choice is not None:
            holder = {**value["choices"][text.choice]}
            holder |= {key: None for key in ("finish_reason", "logprobs") if key in holder}
            value["choices"] = [holder]
        for key in text.path[:-1]:
            inner = {name: item for name, item in holder[key].items() if isinstance(item, str)}
            holder[key] = inner
            holder = inner
        holder[text.path[-1]] = sentence
        if fields is not None:
            value["AIGC"] = fields.to_dict()
        return self._raw(json.dumps(value, separators=(",", ":")))

    def _raw(self, data: str) -> bytes:
        lines = [f"event: {self.name}"] if self.name else []
        lines += [f"data: {line}" for line in data.split("\n")]
        return (self.newline.join(lines) + 2 * self.newline).encode()


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of an event."""

    path: tuple[str, ...]
    text: str
    choice: int | None = None
    """Its place in the array of choices."""


class Labeller:
    """Takes a stream in any pieces, and gives it back with its label.

    Each choice of a completion gets the sentence; the fields stand in the first event of ours alone. A stream
    in which no event of ours can be shaped gets an event ``aigc-label``, which clients that do not know it
    pass over. A stream whose events carry ``AIGC`` before any of ours is left as it is. Text that is no JSON
    has no place for the fields: they are in the headers alone.
    """

    def __init__(self, fields: Fields, sentence: str, where: Where = Where.START) -> None:
        """Take what to write.

        Args:
            fields: the label.
            sentence: one line; empty for none, so that the label stands in an event of its own.
            where: ``Where.END`` for the end; else the start.
        """
        self._fields, self._sentence = fields, sentence
        self._at_end = where is Where.END
        self._held, self._searched = b"", 0
        self._said: set[int] = set()
        self._last: dict[int, tuple[_Event, _Text]] = {}
        self._is_out = self._is_theirs = self._is_blind = False

    def feed(self, data: bytes) -> bytes:
        """The next piece: what can go out of it by now."""
        if self._is_blind:
            return data
        self._held += data
        out = []
        while event := self._next():
            out.append(self._passed(event))
        if len(self._held) > MAX_EVENT:
            out += [self._before_end("\n"), self._held]
            self._held, self._is_blind = b"", True
        return b"".join(out)

    def close(self) -> bytes:
        """The end: what is held, and the label where it is still to come."""
        rest, self._held = self._held, b""
        if self._is_blind:
            return rest
        out = self._passed(rest) if rest else b""
        late = self._before_end("\n")
        gap = b"\n\n" if rest and late and not BLANK.search(rest) else b""
        return out + gap + late

    def _next(self) -> bytes:
        """One whole event with the blank line behind it; a CR at the end may be half of a CRLF."""
        found = BLANK.search(self._held, self._searched)
        self._searched = 0 if found else max(len(self._held) - 3, 0)
        if found is None or found.end() > MAX_EVENT:
            return b""
        if found.end() == len(self._held) and self._held.endswith(b"\r"):
            return b""
        event, self._held = self._held[: found.end()], self._held[found.end() :]
        return event

    def _passed(self, raw: bytes) -> bytes:
        """An event with those of ours that belong before or behind it."""
        event = _Event.of(raw)
        if event is None or self._is_theirs:
            return raw
        if event.data.strip() == DONE:
            return self._before_end(event.newline) + raw
        if event.value is not None and "AIGC" in event.value and not self._is_out:
            self._is_theirs = True
            return raw
        if not self._sentence:
            return self._alone(event.newline) + raw
        texts = {number: text for number, text in event.texts().items() if text.text}
        if not self._at_end:
            return b"".join(self._ours(number, event, text) for number, text in texts.items()) + raw
        return self._at_the_end(event, texts, raw)

    def _at_the_end(self, event: _Event, texts: dict[int, _Text], raw: bytes) -> bytes:
        """Before the event that ends a choice, or right behind it where it brings the last text itself."""
        self._last |= {number: (event, text) for number, text in texts.items()}
        before, behind = b"", b""
        for number in sorted(event.ended() & self._last.keys()):
            ours = self._ours(number, *self._last[number])
            before, behind = (before, behind + ours) if number in texts else (before + ours, behind)
        return before + raw + behind

    def _before_end(self, newline: str) -> bytes:
        """What must be out before the stream ends."""
        if self._is_theirs:
            return b""
        late = b"".join(self._ours(number, *last) for number, last in sorted(self._last.items()))
        return late + self._alone(newline)

    def _ours(self, number: int, event: _Event, text: _Text) -> bytes:
        """The event with the sentence, once for each choice; none where the text itself says it."""
        if number in self._said:
            return b""
        self._said.add(number)
        if self._sentence in (text.text.strip().splitlines() or [""]):
            return b""
        fields = None if self._is_out else self._fields
        self._is_out = True
        sentence = GAP + self._sentence if self._at_end else self._sentence + GAP
        return event.but(text, sentence, fields)

    def _alone(self, newline: str) -> bytes:
        """The event of our own kind, where none of ours is out."""
        if self._is_out:
            return b""
        self._is_out = True
        said = {"text": self._sentence} if self._sentence and not self._said else {}
        value = {"AIGC": self._fields.to_dict(), **said}
        data = json.dumps(value, separators=(",", ":"))
        return newline.join(("event: aigc-label", f"data: {data}", "", "")).encode()


def _text_of(value: Json) -> _Text | None:
    for path in TEXTS:
        item: Any = value
        for key in path:
            item = item.get(key) if isinstance(item, dict) else None
        if isinstance(item, str):
            return _Text(path, item)
    return None


def _number(choice: Json, at: int) -> int:
    number = choice.get("index")
    return number if isinstance(number, int) else at


def _object(text: str) -> Json | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_json(text: str) -> bool:
    """Whether it is meant for a program, though no object that is understood."""
    return text.lstrip().startswith(("{", "["))
