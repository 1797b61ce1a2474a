"""A decorator that labels what a function generates: bytes, texts, objects, files, and streams of text."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

from countermark.labels import numbers
from countermark.labels.defects import LabelError
from countermark.labels.explicit import text
from countermark.labels.explicit.placing import Where
from countermark.labels.explicit.text import PROMPT
from countermark.labels.responses.texts import Provider, label, label_dict
from countermark.labels.writing import write

Function = TypeVar("Function", bound=Callable[..., Any])


def labelled(
    *,
    producer: str,
    produce_id: Callable[[], str] = numbers.uuid7,
    sentence: str = PROMPT,
    where: Where = Where.START,
    pointers: tuple[str, ...] = (),
) -> Callable[[Function], Function]:
    """Label what the decorated function gives back, be it plain, ``async``, or a generator of either kind.

    ``bytes`` get the implicit label, and so does the file of a ``Path``, in place of itself. A ``dict`` gets
    it as its key ``AIGC``. A ``str`` and a stream of them have no place for it and get the sentence.

    Args:
        producer: name or code of the provider.
        produce_id: gives each result its number.
        sentence: what texts say to their readers.
        where: whether it stands at the start or the end.
        pointers: JSON pointers to the texts of a dict that get the sentence.

    Raises:
        LabelError: no label can be made of that; when the function is called, its result cannot carry one.
    """
    provider = Provider(producer, produce_id, sentence, where, pointers)
    provider.fields()

    def decorate(function: Function) -> Function:
        return cast("Function", functools.wraps(function)(_wrapped(function, provider)))

    return decorate


def _wrapped(function: Callable[..., Any], provider: Provider) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(function):
        return lambda *args, **kwargs: _async_stream(function(*args, **kwargs), provider)
    if inspect.iscoroutinefunction(function):

        async def later(*args: Any, **kwargs: Any) -> Any:
            return _result(await function(*args, **kwargs), provider)

        return later
    return lambda *args, **kwargs: _result(function(*args, **kwargs), provider)


def _result(value: Any, provider: Provider) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return label(bytes(value), "", provider).data
    if isinstance(value, str):
        return text.add(value, provider.sentence, provider.where)
    if isinstance(value, dict):
        return label_dict(value, provider)
    if isinstance(value, Path):
        write(value, provider.fields())
        return value
    if isinstance(value, AsyncIterator):
        return _async_stream(value, provider)
    if isinstance(value, Iterator):
        return _stream(value, provider)
    raise LabelError(f"a result of the type {type(value).__name__} cannot be labelled")


class Opening:
    """A stream of text with the sentence at its start or end, and not twice where it is there already.

    Only as much is held as the sentence is long, until it is clear whether the text begins with it.
    """

    def __init__(self, sentence: str, where: Where = Where.START) -> None:
        self._sentence, self._at_end = sentence, where is Where.END
        self._held: str | None = None if self._at_end else ""
        self._tail = ""

    def feed(self, part: str) -> str:
        """The next piece: what can go out of it by now."""
        if not isinstance(part, str):
            raise LabelError(f"a stream of text has a part of the type {type(part).__name__}")
        if self._held is None:
            self._tail = (self._tail + part)[-len(self._sentence) - 8 :] if self._at_end else ""
            return part
        self._held += part
        begun = self._held.lstrip("> \r\n\t")
        if len(begun) < len(self._sentence) and self._sentence.startswith(begun):
            return ""
        return self._released(is_there=begun.startswith(self._sentence))

    def close(self) -> str:
        """The end."""
        if self._at_end:
            return "" if self._tail.rstrip().endswith(self._sentence) else f"\n\n{self._sentence}"
        return "" if self._held is None else self._released(is_there=False)

    def _released(self, *, is_there: bool) -> str:
        held, self._held = self._held or "", None
        return held if is_there else f"{self._sentence}\n\n{held}"


def _stream(parts: Iterator[Any], provider: Provider) -> Iterator[str]:
    opening = Opening(provider.sentence, provider.where)
    for part in parts:
        if out := opening.feed(part):
            yield out
    if out := opening.close():
        yield out


async def _async_stream(parts: AsyncIterator[Any], provider: Provider) -> AsyncIterator[str]:
    opening = Opening(provider.sentence, provider.where)
    async for part in parts:
        if out := opening.feed(part):
            yield out
    if out := opening.close():
        yield out
