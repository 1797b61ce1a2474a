"""Data integrity: is the data what was declared, whole, and where it says it is from?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from countermark.checks.conclusions import conforms, undetermined, violates
from countermark.checks.facts import entries, line, number
from countermark.checks.parameters import Parameters
from countermark.model import Evidence, Finding


def matches_manifest(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """Every file of a corpus has the digest that its manifest declares, and none is extra or gone."""
    algorithm = parameters.text("algorithm")
    for piece in evidence:
        declared, actual = piece.fact[f"declared_{algorithm}"], piece.fact[algorithm]
        if actual is None:
            yield violates(piece, "is in the manifest and not in the corpus", "清单中有，语料中没有")
        elif declared is None:
            yield violates(piece, "is in the corpus and not in the manifest", "语料中有，清单中没有")
        elif declared != actual:
            yield violates(
                piece,
                f"has changed since the manifest was written: {algorithm} is {actual}, declared {declared}",
                f"与清单不符：{algorithm} 实为 {actual}，清单为 {declared}",
            )
        else:
            yield conforms(piece, "matches its manifest", "与清单一致")


def every_line_parses(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """Every line of a corpus file is a record that all readers read alike."""
    most = parameters.number("most_defective_lines")
    for piece in evidence:
        defects = entries(piece, "defects")
        count = number(piece.fact["defective_lines"])
        if not piece.fact["rows"] and not count:
            yield undetermined(piece, "the corpus has no rows", "语料中没有任何记录")
        elif count > most:
            named = "; ".join(f"line {d['line']}: {d['defect']}" for d in defects)
            yield violates(
                piece,
                f"{count:.0f} defective lines: {named}",
                f"{count:.0f} 行有缺陷：{named}",
                line=line(defects[0]["line"]) if defects else None,
            )
        else:
            yield conforms(
                piece,
                f"all {piece.fact['rows']} lines parse",
                f"全部 {piece.fact['rows']} 行可以解析",
            )


def few_exact_duplicates(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """No record is repeated so often that it looks like a flood."""
    copies, share = parameters.number("most_copies"), parameters.number("most_share")
    for piece in evidence:
        rows, duplicates = number(piece.fact["rows"]), number(piece.fact["duplicate_rows"])
        groups = entries(piece, "largest_groups")
        largest = max((number(group["copies"]) for group in groups), default=0)
        if not rows:
            yield undetermined(piece, "the corpus has no rows", "语料中没有任何记录")
        elif largest > copies or duplicates / rows > share:
            yield violates(
                piece,
                f"{duplicates:.0f} of {rows:.0f} rows repeat another exactly; "
                f"the largest group has {largest:.0f} copies",
                f"{rows:.0f} 条记录中有 {duplicates:.0f} 条与其他记录完全相同；最大的一组有 {largest:.0f} 份",
            )
        else:
            yield conforms(
                piece,
                f"{duplicates:.0f} of {rows:.0f} rows repeat another exactly",
                f"{rows:.0f} 条记录中有 {duplicates:.0f} 条重复",
            )


def source_recorded(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """Every record says where it is from."""
    needed = parameters.number("coverage")
    for piece in evidence:
        rows, sourced = number(piece.fact["rows"]), number(piece.fact["rows_with_source"])
        if not rows:
            yield undetermined(piece, "the corpus has no rows", "语料中没有任何记录")
        elif sourced / rows < needed:
            yield violates(
                piece,
                f"{rows - sourced:.0f} of {rows:.0f} rows record no source",
                f"{rows:.0f} 条记录中有 {rows - sourced:.0f} 条没有来源",
            )
        else:
            yield conforms(piece, f"all {rows:.0f} rows record a source", f"全部 {rows:.0f} 条记录有来源")


def several_sources(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A corpus does not come from too few sources."""
    fewest = parameters.number("fewest")
    for piece in evidence:
        sources = number(piece.fact["sources"])
        if not sources:
            yield undetermined(piece, "no row records a source", "没有记录说明来源")
        elif sources < fewest:
            yield violates(piece, f"comes from {sources:.0f} source", f"只有 {sources:.0f} 个来源")
        else:
            yield conforms(piece, f"comes from {sources:.0f} sources", f"有 {sources:.0f} 个来源")
