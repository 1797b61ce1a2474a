"""The simple commands in a line or a script of a POSIX shell. Nothing is run.

Source: POSIX.1-2017, Shell Command Language, sections 2.2, 2.3, 2.7 and 2.9, in part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

MAX_SCRIPT = 256 << 10
MAX_COMMANDS = 4_000
MAX_WORDS = 4_000
"""Of one command."""
MAX_EXPANDED = 200
"""Most commands that one line of a loop becomes."""
MAX_NESTING = 16
MAX_WORD = 4_096
"""Longer words are not looked through for variables."""
ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
KEYWORDS = frozenset(["if", "then", "elif", "else", "while", "until", "do", "!", "{", "time", "&&", "||"])
"""Words that stand before a command without being part of it."""
ENDS = frozenset(["fi", "done", "esac", "}"])
VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-=])([^{}]*))?\})")


@dataclass(slots=True)
class _Splitter:
    """Reads a script character by character into commands, each a list of words."""

    text: str
    at: int = 0
    word: list[str] = field(default_factory=list)
    in_word: bool = False
    words: list[str] = field(default_factory=list)
    found: list[list[str]] = field(default_factory=list)
    skip_next: bool = False
    """The next word is where something is redirected to."""
    here: list[str] = field(default_factory=list)
    """The words that end the here-documents which begin on this line."""

    def split(self) -> list[list[str]]:
        while self.at < len(self.text) and len(self.found) < MAX_COMMANDS:
            self._step(self.text[self.at])
        self._end_command()
        return self.found

    def _step(self, char: str) -> None:
        match char:
            case "\\":
                self._escape()
            case "'" | '"':
                self._quoted(char)
            case "$" | "`":
                self._substitution()
            case " " | "\t" | "\r":
                self._end_word()
                self.at += 1
            case "\n" | ";" | "&" | "|" | "(" | ")":
                self.at += 1
                self._end_command()
                if char == "\n":
                    self._skip_here()
            case "<" | ">":
                self._redirection()
            case "#" if not self.in_word:
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            case _:
                self._add(char)
                self.at += 1

    def _add(self, text: str) -> None:
        self.word.append(text)
        self.in_word = True

    def _escape(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following not in ("\n", ""):
            self._add(following)
        self.at += 3 if self.text.startswith("\\\r\n", self.at) else 2

    def _quoted(self, quote: str) -> None:
        self.in_word = True
        self.at += 1
        while self.at < len(self.text) and (char := self.text[self.at]) != quote:
            following = self.text[self.at + 1 : self.at + 2]
            if quote == '"' and char == "\\" and following in ('"', "\\", "$", "`", "\n"):
                self._add("" if following == "\n" else following)
                self.at += 2
            elif quote == '"' and char in "$`":
                self._substitution()
            else:
                self._add(char)
                self.at += 1
        self.at += 1

    def _substitution(self) -> None:
        """``$(…)``, ``${…}`` and back-quotes stay as they are written."""
        start = self.at
        opening = self.text[start : start + 2]
        if self.text[start] == "`":
            end = self.text.find("`", start + 1)
        elif opening in ("$(", "${"):
            end = self._closing(start + 1, *(("(", ")") if opening == "$(" else ("{", "}")))
        else:
            end = start
        self.at = (len(self.text) if end < 0 else end) + 1
        self._add(self.text[start : self.at])

    def _closing(self, start: int, left: str, right: str) -> int:
        depth = 0
        for at in range(start, len(self.text)):
            depth += (self.text[at] == left) - (self.text[at] == right)
            if depth == 0:
                return at
        return -1

    def _redirection(self) -> None:
        if self.in_word and "".join(self.word).isdigit():
            self.word, self.in_word = [], False
        self._end_word()
        operator = re.compile(r"<<<|<<-?|[<>]{1,2}[&|]?").match(self.text, self.at)
        self.at = operator.end() if operator else self.at + 1
        self.skip_next = True
        if operator and operator[0] in ("<<", "<<-"):
            end = re.compile(r"\s*(['\"]?)([\w.-]+)\1").match(self.text, self.at)
            if end:
                self.here.append(end[2])

    def _skip_here(self) -> None:
        for end in self.here:
            line = re.compile(rf"^\t*{re.escape(end)}\r?$", re.MULTILINE).search(self.text, self.at)
            self.at = line.end() if line else len(self.text)
        self.here = []

    def _end_word(self) -> None:
        if self.in_word and self.skip_next:
            self.skip_next = False
        elif self.in_word and len(self.words) < MAX_WORDS:
            self.words.append("".join(self.word))
        self.word, self.in_word = [], False

    def _end_command(self) -> None:
        self._end_word()
        self.skip_next = False
        if self.words:
            self.found.append(self.words)
        self.words = []


def commands(
    script: str, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[dict[str, str], list[str]]]:
    """The commands of a script in order, each with the variables that stand before it.

    Variables that the script itself sets, and loops over words, are filled in; so are those of the
    environment. Without an environment a variable that the script does not set stays as written.
    """
    known: dict[str, tuple[str, ...]] = {name: (value,) for name, value in (environment or {}).items()}
    for words in _Splitter(script[:MAX_SCRIPT]).split():
        rest = _after_keywords(words)
        if rest and rest[0] == "for" and len(rest) > 3 and rest[2] == "in":  # noqa: PLR2004 - for NAME in WORD
            known[rest[1]] = tuple(word for item in rest[3:] for word in filled(item, known, defaults=False))
            continue
        if rest and rest[0] in ("export", "declare", "local", "readonly", "set", "typeset"):
            rest = rest[1:]
        before: dict[str, str] = {}
        while rest and (assignment := ASSIGNMENT.fullmatch(rest[0])):
            before[assignment[1]] = next(filled(assignment[2], known, defaults=environment is not None))
            rest = rest[1:]
        if rest:
            for line in _lines(rest, known, defaults=environment is not None):
                yield before, line
        else:
            known |= {name: (value,) for name, value in before.items()}


def _after_keywords(words: list[str]) -> list[str]:
    at = 0
    while at < len(words) and (words[at] in KEYWORDS or words[at] in ENDS):
        at += 1
    return words[at:]


def _lines(
    words: Iterable[str], known: Mapping[str, tuple[str, ...]], *, defaults: bool
) -> Iterator[list[str]]:
    """The command once for each value of a loop's variable."""
    lines: list[list[str]] = [[]]
    for word in words:
        values = list(filled(word, known, defaults=defaults))
        if len(values) == 1 or len(values) * len(lines) > MAX_EXPANDED:
            for line in lines:
                line.append(values[0])
        else:
            lines = [[*line, value] for line in lines for value in values]
    return iter(lines)


def filled(word: str, known: Mapping[str, tuple[str, ...]], *, defaults: bool) -> Iterator[str]:
    """The values that a word has with these variables.

    Args:
        word: As written, without quotes.
        known: Each variable with its values: several for that of a loop.
        defaults: Whether ``${A:-d}`` becomes ``d`` where nothing sets ``A``.
    """
    values = [word]
    for _ in range(MAX_NESTING):
        after = [new for value in values for new in _once(value, known, defaults=defaults)]
        if after == values or len(after) > MAX_EXPANDED:
            break
        values = after
    return iter(values)


def _once(word: str, known: Mapping[str, tuple[str, ...]], *, defaults: bool) -> list[str]:
    for found in VARIABLE.finditer(word) if len(word) <= MAX_WORD else ():
        name = found[1] or found[2]
        if name in known:
            options = known[name]
            if found[3] and found[3].startswith(":"):
                options = tuple(option or found[4] for option in options)
        elif defaults and found[3]:
            options = (found[4],)
        else:
            continue
        return [word[: found.start()] + option + word[found.end() :] for option in options]
    return [word]
