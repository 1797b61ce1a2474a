"""Verify what a reserved code claims of the label, of the content and of the picture.

Source: TC260-PG-202511A, as reported by public texts [S] and measured on files [V].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from countermark.labels.defects import Defect, LabelError, warning
from countermark.labels.security.forms import BINDING, LABEL, Form, parse, text_of
from countermark.labels.security.messages import (
    HEX_DIGEST,
    RESERVED,
    SIGNED,
    Content,
    Side,
    digest_name,
    digest_of,
)
from countermark.labels.security.signatures import Signatures
from countermark.labels.security.trust import TrustStore
from countermark.labels.security.verdicts import (
    Claim,
    SecurityReport,
    Verdict,
    broken,
    holds,
    not_checked,
    not_claimed,
)

PerceptualHash = Callable[[], str | None]
"""The 64-bit perceptual hash of the picture in hex, as `imagehash.phash` writes it, or nothing; where it
cannot be had, a `LabelError` that says why."""
HEX_PHASH = re.compile(r"[0-9a-f]{16}")
PHASH_LIMIT = 4
"""Bits of 64 that may differ. Measured: 0 in 7 of 7 files, one vendor's re-encoding included [V]."""


def verify(
    fields: Mapping[str, str],
    side: Side = "producer",
    *,
    content: Content | None = None,
    phash: PerceptualHash | None = None,
    trust: TrustStore | None = None,
    phash_limit: int = PHASH_LIMIT,
) -> SecurityReport:
    """Check what the reserved code of ``side`` claims.

    Args:
        fields: the seven fields as they were read.
        side: whose reserved code.
        content: the digest of the file without the carrier of its label.
        phash: the perceptual hash of the picture.
        trust: the keys whose owner is known.
        phash_limit: most bits of 64 in which the perceptual hashes may differ.

    Raises:
        LabelError: a callable gives what is no digest.
    """
    text = fields.get(RESERVED[side])
    data = parse(text if isinstance(text, str) else "")
    if data.form is Form.NONE:
        return _nothing(data.form, not_claimed("there are no security data"))
    if data.form is Form.OPAQUE:
        return _nothing(data.form, not_checked(f"opaque: {data.detail}"))
    signatures = Signatures(fields, side, data, trust)
    perceptual = not_claimed("no perceptual hash is claimed")
    if data.form is Form.FLAT:
        label, bound = signatures.flat(), not_claimed("only a perceptual hash is claimed")
        perceptual = _perceptual(data.leaves.get("soft", ""), label, phash, phash_limit)
    else:
        label, bound = signatures.guide(LABEL), _content(signatures, SIGNED[side][2], content)
    key, owner, fingerprint = signatures.key()
    defects = (*data.defects, *signatures.defects(key), *_unbound(signatures, label, bound, perceptual))
    return SecurityReport(data.form, label, bound, perceptual, key, owner, fingerprint, defects)


def _nothing(form: Form, claim: Claim) -> SecurityReport:
    return SecurityReport(form, claim, claim, claim, claim)


def _unbound(signatures: Signatures, label: Claim, content: Claim, perceptual: Claim) -> Iterator[Defect]:
    """A signature can be taken out of the security data without a trace, with the binding that it covered."""
    tied = signatures.is_bound() or perceptual.verdict is not Verdict.NOT_CLAIMED
    if label.verdict is Verdict.HOLDS and content.verdict is not Verdict.BROKEN and not tied:
        said = "the signature covers the label only; nothing ties it to this content"
        yield warning("content-not-bound", said)


def _content(signatures: Signatures, number: str, content: Content | None) -> Claim:
    """Whether the first binding is of this file and, where it names ``number``, of this label.

    Source: measured on MiniMax's JPEG and MP3 [V].
    """
    if not signatures.data.bindings:
        return not_claimed("no digest of the content is claimed")
    binding, covered = signatures.data.bindings[0], signatures.guide(BINDING)
    claimed = text_of(binding, "Signature").lower()
    algorithm = digest_name(text_of(binding, "AlgID"))
    tied = number in binding
    if covered.verdict is Verdict.BROKEN or (tied and binding[number] != signatures.number):
        return broken("the signed digest of the content was altered, or is of another label")
    readable = "CntSel" not in binding and algorithm and HEX_DIGEST.fullmatch(claimed)
    if content is None or not readable:
        why = "the way in which it selects or digests is not read" if content else "none was given to compare"
        return not_checked(f"a digest of the content is claimed, but {why}")
    if digest_of(content, algorithm) != claimed:
        return broken("the content is not the one that was signed")
    said = "the file without its label has the digest" + ("" if tied else ", which names no label")
    if covered.verdict is not Verdict.HOLDS:
        return not_checked(f"{said}, but that is not secured: {covered.detail}")
    return holds(said)


def _perceptual(claimed: str, label: Claim, phash: PerceptualHash | None, limit: int) -> Claim:
    """Whether the picture still looks as it did. Source: measured on Tencent CodeBuddy's files [V]."""
    if not claimed:
        return not_claimed("no perceptual hash is claimed")
    if not HEX_PHASH.fullmatch(claimed.lower()):
        return not_checked("the claimed perceptual hash is not 64 bits in hex")
    try:
        actual = phash() if phash else None
    except LabelError as trouble:
        return not_checked(f"a perceptual hash is claimed, but {trouble}")
    if actual is None:
        return not_checked("no perceptual hash was given to compare with")
    return _compared(claimed, actual, label, limit)


def _compared(claimed: str, actual: str, label: Claim, limit: int) -> Claim:
    if not HEX_PHASH.fullmatch(actual.lower()):
        raise LabelError("the perceptual hash of the picture is not 16 hex digits")
    distance = (int(claimed, 16) ^ int(actual, 16)).bit_count()
    said = f"{distance} of 64 bits differ, {limit} may"
    if distance > limit:
        return broken(said)
    if label.verdict is not Verdict.HOLDS:
        return not_checked(f"{said}, but the hash is not secured: {label.detail}")
    return holds(said)
