"""Model security: are the model files safe to load?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from countermark.checks.conclusions import conforms, undetermined, violates
from countermark.checks.facts import texts
from countermark.checks.parameters import Parameters
from countermark.model import Evidence, Finding


def pickle_globals(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """No pickle in a model file imports what can run commands; the unknown goes to review."""
    allowed, dangerous = parameters.words("allowed"), parameters.words("dangerous")
    for piece in evidence:
        names = sorted(set(texts(piece, "globals")))
        bad = [name for name in names if _matches(name, dangerous)]
        unknown = [name for name in names if not _matches(name, allowed) and name not in bad]
        defects = ", ".join(texts(piece, "defects"))
        if bad:
            yield violates(
                piece,
                f"loading it would call {', '.join(bad)}",
                f"加载该文件会调用 {'、'.join(bad)}",
            )
        elif defects:
            yield undetermined(
                piece,
                f"could not be examined whole ({defects}): treat it as unsafe",
                f"无法完整检查（{defects}）：请按不安全处理",
            )
        elif unknown:
            yield undetermined(
                piece,
                f"imports what no list knows, for review: {', '.join(unknown)}",
                f"引用了未知对象，需要人工审查：{'、'.join(unknown)}",
            )
        elif not piece.fact["streams"]:
            yield conforms(
                piece,
                f"holds no pickle ({piece.fact['format']})",
                f"不含 pickle（{piece.fact['format']}）",
            )
        else:
            yield conforms(piece, "imports only what frameworks need", "只引用框架所需的对象")


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
