"""Falsehood: does an answer show what it rests on?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from countermark.checks.conclusions import conforms, not_applicable, undetermined, violates
from countermark.checks.facts import line
from countermark.checks.parameters import Parameters
from countermark.model import Evidence, Finding


def sources_linked(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """Answers that rest on retrieved sources link to them."""
    needed = parameters.number("share")
    for piece in evidence:
        sourced, linked = piece.fact["answers_with_sources"], piece.fact["answers_linking_them"]
        first = piece.fact["first_unlinked_line"]
        if not isinstance(sourced, int) or not isinstance(linked, int):
            yield undetermined(piece, "the answers were not counted", "没有统计回答")
        elif not piece.fact["answers"]:
            yield undetermined(piece, "holds no answer", "没有任何回答")
        elif not sourced:
            yield not_applicable(
                piece, "no answer records a source that it rests on", "没有回答记录所依据的来源"
            )
        elif linked / sourced < needed:
            yield violates(
                piece,
                f"{sourced - linked} of {sourced} answers that rest on retrieved sources link to none",
                f"{sourced} 个引用检索来源的回答中，有 {sourced - linked} 个没有标注来源链接",
                line=line(first),
            )
        else:
            yield conforms(
                piece,
                f"all {sourced} answers that rest on retrieved sources link to them",
                f"{sourced} 个引用检索来源的回答都标注了链接",
            )
