"""What is said of a model against what it is: whether two names can be of one model."""

from __future__ import annotations

import re

from countermark.inventory import names
from countermark.inventory.model_names import ModelName

TIERS = frozenset(
    """mini nano lite flash turbo small tiny air plus max pro large ultra haiku sonnet opus""".split()  # noqa: SIM905 - read as a list
)
"""Words by which the members of one family differ in size."""
AGREE = frozenset(["same", "alias", "snapshot", "quantisation", "derivative"])
WORDS = re.compile(r"[-_. ]+")


def contradict(says: str, value: str) -> bool:
    """Whether one name denies another: another family, version, size or tier.

    A name that no grammar knows, such as ``chat``, denies nothing, and neither does one that only says less:
    ``qwen2.5`` of ``Qwen2.5-7B-Instruct``.
    """
    left, right = names.parse(says), names.parse(value)
    if left is None or right is None or names.same(says, value) in AGREE:
        return False
    if _is_made_of(left, right) or _is_made_of(right, left):
        return False
    if left.family != right.family:
        return True
    return _differ(left.version, right.version) or _differ(left.size, right.size) or _tiers(left, right)


def _is_made_of(name: ModelName, base: ModelName) -> bool:
    """Whether a name says itself that it comes from another family: ``DeepSeek-R1-Distill-Qwen-7B``."""
    found = names.derivative(name)
    origin = names.parse(found.base) if found is not None else None
    return origin is not None and origin.family == base.family


def _differ(left: str, right: str) -> bool:
    return bool(left and right) and left.lower() != right.lower()


def _tiers(left: ModelName, right: ModelName) -> bool:
    own, other = (frozenset(filter(None, WORDS.split(each.variant.lower()))) for each in (left, right))
    if own and other:
        return own != other
    return bool((own | other) & TIERS)
