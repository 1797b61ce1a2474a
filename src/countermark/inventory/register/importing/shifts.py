"""Cells in the wrong column: found by what they look like, repaired where only one reading is left."""

from __future__ import annotations

import re
from collections.abc import Iterable

from countermark.inventory import filing_numbers
from countermark.inventory.register import regions
from countermark.inventory.register.importing import cells
from countermark.inventory.register.importing.headers import Field
from countermark.inventory.register.importing.rows import Row, is_number
from countermark.inventory.register.names import COMPANY, INSTITUTION, ORGANISATION

FARTHEST = 2
"""Most columns by which a row is shifted."""
CUT = re.compile(
    r"(?:有限责任公?|有限公?|有限责|股份(?:有限)?公?|科技|技术|网络|信息|软件|智能|数字|文化|传媒|发展|集团股份)$"
)
"""What the name of a company ends with only when its end is missing."""
WITHIN = "科技|技术|网络|信息|软件|智能|数字|文化|传媒"
STRAY_WITHIN = re.compile(rf"(?:{WITHIN})(司)(?:{WITHIN}|有限|股份)")
STRAY_BEFORE = re.compile(r"^([司公限])(?=[\u4e00-\u9fff]{6,})")


def repair(row: Row) -> None:
    """Put number, then name and entity where they belong; note what could not be."""
    if not row.is_numbered:
        _find_number(row)
    _swap_back(row)


def _find_number(row: Row) -> None:
    """Look for the number in the other columns."""
    home = row.header.index(Field.NUMBER)
    if home is None:
        return
    elsewhere = [
        i for i, text in enumerate(row.texts) if i != home and is_number(filing_numbers.tidied(text))
    ]
    if len(elsewhere) != 1:
        return
    found, original = elsewhere[0], " | ".join(row.texts)
    fitting = [texts for texts in _shifted(row, found - home) if _is_plausible(row, texts)]
    if len({tuple(texts) for texts in fitting}) == 1:
        row.texts = fitting[0]
        row.find("shifted", f"stood {_columns(found - home)}; put back", original, repaired=True)
        return
    name = row.header.names[found] if found < len(row.header.names) else "a column without a name"
    number = filing_numbers.tidied(row.texts[found])
    row.texts[found], row.texts[home] = row.texts[home], number
    row.find(
        "shifted", f"the number stands under {name!r}; what else is out of place is not certain", original
    )


def _columns(offset: int) -> str:
    side = "right" if offset > 0 else "left"
    return f"{abs(offset)} column{'s' if abs(offset) > 1 else ''} too far to the {side}"


def _shifted(row: Row, offset: int) -> Iterable[list[str]]:
    """The row with its cells from some column on moved back by ``offset``."""
    if abs(offset) > FARTHEST:
        return
    width = len(row.header.fields)
    padded = [*row.texts, *[""] * (width + FARTHEST - len(row.texts))]
    for start in range(width):
        if offset > 0:  # cells too many before it
            dropped = padded[start : start + offset]
            if not any(dropped):
                yield (padded[:start] + padded[start + offset :])[:width]
        elif not any(padded[width:]):
            yield (padded[:start] + [""] * -offset + padded[start:])[:width]


def _is_plausible(row: Row, texts: list[str]) -> bool:
    """Whether each cell looks like what its column says, and all that can be told by its look is there."""
    by_field = {f: texts[i] for i, f in enumerate(row.header.fields) if f}
    entity, name = by_field.get(Field.ENTITY, ""), by_field.get(Field.NAME, "")
    region, day = by_field.get(Field.REGION, ""), by_field.get(Field.APPROVED, "")
    return (
        is_number(filing_numbers.tidied(by_field.get(Field.NUMBER, "")))
        and (not by_field.get(Field.SEQUENCE) or cells.sequence(by_field[Field.SEQUENCE]) > 0)
        and (not region or bool(regions.of(region)))
        and (not day or bool(cells.day(day).iso))
        and ORGANISATION.search(entity) is not None
        and bool(name)
        and not COMPANY.search(name)
        and not regions.of(name)
    )


def _swap_back(row: Row) -> None:
    """Model and company in each other's column."""
    name, entity = row.get(Field.NAME), row.get(Field.ENTITY)
    if not name or not entity or ORGANISATION.search(entity) or not INSTITUTION.search(name):
        return
    original = f"{name} | {entity}"
    if COMPANY.search(name):
        row.put(Field.NAME, entity)
        row.put(Field.ENTITY, name)
        row.find("swapped", "name and entity stood in each other's column; put back", original, repaired=True)
    else:
        row.find("swapped", "name and entity seem to stand in each other's column", original)


def find_fragments(rows: list[Row]) -> None:
    """Note entities with a character of another row in them, or without their end. None is changed."""
    for row in rows:
        entity = row.get(Field.ENTITY)
        if found := STRAY_WITHIN.search(entity):
            without = entity[: found.start(1)] + entity[found.end(1) :]
            row.find("stray", f"{found[1]} of another row seems to stand in it; perhaps {without}", entity)
        elif (found := STRAY_BEFORE.search(entity)) and entity[1:].startswith(regions.PLACES):
            row.find(
                "stray", f"{found[1]} of another row seems to stand before it; perhaps {entity[1:]}", entity
            )
        elif CUT.search(entity):
            row.find("cut", "the end of the entity's name seems to be missing", entity)
