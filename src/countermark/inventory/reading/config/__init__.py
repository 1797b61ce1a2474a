"""Readers of configuration: which keys, variables and commands have which value, and what is off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from countermark.inventory.reading.config import (
    dockerfile,
    dotenv,
    hocon,
    ini_files,
    json_files,
    makefile,
    notebook,
    pipelines,
    property_files,
    terraform,
    toml_files,
    yaml_files,
)
from countermark.inventory.reading.config.decoding import decode
from countermark.inventory.reading.config.entries import Writer
from countermark.inventory.reading.config.formats import format_of, is_template, steers
from countermark.inventory.reading.config.launches import launches
from countermark.inventory.reading.config.remarks import clear
from countermark.inventory.reading.config.trees import Inner, Mapping, Parsed, Remark
from countermark.inventory.reading.config.tying import tied
from countermark.inventory.reading.expressions import Document

__all__ = ["format_of", "is_template", "notebook", "read", "steers", "tied"]

MAX_BYTES = 1 << 20
MAX_INNER = 200
MAX_INNER_LINE = 100_000
TEXTS: dict[str, Callable[[str, str], Document]] = {
    "dockerfile": dockerfile.read,
    "hocon": hocon.read,
    "ini": ini_files.read,
    "jenkins": pipelines.read_jenkins,
    "make": makefile.read,
    "modelfile": makefile.read_modelfile,
    "procfile": makefile.read_procfile,
    "properties": property_files.read,
    "systemd": ini_files.read,
    "terraform": terraform.read,
}
"""What is read line by line, by the format of :func:`format_of`."""
SHOWN = {"hocon": "ini", "jenkins": "ci", "make": "shell", "modelfile": "shell", "procfile": "shell"}
"""The format that a document has, where the reader's is finer."""


def read(path: str, data: bytes) -> list[Document]:
    """What a configuration file says, and what the files in it say, each a document of its own.

    Any bytes give a list; ``trouble`` says what was not read, and where. A file that :func:`format_of` does
    not know gives none, and so does a notebook: its cells are code.
    """
    form = format_of(path, data[:4096])
    if form in ("", "notebook"):
        return []
    if len(data) > MAX_BYTES:
        trouble = f"larger than {MAX_BYTES >> 20} MiB: not read"
        return [Document(path, SHOWN.get(form, form), trouble=trouble)]
    text, trouble = decode(data)
    documents = list(_read(path, form, text, 0))
    if trouble:
        documents[0].trouble = documents[0].trouble or trouble
    return documents


def _read(path: str, form: str, text: str, nested: int) -> Iterator[Document]:
    inner: list[Inner] = []
    if form == "yaml":
        document, inner = yaml_files.read(path, text)
    elif form == "json":
        document, inner = _json(path, text)
    elif form == "toml":
        document = _toml(path, text)
    elif form == "env":
        document = dotenv.read(path, text, template=is_template(path))
    else:
        document = TEXTS[form](path, text)
    yield document
    for each in inner[:MAX_INNER] if nested < 2 else ():  # noqa: PLR2004 - a file in a file in a file is enough
        yield from _inner(path, each, nested + 1)


def _inner(path: str, inner: Inner, nested: int) -> Iterator[Document]:
    """A file within a file: empty lines before it keep its own where they stand."""
    form = format_of(inner.name, b"") or "yaml"
    text = "\n" * min(inner.text.line - 1, MAX_INNER_LINE) + inner.text.value
    for document in _read(inner.name, form, text, nested):
        yield replace(document, path=path)


def _json(path: str, text: str) -> tuple[Document, list[Inner]]:
    parsed = json_files.parse(text)
    if any(yaml_files.has_scheme(root) for root in parsed.roots):
        parsed.remarks.clear()
        return yaml_files.of_parsed(path, parsed)
    document = Document(path, "json", trouble=parsed.trouble)
    _plain(document, parsed, json_files.remark_node)
    return document, []


def _toml(path: str, text: str) -> Document:
    parsed = toml_files.parse(text)
    document = Document(path, "toml", trouble=parsed.trouble)
    _plain(document, parsed, toml_files.remark_node)
    return document


def _plain(document: Document, parsed: Parsed, node_of: Callable[[Remark], Mapping | None]) -> None:
    writer = Writer(document)
    for root in parsed.roots:
        writer.add(root)
        launches(document, root)
    for remark in parsed.remarks:
        node = node_of(remark)
        kept = clear(node) if node is not None else None
        if kept is not None:
            writer.add_remark(kept, remark.parents)
