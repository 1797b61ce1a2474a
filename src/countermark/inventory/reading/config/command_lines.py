"""Command lines as a shell takes them apart: words, variables, one command after the other.

Source: POSIX.1-2017 Shell Command Language, 2.2, 2.3 and 2.9.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from countermark.inventory.reading.config.placeholders import closing, interpolated
from countermark.inventory.reading.expressions import Env, Expression, Join, Text, Unknown

MAX_TEXT = 100_000
MAX_COMMANDS = 2_000
MAX_WORDS = 4_000
MAX_PARTS = 100
"""Of one word."""
MAX_HEREDOCS = 100
SHELLS = re.compile(r"(?:.*/)?(?:ba|da|z|k|a)?sh(?:\.exe)?|cmd(?:\.exe)?")
SCRIPT_OPTION = re.compile(r"-[a-z]*c|/[cC]")
TOKEN = re.compile(
    r"""(?P<space>(?:[ \t\r]|\\\n)++)
    |(?P<end>\n|;;?|&&|\|\|?|&(?!>))
    |(?P<heredoc><<-?[ \t]*["']?(?P<word>\w+)["']?)
    |(?P<redirect>[&\d]?[<>]{1,3}(?P<to>&[\d-])?)
    |(?P<paren>[()])
    |'(?P<single>[^']*+)'
    |"(?P<double>(?:[^"\\]++|\\.)*+)"
    |(?P<actions>\$\{\{[^{}\n]{0,300}\}\})
    |(?P<open>\$\{)
    |(?P<sub>\$\(|`)
    |\\(?P<escaped>.)
    |(?P<bare>[^\s'"\\;&|<>()$`]++|\$|["'&\\])""",
    re.DOTALL | re.VERBOSE,
)
VARIABLE = re.compile(r"\w*")
ASSIGNED = re.compile(r"([A-Za-z_]\w*)=")
RESERVED = frozenset(
    ["if", "then", "else", "elif", "fi", "do", "done", "while", "until", "{", "}", "!", "time"]
)
EXPORTS = frozenset(["export", "declare", "setenv", "set", "readonly", "local", "typeset"])
Convert = Callable[[str, int], Expression]


@dataclass(slots=True)
class Line:
    """One simple command."""

    line: int
    words: list[Expression] = field(default_factory=list)
    variables: list[tuple[str, Expression]] = field(default_factory=list)
    """Set before the command, for it alone; or ``export``ed, where there is no command."""
    sources: list[str] = field(default_factory=list)
    """Files that are read in by ``source`` or ``.``."""


def words(text: str, line: int, convert: Convert = interpolated) -> tuple[Expression, ...]:
    """A text as the words of one command, whatever signs are in it."""
    found: list[Expression] = []
    for each in lines(text, line, convert):
        found += [Text(f"{name}=", each.line) for name, _ in each.variables] if not each.words else []
        found += each.words
    return tuple(found[:MAX_WORDS])


def lines(text: str, line: int, convert: Convert = interpolated) -> Iterator[Line]:
    """The commands of a script, in their order. Variables of the script are put in where they are used."""
    known: dict[str, Expression] = {}
    for number, (start, tokens) in enumerate(_Tokens(text[:MAX_TEXT], line, convert).commands()):
        if number >= MAX_COMMANDS:
            return
        made = _line(start, [put_in(word, known) for word in tokens])
        if not made.words:
            known.update((name, value) for name, value in made.variables if not isinstance(value, Unknown))
        if made.words or made.variables or made.sources:
            yield made


def is_script(given: Sequence[str]) -> int:
    """The position of the script in ``sh -c SCRIPT``; 0 where the words are no such command."""
    if not given or SHELLS.fullmatch(given[0]) is None:
        return 0
    for position, word in enumerate(given[1:4], 1):
        if SCRIPT_OPTION.fullmatch(word) and position + 1 < len(given):
            return position + 1
    return 0


def put_in(expression: Expression, known: dict[str, Expression]) -> Expression:
    """An expression with the variables that are known put in."""
    if isinstance(expression, Env):
        return known.get(expression.name, expression)
    if isinstance(expression, Join) and known:
        return Join(tuple(put_in(part, known) for part in expression.parts), expression.line)
    return expression


def _line(start: int, tokens: list[Expression]) -> Line:
    made = Line(start)
    while tokens and isinstance(tokens[0], Text) and tokens[0].value in RESERVED:
        tokens = tokens[1:]
    first = tokens[0].value if tokens and isinstance(tokens[0], Text) else ""
    if first in ("source", ".") and len(tokens) > 1:
        made.sources += [tokens[1].value] if isinstance(tokens[1], Text) else []
        return made
    exported = first in EXPORTS
    for position, token in enumerate(tokens[1:] if exported else tokens):
        pair = assigned(token)
        if pair is not None:
            made.variables.append(pair)
        elif not exported:
            made.words = tokens[position:]
            break
    return made


def assigned(token: Expression) -> tuple[str, Expression] | None:
    """``X=…`` as name and value."""
    first = token.parts[0] if isinstance(token, Join) else token
    if not isinstance(first, Text) or not (found := ASSIGNED.match(first.value)):
        return None
    rest = first.value[found.end() :]
    if not isinstance(token, Join):
        return found[1], Text(rest, first.line)
    parts = ((Text(rest, first.line),) if rest else ()) + token.parts[1:]
    return found[1], parts[0] if len(parts) == 1 else Join(parts, token.line)


class _Tokens:
    """The words of a text, command by command."""

    def __init__(self, text: str, line: int, convert: Convert) -> None:
        self.text = text
        self.line = line
        self.convert = convert
        self.at = self.counted = 0
        self.words: list[Expression] = []
        self.parts: list[Expression] | None = None
        """Of the word that is not ended yet."""
        self.first = line
        self.dropped = False
        """The next word is the file of a redirection."""
        self.heredoc = ""
        self.heredocs = 0

    def commands(self) -> Iterator[tuple[int, list[Expression]]]:
        """The words between the signs that end a command, with the line of the first."""
        while self.at < len(self.text):
            found = TOKEN.match(self.text, self.at)
            if found is None:
                break
            self.line += self.text.count("\n", self.counted, self.at)
            self.counted = self.at
            if found["end"] or found["paren"]:
                if self._ended():
                    yield self.first, self.words
                self.words = []
                self._next_command(found)
            elif found["space"] or found["redirect"] or found["heredoc"]:
                self._word()
                self._between(found)
            elif self.parts is None and self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                self._part(found)
        if self._ended():
            yield self.first, self.words

    def _ended(self) -> bool:
        self._word()
        self.dropped = False
        return bool(self.words)

    def _word(self) -> None:
        if self.parts is not None and not self.dropped:
            self.words.append(_word(self.parts, self.line))
        if self.parts is not None:
            self.dropped = False
        self.parts = None

    def _between(self, found: re.Match[str]) -> None:
        self.at = found.end()
        if found["redirect"]:
            self.dropped = found["to"] is None
        elif found["heredoc"]:
            self.heredoc = found["word"]

    def _next_command(self, found: re.Match[str]) -> None:
        self.at = found.end()
        if self.heredoc and found["end"] == "\n":
            self.heredocs += 1
            if self.heredocs <= MAX_HEREDOCS:
                self.at = _behind(self.text, self.at, self.heredoc)
            self.heredoc = ""

    def _part(self, found: re.Match[str]) -> None:
        if self.parts is None:
            self.parts = []
            if not self.words:
                self.first = self.line
        part, self.at = _part(found, self.text, self.line, self.convert)
        if len(self.parts) < MAX_PARTS:
            self.parts.append(part)


def _behind(text: str, at: int, word: str) -> int:
    """Behind a here-document that ends in ``word``."""
    end = re.compile(rf"^[ \t]*{word}[ \t]*$", re.MULTILINE).search(text, at)
    return end.end() if end else at


def _part(found: re.Match[str], text: str, line: int, convert: Convert) -> tuple[Expression, int]:
    """A part of a word, and where it ends."""
    if found["single"] is not None:
        return Text(found["single"], line), found.end()
    if found["double"] is not None:
        plain = re.sub(r'\\([$`"\\\n])', lambda m: "" if m[1] == "\n" else m[1], found["double"])
        return convert(plain, line), found.end()
    if found["escaped"] is not None:
        return Text(found["escaped"], line), found.end()
    end = found.end()
    if found["open"]:
        end = closing(text, end) + 1 or len(text)
    elif found["sub"]:
        end = _substituted(text, found)
        made = convert(text[found.start() : end], line) if found["sub"] == "$(" else None
        shown = Unknown(text[found.start() : end][:80], line)
        return shown if made is None or isinstance(made, Text) else made, end
    elif found["bare"] == "$":
        name = VARIABLE.match(text, end)
        end = name.end() if name else end
    return convert(text[found.start() : end], line), end


def _substituted(text: str, found: re.Match[str]) -> int:
    """Where ``$(…)`` or a pair of back quotes ends."""
    if found["sub"] == "`":
        end = text.find("`", found.end())
        return len(text) if end < 0 else end + 1
    depth = 1
    for sign in re.finditer(r"[()]", text[found.end() : found.end() + MAX_WORDS]):
        depth += 1 if sign[0] == "(" else -1
        if depth == 0:
            return found.end() + sign.end()
    return len(text)


def _word(parts: list[Expression], line: int) -> Expression:
    """The parts of a word together."""
    flat: list[Expression] = []
    for part in parts:
        for each in part.parts if isinstance(part, Join) else (part,):
            if flat and isinstance(each, Text) and isinstance(flat[-1], Text):
                flat[-1] = Text(flat[-1].value + each.value, flat[-1].line)
            else:
                flat.append(each)
    return flat[0] if len(flat) == 1 else Join(tuple(flat), line)
