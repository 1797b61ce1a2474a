"""The process that reads a PDF: bytes on standard input, the pages as JSON on standard output."""

from __future__ import annotations

import contextlib
import io
import logging
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import orjson

from countermark.inventory.register.importing.grids import UnreadableError
from countermark.inventory.register.importing.pdf_tables import Page

MAX_PAGES = 3_000
MEMORY_BYTES = 4 << 30
"""Most memory that the process may have, where the system knows such a limit."""
TITLE_LENGTH = 200
"""Longest title above the first table, in characters."""
TROUBLES = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, RecursionError,
    ArithmeticError, OSError, EOFError, NotImplementedError, MemoryError, struct.error, zlib.error,
)  # fmt: skip
"""What the parser raises over a broken file beside its own errors; with anything else this process ends."""


def pages(data: bytes) -> list[Page]:
    """Read the pages in this process: bounded by nothing but :data:`MAX_PAGES`.

    Raises:
        UnreadableError: it is no PDF, is locked, or has too many pages.
    """
    import pdfplumber  # noqa: PLC0415 - an extra
    from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException  # noqa: PLC0415

    troubles = (*TROUBLES, PdfminerException, MalformedPDFException)
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            count = len(pdf.pages)
            if count > MAX_PAGES:
                raise UnreadableError(f"has {count:,} pages: not one of the public lists")
            return list(_each(pdf, troubles))
    except UnreadableError:
        raise
    except troubles as error:
        raise UnreadableError(f"not a PDF that can be read: {error or type(error).__name__}") from None


def _each(pdf: Any, troubles: tuple[type[Exception], ...]) -> Iterator[Page]:
    for number, page in enumerate(pdf.pages, 1):
        read: Page = {"number": number, "title": "", "tables": [], "trouble": ""}
        try:
            found = page.find_tables()
            read["tables"] = [table.extract() for table in found]
            if number == 1:
                read["title"] = _title(page, found)
            if not found:
                has_text = bool((page.extract_text() or "").strip())
                read["trouble"] = "has text but no ruled table" if has_text else "has no text: a scan?"
        except troubles as error:
            read["trouble"] = f"cannot be read: {error or type(error).__name__}"
        finally:
            page.close()
        yield read


def _title(page: Any, tables: list[Any]) -> str:
    """The text above the first table."""
    top = min((table.bbox[1] for table in tables), default=0)
    if top <= page.bbox[1]:
        return ""
    above = page.crop((page.bbox[0], page.bbox[1], page.bbox[2], top))
    return " ".join((above.extract_text() or "").split())[:TITLE_LENGTH]


def main() -> None:
    """Read a PDF from standard input, and write its pages to standard output."""
    logging.disable(logging.CRITICAL)  # the parser warns of every oddity
    _bound()
    answer: dict[str, Any]
    try:
        answer = {"pages": pages(sys.stdin.buffer.read())}
    except ImportError:
        answer = {"missing": True}
    except UnreadableError as error:
        answer = {"error": str(error)}
    sys.stdout.buffer.write(orjson.dumps(answer))


def _bound() -> None:
    """Set the limits that this system knows."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main()
