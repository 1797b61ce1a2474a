"""An XMP packet in a file of its own: the label of a format that has no place for one.

Source: XMP ISO 16684-1, sidecar files; that the label may stand there is our own convention.
"""

from __future__ import annotations

from countermark.labels import xmp
from countermark.labels.blocks import Blocks
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the packet.

    Raises:
        TooLargeError: it is longer than ``limits.metadata_bytes``.
    """
    blocks = Blocks()
    blocks.take_xmp(source.take(0, source.size, limits), "sidecar", 0)
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the packet ``fields`` as its one label."""
    old = source.take(0, source.size, limits)
    new = xmp.with_label(old, fields)
    return [Edit(0, source.size, xmp.padded(new, room.size(xmp.least(new), len(old))))]
