"""The explicit label of a text: put at its start or end, and found there.

Plain text, Markdown and HTML; a string in JSON is plain text or Markdown, and is put back by its own writer.
Line endings, a byte-order mark, a missing last newline and front matter stay as they are.

Source: GB 45438-2025, the clause on text, as secondary texts quote it: a prompt, or a corner mark of "AI"
alone, at the start, the end or a suitable place between.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.explicit import text_html
from countermark.labels.explicit.placing import Where
from countermark.labels.explicit.wording import judge, required

PROMPT = "本内容由AI生成"
WINDOW = 64
"""Characters that count as the start, and as the end. The standard has no number; a public verifier this."""
MAX_CHARACTERS = 4 << 20
MAX_MIDDLE = 64
"""Most labels in the middle that are reported."""
STATEMENT = 40
"""A line so short that names both elements is a label, not a text about them."""
CORNER = re.compile(r"[\[【(（<〔]\s*AI\s*[\]】)）>〕]|AI(?=\s*(?:\n|$))")
CORNER_END = re.compile(r"(?:[\[【(（<〔]\s*AI\s*[\]】)）>〕]|(?:^|\n)\s*AI)$")
FRONT_MATTER = re.compile(r"(---|\+\+\+)[ \t]*(?:\r\n|\n|\r)")
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
MARKS = str.maketrans("", "", "#>*_`|~")
"""What Markdown marks lines and words with."""


class Kind(StrEnum):
    """How a text is written."""

    PLAIN = "plain"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class TextLabel:
    """One label that a reader sees."""

    place: str
    """``start``, ``middle`` or ``end``."""
    form: str
    """``line`` (a short line of its own), ``phrase`` (both elements within longer text, which may only be
    about them) or ``corner`` ("AI" alone, which the standard has for texts as a corner mark)."""
    text: str
    """The line, the mark, or the window that holds the phrase."""


@dataclass(frozen=True, slots=True)
class TextFinding:
    """What was found in one text."""

    labels: tuple[TextLabel, ...]
    characters: int
    """How many can be seen."""

    @property
    def conforms(self) -> bool:
        """A prompt with both elements is there. A corner mark is not asked here."""
        return any(label.form in ("line", "phrase") for label in self.labels)


def add(text: str, prompt: str = PROMPT, where: Where = Where.START, kind: Kind = Kind.PLAIN) -> str:
    """The text with a label. A text that has this prompt there already is given back as it is.

    In Markdown the prompt is a quoted line, behind front matter; a code block that was left open is closed
    before a label at the end. In HTML it is a paragraph of class ``aigc-label`` in the body.

    Raises:
        LabelError: the prompt lacks an element, has several lines, or would not be seen where it can be put.
    """
    if len(prompt.splitlines()) != 1 or len(prompt) > 200:
        raise LabelError("a prompt is one line of at most 200 characters")
    required(prompt)
    if len(text) > MAX_CHARACTERS:
        raise TooLargeError(f"a text of more than {MAX_CHARACTERS:,} characters")
    if kind is Kind.HTML:
        return _added_to_html(text, prompt, where)
    if where in (Where.START, Where.BOTH):
        text = _before(text, prompt, kind)
    if where in (Where.END, Where.BOTH):
        text = _behind(text, prompt, kind)
    if kind is Kind.MARKDOWN and prompt.translate(MARKS) not in _visible(text, kind):
        raise LabelError("a label would stand in a comment that is not closed, where nobody sees it")
    return text


def find(text: str, kind: Kind = Kind.PLAIN, window: int = WINDOW) -> TextFinding:
    """Look for labels that a reader sees. What a style sheet hides, or a script writes, is not known.

    HTML within Markdown counts as text, but for its comments.

    Args:
        text: the whole text.
        kind: how it is written.
        window: characters, after trimming, that count as the start and as the end.

    Raises:
        LabelError: the text is too long or nested too deeply, or the window is not 1 to 10 000.
    """
    if not 1 <= window <= 10_000:
        raise LabelError(f"a window of {window} characters; 1 to 10,000")
    if len(text) > MAX_CHARACTERS:
        raise TooLargeError(f"a text of more than {MAX_CHARACTERS:,} characters")
    seen = _visible(text, kind).strip("\ufeff \t\r\n\f\v\u3000")
    labels = list(_lines(seen, window))
    places = {label.place for label in labels}
    if len(seen) > window or not labels:  # else either window is the whole text, and its labels are known
        labels[0:0] = _loose(seen[:window], "start") if "start" not in places else []
    if len(seen) > window or not labels:
        labels += _loose(seen[-window:], "end") if "end" not in places else []
    return TextFinding(tuple(labels), len(seen))


def _before(text: str, prompt: str, kind: Kind) -> str:
    at = _body(text, kind)
    if _same(_first_line(text[at:]), prompt):
        return text
    newline = _newline(text)
    line = prompt + newline if kind is Kind.PLAIN else f"> {prompt}{newline}{newline}"
    gap = "" if at == 0 or text[at - 1] in "\r\n\ufeff" else newline
    return text[:at] + gap + line + text[at:]


def _behind(text: str, prompt: str, kind: Kind) -> str:
    at = _body(text, kind)
    newline = _newline(text)
    ended = text.endswith(("\n", "\r"))
    lines = text[at:].strip().splitlines()
    if lines and _same(lines[-1], prompt):
        return text
    gap = "" if ended or not text[at:] else newline
    if kind is Kind.PLAIN:
        return text + gap + prompt + (newline if ended else "")
    fence = _open_fence(text[at:])
    closing = f"{fence}{newline}" if fence else ""
    return f"{text}{gap}{closing}{newline}> {prompt}{newline if ended else ''}"


def _body(text: str, kind: Kind) -> int:
    """Where the text itself begins: behind a byte-order mark and front matter."""
    start = 1 if text.startswith("\ufeff") else 0
    opening = FRONT_MATTER.match(text, start) if kind is Kind.MARKDOWN else None
    if opening is None:
        return start
    at = opening.end()
    closers = (opening[1], "...") if opening[1] == "---" else (opening[1],)
    for line in text[at:].splitlines(keepends=True):
        at += len(line)
        if line.rstrip() in closers and not line[0].isspace():
            return at
    return start


def _open_fence(text: str) -> str:
    """The fence of a code block that never ends, or nothing."""
    fence = ""
    for line in text.splitlines():
        found = FENCE.match(line)
        if found is None:
            continue
        if not fence:
            fence = found[1] if "`" not in found[2] or found[1][0] == "~" else ""
        elif found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return fence


def _newline(text: str) -> str:
    found = re.search(r"\r\n|\n|\r", text)
    return found[0] if found else "\n"


def _first_line(text: str) -> str:
    found = re.search(r"\S[^\r\n]*", text)
    return found[0] if found else ""


def _same(line: str, prompt: str) -> bool:
    return _plain(line) == _plain(prompt)


def _plain(line: str) -> str:
    """Without Markdown's marks and white space, half-width."""
    return "".join(unicodedata.normalize("NFKC", line).translate(MARKS).split())


def _added_to_html(text: str, prompt: str, where: Where) -> str:
    for place in ("start", "end"):
        if where not in (place, Where.BOTH):
            continue
        seen = text_html.visible_text(text).strip().splitlines()
        if seen and _same(seen[0] if place == "start" else seen[-1], prompt):
            continue
        text = text_html.inserted(text, prompt, at_end=place == "end")
        seen = text_html.visible_text(text).strip().splitlines()
        if not seen or not _same(seen[0] if place == "start" else seen[-1], prompt):
            raise LabelError(f"a label at the {place} of the page would not be seen")
    return text


def _visible(text: str, kind: Kind) -> str:
    if kind is Kind.HTML:
        return text_html.visible_text(text)
    if kind is Kind.MARKDOWN:
        return COMMENT.sub("", text[_body(text, kind) :]).translate(MARKS)
    return text


def _lines(seen: str, window: int) -> Iterator[TextLabel]:
    """Lines of their own that are labels: running text about AI is none."""
    at = middle = 0
    for line in seen.splitlines(keepends=True):
        before, behind = at, len(seen) - at - len(line)
        at += len(line)
        if "成" not in line or not _states(
            line
        ):  # both generation words end so; the rest of the rule takes time
            continue
        near_start, near_end = at <= window, len(seen) - before <= window
        if near_start and (not near_end or before <= behind):
            yield TextLabel("start", "line", line.strip())
        elif near_end:
            yield TextLabel("end", "line", line.strip())
        elif middle < MAX_MIDDLE:
            middle += 1
            yield TextLabel("middle", "line", line.strip())


def _states(line: str) -> bool:
    return len(line.strip()) <= STATEMENT and judge(line).conforms


def _loose(part: str, place: str) -> list[TextLabel]:
    """A label at the start or end that is no line of its own."""
    if judge(part).conforms:
        return [TextLabel(place, "phrase", part)]
    plain = unicodedata.normalize("NFKC", part).strip()
    marks = [CORNER.match(plain), CORNER_END.search(plain)]
    found = marks[0] if place == "start" else marks[1]
    return [TextLabel(place, "corner", found[0].strip())] if found else []
