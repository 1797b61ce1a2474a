"""Short strings of which every file that names a model, a host or a library of AI has at least one."""

from __future__ import annotations

STEMS: tuple[bytes, ...] = (b"gpt",)
