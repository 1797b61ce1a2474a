"""Readers of code in other languages than Python, on the grammars that come with ast-grep."""

from __future__ import annotations

from collections.abc import Mapping

from countermark.inventory.reading.expressions import Module
from countermark.inventory.reading.languages import comments, components, parsing
from countermark.inventory.reading.languages.csharp import CSharp
from countermark.inventory.reading.languages.ecmascript import EcmaScript
from countermark.inventory.reading.languages.golang import Go
from countermark.inventory.reading.languages.java import Java
from countermark.inventory.reading.languages.kotlin import Kotlin
from countermark.inventory.reading.languages.php import Php
from countermark.inventory.reading.languages.ruby import Ruby
from countermark.inventory.reading.languages.rust import Rust
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
    ".vue": "vue",
    ".svelte": "svelte",
    ".go": "go",
    ".java": "java",
    ".kt": "kotlin",
    ".kts": "kotlin",
    ".cs": "csharp",
    ".rs": "rust",
    ".php": "php",
    ".rb": "ruby",
    ".rake": "ruby",
}
"""Suffix of a file → the language that it is read as."""
WALKERS: Mapping[str, type[Walker]] = {
    "javascript": EcmaScript,
    "typescript": EcmaScript,
    "tsx": EcmaScript,
    "go": Go,
    "java": Java,
    "kotlin": Kotlin,
    "csharp": CSharp,
    "rust": Rust,
    "php": Php,
    "ruby": Ruby,
}
COMPONENTS = frozenset(["vue", "svelte"])


def read(path: str, data: bytes, language: str) -> Module:
    """What a file of code says. Any bytes give a module; ``trouble`` says what was not read.

    Args:
        path: As the module is to be known.
        data: The whole file.
        language: One of the values of ``LANGUAGES``.
    """
    module = Module(path, language)
    if len(data) > parsing.MAX_BYTES:
        module.trouble = f"larger than {parsing.MAX_BYTES >> 20} MiB"
        return module
    if language in COMPONENTS:
        data, module.language = components.script(data)
    if module.language in WALKERS:
        _walk(module, data)
    else:
        module.trouble = f"{language} is not read"
    return module


def _walk(module: Module, data: bytes) -> None:
    """Read one file of a language that the grammars have."""
    kind = WALKERS[module.language]
    text = kind.prepared(parsing.decoded(data))
    root = parsing.tree(text, data, module.language)
    walker = kind(module)
    walker.wide = max(map(len, text.split("\n"))) <= parsing.MAX_WIDTH
    try:
        walker.visit(root)
    except RecursionError:
        module.trouble = "nested too deep"
    comments.note(module, root, walker.comments)
    if not module.trouble and parsing.broken(root, len(text)):
        module.trouble = f"much of it is no {module.language} that the grammar knows"
