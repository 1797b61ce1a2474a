"""The options of one command line, without knowing which of them take a value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

FLAG = re.compile(
    r"--(?:(?:enable|disable|no|use|skip|allow|trust|enforce|return|force|with)-[\w.-]+|"
    r"headless|omni|jinja|mlock|metrics|embeddings?|rerank(?:ing)?|share|listen|api|cpu|verbose|log-requests|"
    r"multi-user|nowebui|[\w.-]+-(?:enabled?|only|default))"
)
"""Options that are known to take no value: what follows one may be the model."""
NUMBER = re.compile(r"-\d+(?:\.\d+)?")
MAX_JSON_WORDS = 400
PAIR = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


@dataclass(slots=True)
class Options:
    """What stands on a command line behind the program."""

    given: dict[str, list[list[str]]] = field(default_factory=dict)
    """Option, long ones with hyphens → each time that it stands there, the words up to the next option."""
    free: list[str] = field(default_factory=list)
    """Words that are no option's, nor may be."""
    maybe: list[str] = field(default_factory=list)
    """Words behind an option that may or may not take one."""
    leads: bool = False
    """The first word is no option."""

    def values(self, names: Iterable[str]) -> list[str]:
        """Every value of the first of these options that is given."""
        for name in names:
            found = [word for words in self.given.get(_plain(name), ()) for word in words if word]
            if found:
                return found
        return []

    def each(self, names: Iterable[str]) -> list[str]:
        """The value of each time that one of these options is given."""
        return [
            words[0] for name in names for words in self.given.get(_plain(name), ()) if words and words[0]
        ]

    def words(self, names: Iterable[str]) -> list[str]:
        """The words behind the last of the first of these options that is given."""
        return next((times[-1] for name in names if (times := self.given.get(_plain(name)))), [])

    def first(self, names: Iterable[str]) -> str:
        """The value that counts: that of the last time, as programs take it."""
        for name in names:
            times = [words for words in self.given.get(_plain(name), ()) if words]
            if times:
                return times[-1][0]
        return ""

    def has(self, *names: str) -> bool:
        """Whether one of the options is there."""
        return any(_plain(name) in self.given for name in names)


def _plain(name: str) -> str:
    return name.replace("_", "-")


def parse(words: Sequence[str], one: Iterable[str], many: Iterable[str]) -> Options:
    """Read the options of a command line.

    Args:
        words: Behind the program.
        one: Options that take one value, whatever they look like.
        many: Options that take several.
    """
    takes_one, takes_many = {_plain(name) for name in one}, {_plain(name) for name in many}
    options = Options()
    current: list[str] | None = None
    name = ""
    for word in words:
        pair = _plain(word.partition("=")[0])
        if word == "--":
            current = None
        elif word.startswith("-") and len(word) > 1 and NUMBER.fullmatch(word) is None:
            name, equals, value = pair, "=" in word, word.partition("=")[2]
            current = [value] if equals else []
            options.given.setdefault(name, []).append(current)
            name = "" if equals and name not in takes_many else name
        elif pair in takes_one | takes_many and PAIR.fullmatch(word):
            options.given.setdefault(pair, []).append([word.partition("=")[2]])
        elif current is None or (not current and name not in takes_one | takes_many and FLAG.fullmatch(name)):
            options.free.append(word)
        else:
            if current and name in takes_one:
                options.free.append(word)
            elif current and name not in takes_many:
                options.maybe.append(word)
            current.append(word)
    options.leads = bool(words) and options.free[:1] == [words[0]]
    return options


def rejoined(words: Sequence[str]) -> str:
    """A JSON object whose words were torn apart, as ``ps`` shows it; else the first word."""
    if not words or not words[0].lstrip().startswith("{"):
        return words[0] if words else ""
    text = ""
    for word in words[:MAX_JSON_WORDS]:
        text = f"{text} {word}".strip()
        if text.count("{") == text.count("}"):
            break
    return text


def loads(text: str) -> Any:
    """JSON, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
