"""ZIP archives that are documents: read single members, and change some without touching the others.

A member that changes is replaced where it stands, so that no older copy of it remains in the file; one
that is new comes behind the last. The directory, which is the end of the file, is written anew.

Source: PKWARE APPNOTE 6.3.10, 4.3 to 4.5.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from countermark.labels.containers.zip_members import (
    DEFLATED,
    FULL,
    FULL_16,
    LOCAL,
    LOCAL_HEAD,
    STORED,
    Member,
    entry,
    member_at,
    name_of,
    record_of,
)
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit

END, END64, LOCATOR64, DESCRIPTOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08"
END_HEAD = struct.Struct("<4s4H2IH")
END64_HEAD = struct.Struct("<4sQ2H2I4Q")
LOCATOR = struct.Struct("<4sIQI")
ENCRYPTED, STREAMED = 0x01, 0x08
MAX_MEMBERS = 1 << 16
MAX_COMMENT = 0xFFFF
SMALL_HEAD = Limits(metadata_bytes=4 << 20)
"""For telling what an archive is: a longer directory is not looked into."""
MANIFEST = "META-INF/content_credential.c2pa"
"""Where C2PA puts a manifest into an archive. Source: C2PA 2.1, embedding in ZIP-based formats."""


class Archive:
    """The directory of one archive, and access to its members.

    Raises:
        LabelError: the archive is broken, spans several files, or has bytes before it.
        TooLargeError: its directory is larger than the limits.
    """

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source, self.limits = source, limits
        self._left = limits.metadata_bytes
        self._known: dict[str, bytes] = {}
        self._end = _find_end(source)
        _, disk, first_disk, _, self._count, self._length, self.start, _ = END_HEAD.unpack(
            source.read(self._end, END_HEAD.size)
        )
        self._end64 = self._wide_end()
        behind = self._end if self._end64 < 0 else self._end64
        if disk not in (0, FULL_16) or first_disk not in (0, FULL_16):
            raise LabelError("the archive spans several files")
        if self.start + self._length != behind:
            raise LabelError("the directory of the archive is not where its end says")
        self.members = self._directory()
        self._by_name = {member.name.lower(): member for member in reversed(self.members)}

    def find(self, name: str) -> Member | None:
        """A member by its name; capitals do not matter, as in OPC."""
        return self._by_name.get(name.lower())

    def has_folder(self, name: str) -> bool:
        """Whether a member's name begins so."""
        return any(known.startswith(name.lower()) for known in self._by_name)

    def read(self, name: str) -> bytes | None:
        """The bytes of a member; None where there is none.

        Raises:
            LabelError: it is encrypted, packed in another way than deflate, or broken.
            TooLargeError: all that were read hold more than ``limits.metadata_bytes``.
        """
        member = self.find(name)
        if member is None or member.name in self._known:
            return self._known[member.name] if member else None
        start, end = self._extent(member)
        if member.flags & ENCRYPTED:
            raise LabelError(f"{name} in the archive is encrypted")
        if member.method not in (STORED, DEFLATED):
            raise LabelError(f"{name} in the archive is packed by method {member.method}, which is not read")
        data = self.source.take(start, end - start, self.limits)
        if member.method == DEFLATED:
            data = self._unpacked(data, name)
        self._left -= len(data)
        if self._left < 0:
            raise TooLargeError(f"{name} in the archive unpacks to more than the limit")
        if len(data) != member.size or zlib.crc32(data) != member.crc:
            raise LabelError(f"{name} in the archive is damaged")
        self._known[member.name] = data
        return data

    def edits(self, new: Mapping[str, bytes]) -> list[Edit]:
        """What replaces or adds members.

        Raises:
            LabelError: a member stands there twice, or the archive grows beyond what its directory can say.
        """
        changes = [self._replacement(name, data) for name, data in new.items() if self.find(name)]
        tail, records = bytearray(), []
        for member in self.members:
            shift = sum(edit.growth for edit in changes if edit.offset < member.offset)
            data = next((data for name, data in new.items() if name.lower() == member.name.lower()), None)
            records.append(
                member.moved(shift) if data is None else record_of(member, data, member.offset + shift)
            )
        grown = sum(edit.growth for edit in changes)
        for name, data in new.items():
            if not self.find(name):
                added = Member(name, b"", 0, DEFLATED, 0, 0, 0, 0, 0, is_wide=False)
                records.append(record_of(added, data, self.start + grown + len(tail)))
                tail += entry(added, data)
        tail += self._directory_end(records, self.start + grown + len(tail))
        return _joined([*changes, Edit(self.start, self.source.size - self.start, bytes(tail))])

    def _wide_end(self) -> int:
        """Where the 64-bit end record begins, or -1."""
        head = self.source.peek(self._end - LOCATOR.size, LOCATOR.size) if self._end >= LOCATOR.size else b""
        if not head.startswith(LOCATOR64):
            return -1
        at, disks = int(LOCATOR.unpack(head)[2]), LOCATOR.unpack(head)[3]
        if disks > 1 or self.source.peek(at, 4) != END64:
            raise LabelError("the 64-bit end of the archive is broken")
        record = END64_HEAD.unpack(self.source.read(at, END64_HEAD.size))
        self._count, self._length, self.start = record[7:10]
        return at

    def _directory(self) -> list[Member]:
        if self._count > MAX_MEMBERS or self._count > self.limits.elements:
            raise TooLargeError(f"{self._count:,} members in the archive")
        data = self.source.take(self.start, self._length, self.limits)
        members, at = [], 0
        for _ in range(self._count):
            member = member_at(data, at)
            if member.offset >= self.start:
                raise LabelError(f"{member.name[:80]} is not in the archive")
            members.append(member)
            at += len(member.record)
        if at != len(data):
            raise LabelError("the directory of the archive has another length than its members")
        return members

    def _extent(self, member: Member) -> tuple[int, int]:
        """Where the packed bytes of a member stand."""
        head = LOCAL_HEAD.unpack(self.source.read(member.offset, LOCAL_HEAD.size))
        start = member.offset + LOCAL_HEAD.size + head[9] + head[10]
        named = self.source.peek(member.offset + LOCAL_HEAD.size, head[9])
        if (
            head[0] != LOCAL
            or name_of(named, member.flags) != member.name
            or start + member.packed > self.start
        ):
            raise LabelError(f"{member.name[:80]} is not where the directory of the archive says")
        return start, start + member.packed

    def _unpacked(self, data: bytes, name: str) -> bytes:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            return unpacker.decompress(data, max(self._left, 0) + 1)
        except zlib.error as trouble:
            raise LabelError(f"{name} in the archive does not unpack: {trouble}") from None

    def _replacement(self, name: str, data: bytes) -> Edit:
        same = [member for member in self.members if member.name.lower() == name.lower()]
        if len(same) > 1:
            raise LabelError(f"{name} stands in the archive twice")
        member = same[0]
        _, end = self._extent(member)
        if member.flags & STREAMED:
            signed = self.source.peek(end, 4) == DESCRIPTOR
            end += (16 if signed else 12) + 8 * (member.record.find(b"\1\0", 46) > 0 and member.is_wide)
        following = [other.offset for other in self.members if other.offset > member.offset]
        if end > min([*following, self.start]):
            raise LabelError(f"{name} overlaps the next member of the archive")
        return Edit(member.offset, end - member.offset, entry(member, data))

    def _directory_end(self, records: list[bytes], start: int) -> bytes:
        """The directory and what closes the archive, patched."""
        directory = b"".join(records)
        end = bytearray(self.source.read(self._end, self.source.size - self._end))
        numbers = (min(len(records), FULL_16), len(directory), start)
        if self._end64 >= 0:
            wide = bytearray(self.source.read(self._end64, self._end - self._end64))
            struct.pack_into("<4Q", wide, 24, len(records), len(records), len(directory), start)
            struct.pack_into("<Q", wide, len(wide) - LOCATOR.size + 8, start + len(directory))
            numbers = (numbers[0], min(numbers[1], FULL), min(numbers[2], FULL))
            directory += wide
        elif start + len(directory) >= FULL or len(records) >= FULL_16:
            raise LabelError("the archive becomes longer than its directory can say")
        struct.pack_into("<2H2I", end, 8, numbers[0], *numbers)
        return directory + bytes(end)


def kind(source: Source) -> str:
    """Which kind of document an archive is, by its members; empty where it is none that is known."""
    first = _first_name(source)
    try:
        archive = Archive(source, SMALL_HEAD)
    except LabelError:
        return {"[Content_Types].xml": "ooxml", "OFD.xml": "ofd", "mimetype": _by_mimetype(source)}.get(
            first, ""
        )
    if archive.find("[Content_Types].xml"):
        return "ooxml" if any(map(archive.has_folder, ("word/", "xl/", "ppt/"))) else ""
    if archive.find("OFD.xml"):
        return "ofd"
    if archive.find("META-INF/container.xml") and (first != "mimetype" or _by_mimetype(source)):
        return "epub"
    return _by_mimetype(source) if first == "mimetype" else ""


def _by_mimetype(source: Source) -> str:
    return "epub" if source.peek(30, 128).partition(b"mimetype")[2].lstrip(b"\0").find(EPUB_TYPE) >= 0 else ""


EPUB_TYPE = b"application/epub+zip"


def _first_name(source: Source) -> str:
    head = source.peek(0, LOCAL_HEAD.size)
    length = LOCAL_HEAD.unpack(head)[9] if len(head) == LOCAL_HEAD.size else 0
    return source.peek(LOCAL_HEAD.size, min(length, 64)).decode("utf-8", "replace")


def _find_end(source: Source) -> int:
    span = min(source.size, END_HEAD.size + MAX_COMMENT)
    tail = source.peek(source.size - span, span)
    at = tail.rfind(END)
    while at >= 0:
        if at + END_HEAD.size <= span:
            comment = int.from_bytes(tail[at + 20 : at + 22], "little")
            if at + END_HEAD.size + comment == span:
                return source.size - span + at
        at = tail.rfind(END, 0, at + 3)
    raise LabelError("the archive has no end: it is cut off, or something follows it")


def _joined(edits: list[Edit]) -> list[Edit]:
    """Edits that touch become one: where they reach to the end, the file can be changed in place."""
    out: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: edit.offset):
        if out and out[-1].offset + out[-1].length == edit.offset:
            last = out.pop()
            out.append(Edit(last.offset, last.length + edit.length, last.new + edit.new))
        else:
            out.append(edit)
    return out
