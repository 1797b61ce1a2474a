"""What the metadata of a container holds, gathered while it is walked."""

from __future__ import annotations

from dataclasses import dataclass, field

from countermark.labels import exif, grammar, xmp
from countermark.labels.defects import Defect
from countermark.labels.grammar import Label


@dataclass(slots=True)
class Blocks:
    """What the metadata of a container holds, as it is found."""

    labels: list[Label] = field(default_factory=list)
    source_type: str = ""
    """IPTC digital source type, where it is one of the generated ones."""
    c2pa: bool = False
    """A C2PA manifest is there; present, not verified."""
    remote_manifest: str = ""
    signature: str = ""
    """A signature of the container itself, such as a PDF's, that a change would break."""
    creator: str = ""
    tool: str = ""
    created: str = ""
    defects: list[Defect] = field(default_factory=list)
    """Of the container, apart from any label."""

    def take_xmp(self, data: bytes, place: str, base: int = -1) -> None:
        """Read one XMP packet, which begins at byte ``base`` of the file."""
        packet = xmp.read(data, place, base)
        self.labels += packet.labels
        if packet.defect and not packet.labels:
            self.defects.append(packet.defect)
        self.source_type = self.source_type or packet.source_type
        self.remote_manifest = self.remote_manifest or packet.remote_manifest
        self.note(creator=packet.creator, tool=packet.tool, created=packet.created)

    def take_exif(self, data: bytes, place: str, base: int = -1) -> None:
        """Read one EXIF block (a TIFF structure). A broken one yields what stands before the break."""
        for entry in exif.entries(data):
            text = entry.text
            at = base + entry.at if base >= 0 else -1
            if entry.tag == exif.USER_COMMENT:
                self._take_text(text, f"{place} UserComment", at, normative=True)
            elif entry.tag == exif.IMAGE_DESCRIPTION:
                self._take_text(text, f"{place} ImageDescription", at, normative=False)
            elif entry.tag in exif.NOTED:
                self.note(**{exif.NOTED[entry.tag]: text.strip("\0 ")})

    def take_text(self, text: str, place: str, base: int = -1, *, normative: bool) -> None:
        """Read the text of a place that is the label's own."""
        self.labels.append(grammar.parse(text, place, normative=normative, offset=base))

    def note(self, *, creator: str = "", tool: str = "", created: str = "") -> None:
        """Who made it, with what, when; what was said first stays."""
        self.creator = self.creator or creator
        self.tool = self.tool or tool
        self.created = self.created or created

    def _take_text(self, text: str, place: str, base: int, *, normative: bool) -> None:
        if grammar.looks_like_one(text):
            self.take_text(text, place, base, normative=normative)
