"""The words of a label: an AI element and a generation element, both.

Source: GB 45438-2025, the clauses on text prompts, as secondary texts quote them; the standard was not read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from countermark.labels.defects import LabelError

PROMPTS: Final = {"1": "AI生成", "2": "可能为AI生成", "3": "疑似AI生成"}
"""The shortest prompt for each value of the implicit label's ``Label``."""

CHINESE_AI = re.compile("人工智能")
LATIN_AI = re.compile(r"(?<![a-z])AI(?:GC)?(?![a-z])", re.IGNORECASE)
"""Latin letters beside it make another word: ``PAINT`` has no AI element."""
GENERATION = re.compile("生成|合成")
NEGATION = re.compile("(?:并非|不是|没有|未经|未使用|未用|不含|非|无|禁止)(?:使用|由|是|为|采用|经)?$")
ENGLISH = re.compile(
    r"(?:artificial intelligence|\bAI\b).{0,40}\b(?:generated|synthetic|synthesi[sz]ed|made|created)"
    r"|\b(?:generated|synthetic|synthesi[sz]ed|made|created)\b.{0,40}(?:artificial intelligence|\bAI\b)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What one text says of its own origin."""

    has_ai: bool
    """``人工智能`` or ``AI`` (also full-width, in either case; ``AIGC`` counts by its first two letters)."""
    has_generation: bool
    """``生成`` or ``合成``."""
    matched: tuple[str, ...] = ()
    """The elements found, half-width, in the order AI element, generation element."""
    english: bool = False
    """An English prompt such as "AI-generated": it informs, and does not fulfil the Chinese standard."""
    negated: bool = False
    """The elements stand behind a denial, as in ``非AI生成``."""

    @property
    def conforms(self) -> bool:
        """Both elements are there and are not denied."""
        return self.has_ai and self.has_generation and not self.negated


def judge(text: str) -> Wording:
    """Look for both elements. White space between Chinese characters does not part them."""
    plain = unicodedata.normalize("NFKC", text)
    dense = "".join(plain.split())
    ai = CHINESE_AI.search(dense) or LATIN_AI.search(plain)
    generation = GENERATION.search(dense)
    matched = tuple(found[0].upper() for found in (ai, generation) if found)
    return Wording(
        has_ai=ai is not None,
        has_generation=generation is not None,
        matched=matched,
        english=ENGLISH.search(plain) is not None,
        negated=ai is not None and generation is not None and _denied(dense),
    )


def required(text: str) -> str:
    """Give ``text`` back when it may be shown as a label.

    Raises:
        LabelError: an element is missing, or the text denies what it should say.
    """
    wording = judge(text)
    if wording.conforms:
        return text
    if wording.negated:
        raise LabelError(f"the prompt {text!r} denies that the content was generated")
    elements = {"an AI word (人工智能 or AI)": wording.has_ai, "生成 or 合成": wording.has_generation}
    missing = [name for name, there in elements.items() if not there]
    raise LabelError(f"the prompt {text!r} lacks {' and '.join(missing)}; AI生成 has both")


def _denied(dense: str) -> bool:
    """Every AI element stands right behind a denial: one plain statement is enough to say it."""
    starts = [found.start() for pattern in (CHINESE_AI, LATIN_AI) for found in pattern.finditer(dense)]
    return bool(starts) and all(NEGATION.search(dense[max(0, start - 6) : start]) for start in starts)
