"""The rows of a JSONL file, in one pass: defects, exact duplicates, recorded sources."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

SOURCE_KEYS = ("source", "url", "source_url", "origin", "dataset")
BOOKKEEPING = frozenset(
    {
        "id",
        "idx",
        "index",
        "uuid",
        "line",
        *SOURCE_KEYS,
        "licence",
        "license",
        "time",
        "date",
        "split",
    }
)
SHOWN = 10
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Defect:
    """A line that readers may read differently, or not at all."""

    line: int
    defect: str


@dataclass(frozen=True)
class Group:
    """Rows that say the same."""

    copies: int
    first_line: int


@dataclass(frozen=True)
class RowCount:
    """What one pass over a file found. No text of a row is kept."""

    sha256: str
    rows: int
    defective_lines: int
    defects: tuple[Defect, ...]
    """The first ones."""
    duplicate_rows: int
    """Rows beyond the first of each group."""
    largest_groups: tuple[Group, ...]
    rows_with_source: int
    sources: int
    """Distinct sources."""

    def to_fact(self) -> dict[str, Any]:
        """As JSON, for evidence."""
        return {
            "rows": self.rows,
            "defective_lines": self.defective_lines,
            "defects": [{"line": d.line, "defect": d.defect} for d in self.defects],
            "duplicate_rows": self.duplicate_rows,
            "largest_groups": [{"copies": g.copies, "first_line": g.first_line} for g in self.largest_groups],
            "rows_with_source": self.rows_with_source,
            "sources": self.sources,
        }


def read_rows(path: Path, *, max_line_bytes: int) -> RowCount:
    """Read a JSONL file to its end. No line is dropped: each is a row, a defect, or blank.

    Two rows are exact duplicates when they agree in all but their ids, sources and dates. Memory
    grows with the number of distinct rows (about 100 bytes each), not with their length.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    copies: Counter[bytes] = Counter()
    first: dict[bytes, int] = {}
    sources: set[bytes] = set()
    defects: list[Defect] = []
    rows = defective = sourced = 0
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(max_line_bytes + 1):
            number += 1
            digest.update(line)
            problems: list[str] = []
            if len(line) > max_line_bytes and not line.endswith(b"\n"):
                problems = [f"longer than {max_line_bytes:,} bytes"]
                while rest := stream.readline(max_line_bytes):
                    digest.update(rest)
                    if rest.endswith(b"\n"):
                        break
                row: Any = None
            elif not line.strip():
                continue
            else:
                row, problems = _parse(line, first_line=number == 1)
            if problems:
                defective += 1
                defects += [Defect(number, ", ".join(problems))] if len(defects) < SHOWN else []
            if not isinstance(row, dict):
                continue
            rows += 1
            key = _key(row)
            copies[key] += 1
            first.setdefault(key, number)
            source = next((row[k] for k in SOURCE_KEYS if row.get(k)), None)
            if source is not None:
                sourced += 1
                sources.add(_hash(str(source)))
    largest = [Group(n, first[key]) for key, n in copies.most_common(SHOWN) if n > 1]
    return RowCount(
        digest.hexdigest(),
        rows,
        defective,
        tuple(defects),
        sum(copies.values()) - len(copies),
        tuple(largest),
        sourced,
        len(sources),
    )


class _NotJsonError(ValueError):
    """A number that JSON does not have."""


def _no_constant(name: str) -> NoReturn:
    raise _NotJsonError(name)


def _parse(line: bytes, *, first_line: bool) -> tuple[Any, list[str]]:
    problems: list[str] = []
    if first_line and line.startswith(BOM):
        line = line[len(BOM) :]
        problems.append("begins with a byte-order mark")
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(items)
        if len(value) < len(items):
            repeated.append("a key stands in it twice")
        return value

    try:
        row = json.loads(line.decode(), object_pairs_hook=pairs, parse_constant=_no_constant)
    except UnicodeDecodeError:
        return None, [*problems, "is not UTF-8"]
    except _NotJsonError as error:
        return None, [*problems, f"{error} is no JSON"]
    except RecursionError:
        return None, [*problems, "is nested too deep"]
    except ValueError:
        return None, [*problems, "is not JSON"]
    problems += repeated[:1]
    if not isinstance(row, dict):
        problems.append("is no object")
    if b"\\ud" in line.lower() and _has_lone_surrogate(row):
        problems.append("has a lone surrogate")
    return row, problems


def _has_lone_surrogate(row: Any) -> bool:
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _key(row: dict[str, Any]) -> bytes:
    content = sorted((k, v) for k, v in row.items() if k not in BOOKKEEPING) or sorted(row.items())
    texts = [text for pair in content for text in pair]
    if all(isinstance(text, str) for text in texts):
        return _hash(repr(texts))
    return _hash(json.dumps(dict(content), sort_keys=True))


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
