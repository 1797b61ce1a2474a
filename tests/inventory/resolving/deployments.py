"""A deployment written as a dictionary, and what is found in it."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from countermark.inventory.scanning import scan_files
from countermark.inventory.usage import Inventory

OPENAI = "api.openai.com"
DEEPSEEK = "api.deepseek.com"
DASHSCOPE = "dashscope.aliyuncs.com"

CALL = """
from openai import OpenAI

client = OpenAI()


def answer(question):
    return client.chat.completions.create(model={model}, messages=[{{"role": "user", "content": question}}])
"""
"""A service that calls the model named by an expression."""


def calling(model: str, before: str = "") -> str:
    """The service, with lines before it."""
    return dedent(before) + CALL.format(model=model)


def scanned(files: Mapping[str, str]) -> Inventory:
    """The inventory of files that are not on disk."""
    return scan_files((path, dedent(text).encode()) for path, text in files.items())


def found(files: Mapping[str, str]) -> set[tuple[str, str, str]]:
    """Each usage as model, or how it is written in brackets; state; host."""
    return {(u.model or f"<{u.expression}>", str(u.state), u.host) for u in scanned(files).usages}


def states(files: Mapping[str, str]) -> dict[str, str]:
    """The state of each model."""
    return {model: state for model, state, _ in found(files)}
