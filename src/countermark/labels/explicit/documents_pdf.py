"""The explicit label of a PDF: a line of text at the top of its pages, and the text that a reader sees.

The file is written anew by qpdf (through pikepdf), not by an incremental update: everything it holds is kept,
byte offsets are not. Signatures would break, so a signed file is refused. Needs ``countermark[documents]``.

Source: ISO 32000-1, sections 8.4.2 (graphics state stack) and 9.4 (text objects).
"""

from __future__ import annotations

import contextlib
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from countermark.labels.defects import LabelError, MissingPackageError, TooLargeError
from countermark.labels.explicit import documents_font, text
from countermark.labels.explicit.placing import Where
from countermark.labels.explicit.text import WINDOW, TextFinding, TextLabel
from countermark.labels.source import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    import pikepdf

MAX_BYTES = 512 << 20
MAX_PAGES = 10_000
CONTENT_SHARE = 4
"""The content of one page may unpack to so many times what metadata may."""
LEAST_SIZE_PT = 12.0
SHARE = 0.02
"""The letters of a large page grow with it: at least this share of its shorter side. No text names a size."""
MARGIN_SHARE = 0.02
NAME = "/CountermarkLabel"


def labelled(
    data: bytes,
    prompt: str,
    where: Where = Where.START,
    *,
    every_page: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """The PDF with ``prompt`` at the top of its first page, at the foot of its last, or at the top of all.

    Black letters with a white edge: they can be read on any ground, and cover nothing else. A page that
    shows the prompt already is left as it is.

    Raises:
        LabelError: it is no PDF that can be read, is encrypted, signed or has no page, the font lacks a
            character, the label would not be seen, or pikepdf or pypdfium2 is missing.
    """
    pikepdf = _pikepdf()
    face = documents_font.face()
    face.codes(prompt)
    try:
        with pikepdf.open(_bounded(data)) as pdf:
            _refuse(pdf)
            font = documents_font.embedded(pdf, face, prompt)
            numbers = _pages(len(pdf.pages), where, every_page=every_page)
            for number, _ in numbers:
                _refuse_bomb(pdf.pages[number], limits)
            lacking = [(number, foot) for number, foot in numbers if not _shows(data, number, prompt)]
            if not lacking:
                return data
            for number, foot in lacking:
                _draw(pdf, pdf.pages[number], font, _Line(prompt, face, foot))
            out = BytesIO()
            pdf.save(out, linearize=pdf.is_linearized, min_version=pdf.pdf_version)
    except _troubles() as error:
        raise LabelError(f"is no PDF that can be labelled: {_reason(error)}") from error
    made = out.getvalue()
    hidden = [number + 1 for number, _ in lacking if not _shows(made, number, prompt)]
    if hidden:
        raise LabelError(f"a label would not be seen on page {hidden[0]}")
    return made


def _pages(count: int, where: Where, *, every_page: bool) -> list[tuple[int, bool]]:
    """Which pages get the label, and whether at their foot."""
    if every_page:
        return [(number, False) for number in range(count)]
    first = [(0, False)] if where != Where.END else []
    last = [(count - 1, True)] if where == Where.END or (where == Where.BOTH and count > 1) else []
    return first + last


def find(
    data: bytes, window: int = WINDOW, max_pages: int = 50, limits: Limits = DEFAULT_LIMITS
) -> TextFinding:
    """Labels in the text of the first and last pages.

    Those of the first page are at the ``start``, of the last at the ``end``, whatever their place on it.
    Text in pictures is not read, and text that is drawn unseen is not told from other text.

    Args:
        data: the whole file.
        window: as in :func:`countermark.labels.explicit.text.find`.
        max_pages: most pages that are read, half of them from the end.
        limits: bounds on what a page unpacks to.

    Raises:
        LabelError: it is no PDF that can be read, or pypdfium2 is missing.
    """
    numbers = _first_and_last(data, max_pages, limits)
    document = _opened(data)
    labels: list[TextLabel] = []
    characters = 0
    try:
        count = len(document)
        for number in (number for number in numbers if number < count):
            found = text.find(_page_text(document, number), window=window)
            characters += found.characters
            labels += [_of_page(label, number, count) for label in found.labels]
    except _pdfium().PdfiumError as error:
        raise LabelError(f"a page cannot be read: {error}") from error
    finally:
        document.close()
    return TextFinding(tuple(labels), characters)


def _first_and_last(data: bytes, most: int, limits: Limits) -> list[int]:
    """The pages to read, none of which unpacks to more than the limit."""
    pikepdf = _pikepdf()
    half = max(1, most // 2)
    try:
        with pikepdf.open(_bounded(data)) as pdf:
            count = len(pdf.pages)
            numbers = sorted({*range(min(half, count)), *range(max(0, count - half), count)})
            for number in numbers:
                _refuse_bomb(pdf.pages[number], limits)
    except _troubles() as error:
        raise LabelError(f"is no PDF that can be read: {_reason(error)}") from error
    return numbers


def _refuse_bomb(page: pikepdf.Page, limits: Limits) -> None:
    """Look at how much the content of a page unpacks to; forms that it draws are not followed."""
    contents: Any = page.obj.get("/Contents", [])
    streams = list(contents) if isinstance(contents, _pikepdf().Array) else [contents] if contents else []
    most = left = CONTENT_SHARE * limits.metadata_bytes
    for stream in streams:
        data = stream.read_raw_bytes()
        filters: Any = stream.get("/Filter", [])
        names = [str(name) for name in filters] if isinstance(filters, _pikepdf().Array) else [str(filters)]
        for name in names:
            if name == "/FlateDecode" and data:
                with contextlib.suppress(zlib.error):
                    data = zlib.decompressobj().decompress(data, left + 1)
        left -= len(data) + 1
        if left < 0:
            raise TooLargeError(f"the content of a page unpacks to more than {most:,} bytes")


def _page_text(document: Any, number: int) -> str:
    page = document[number]
    try:
        written = page.get_textpage()
        try:
            return str(written.get_text_bounded(errors="ignore"))[: text.MAX_CHARACTERS]
        finally:
            written.close()
    finally:
        page.close()


def _shows(data: bytes, number: int, prompt: str) -> bool:
    """Whether a line within the bounds of a page is the prompt, as another library reads it."""
    document = _opened(data)
    try:
        seen = _page_text(document, number).splitlines()
    except _pdfium().PdfiumError as error:
        raise LabelError(f"page {number + 1} cannot be read: {error}") from error
    finally:
        document.close()
    return any("".join(line.split()) == "".join(prompt.split()) for line in seen)


def _opened(data: bytes) -> Any:
    pdfium = _pdfium()
    try:
        return pdfium.PdfDocument(_bounded(data))
    except pdfium.PdfiumError as error:
        raise LabelError(f"is no PDF that can be read: {error}") from error


def _of_page(label: TextLabel, number: int, count: int) -> TextLabel:
    place = "start" if number == 0 else "end" if number == count - 1 else "middle"
    return TextLabel(place, label.form, label.text)


def _bounded(data: bytes) -> BytesIO:
    if len(data) > MAX_BYTES:
        raise TooLargeError(f"a PDF of more than {MAX_BYTES:,} bytes")
    return BytesIO(data)


def _refuse(pdf: pikepdf.Pdf) -> None:
    if pdf.is_encrypted:
        raise LabelError("is encrypted: a label is put into it before")
    root = pdf.Root
    form: Any = root.get("/AcroForm", {})
    if "/Perms" in root or int(form.get("/SigFlags", 0)) & 1:
        raise LabelError("is signed, and a changed file would break that: label first, sign last")
    if any(str(spec.get("/AFRelationship", "")) == "/C2PA_Manifest" for spec in root.get("/AF", [])):
        raise LabelError("carries a C2PA manifest, which a changed file would break: label first, sign last")
    if not 1 <= len(pdf.pages) <= MAX_PAGES:
        raise TooLargeError(f"{len(pdf.pages):,} pages; a PDF of 1 to {MAX_PAGES:,} is labelled")


@dataclass(frozen=True, slots=True)
class _Line:
    """What is drawn on a page."""

    text: str
    face: documents_font.Face
    foot: bool


def _draw(pdf: pikepdf.Pdf, page: pikepdf.Page, font: Any, line: _Line) -> None:
    pikepdf = _pikepdf()
    fonts: Any = page.resources.get("/Font", {})
    names = (f"{NAME}{number}" for number in range(len(fonts) + 1))
    name = next(name for name in names if name not in fonts or fonts[name].objgen == font.objgen)
    page.add_resource(font, pikepdf.Name.Font, pikepdf.Name(name))
    opening, closing = _balance(page)
    page.contents_add(pdf.make_stream(opening), prepend=True)
    page.contents_add(pdf.make_stream(closing + _content(page, name, line)))


def _balance(page: pikepdf.Page) -> tuple[bytes, bytes]:
    """What saves the graphics state before the page and brings it back after, however it was left."""
    depth = deepest = 0
    for instruction in _pikepdf().parse_content_stream(page, "q Q"):
        depth += 1 if str(instruction.operator) == "q" else -1
        deepest = min(deepest, depth)
    opened = 1 - deepest
    return b"q " * opened, b"\n" + b"Q " * (opened + depth)


def _content(page: pikepdf.Page, name: str, line: _Line) -> bytes:
    """The line at the left of the page as it is shown, that is after its rotation."""
    left, bottom, right, top = sorted_box([float(value) for value in page.cropbox])
    turn = int(page.obj.get("/Rotate", 0)) % 360 // 90
    width, height = (right - left, top - bottom) if turn % 2 == 0 else (top - bottom, right - left)
    margin = MARGIN_SHARE * min(width, height)
    size = max(LEAST_SIZE_PT, SHARE * min(width, height))
    size = min(size, (width - 2 * margin) / max(line.face.width(line.text), 0.1))
    y = margin + size * 0.2 if line.foot else height - margin - size * line.face.cap_height / 1000
    corners = [(1, 0, 0, 1, left, bottom), (0, 1, -1, 0, right, bottom), (-1, 0, 0, -1, right, top)]
    matrix = [*corners, (0, -1, 1, 0, left, top)][turn]
    codes = "".join(f"{code:04X}" for code in line.face.codes(line.text))
    at = f"1 0 0 1 {margin:.3f} {y:.3f} Tm"
    lines = (
        f"q {' '.join(f'{value:.3f}' for value in matrix)} cm 1 J 1 j {size / 5:.3f} w [] 0 d",
        f"BT {name} {size:.3f} Tf 0 Tc 0 Tw 100 Tz 0 Ts {at} 1 G 1 Tr <{codes}> Tj",
        f"{at} 0 g 0 Tr <{codes}> Tj ET Q\n",
    )
    return "\n".join(lines).encode()


def sorted_box(box: list[float]) -> tuple[float, float, float, float]:
    """Left, bottom, right, top: a rectangle may name any two opposite corners.

    Raises:
        LabelError: it is empty, or wider than any page.
    """
    if len(box) != 4 or not all(abs(value) < 1e7 for value in box):
        raise LabelError("a page has no box that a label could be put into")
    left, right = sorted((box[0], box[2]))
    bottom, top = sorted((box[1], box[3]))
    if right - left < 1 or top - bottom < 1:
        raise LabelError("a page has no room for a label")
    return left, bottom, right, top


def _pikepdf() -> Any:
    try:
        import pikepdf  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise MissingPackageError("pikepdf is needed here: pip install 'countermark[documents]'") from missing
    return pikepdf


def _troubles() -> tuple[type[Exception], ...]:
    """What pikepdf raises over a broken file: its own errors, and Python's over objects of the wrong type."""
    pikepdf = _pikepdf()
    own = (pikepdf.PdfError, pikepdf.PasswordError, pikepdf.DeletedObjectError, pikepdf.ForeignObjectError)
    return (*own, ValueError, TypeError, KeyError, AttributeError, RuntimeError, OverflowError)


def _reason(error: Exception) -> str:
    """What qpdf says, without what the file is called in memory."""
    return str(error).rpartition(">: ")[2]


def _pdfium() -> Any:
    try:
        import pypdfium2  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise MissingPackageError(
            "pypdfium2 is needed here: pip install 'countermark[documents]'"
        ) from missing
    return pypdfium2
