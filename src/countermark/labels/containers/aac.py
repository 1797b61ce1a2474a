"""AAC in ADTS: the label in an ID3v2 tag before the first frame, like that of MP3.

No guide names a place for raw AAC. This one is our own convention, so that a label here is never reported as
normative; decoders skip the tag, and streams of HTTP Live Streaming have one there as well.

Source: ISO/IEC 13818-7 (ADTS); ID3v2.4.0.
"""

from __future__ import annotations

from countermark.labels.blocks import Blocks
from countermark.labels.containers import mp3
from countermark.labels.containers.id3 import tags
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room


def survey(source: Source, limits: Limits) -> Blocks:
    """Read every tag.

    Raises:
        LabelError: a tag is cut off, or of no known version.
        TooLargeError: a limit was reached.
    """
    return mp3.surveyed(list(tags(source, limits)), normative=False)


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the file ``fields`` as its one label, in its first tag; in a new tag where there is none.

    Raises:
        LabelError: a tag carries a checksum, or cannot grow.
    """
    return mp3.edits(source, fields, room, limits)


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the file is without the frame of its label: the content that a signature covers."""
    return mp3.carrier(source, limits)
