"""The explicit label of a Word document: a paragraph of its own, and what a reader of it sees.

``word/document.xml`` gets the paragraph spliced into its text; nothing is written anew by an XML library, and
every other member of the archive stays as it is, byte for byte.

Source: ECMA-376 Part 1, sections 17.2.2 (body), 17.3.1 (paragraphs) and 17.3.2 (runs).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from countermark.labels.containers import zips
from countermark.labels.defects import LabelError
from countermark.labels.explicit import text
from countermark.labels.explicit.placing import Where
from countermark.labels.explicit.text import WINDOW, TextFinding, TextLabel
from countermark.labels.source import DEFAULT_LIMITS, Limits, Source
from countermark.labels.splicing import Edit

DOCUMENT = "word/document.xml"
SPACES = frozenset(
    (
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
)
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
OFF = ("0", "false", "off")
DEFAULT_HALF_POINTS = 24


@dataclass(slots=True)
class Outline:
    """What one part of a document says, and where its body can be entered."""

    lines: list[str] = field(default_factory=list)
    """The text of each paragraph that is seen."""
    prefix: str = "w"
    first: int = -1
    """Byte offset of the first thing in the body."""
    last: int = -1
    """Byte offset of the section properties at the end of the body, or of its end tag."""


def edits(
    source: Source, prompt: str, where: Where = Where.START, limits: Limits = DEFAULT_LIMITS
) -> list[Edit]:
    """What puts a centred paragraph with ``prompt`` at the start or end; none where it is there already.

    Raises:
        LabelError: the file is no Word document, broken, or signed, which a change would break.
    """
    archive = zips.Archive(source, limits)
    data = _document(archive)
    if archive.has_folder("_xmlsignatures/") or archive.find(zips.MANIFEST):
        raise LabelError("is signed, and a changed document would break that: label first, sign last")
    outline = read(data)
    if outline.first < 0 or outline.last < outline.first:
        raise LabelError(f"{DOCUMENT} has no body that a paragraph could be put into")
    paragraph = _paragraph(prompt, outline.prefix)
    lines = [line for line in outline.lines if line.strip()] or [""]
    before = paragraph if where != Where.END and lines[0].strip() != prompt else b""
    behind = paragraph if where != Where.START and lines[-1].strip() != prompt else b""
    if not before and not behind:
        return []
    first, last = outline.first, outline.last
    changed = data[:first] + before + data[first:last] + behind + data[last:]
    return archive.edits({DOCUMENT: changed})


def find(source: Source, window: int = WINDOW, limits: Limits = DEFAULT_LIMITS) -> TextFinding:
    """Labels in the text, and in headers and footers: their place is then ``header`` or ``footer``.

    Hidden runs, deleted text and field codes do not count. Styles and colours are not looked at.

    Raises:
        LabelError: the file is no Word document, or broken.
    """
    archive = zips.Archive(source, limits)
    found = text.find("\n".join(read(_document(archive)).lines), window=window)
    labels = list(found.labels)
    for part in archive.members:
        place = part.name.removeprefix("word/")[:6]
        if place not in ("header", "footer") or not part.name.endswith(".xml"):
            continue
        lines = read(archive.read(part.name) or b"").lines
        aside = text.find("\n".join(lines), window=window)
        labels += [TextLabel(place, label.form, label.text) for label in aside.labels]
    return TextFinding(tuple(labels), found.characters)


def _document(archive: zips.Archive) -> bytes:
    data = archive.read(DOCUMENT)
    if data is None:
        raise LabelError(f"is no Word document: it has no {DOCUMENT}")
    return data


def read(data: bytes) -> Outline:
    """Read one part of a document. Entities and document types are refused: a document has none.

    Raises:
        LabelError: it is no XML, or not in UTF-8.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise LabelError("a document in UTF-16 is not read")
    reader = _Reader(data)
    try:
        reader.parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position
    except expat.ExpatError as error:
        raise LabelError(f"a part of the document is no XML: {error}") from error
    return reader.outline


def _paragraph(prompt: str, prefix: str) -> bytes:
    w = f"{prefix}:" if prefix else ""
    run = (
        f'<{w}rPr><{w}sz {w}val="{DEFAULT_HALF_POINTS}"/><{w}lang {w}eastAsia="zh-CN"/></{w}rPr>'
        f"<{w}t>{escape(prompt)}</{w}t>"
    )
    made = f'<{w}p><{w}pPr><{w}jc {w}val="center"/></{w}pPr><{w}r>{run}</{w}r></{w}p>'
    return made.encode()


class _Reader:
    """Listens to expat, which alone says at which byte a tag begins."""

    def __init__(self, data: bytes) -> None:
        self.outline = Outline()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.namespace_prefixes = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._take
        self._data = data
        self._path: list[str] = []
        self._paragraphs: list[list[str]] = []
        self._skipped = 0
        self._hidden = False

    def _refuse(self, *_: object) -> None:
        raise LabelError("a part of the document declares a document type, which may hold entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = self._local(name)
        if self._path == ["document", "body"]:
            if self.outline.first < 0:
                self.outline.first = self.parser.CurrentByteIndex
            self.outline.last = self.parser.CurrentByteIndex if local == "sectPr" else -1
        self._path.append(local)
        if self._skipped or name.startswith(f"{COMPATIBILITY} Fallback"):
            self._skipped += 1
        elif local == "body" and len(self._path) == 2:
            self.outline.prefix = name.split(" ")[2] if name.count(" ") == 2 else ""
        elif local == "p":
            self._paragraphs.append([])
        elif local == "r":
            self._hidden = False
        elif local in ("vanish", "webHidden") and self._path[-3:-1] == ["r", "rPr"]:
            values = [value for key, value in attributes.items() if key.split(" ")[1:2] == ["val"]]
            self._hidden = not values or values[0] not in OFF
        elif local in ("tab", "br", "cr") and self._path[-2:-1] == ["r"]:
            self._take(" ")

    def _end(self, name: str) -> None:
        local = self._path.pop()
        if self._path == ["document"] and local == "body" and self.outline.last < 0:
            at = self.parser.CurrentByteIndex
            closes = self._data[at : at + 2] == b"</" and self._data[at - 2 : at] != b"/>"
            self.outline.last = at if self.outline.first >= 0 or closes else -1  # no way into an empty tag
            if self.outline.first < 0:
                self.outline.first = self.outline.last
        if self._skipped:
            self._skipped -= 1
        elif local == "p" and self._paragraphs:
            self.outline.lines.append("".join(self._paragraphs.pop()))

    def _take(self, characters: str) -> None:
        seen = not self._skipped and not self._hidden and self._paragraphs
        if seen and (self._path[-1:] == ["t"] or characters == " "):
            self._paragraphs[-1].append(characters)

    @staticmethod
    def _local(name: str) -> str:
        """The local name of an element of a document; others have none."""
        parts = name.split(" ")
        return parts[1] if len(parts) > 1 and parts[0] in SPACES else ""
