"""Recorded conversations: counts of what answers rest on. No text of a conversation is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from countermark.collectors.site import Site, Task, file_digest
from countermark.model import GapCause, Location, Record


class Transcripts:
    """How many answers rest on retrieved sources, and how many link to them."""

    name = "transcripts"

    def plan(self, site: Site) -> Iterator[Task]:
        for transcripts in site.target.transcripts:
            task = Task(self.name, "transcript.answers", "", transcripts.service)
            yield from site.files(task, transcripts.files)

    def collect(self, task: Task, site: Site) -> Iterator[Record]:
        limit = site.target.limits.line_bytes
        answers = sourced = linked = first_unlinked = 0
        with task.file.open("rb") as stream:
            for number, line in enumerate(iter(lambda: stream.readline(limit + 1), b""), 1):
                if len(line) > limit:
                    yield task.missed(GapCause.TOO_LARGE, f"line {number} is longer than {limit:,} bytes")
                    return
                if not line.strip():
                    continue
                try:
                    conversation = json.loads(line)
                    turns = [m for m in conversation["messages"] if m["role"] == "assistant"]
                except (ValueError, KeyError, TypeError, RecursionError) as error:
                    yield task.missed(
                        GapCause.MALFORMED,
                        f"line {number} is no conversation ({type(error).__name__}): "
                        'write one JSON object a line, with "messages" of "role" and "content"',
                    )
                    return
                for turn in turns:
                    answers += 1
                    urls = _sources(turn)
                    sourced += bool(urls)
                    shows = any(url in str(turn.get("content", "")) for url in urls)
                    linked += shows
                    if urls and not shows:
                        first_unlinked = first_unlinked or number
        yield task.saw(
            {
                "answers": answers,
                "answers_with_sources": sourced,
                "answers_linking_them": linked,
                "first_unlinked_line": first_unlinked,
            },
            digest=f"sha256:{file_digest(task.file)}",
            location=Location(path=task.subject),
        )


def _sources(turn: dict[str, Any]) -> list[str]:
    """The URLs of what was retrieved for an answer: ``sources`` or OpenAI ``annotations``."""
    entries: list[Any] = []
    for name in ("sources", "annotations"):
        value = turn.get(name)
        entries += value if isinstance(value, list) else []
    entries = [e.get("url_citation", e) if isinstance(e, dict) else e for e in entries]
    urls = [e.get("url") if isinstance(e, dict) else e for e in entries]
    return [url for url in urls if isinstance(url, str) and url.startswith(("http://", "https://"))]
