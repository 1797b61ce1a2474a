"""What a platform does with content that a user publishes: what to tell the public, what to write.

The Measures' Article 6 has three stages, and the first that applies is taken [Q]:

1. the file's metadata say plainly that it is generated: *confirmed*;
2. they do not, but the user declares it: *possible*;
3. neither, but an explicit label or other traces are found: *suspected*.

In each of them the platform writes into the metadata: the attribute (`Label`), its name or code and its own
number of the content [Q]. That `Label` 1, 2 and 3 go with the three stages is a vendor's manual [S]; the
standard defines them as is, may be and is suspected to be generated [Q].

Source: 人工智能生成合成内容标识办法, Art. 6 and 10; GB 45438-2025 Annex E.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from countermark.labels.defects import LabelError

PRODUCER_FIELDS = ("Label", "ContentProducer", "ProduceID", "ReservedCode1")
PROPAGATOR_FIELDS = ("ContentPropagator", "PropagateID", "ReservedCode2")
MAX_QUOTED = 40


class Stage(StrEnum):
    """How sure it is that the content is generated."""

    CONFIRMED = "confirmed"
    POSSIBLE = "possible"
    SUSPECTED = "suspected"
    NONE = "none"
    """Nothing was found. That is not proof of the contrary: labels get lost on the way."""


STAGE_OF = {"1": Stage.CONFIRMED, "2": Stage.POSSIBLE, "3": Stage.SUSPECTED}
LABEL_OF = {stage: value for value, stage in STAGE_OF.items()}
SENTENCES = {
    Stage.CONFIRMED: ("This content was generated or synthesised by AI.", "本内容由人工智能生成合成"),
    Stage.POSSIBLE: (
        "This content may have been generated or synthesised by AI.",
        "本内容可能由人工智能生成合成",
    ),
    Stage.SUSPECTED: (
        "This content is suspected of having been generated or synthesised by AI.",
        "本内容疑似由人工智能生成合成",
    ),
    Stage.NONE: ("", ""),
}
"""English and Chinese, in our own words: no text fixes them. The Chinese has both elements that every text
prompt must have, 人工智能 and 生成 or 合成 [Q]."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in both languages."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What the platform shows and writes."""

    stage: Stage
    label: str
    """The `Label` to go with it: that of the label in the file, or that of a new one; empty at stage none."""
    write: tuple[str, ...]
    """The fields that the platform fills in; a producer's are never among them."""
    reasons: tuple[Reason, ...]
    unclear: bool = False
    """Whether somebody should look before the file is written to: labels contradict each other, or one cannot
    be read whole."""

    @property
    def sentence(self) -> str:
        """What the public is told, in English; empty at stage none."""
        return SENTENCES[self.stage][0]

    @property
    def sentence_zh(self) -> str:
        """What the public is told, in Chinese; empty at stage none."""
        return SENTENCES[self.stage][1]


def decide(labels: Sequence[str | None], *, declared: bool | None, traces: Sequence[str] = ()) -> Decision:
    """Decide on the stage of Article 6, and on what follows.

    Where the text leaves room, this is how it is read [I]:

    - A label that says 2 or 3 does not say plainly that the content is generated. It gives stage possible or
      suspected, and its `Label` stays as it is: it is not the platform's to change.
    - A declaration raises suspected to possible. That the user denies it lowers nothing: metadata and traces
      win.
    - Of labels that contradict each other the strongest counts.
    - A label of which `Label` cannot be read, or has another value, is a trace. What can be read of it stays,
      so no new label is written beside or over it.

    Args:
        labels: of every implicit label that was found the value of `Label`; nothing where it is not readable.
        declared: what the user says: generated, not generated, or nothing.
        traces: what else points to it, in words: an explicit label, the hint of a detector.
    """
    known = [value for value in labels if value in STAGE_OF]
    stages = [STAGE_OF[value] for value in known if value is not None]
    stages += [Stage.POSSIBLE] if declared else []
    stages += [Stage.SUSPECTED] if traces or len(known) < len(labels) else []
    stage = next((one for one in Stage if one in stages), Stage.NONE)
    written = min((value for value in known if value is not None), default="")
    attribute = () if labels else ("Label",)
    fields = () if stage is Stage.NONE else (*attribute, "ContentPropagator", "PropagateID")
    unclear = len(set(labels)) > 1 or len(known) < len(labels)
    label = written or LABEL_OF.get(stage, "")
    return Decision(stage, label, fields, _reasons(labels, declared, traces), unclear)


def with_propagator(
    fields: Mapping[str, str], propagator: str, propagate_id: str, reserved: str = ""
) -> dict[str, str]:
    """The label with the platform's name or code and its number; what the producer wrote stays untouched.

    The standard has one place for a platform, so the last one stands there. ReservedCode2 protects the fields
    beside it and is replaced with them; sign afterwards.

    Args:
        fields: the label as it was read.
        propagator: name or code of the platform.
        propagate_id: its own number of this content.
        reserved: its ReservedCode2.

    Raises:
        LabelError: a field of the producer would have to be made up or changed, a field that is not the
            standard's would be lost, or the platform's own are empty.

    Source: the Measures, Art. 6 and 10; GB 45438-2025 Annex E.
    """
    if unknown := sorted(set(fields) - {*PRODUCER_FIELDS, *PROPAGATOR_FIELDS}):
        raise LabelError(f"the label has {unknown[0][:MAX_QUOTED]!r}, which would be lost: it is no field")
    for name in PRODUCER_FIELDS:
        missing = name not in fields and name != "ReservedCode1"
        if missing or not isinstance(fields.get(name, ""), str):
            raise LabelError(f"{name} is missing or no text: it is the producer's, and is not made up here")
    if not propagator or not propagate_id:
        raise LabelError("a platform writes its name or code and its number of the content: one is empty")
    kept = {name: fields.get(name, "") for name in PRODUCER_FIELDS}
    return kept | dict(zip(PROPAGATOR_FIELDS, (propagator, propagate_id, reserved), strict=True))


def new_label(decision: Decision, propagator: str, propagate_id: str, reserved: str = "") -> dict[str, str]:
    """The label that a platform writes where the file has none: the producer is not known and stays empty.

    Raises:
        LabelError: the file has a label to be completed, nothing was found, or the platform's own are empty.
    """
    if "Label" not in decision.write:
        raise LabelError("there is nothing to write a new label for: the file has one, or nothing was found")
    empty = dict.fromkeys(PRODUCER_FIELDS, "") | {"Label": decision.label}
    return with_propagator(empty, propagator, propagate_id, reserved)


def _reasons(
    labels: Sequence[str | None], declared: bool | None, traces: Sequence[str]
) -> tuple[Reason, ...]:
    """One for each thing that was found, and for each that decides nothing."""
    found = []
    for value in dict.fromkeys(labels):
        shown = "" if value is None else f" ({value[:MAX_QUOTED]!r})"
        if value in STAGE_OF:
            found.append(Reason(f"a label in the metadata says {value}", f"元数据中的隐式标识取值为 {value}"))
        else:
            unread = Reason(
                f"a label in the metadata cannot be read whole{shown}: it counts as a trace",
                f"元数据中的隐式标识不能完整读取{shown}，按生成合成痕迹处理",
            )
            found.append(unread)
    if len(set(labels)) > 1:
        en, zh = "the labels contradict each other: the strongest counts", "多份标识互相矛盾，以最明确者为准"
        found.append(Reason(en, zh))
    if declared:
        found.append(Reason("the user declares it to be generated", "用户声明为生成合成内容"))
    if declared is False and (labels or traces):
        found.append(
            Reason("the user denies it, which lowers nothing", "用户声明并非生成合成内容，不影响判断")
        )
    found += [Reason(f"found: {trace}", f"检测到：{trace}") for trace in traces]
    nothing = Reason("nothing was found, which proves nothing", "未发现标识或痕迹，但不能证明并非生成合成")
    return tuple(found) or (nothing,)
