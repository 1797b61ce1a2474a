"""Names of models and of entities, as two texts that mean the same may write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

from countermark.inventory import filing_numbers

BRACKETS = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")
NOTE = re.compile(r"注[:：]|(?:英文名|别名|简称|曾用名)(?:为|是|[:：])")
"""What some rows say behind the name: ``安第斯大模型注：英文名为AndesGPT``."""
SUFFIX = re.compile(
    r"(?:多模态|大语言|语言|基础|通用|行业|垂直|垂类)*(?:大?模型|算法)(?:服务|平台|助手|应用)?(?:-?\d{1,2})?$|"
    r"(?:damoxing|moxing|llm)$"
)
LEGAL_FORM = re.compile(r"(?:有限责任公司|股份有限公司|集团有限公司|有限公司|股份公司|公司)$")
ORGANISATION = re.compile(
    r"(?:公司|集团|大学|学院|研究院|研究所|实验室|医院|中心|银行|协会|学会|委员会|局|厅|院|台|社|所|部|总队|学校|中学|"
    r"小学|基金会|联盟|工作室|厂)(?:[(（][^()（）]*[)）])?$"
)
"""What the name of a company or institution may end with; some names of models do too."""
INSTITUTION = re.compile(r"(?:公司|集团|大学|研究院|研究所|实验室|医院|委员会)(?:[(（][^()（）]*[)）])?$")
"""What hardly anything else ends with."""
COMPANY = re.compile(r"(?:有限|责任|股份)公司(?:[\u4e00-\u9fff]{2,8}分公司)?(?:[(（][^()（）]*[)）])?$")
"""What only the name of a company ends with."""
SHORTEST = 2


class Likeness(StrEnum):
    """How two names of entities compare."""

    SAME = "same"
    SIMILAR = "similar"
    """Alike but for the legal form, a place or a branch: perhaps renamed, perhaps a sister."""
    OTHER = "other"


def folded(text: str) -> str:
    """Half-width, lower case, without spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum())


def stem(text: str) -> str:
    """The folded name without 大模型, 算法 and the like; the name itself where nothing else is in it."""
    whole = folded(text)
    short = SUFFIX.sub("", whole)
    return short if len(short) >= SHORTEST else whole


def aliases(name: str, number: str = "") -> tuple[str, ...]:
    """What a model can be called by, folded: its name, brackets and notes in it, the name in its number."""
    found = dict.fromkeys(each for part in _parts(name) for each in (folded(part), stem(part)))
    if published := filing_numbers.parse(number).parts.get("name"):
        found |= dict.fromkeys((folded(published), stem(published)))
    return tuple(each for each in found if len(each) >= SHORTEST)


def _parts(name: str) -> Iterator[str]:
    yield name
    plain, *noted = NOTE.split(name)
    yield from noted
    yield BRACKETS.sub("", plain)
    yield from BRACKETS.findall(plain)


def likeness(one: str, other: str) -> Likeness:
    """Compare two names of companies or institutions."""
    first, second = folded(one), folded(other)
    if not first or not second:
        return Likeness.OTHER
    if first == second:
        return Likeness.SAME
    return Likeness.SIMILAR if _core(one) == _core(other) else Likeness.OTHER


def entity_matches(one: str, other: str) -> bool:
    """Whether two names are of the same entity: full and half width, spaces and brackets do not matter."""
    return likeness(one, other) is Likeness.SAME


def _core(entity: str) -> str:
    """Without the place in brackets, the branch and the legal form."""
    plain = folded(BRACKETS.sub("", unicodedata.normalize("NFKC", entity)))
    plain = re.sub(r"公司[\u4e00-\u9fff]{2,8}分公司$", "公司", plain)
    return LEGAL_FORM.sub("", plain).removesuffix("集团") or plain
