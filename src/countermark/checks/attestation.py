"""Duties that no program can measure: the document that the operator hands in, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from countermark.checks.conclusions import conforms, violates
from countermark.checks.parameters import Parameters
from countermark.model import Evidence, Finding


def in_force(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """The document is there, unchanged since it was signed, and has not expired."""
    for piece in evidence:
        expires, signed = (date.fromisoformat(str(piece.fact[f])) for f in ("expires", "signed"))
        if not piece.fact["size"]:
            yield violates(piece, "the document is empty", "文件为空")
        elif piece.fact["sha256"] != piece.fact["declared_sha256"]:
            yield violates(
                piece,
                "the document has changed since it was signed: have it signed again",
                "文件在签署后被修改：请重新签署",
            )
        elif signed > parameters.as_of:
            yield violates(
                piece,
                f"the attestation is dated {signed}, in the future",
                f"证明文件的签署日期 {signed} 在未来",
            )
        elif expires < parameters.as_of:
            yield violates(
                piece,
                f"the attestation expired on {expires}: renew it",
                f"证明文件已于 {expires} 到期：请更新",
            )
        else:
            yield conforms(
                piece,
                f"attested by {piece.fact['signatory']} until {expires}",
                f"由 {piece.fact['signatory']} 证明，有效期至 {expires}",
            )
