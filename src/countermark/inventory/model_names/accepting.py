"""Whether what stands behind the head of a family makes a model id of it."""

from __future__ import annotations

import re

from countermark.inventory.model_names.families import Family, organisations
from countermark.inventory.model_names.forms import Form
from countermark.inventory.model_names.tokens import Rest, strange
from countermark.inventory.signatures.vocabulary import DEPLOYMENTS, SOFTWARE, SOURCES

MAX_STRANGE = 6
MAX_DEPLOYMENT = 2
IMPORT = re.compile(r"[@.~]\w*|\w*[.:]\w*")
"""What begins an import or a command, and no account: ``@app``, ``~``, ``hooks:``."""


def accepted(form: Form, family: Family, head: re.Match[str], rest: Rest, *, position: bool) -> bool:
    """Whether head and rest are an id of the family.

    Args:
        form: The form in which it is written.
        family: The family of which the name has the head.
        head: The match of the family's pattern.
        rest: What stands behind it.
        position: Whether it stands where a model is named.
    """
    if f"{form.org}/{form.name}".lower() in family.repositories:
        return True
    if not family.whole and not _complete(family, head, rest, position=position):
        return False
    return _placed(form, family, rest) and _worded(form, family, rest)


def _complete(family: Family, head: re.Match[str], rest: Rest, *, position: bool) -> bool:
    """Whether enough is said to know one model: a version, a size, or one of the family's tiers."""
    if family.bare or any(text is not None and name != "n" for name, text in head.groupdict().items()):
        return True
    if position or not rest.plain:
        return position
    return rest.plain[0] in family.tiers or bool(rest.sizes)


def _placed(form: Form, family: Family, rest: Rest) -> bool:
    """Whether a name of this family is written at such a place."""
    if family.weights == "closed" and (form.path or form.file):
        return False
    known = form.org.lower() in organisations()
    if form.path:
        return bool(rest.sizes or rest.quants or form.shelved or known)
    if not form.org or known or form.prefix:
        return True
    return form.org.lower() not in SOURCES and not IMPORT.fullmatch(form.org)


def _worded(form: Form, family: Family, rest: Rest) -> bool:
    """Whether its words are those of a model."""
    if "_" in form.name and "-" not in form.name and not (family.underscores or rest.sizes or form.org):
        return False  # how code calls an architecture: `qwen2_5_vl`
    unknown = strange(rest.words, family.words | family.tiers)
    if not unknown:
        return True
    if len(unknown) <= MAX_DEPLOYMENT and DEPLOYMENTS.issuperset(unknown):
        return True
    if family.weights == "closed" or len(unknown) > MAX_STRANGE or SOFTWARE.intersection(unknown):
        return False
    return bool(rest.sizes or rest.quants) or form.org.lower() in organisations()
