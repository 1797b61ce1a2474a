"""Whether what stands behind the head of a family makes a model id of it."""

from __future__ import annotations

import re

from countermark.inventory.model_names.families import Family, organisations
from countermark.inventory.model_names.forms import SOURCES, Form
from countermark.inventory.model_names.words import DEPLOYMENTS, SOFTWARE, VARIANTS, Rest

MAX_UNKNOWN = 6
MAX_DEPLOYMENT = 2
SOURCE = re.compile(r"[@.~]\w*|\w*[.:]\w*")
"""What begins an import and no account: ``@app``, ``~``."""
NUMBER = re.compile(r"v?\d+(?:[._]\d+)*[a-z]?|\d+k")


def accepted(form: Form, family: Family, head: re.Match[str], rest: Rest, *, position: bool) -> bool:
    """Whether head and rest are an id of the family.

    Args:
        form: The form in which it is written.
        family: The family of which the name has the head.
        head: The match of the family's pattern.
        rest: What stands behind it.
        position: Whether it stands where a model is named.
    """
    if family.whole:
        return not (form.path and family.weights == "closed")
    if f"{form.org}/{form.name}".lower() in family.repositories:
        return True
    if not _complete(family, head, rest, position=position):
        return False
    return _placed(form, family, rest) and _worded(form, family, rest)


def _complete(family: Family, head: re.Match[str], rest: Rest, *, position: bool) -> bool:
    """Whether enough is said to know one model: a version, a size, or one of the family's tiers."""
    if family.bare or any(text is not None and name != "n" for name, text in head.groupdict().items()):
        return True
    if not rest.plain:
        return position
    return position or rest.plain[0] in family.tiers or bool(rest.sizes)


def _placed(form: Form, family: Family, rest: Rest) -> bool:
    """Whether a name of this family is written at such a place."""
    if family.weights == "closed" and (form.path or form.file):
        return False
    known = form.org.lower() in organisations()
    if form.path:
        return bool(rest.sizes or rest.quants or form.shelved or known)
    if not form.org or known or form.prefix:
        return True
    return form.org.lower() not in SOURCES and not SOURCE.fullmatch(form.org)


def _worded(form: Form, family: Family, rest: Rest) -> bool:
    """Whether its words are those of a model."""
    own = family.words | family.tiers
    strange = [
        word for word in rest.words if word not in own and word not in VARIANTS and not NUMBER.fullmatch(word)
    ]
    if not strange:
        return True
    if len(strange) <= MAX_DEPLOYMENT and all(word in DEPLOYMENTS for word in strange):
        return True
    if family.weights == "closed" or len(strange) > MAX_UNKNOWN or SOFTWARE.intersection(strange):
        return False
    return bool(rest.sizes or rest.quants) or form.org.lower() in organisations()
