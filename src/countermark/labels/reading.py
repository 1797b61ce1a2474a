"""Read what a file says of its own origin: the AIGC label, IPTC and C2PA marks beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from countermark.labels import codes
from countermark.labels.blocks import Blocks
from countermark.labels.codes import Role, masked
from countermark.labels.containers import CONTAINERS, Container, identify
from countermark.labels.defects import Defect, LabelError, Severity, UnknownContainerError, error, warning
from countermark.labels.grammar import Label
from countermark.labels.source import DEFAULT_LIMITS, Limits, Source, opened

PROVIDERS: tuple[tuple[str, Role], ...] = (
    ("ContentProducer", "generation"),
    ("ContentPropagator", "propagation"),
)
"""The fields that name a provider, and what a code in them is for."""
ELEMENTS = ("provider", "system", "time", "identifier")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one file."""

    container: str
    labels: tuple[Label, ...] = ()
    marks: tuple[str, ...] = ()
    """``aigc-label``, ``iptc-digital-source-type``, ``c2pa``: what says that it was generated;
    ``unreadable-label`` where only a broken label was found.
    A C2PA manifest counts as present, not as verified."""
    provenance: dict[str, str] = field(default_factory=dict)
    """``provider``, ``system``, ``time``, ``identifier``, as far as the metadata conveys them."""
    defects: tuple[Defect, ...] = ()
    """Of the file as a whole: labels that contradict each other, a name that says something else."""
    signature: str = ""
    """A signature of the container itself that a change would break; empty where there is none."""

    @property
    def label(self) -> Label | None:
        """The label that counts: the first that is readable, or the first."""
        return next((label for label in self.labels if label.readable), next(iter(self.labels), None))

    def to_fact(self) -> dict[str, Any]:
        """As JSON, for evidence. What identifies a person is masked."""
        return {
            "container": self.container,
            "marks": list(self.marks),
            "labels": [_label_fact(label) for label in self.labels],
            "warnings": [defect.text for defect in self.defects],
            "provenance": {name: masked(self.provenance.get(name, "")) for name in ELEMENTS},
        }


def _label_fact(label: Label) -> dict[str, Any]:
    by = {severity: [d.text for d in label.defects if d.severity is severity] for severity in Severity}
    return {
        "place": label.place,
        "normative": label.normative,
        "fields": {name: masked(value) for name, value in label.fields.items()},
        "defects": by[Severity.ERROR],
        "warnings": by[Severity.WARNING],
        "codes": {
            name: [d.text for d in codes.defects(label.fields[name], role) if d.severity is Severity.ERROR]
            for name, role in PROVIDERS
            if codes.looks_like_code(label.fields.get(name, ""))
        },
    }


def read(thing: Path | str | bytes, *, limits: Limits = DEFAULT_LIMITS, name: str = "") -> Reading:
    """Read the labels of a file; its content, not its name, says what it is.

    Args:
        thing: a path, or the bytes themselves. Only metadata is read, and nothing is changed.
        limits: bounds on what is taken in.
        name: a file name for bytes that have none; it tells Markdown from plain text.

    Raises:
        UnknownContainerError: the container is none that we read.
        LabelError: the container is broken, or a limit was reached.
        OSError: the file cannot be read.
    """
    if isinstance(thing, bytes):
        with opened(thing) as source:
            return read_source(source, limits, name)
    with opened(thing) as source:
        reading = read_source(source, limits, name or os.fspath(thing))
    if CONTAINERS[reading.container].sidecar:
        return _with_sidecar(reading, thing, limits)
    return reading


def read_source(source: Source, limits: Limits, name: str = "") -> Reading:
    """Like :func:`read`, of a source that is open."""
    extension = extension_of(name)
    container = known(source, extension)
    blocks = container.codec.survey(source, limits)
    return _reading(container, blocks, extension)


def known(source: Source, extension: str) -> Container:
    """The container of a source.

    Raises:
        UnknownContainerError: it is none that we know.
        LabelError: there is nothing in it.
    """
    if not source.size:
        raise LabelError("the file is empty")
    container = identify(source, extension)
    if container is None:
        raise UnknownContainerError(
            "is of a kind that labels are not read from (`countermark label containers` lists those that are)"
        )
    return container


def extension_of(name: str) -> str:
    """The extension of a name, in lower case, without its dot."""
    stem, _, extension = name.rpartition(".")
    return extension.lower() if stem and "/" not in extension and os.sep not in extension else ""


def sidecar_of(path: Path | str) -> Path:
    """Where the label of a file stands whose format has no place for one."""
    return Path(f"{os.fspath(path)}.xmp")


def _with_sidecar(reading: Reading, path: Path | str, limits: Limits) -> Reading:
    try:
        with opened(sidecar_of(path)) as source:
            blocks = CONTAINERS["xmp"].codec.survey(source, limits)
    except FileNotFoundError:
        return reading
    return _reading(CONTAINERS[reading.container], blocks, "")


def _reading(container: Container, blocks: Blocks, extension: str) -> Reading:
    marks: list[str] = []
    labels = tuple(blocks.labels)
    if labels:
        marks.append("aigc-label" if any(label.readable for label in labels) else "unreadable-label")
    if blocks.source_type:
        marks.append("iptc-digital-source-type")
    if blocks.c2pa:
        marks.append("c2pa")
    first = labels[0].fields if labels else {}
    provenance = {
        "provider": first.get("ContentProducer", "") or blocks.creator,
        "system": blocks.tool,
        "time": blocks.created,
        "identifier": first.get("ProduceID", ""),
    }
    defects = [*blocks.defects, *_of_all(labels)]
    if extension and extension not in container.extensions:
        defects.append(warning("wrong-extension", f"is {container.title}, and its name ends in .{extension}"))
    return Reading(container.name, labels, tuple(marks), provenance, tuple(defects), blocks.signature)


def _of_all(labels: tuple[Label, ...]) -> list[Defect]:
    """What is wrong with several labels together."""
    if len(labels) < 2:
        return []
    places = ", ".join(label.place for label in labels)
    found = [error("several-labels", f"carries {len(labels)} labels: {places}")]
    said = [label.fields for label in labels if label.readable]
    found += [
        error("conflict", f"its labels contradict each other in {name}")
        for name in ("Label", "ContentProducer", "ProduceID")
        if len({fields.get(name, "") for fields in said}) > 1
    ]
    return found
