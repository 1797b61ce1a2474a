"""Readers of code in other languages than Python, on the grammars that come with ast-grep."""

from __future__ import annotations

from collections.abc import Mapping

from countermark.inventory.reading.expressions import Module
from countermark.inventory.reading.languages import comments, parsing
from countermark.inventory.reading.languages.csharp import CSharp
from countermark.inventory.reading.languages.ecmascript import EcmaScript
from countermark.inventory.reading.languages.golang import Go
from countermark.inventory.reading.languages.java import Java
from countermark.inventory.reading.languages.kotlin import Kotlin
from countermark.inventory.reading.languages.walking import Walker

LANGUAGES: Mapping[str, str] = {
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".go": "go",
    ".java": "java",
    ".cs": "csharp",
    ".kt": "kotlin",
    ".kts": "kotlin",
}
"""Suffix of a file → the language that it is read as."""
WALKERS: Mapping[str, type[Walker]] = {
    "javascript": EcmaScript,
    "typescript": EcmaScript,
    "tsx": EcmaScript,
    "go": Go,
    "java": Java,
    "csharp": CSharp,
    "kotlin": Kotlin,
}


def read(path: str, data: bytes, language: str) -> Module:
    """What a file of code says. Any bytes give a module; ``trouble`` says what was not read.

    Args:
        path: As the module is to be known.
        data: The whole file.
        language: One of the values of ``LANGUAGES``.
    """
    module = Module(path, language)
    if language not in WALKERS:
        module.trouble = f"{language} is not read"
        return module
    if len(data) > parsing.MAX_BYTES:
        module.trouble = f"larger than {parsing.MAX_BYTES >> 20} MiB"
        return module
    text = parsing.decoded(data)
    root = parsing.tree(text, data, language)
    walker = WALKERS[language](module)
    walker.wide = max(map(len, text.split("\n"))) <= parsing.MAX_WIDTH
    try:
        walker.visit(root)
    except RecursionError:
        module.trouble = "nested too deep"
    comments.note(module, root, walker.comments)
    if parsing.broken(root, len(text)) and not module.trouble:
        module.trouble = f"much of it is no {language} that the grammar knows"
    return module
