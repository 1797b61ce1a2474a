"""The columns of the lists, by all the names that they have had."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from countermark.inventory.register.entries import Kind
from countermark.inventory.register.importing.grids import Cell


class Field(StrEnum):
    """What a column says."""

    SEQUENCE = "sequence"
    REGION = "region"
    NAME = "name"
    ENTITY = "entity"
    NUMBER = "number"
    APPROVED = "approved"
    ROLE = "role"
    PRODUCT = "product"
    USE = "use"
    REMARK = "remark"
    CANCELLED = "cancelled"
    KIND = "kind"
    LIST = "list"
    PERIOD = "period"


FIELDS = {
    name: Field(field)
    for field, names in tomllib.loads(
        files("countermark.inventory.register.importing").joinpath("columns.toml").read_text("utf-8")
    ).items()
    for name in names
}
"""By the name of a column, folded."""
LONGEST = 120
"""Most characters of a whole header."""
LEAST = 3
"""Fewest columns by which a header is known."""
REGISTRATION = re.compile(r"登记单位|登记编号|登记号|上线编号|应用/?(?:或)?功能名称|登记时间")


@dataclass(frozen=True, slots=True)
class Header:
    """What the columns of a table say."""

    fields: tuple[Field | None, ...]
    """By column; None for one that is not known."""
    names: tuple[str, ...]
    """As they are written."""
    kind: Kind | None
    """What the names of the columns say of the list; the numbers decide."""

    def after(self, before: Header | None) -> Header:
        """With the columns that it does not name as the header before it had them: 登记 below 备案."""
        if before is None or len(before.fields) != len(self.fields):
            return self
        pairs = zip(self.fields, before.fields, strict=True)
        fields = tuple(own or (old if old not in self.fields else None) for own, old in pairs)
        return Header(fields, self.names, self.kind)

    def index(self, field: Field) -> int | None:
        """The column of a field."""
        return self.fields.index(field) if field in self.fields else None


def of(cells: Sequence[Cell]) -> Header | None:
    """The header that a row is; None where it is none.

    At least three columns are known, most of them are, and among them the number, or name and entity.
    """
    if sum(len(cell) for cell in cells if cell) > LONGEST:
        return None
    names = tuple(_plain(cell or "") for cell in cells)
    found: list[Field | None] = []
    for name in names:
        field = FIELDS.get(name)
        found.append(None if field in found else field)
    known = {field for field in found if field}
    filled = sum(1 for name in names if name)
    if len(known) < LEAST or 2 * len(known) < filled:
        return None
    if Field.NUMBER not in known and not {Field.NAME, Field.ENTITY} <= known:
        return None
    return Header(tuple(found), tuple(cell or "" for cell in cells), _kind(cells, known))


def _plain(text: str) -> str:
    """Without spaces, line breaks, brackets and what they hold, punctuation, and a leading underscore."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in re.sub(r"\([^()]*\)", "", folded) if c.isalnum())


def _kind(cells: Sequence[Cell], known: set[Field]) -> Kind | None:
    joined = "".join("".join(cell.split()) for cell in cells if cell)
    if "角色" in joined and "算法" in joined:
        return Kind.SYNTHESIS
    if "算法类别" in joined or "算法类型" in joined:
        return Kind.RECOMMENDATION
    if REGISTRATION.search(joined):
        return Kind.REGISTRATION
    return Kind.FILING if "模型名称" in joined else None
