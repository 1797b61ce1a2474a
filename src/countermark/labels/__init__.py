"""The AIGC label in bytes: where each container keeps it, and what it says.

from countermark import labels

reading = labels.read("picture.png")
for label in reading.labels:
    print(label.place, label.fields, label.defects)
"""

from countermark.labels.grammar import FIELDS, Label
from countermark.labels.reading import LabelError, Reading, UnknownContainerError, read

__all__ = ["FIELDS", "Label", "LabelError", "Reading", "UnknownContainerError", "read"]
