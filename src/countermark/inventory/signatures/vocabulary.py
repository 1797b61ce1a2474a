"""Words that model names are made of, as the file of words has them."""

from __future__ import annotations

from countermark.inventory.signatures.rows import table
from countermark.inventory.usage import Kind

_WORDS = table("words")
TUNED: dict[str, str] = _WORDS["tuned"]
"""Word → how a model was tuned: ``it`` → ``instruct``."""
KINDS = {word: Kind(kind) for word, kind in _WORDS["kinds"].items()}
"""Word → what a model does."""
VARIANTS = frozenset(_WORDS["variants"]) | set(TUNED) | set(KINDS)
"""What any family's names may have behind a version."""
SOFTWARE = frozenset(_WORDS["software"])
"""What makes a name one of software, of a file or of a variable, and not of a model."""
DEPLOYMENTS = frozenset(_WORDS["deployments"])
"""With what deployments of a cloud are named, behind the whole id of a model."""
SERVING = frozenset(_WORDS["serving"])
"""What stands before an id and says what is done with the model, not what it is."""
SHELVES = frozenset(_WORDS["shelves"])
"""Folders that models are kept in."""
SOURCES = frozenset(_WORDS["sources"])
"""Folders that code and pages are kept in."""
STEMS: tuple[bytes, ...] = tuple(stem.encode() for stem in _WORDS["stems"])
"""Short strings of which nearly every file that names a model, a host or a library has at least one. Where
none may be missed, :func:`countermark.inventory.signatures.speaks` is exact."""
