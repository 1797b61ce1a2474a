"""Label what a service generates before it leaves it: bytes in memory, by what kind of content they are.

The implicit label goes into the bytes where their format has a place for it; texts get a sentence that is
read, too. Nothing is labelled twice.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from countermark.labels import numbers
from countermark.labels.defects import LabelError
from countermark.labels.explicit import text, text_json
from countermark.labels.explicit.placing import Where
from countermark.labels.explicit.text import PROMPT, Kind
from countermark.labels.grammar import Fields
from countermark.labels.reading import Reading, read
from countermark.labels.writing import Options, update, write

HTML = frozenset({"text/html", "application/xhtml+xml"})
JSON = re.compile(r"application/(?:[\w.+-]+\+)?json")
COMPLETION = ("/choices/*/message/content", "/choices/*/text")
"""Where chat and text completions have their text."""
MAX_POINTERS = 128
"""Most texts of one document that get a sentence."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who labels, and how."""

    producer: str
    """Name or code of the provider that generates."""
    produce_id: Callable[[], str] = numbers.uuid7
    """Gives each content its number."""
    sentence: str = PROMPT
    """What texts say to their readers; empty for none, where the interface around them says it."""
    where: Where = Where.START
    """Whether the sentence stands at the start or at the end of texts, or at both (not in streams)."""
    pointers: tuple[str, ...] = ()
    """JSON pointers, with ``*`` for every item of an array, to the texts of a JSON document that get the
    sentence, such as ``COMPLETION``. None by default: a text may be meant for a program."""
    update_others: bool = False
    """Add ourselves as propagator to a label that somebody else wrote; without it, that stays as it is."""

    def fields(self) -> Fields:
        """The label of the next content.

        Raises:
            LabelError: ``produce_id`` gave no number.
        """
        return Fields.generated(self.producer, numbers.number(self.produce_id))


@dataclass(frozen=True, slots=True)
class Labelled:
    """Bytes that carry their label."""

    data: bytes
    fields: Mapping[str, str] = field(default_factory=dict)
    """What the label says."""


def label(data: bytes, media_type: str, provider: Provider, charset: str = "utf-8") -> Labelled:
    """Label the body of a response.

    Args:
        data: the whole of it.
        media_type: in lower case, without parameters.
        provider: who labels.
        charset: of a text.

    Raises:
        LabelError: it has no place for a label, is broken, or a signature would break.
    """
    if media_type == "text/plain":
        fields = provider.fields().to_dict()
        return Labelled(_with_sentence(data, Kind.PLAIN, provider, charset), fields)
    if media_type in HTML:
        return _implicit(_with_sentence(data, Kind.HTML, provider, charset), "page.html", provider)
    if media_type == "text/markdown":
        return _implicit(_with_sentence(data, Kind.MARKDOWN, provider, charset), "text.md", provider)
    if JSON.fullmatch(media_type):
        return _implicit(_json(data, provider), "body.json", provider)
    return _implicit(data, "", provider)


def label_dict(value: Mapping[str, Any], provider: Provider) -> dict[str, Any]:
    """The same object with its label as the first key, and the sentence in the texts of ``pointers``.

    Raises:
        LabelError: a prompt is refused, or the object is too large.
    """
    changed = copy.deepcopy(dict(value)) if provider.pointers and provider.sentence else dict(value)
    for pointer in _expanded(changed, provider.pointers if provider.sentence else ()):
        *path, last = pointer
        holder: Any = changed
        for part in path:
            holder = holder[part]
        holder[last] = text.add(holder[last], provider.sentence, provider.where)
    if isinstance(changed.get("AIGC"), dict):
        return changed
    return {"AIGC": provider.fields().to_dict(), **changed}


def _implicit(data: bytes, name: str, provider: Provider) -> Labelled:
    """With the label in the bytes: a new one, or the one that is there."""
    options = Options(name=name)
    reading = read(data, name=name)
    if reading.labels:
        return _kept(data, reading, options, provider)
    written = write(data, provider.fields(), options=options)
    return Labelled(written.data, written.label.fields)


def _kept(data: bytes, reading: Reading, options: Options, provider: Provider) -> Labelled:
    label_ = reading.label
    if label_ is None or not label_.readable or len(reading.labels) > 1:
        raise LabelError("carries labels that cannot be read, or several")
    ours = label_.fields.get("ContentProducer") == provider.producer
    if ours or not provider.update_others:
        return Labelled(data, label_.fields)
    written = update(data, provider.producer, numbers.number(provider.produce_id), options=options)
    return Labelled(written.data, written.label.fields)


def _with_sentence(data: bytes, kind: Kind, provider: Provider, charset: str) -> bytes:
    if not provider.sentence:
        return data
    try:
        decoded = data.decode(charset)
        return text.add(decoded, provider.sentence, provider.where, kind).encode(charset)
    except (LookupError, UnicodeError) as trouble:
        raise LabelError(f"is no text in {charset[:40]}: {type(trouble).__name__}") from trouble


def _json(data: bytes, provider: Provider) -> bytes:
    if not (provider.sentence and provider.pointers):
        return data
    try:
        document = data.decode()
        value = json.loads(document)
    except (ValueError, RecursionError) as trouble:
        raise LabelError("is no JSON") from trouble
    for path in _expanded(value, provider.pointers):
        pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
        document = text_json.add(document, pointer, provider.sentence, provider.where)
    return document.encode()


def _expanded(value: Any, pointers: tuple[str, ...]) -> list[tuple[str | int, ...]]:
    """The paths of the texts that pointers with ``*`` name; what is no text or empty is none."""
    found: list[tuple[str | int, ...]] = []
    for pointer in pointers:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        found += _matching(value, parts, ())
        if len(found) > MAX_POINTERS:
            raise LabelError(f"more than {MAX_POINTERS} texts in one document")
    return found


def _matching(value: Any, parts: list[str], path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if not parts:
        if isinstance(value, str) and value:
            yield path
        return
    head, rest = parts[0], parts[1:]
    if isinstance(value, dict) and head in value:
        yield from _matching(value[head], rest, (*path, head))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if head in ("*", str(number)):
                yield from _matching(item, rest, (*path, number))
