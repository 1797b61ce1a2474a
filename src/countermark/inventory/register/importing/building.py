"""From rows to entries: what each cell means, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from countermark.inventory import filing_numbers
from countermark.inventory.register import regions
from countermark.inventory.register.entries import Cancellation, Kind, PublicEntry
from countermark.inventory.register.importing import cells
from countermark.inventory.register.importing.headers import Field
from countermark.inventory.register.importing.rows import MONTH, Row

SHAPES = {"genai-filing": Kind.FILING, "genai-registration": Kind.REGISTRATION}
CANCELLED = "注销"
WORDS = {
    "备案": Kind.FILING,
    "登记": Kind.REGISTRATION,
    "深度合成": Kind.SYNTHESIS,
    "算法备案": Kind.RECOMMENDATION,
    **{str(kind): kind for kind in Kind},
}
"""What a column may say of the list that a row stands on."""


def split(row: Row) -> Iterator[Row]:
    """One row for each number, where a cell holds several."""
    found = filing_numbers.FIND.findall(row.get(Field.NUMBER))
    if len(found) < 2:  # noqa: PLR2004 - one is what a cell has
        yield row
        return
    for number in found:
        one = Row(row.header, list(row.texts), row.place, row.section, row.opens, list(row.defects))
        text = f"its cell holds {len(found)} numbers; name and entity may be of another"
        one.find("crowded", text, row.get(Field.NUMBER))
        one.put(Field.NUMBER, number)
        yield one


def entry(row: Row, period: str) -> PublicEntry:
    """The entry that a row with a number is.

    Args:
        row: with the number in its column.
        period: of the list, where neither the table nor a column says it.
    """
    number, day = row.number, cells.day(row.get(Field.APPROVED))
    read = filing_numbers.parse(number)
    if read.defect:
        row.find("number", f"the number {read.defect}", number)
    kind = _kind(row, read.shape)
    _check_region(row, read.parts.get("region", "") if read.shape in SHAPES else "")
    if row.get(Field.APPROVED) and not day.iso:
        row.find("date", "the day of approval cannot be read", row.get(Field.APPROVED))
    for field in (Field.NAME, Field.ENTITY):
        if field in row.header.fields and not row.get(field):
            row.find("empty", f"no {field} stands in its column")
    return PublicEntry(
        kind=kind,
        number=number,
        name=row.get(Field.NAME),
        entity=row.get(Field.ENTITY),
        region=row.get(Field.REGION),
        product=row.get(Field.PRODUCT),
        use=row.get(Field.USE),
        role=row.get(Field.ROLE),
        approved=day.iso,
        period=_period(row.get(Field.PERIOD)) or row.section.period or period,
        title=row.section.title or row.get(Field.LIST),
        sequence=cells.sequence(row.get(Field.SEQUENCE)),
        place=row.place,
        remark="；".join(filter(None, (row.get(Field.REMARK), day.remark if day.iso else ""))),
        defects=tuple(row.defects),
    )


def cancellation(row: Row) -> Cancellation | None:
    """The cancellation that a row is, in a notice or as a remark in a list; None where it is none."""
    said = next(
        (
            text
            for f in (Field.REMARK, Field.LIST)
            if CANCELLED in (text := row.get(f)) and "未注销" not in text
        ),
        "",
    )
    if not row.section.is_cancellation and not row.get(Field.CANCELLED) and not said:
        return None
    return Cancellation(
        number=row.number,
        day=cells.day(row.get(Field.CANCELLED)).iso or cells.day(said).iso or row.section.noticed,
        entity=row.get(Field.ENTITY),
        product=row.get(Field.PRODUCT),
        name=row.get(Field.NAME),
        notice=row.section.title if row.section.is_cancellation else said or row.section.title,
        noticed=row.section.noticed,
        place=row.place,
        defects=tuple(row.defects),
    )


def is_only_cancelled(row: Row) -> bool:
    """Whether the row stands in a notice of cancellations: it is no entry of a list."""
    return row.section.is_cancellation or bool(row.get(Field.CANCELLED)) or CANCELLED in row.get(Field.LIST)


def _kind(row: Row, shape: str) -> Kind:
    """The number decides between 备案 and 登记; the list, between the two kinds of algorithms."""
    said = WORDS.get(row.get(Field.KIND)) or WORDS.get(row.get(Field.LIST)) or row.section.kind
    by_number = SHAPES.get(shape)
    if by_number is None:
        algorithm = (Kind.RECOMMENDATION, Kind.SYNTHESIS)
        if shape == "algorithm":
            return said if said in algorithm else Kind.ALGORITHM
        return said or Kind.FILING
    if said in SHAPES.values() and said is not by_number:
        row.find("kind", f"stands on the list of the {said}s, and its number is of a {by_number}")
    return by_number


def _check_region(row: Row, written: str) -> None:
    region = row.get(Field.REGION)
    known = regions.of(region)
    if region and not known:
        row.find("region", "no region that the lists know", region)
    elif known and written and written.lower() not in known:
        row.find("region", f"the number is of {written}, and the list says {region}", region)


def _period(text: str) -> str:
    found = MONTH.search(text)
    return f"{found[1]}-{int(found[2]):02}" if found else ""
