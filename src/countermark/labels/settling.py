"""What a file's label may say after a write, given what it says now: nobody's words are lost in silence.

Source: the Labelling Measures, Art. 6 and 10 (labels are not deleted or altered) [Q].
"""

from __future__ import annotations

from countermark.labels.codes import masked
from countermark.labels.defects import LabelError
from countermark.labels.grammar import FIELDS, Fields, Label
from countermark.labels.propagation import with_propagator
from countermark.labels.reading import Reading

LOSING = frozenset({"unknown-field", "foreign-schema", "not-a-string", "more"})
"""Defects that say: there is something that the seven fields cannot hold."""
MAX_SHOWN = 60
PROPAGATOR = ("ContentPropagator", "PropagateID", "ReservedCode2")


class LabelledError(LabelError):
    """The file carries a label already, of which something would be lost."""


class ConflictError(LabelError):
    """The file carries labels that contradict each other."""


def written(reading: Reading, fields: Fields) -> Fields:
    """What :func:`~countermark.labels.write` writes: ``fields``, where nothing of somebody else gives way.

    A provider may write its own label again: the same provider and the same number. What a platform added
    since stays, and so does a reserved code that the new label leaves empty.

    Raises:
        LabelledError: the file carries another label, or one that cannot be read.
    """
    for label in reading.labels:
        if not label.readable or not _same_content(label, fields):
            raise LabelledError(
                f"carries a label already ({_shown(label)}); `update` adds a propagator to it"
            )
    values = fields.to_dict()
    for label in reading.labels:
        if _by_another(label, fields):
            values |= {name: label.fields.get(name, "") for name in PROPAGATOR}
        for name in ("ReservedCode1", "ReservedCode2"):
            values[name] = values[name] or label.fields.get(name, "")
    return Fields.of(values)


def updated(
    reading: Reading, propagator: str, propagate_id: str, reserved: str, *, normalise: bool
) -> Fields:
    """What :func:`~countermark.labels.update` writes: what the producer said, and who spreads it now.

    Args:
        reading: the file as it is.
        propagator: name or code of the platform.
        propagate_id: its number of the content.
        reserved: its reserved code.
        normalise: whether what the seven fields cannot hold may be lost: keys that the standard does not
            know, another vendor's schema, a copy that cannot be read.

    Raises:
        ConflictError: the file carries labels that contradict each other.
        LabelError: it carries none that can be read, or something would be lost.
    """
    readable = [label for label in reading.labels if label.readable]
    if not readable:
        what = "cannot be read" if reading.labels else "is not there"
        raise LabelError(f"its label {what}: `write` writes one, where it is yours to write")
    for name in FIELDS:
        said = {label.fields.get(name, "") for label in readable} - {""}
        if len(said) > 1:
            raise ConflictError(f"its labels contradict each other in {name}: settle that first")
    if not normalise:
        _refuse_loss(reading)
    merged = dict.fromkeys(FIELDS, "")
    for label in reversed(readable):
        merged |= {name: value for name, value in label.fields.items() if value}
    return Fields.of(with_propagator(merged, propagator, propagate_id, reserved))


def _refuse_loss(reading: Reading) -> None:
    for label in reading.labels:
        lost = [d.text for d in label.defects if d.code in LOSING and "null" not in d.text]
        if not label.readable:
            lost = [f"it cannot be read ({'; '.join(map(str, label.defects[:2])) or 'no Label'})"]
        if lost:
            raise LabelledError(
                f"the label at {label.place} has what an update would lose: {lost[0]}; "
                "`normalise` brings it to the standard's form all the same"
            )


def _same_content(label: Label, fields: Fields) -> bool:
    """Whether a label is of the same provider and number; of a platform's own label, its."""
    values, new = label.fields, fields.to_dict()
    produced = ("ContentProducer", "ProduceID")
    pair = produced if values.get("ContentProducer") or fields.content_producer else PROPAGATOR[:2]
    return all(values.get(name, "") == new[name] != "" for name in pair)


def _by_another(label: Label, fields: Fields) -> bool:
    """Whether somebody else has added a propagator to the label."""
    propagator = label.fields.get("ContentPropagator", "")
    return propagator not in ("", fields.content_producer, fields.content_propagator)


def _shown(label: Label) -> str:
    if not label.readable:
        return f"{label.place}, which cannot be read"
    name = "ContentProducer" if label.fields.get("ContentProducer") else "ContentPropagator"
    return f"{label.place}, {name} {masked(label.fields.get(name, ''))[:MAX_SHOWN]!r}"
