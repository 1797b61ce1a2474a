"""What the register is made of: rows of the public lists, cancellations, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from countermark.target import FilingKind


class RegisterError(Exception):
    """A list, a ledger or the register cannot be read; the message says which, and what to do."""


class Kind(StrEnum):
    """The lists that a number can stand on."""

    FILING = "filing"
    """备案: a generative-AI service with a model of its own, or one that was materially changed."""
    REGISTRATION = "registration"
    """登记: an application that calls a model which somebody else has filed."""
    RECOMMENDATION = "algorithm-recommendation"
    """互联网信息服务算法备案: recommendation, ranking, search, dispatch."""
    SYNTHESIS = "deep-synthesis"
    """深度合成服务算法备案."""
    ALGORITHM = "algorithm"
    """An algorithm number, and which of the two lists it stands on is not said."""

    @property
    def track(self) -> FilingKind:
        """The track of registration."""
        return FilingKind(self.value) if self.value in ("filing", "registration") else FilingKind.ALGORITHM

    @property
    def chinese(self) -> str:
        """As the regulator calls it."""
        return CHINESE[self]


KINDS = {str(kind): kind for kind in Kind}
CHINESE = {
    Kind.FILING: "生成式人工智能服务备案",
    Kind.REGISTRATION: "生成式人工智能应用登记",
    Kind.RECOMMENDATION: "算法备案（算法推荐）",
    Kind.SYNTHESIS: "算法备案（深度合成）",
    Kind.ALGORITHM: "算法备案",
}


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong with a list."""

    code: str
    """``swapped``, ``shifted``, ``crowded``, ``split``, ``stray``, ``cut``, ``number``, ``kind``, ``region``,
    ``date``, ``empty``, ``order``, ``missing``, ``duplicate``."""
    place: str
    """Page or sheet, and row; empty where the whole list is meant."""
    text: str
    """What is wrong, in English."""
    original: str = ""
    """What stood there, where it was repaired or left out."""
    is_repaired: bool = False
    """Whether the entry says what was meant; only where that is certain."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        return _filled(
            code=self.code,
            place=self.place,
            text=self.text,
            original=self.original,
            repaired=self.is_repaired,
        )

    @classmethod
    def of(cls, value: dict[str, Any]) -> Defect:
        """Read what :meth:`to_dict` has written."""
        return cls(
            value["code"],
            value.get("place", ""),
            value["text"],
            value.get("original", ""),
            bool(value.get("repaired")),
        )


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """One row of a public list."""

    kind: Kind
    number: str
    """As published, tidied: half-width, without spaces."""
    name: str = ""
    """Of the model, the application or the algorithm."""
    entity: str = ""
    """Who filed it."""
    region: str = ""
    """属地 as published; ``国资委`` for enterprises of the central state."""
    product: str = ""
    """应用产品, or 适用场景 of models on devices."""
    use: str = ""
    """主要用途."""
    role: str = ""
    """服务提供者 or 服务技术支持者; in the lists of recommendation algorithms their class, 算法类别."""
    approved: str = ""
    """备案时间 or 登记时间, ``YYYY-MM-DD``; ``YYYY-MM`` where the list says no more."""
    period: str = ""
    """Month of the list, ``YYYY-MM``."""
    title: str = ""
    """Of the list."""
    sequence: int = 0
    """序号; 0 where there is none."""
    place: str = ""
    """Page or sheet, and row, in the file that was imported."""
    remark: str = ""
    """备注, and what stands behind a date, such as 补登."""
    defects: tuple[Defect, ...] = ()
    source: str = ""
    """Name of the file that it was imported from; known once it is in a register."""

    @property
    def says(self) -> tuple[str, ...]:
        """What the row says of its number, apart from where it stands."""
        return (
            self.kind,
            self.name,
            self.entity,
            self.region,
            self.product,
            self.use,
            self.role,
            self.approved,
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without what is empty and without the source."""
        return _filled(
            kind=str(self.kind),
            number=self.number,
            name=self.name,
            entity=self.entity,
            region=self.region,
            product=self.product,
            use=self.use,
            role=self.role,
            approved=self.approved,
            period=self.period,
            title=self.title,
            sequence=self.sequence,
            place=self.place,
            remark=self.remark,
            defects=[defect.to_dict() for defect in self.defects],
        )

    @classmethod
    def of(cls, value: dict[str, Any], source: str = "") -> PublicEntry:
        """Read what :meth:`to_dict` has written."""
        value = value | {"kind": KINDS[value["kind"]], "source": source}
        if "defects" in value:
            value["defects"] = tuple(Defect.of(each) for each in value["defects"])
        return cls(**value)


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A number that a notice has cancelled."""

    number: str
    day: str = ""
    """Of the cancellation, ``YYYY-MM-DD`` or ``YYYY-MM``; empty where only a remark says that it was."""
    entity: str = ""
    product: str = ""
    name: str = ""
    notice: str = ""
    """Title of the notice, or the remark that says so."""
    noticed: str = ""
    """Day of the notice."""
    place: str = ""
    defects: tuple[Defect, ...] = ()
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without what is empty and without the source."""
        return _filled(
            cancelled=True,
            number=self.number,
            day=self.day,
            entity=self.entity,
            product=self.product,
            name=self.name,
            notice=self.notice,
            noticed=self.noticed,
            place=self.place,
            defects=[defect.to_dict() for defect in self.defects],
        )

    @classmethod
    def of(cls, value: dict[str, Any], source: str = "") -> Cancellation:
        """Read what :meth:`to_dict` has written."""
        value = {name: item for name, item in value.items() if name != "cancelled"} | {"source": source}
        if "defects" in value:
            value["defects"] = tuple(Defect.of(each) for each in value["defects"])
        return cls(**value)


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
