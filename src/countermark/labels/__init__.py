"""The AIGC label in bytes: where each container keeps it, and what it says.

from countermark import labels

labels.write("picture.png", labels.Fields.generated("001191…", "20261125-000017"), to="labelled.png")
for label in labels.read("labelled.png").labels:
    print(label.place, label.fields, label.defects)
"""

from countermark.labels.containers import CONTAINERS, Container
from countermark.labels.defects import (
    ChangedError,
    Defect,
    LabelError,
    MissingPackageError,
    Severity,
    TooLargeError,
    UnknownContainerError,
)
from countermark.labels.grammar import FIELDS, Fields, Label
from countermark.labels.journal import InterruptedWriteError
from countermark.labels.propagation import Decision, decide
from countermark.labels.reading import Reading, read
from countermark.labels.settling import ConflictError, LabelledError
from countermark.labels.source import Limits
from countermark.labels.splicing import Room
from countermark.labels.verification import Outcome, Verification, examine, verify
from countermark.labels.writing import (
    Options,
    ReadBackError,
    SignedError,
    Way,
    Written,
    recover,
    update,
    write,
)

__all__ = [
    "CONTAINERS",
    "FIELDS",
    "ChangedError",
    "ConflictError",
    "Container",
    "Decision",
    "Defect",
    "Fields",
    "InterruptedWriteError",
    "Label",
    "LabelError",
    "LabelledError",
    "Limits",
    "MissingPackageError",
    "Options",
    "Outcome",
    "ReadBackError",
    "Reading",
    "Room",
    "Severity",
    "SignedError",
    "TooLargeError",
    "UnknownContainerError",
    "Verification",
    "Way",
    "Written",
    "decide",
    "examine",
    "read",
    "recover",
    "update",
    "verify",
    "write",
]
