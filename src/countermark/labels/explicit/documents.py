"""The explicit label of a document: a Word file or a PDF, told apart by their first bytes.

A Word file is spliced: all but one part of it stays byte for byte. A PDF is written anew by qpdf.
"""

from __future__ import annotations

from pathlib import Path

from countermark.labels.defects import LabelError, TooLargeError, UnknownContainerError
from countermark.labels.explicit import documents_docx, documents_pdf
from countermark.labels.explicit.placing import Where
from countermark.labels.explicit.text import PROMPT, WINDOW, TextFinding
from countermark.labels.explicit.wording import required
from countermark.labels.source import DEFAULT_LIMITS, Limits, Source, opened
from countermark.labels.splicing import Edit, to_file

MAX_PROMPT = 100


def add(
    source: Path,
    target: Path,
    prompt: str = PROMPT,
    where: Where = Where.START,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Write ``source`` with a prompt that its readers see to ``target``, which may be the same file.

    A Word document gets a paragraph at its start or end; a PDF a line at the top of its first page or the
    foot of its last. A document that has the prompt there already is copied as it is.

    Raises:
        LabelError: the prompt lacks an element, or the document is of another kind, broken, encrypted or
            signed; or a package for PDF is missing.
        OSError: a file cannot be read or written.
    """
    required(prompt)
    if len(prompt) > MAX_PROMPT or not prompt.isprintable():
        raise LabelError(f"a prompt is one line of at most {MAX_PROMPT} characters")
    with opened(source) as document:
        if _kind(document) == "docx":
            edits = documents_docx.edits(document, prompt, where, limits)
        else:
            made = documents_pdf.labelled(_whole(document), prompt, where, limits=limits)
            edits = [Edit(0, document.size, made)]
        to_file(document, edits, target)


def find(source: Path, window: int = WINDOW, limits: Limits = DEFAULT_LIMITS) -> TextFinding:
    """Look for labels in the text that a reader of the document sees.

    Raises:
        LabelError: the document is of another kind, broken or encrypted; or a package for PDF is missing.
        OSError: the file cannot be read.
    """
    with opened(source) as document:
        if _kind(document) == "docx":
            return documents_docx.find(document, window, limits)
        return documents_pdf.find(_whole(document), window, limits=limits)


def _whole(document: Source) -> bytes:
    if document.size > documents_pdf.MAX_BYTES:
        raise TooLargeError(f"a PDF of more than {documents_pdf.MAX_BYTES:,} bytes")
    return document.read(0, document.size)


def _kind(document: Source) -> str:
    head = document.peek(0, 1024)
    if head.startswith(b"PK\x03\x04"):
        return "docx"
    if b"%PDF-" in head:
        return "pdf"
    raise UnknownContainerError("is neither a Word document nor a PDF")
