"""Copies of a label in XMP packets, which give way when the label is written into its own place.

Source: XMP ISO 16684-1; that a file has one label: GB 45438-2025, as reported [S].
"""

from __future__ import annotations

from countermark.labels import xmp
from countermark.labels.defects import LabelError


def blanked(data: bytes) -> bytes:
    """The packet with white space where labels stood, used only while the label moves to its own place.

    Its length stays, for containers in which nothing may move.

    Raises:
        LabelError: a label cannot be told apart from the rest of the packet.
    """
    packet = xmp.read(data, "XMP")
    if packet.defect and packet.labels:
        raise LabelError(f"{packet.defect.text}; repair the packet first, a label stands in it")
    if len(packet.labels) > xmp.MAX_COPIES:
        raise LabelError(
            f"an XMP packet holds {len(packet.labels):,} labels; at most {xmp.MAX_COPIES} are taken out"
        )
    out = bytearray(data)
    for label, (start, end) in zip(packet.labels, packet.spans, strict=True):
        first, last = (start, end) if end > 0 else xmp.attribute_span(data, label.place, start)
        out[first:last] = b" " * (last - first)
    if xmp.read(bytes(out), "XMP").labels:
        raise LabelError("a label in an XMP packet cannot be taken out")
    return bytes(out)
