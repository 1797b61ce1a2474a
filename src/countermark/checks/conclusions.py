"""How a check says what it concluded on one subject."""

from __future__ import annotations

from countermark.model import Basis, Evidence, Finding, Location, Verdict, Words


def violates(
    piece: Evidence, en: str, zh: str, *, beside: tuple[Evidence, ...] = (), line: int | None = None
) -> Finding:
    """The subject breaks the rule; ``beside`` is the other evidence that says so."""
    return _finding(Verdict.VIOLATES, piece, Words(en=en, zh=zh), beside, line)


def undetermined(piece: Evidence, en: str, zh: str, *, beside: tuple[Evidence, ...] = ()) -> Finding:
    """The evidence does not decide it."""
    return _finding(Verdict.UNDETERMINED, piece, Words(en=en, zh=zh), beside, None)


def conforms(piece: Evidence, en: str, zh: str, *, beside: tuple[Evidence, ...] = ()) -> Finding:
    """No violation was found in this subject."""
    return _finding(Verdict.CONFORMS, piece, Words(en=en, zh=zh), beside, None)


def not_applicable(piece: Evidence, en: str, zh: str) -> Finding:
    """The rule does not ask anything of this subject."""
    return _finding(Verdict.NOT_APPLICABLE, piece, Words(en=en, zh=zh), (), None)


def unsaid(piece: Evidence, setting: str) -> Finding:
    """The settings of a service do not say what the rule asks for."""
    return undetermined(
        piece,
        f"the settings do not say {setting}: name its key under `settings.keys`",
        f"设置中没有 {setting}：请在 `settings.keys` 中指明对应的键",
    )


def _finding(
    verdict: Verdict, piece: Evidence, words: Words, beside: tuple[Evidence, ...], line: int | None
) -> Finding:
    location = piece.location
    if line is not None and location is not None:
        location = Location(path=location.path, line=line)
    pieces = (piece, *beside)
    return Finding(
        verdict=verdict,
        subject=piece.subject,
        words=words,
        evidence=tuple(p.id for p in pieces),
        basis=Basis.ATTESTED if any(p.basis is Basis.ATTESTED for p in pieces) else Basis.MEASURED,
        location=location,
    )
