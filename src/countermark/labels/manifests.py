"""C2PA beside the label: read a manifest without a network, and sign a file that is labelled already.

Label first, sign last: whoever labels a signed file breaks its signature. A manifest does not replace the
label.

The C2PA library is not safe across threads (c2pa-python #314). No settings or handles outlive a call here,
but use processes, not threads, for many files. It comes with the extra ``countermark[c2pa]``.

Source: C2PA 2.2; settings, limits and containers as tried with c2pa-python 0.38.1 (c2pa-rs 0.91.3).
"""

from __future__ import annotations

import io
import json
import shutil
import struct
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from countermark import __version__
from countermark.labels.defects import Defect, LabelError, Severity, TooLargeError

if TYPE_CHECKING:
    from countermark.labels.certificates import SigningKey

ASSERTION = "org.tc260.aigc"
"""Our own assertion: the seven fields of the label once more, under the signature. No standard names it."""
FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
GENERATED = (
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "compositeSynthetic",
    "algorithmicMedia",
    "algorithmicallyEnhanced",
)
"""Digital source types that say that a machine made it; `sign` writes no others."""
CONTAINERS: Mapping[str, str] = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WebP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
    "JPEG XL": "image/jxl",
    "SVG": "image/svg+xml",
    "MP4": "video/mp4",
    "MOV": "video/quicktime",
    "AVI": "video/avi",
    "M4A": "audio/mp4",
    "MP3": "audio/mpeg",
    "WAV": "audio/wav",
    "FLAC": "audio/flac",
    "PDF": "application/pdf",
}
"""Containers that take a manifest, with their media types: each was signed and read back as valid.

Tried, and not supported by the library: OGG, Opus, AAC, Matroska and WebM, FLV, MPEG-TS, BMP, RF64, a MOV
without a file type box, HTML, Markdown, text, JSON. It lists DOCX, XLSX, PPTX and EPUB, but fails where one
entry of the ZIP is compressed. A TIFF of several pages gets one more directory, which is no page.
"""
STARTS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"fLaC": "FLAC",
    b"ID3": "MP3",
    b"%PDF-": "PDF",
}
RIFF_KINDS = {b"WEBP": "WebP", b"AVI ": "AVI", b"WAVE": "WAV"}
BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"M4A ": "M4A", b"M4B ": "M4A", b"qt  ": "MOV"}
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
HEAD = 4096

CLAIM_USES = ("1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.62558.2.1", "1.3.6.1.4.1.311.76.59.1.9")
OFFLINE: Mapping[str, Mapping[str, Any]] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
    "core": {"allowed_network_hosts": []},  # also for what has no switch of its own
    "builder": {"thumbnail": {"enabled": False}},
    "trust": {"trust_config": "\n".join(CLAIM_USES)},  # an anchor alone has it refuse all uses but the first
}
"""What each call gives the library. Its thumbnail and its own check cost many times what a signature does."""
REMOTE = "Remote: must fetch remote manifests from url "
BROKEN = ("Other: asset could not be parsed", "Io:", "Failed to create reader")
UNTRUSTED = "signingCredential.untrusted"
PARENT = "parent"
MAX_JSON = 64 << 20
"""Most text that is taken in of the manifests of one file."""
MAX_FIELDS = 64 << 10
MAX_BOXES = 1000
STREAMED = ("MP4", "MOV", "M4A")
"""The library reads and signs these in some 550 MiB of memory, whatever their size."""
MAX_WHOLE = 1 << 30
"""Most bytes of a file of any other kind, which takes two to three times its size in memory."""


class SignedAlreadyError(LabelError):
    """The file has a manifest, which another signature would bury; ``resign=True`` keeps it as the parent."""


class UnsupportedContainerError(LabelError):
    """A container in which the library has no place for a manifest."""


class State(StrEnum):
    """What the library found of the manifest, best first."""

    TRUSTED = "trusted"
    """Intact, and its signer's certificate leads to one of the trust anchors."""
    VALID = "valid"
    """Intact since it was signed. It says nothing of who signed."""
    INVALID = "invalid"
    """The file, the manifest or its signature does not hold; the defects say why."""
    UNREADABLE = "unreadable"
    """There is a manifest, and the library cannot read it."""
    REMOTE = "remote"
    """The file only points to a manifest elsewhere, which was not fetched."""


STATES = {"Trusted": State.TRUSTED, "Valid": State.VALID, "Invalid": State.INVALID}


@dataclass(frozen=True, slots=True)
class Signer:
    """Whom the certificate names: a claim, until the state is trusted."""

    common_name: str = ""
    issuer: str = ""
    """The organisation in the certificate; the name is the library's."""
    algorithm: str = ""
    time: str = ""
    """ISO 8601, from a time stamp; empty where no authority vouches for it."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that the signer says was done."""

    name: str
    """Such as ``c2pa.created``."""
    source_type: str = ""
    """The digital source type without its address, such as ``trainedAlgorithmicMedia``."""


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What the signed file was made from."""

    title: str
    relationship: str
    """``parentOf``, ``componentOf`` or ``inputTo``."""
    manifest: str
    """The label of its own manifest in this file, empty where it had none."""
    failures: tuple[str, ...] = ()
    """Status codes that its manifest failed with when it was taken in."""


@dataclass(frozen=True, slots=True)
class ManifestReport:
    """What the active manifest of one file says, and whether it holds."""

    state: State
    label: str = ""
    """The name of the active manifest."""
    title: str = ""
    generator: str = ""
    signer: Signer = field(default_factory=Signer)
    actions: tuple[Action, ...] = ()
    ingredients: tuple[Ingredient, ...] = ()
    fields: Mapping[str, str] | None = None
    """The label's fields in `ASSERTION`, or None where it is absent."""
    defects: tuple[Defect, ...] = ()
    """The code of each is the status code of C2PA."""
    remote_url: str = ""
    """Where a manifest is said to lie, if the file holds none itself."""

    @property
    def source_types(self) -> tuple[str, ...]:
        """The digital source types of its actions, each once."""
        return tuple(dict.fromkeys(action.source_type for action in self.actions if action.source_type))

    @property
    def intact(self) -> bool:
        """Whether nothing has changed since it was signed, whoever signed it."""
        return self.state in (State.TRUSTED, State.VALID)


def read(source: str | Path | bytes, *, trust_anchors: str | None = None) -> ManifestReport | None:
    """Read and validate the manifest of a file; None where it has none.

    Nothing is fetched: no manifest elsewhere, no state of a certificate, no trust list. A manifest in a file
    of its own beside this one is not looked for.

    Args:
        source: a path, or the bytes of a file.
        trust_anchors: root certificates as PEM. Without any, the best state is valid.

    Raises:
        UnsupportedContainerError: no manifest can be in such a file.
        TooLargeError: the manifests come to more than `MAX_JSON`.
        LabelError: the container is broken, the anchors are not PEM, or the extra is not installed.
        OSError: the file cannot be read.
    """
    trust = {**OFFLINE["trust"], **({} if trust_anchors is None else {"user_anchors": trust_anchors})}
    with _opened(source) as stream, _context({**OFFLINE, "trust": trust}) as context:
        try:
            with _library().Reader(_media_type(stream), stream, context=context) as reader:
                text = reader.json()
        except _library().C2paError as error:
            return _failure(str(error))
    if len(text) > MAX_JSON:
        raise TooLargeError(f"the manifests come to more than {MAX_JSON:,} characters")
    return _report(json.loads(text), anchored=trust_anchors is not None)


def has_manifest(source: str | Path | bytes) -> bool:
    """Whether a file holds a manifest, whole or broken, or points to one elsewhere.

    Nothing is validated, which makes it cheaper than `read`. It raises what `read` raises.
    """
    with _opened(source) as stream:
        return _holds_one(stream)


def sign(  # noqa: PLR0913 - one keyword for each choice of the caller
    source: str | Path,
    target: str | Path,
    fields: Mapping[str, str],
    key: SigningKey,
    *,
    digital_source_type: str = GENERATED[0],
    resign: bool = False,
    title: str | None = None,
    timestamp_url: str | None = None,
) -> ManifestReport:
    """Write a signed copy of a file that is labelled already, and read it back.

    The target is replaced in one step, and only when the copy reads back as intact with the same fields; it
    may be the source itself. Until then neither is touched.

    Args:
        source: the labelled file. That its label says the same as ``fields`` is for the caller to see to.
        target: where the signed file goes.
        fields: the seven fields of the label, all of them.
        key: who signs.
        digital_source_type: one of `GENERATED`.
        resign: where the source has a manifest, make it the parent of the new one.
        title: a name for the content.
        timestamp_url: an RFC 3161 authority. It is asked over the network, and nothing else ever is.

    Raises:
        SignedAlreadyError: the source has a manifest, or points to one, and ``resign`` is not set.
        UnsupportedContainerError: such a file cannot be signed.
        LabelError: a field is missing or unknown, the library refuses, or the signed file does not read back.
        OSError: a file cannot be read or written.
    """
    _check(fields, digital_source_type)
    with _opened(Path(source)) as stream, _replacing(Path(target), Path(source)) as copy:
        parent = _holds_one(stream)
        _refuse_damage(stream)
        if parent and not resign:
            raise SignedAlreadyError(
                "is signed already; to keep the old manifest as the parent, sign again with resign"
            )
        claim = _claim(fields, SOURCE_TYPES + digital_source_type, title, parent=parent)
        _embed(claim, stream, copy, key, timestamp_url, parent=parent)
        copy.flush()
        report = read(copy.name)
        if report is None or not report.intact or report.fields != fields:
            reasons = "; ".join(map(str, report.defects)) if report else "no manifest is found"
            raise LabelError(f"the signed copy does not read back, so nothing was written: {reasons}")
    return report


def _library() -> Any:
    try:
        import c2pa  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
    except ImportError:
        raise LabelError("C2PA needs an extra: pip install 'countermark[c2pa]'") from None
    return c2pa


@contextmanager
def _opened(source: str | Path | bytes) -> Iterator[IO[bytes]]:
    with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as stream:
        yield stream


@contextmanager
def _context(settings: Mapping[str, Any]) -> Iterator[Any]:
    """A context for one call: it is the only place of settings, and no other thread can hold it."""
    c2pa = _library()
    try:
        context = c2pa.Context.from_dict(dict(settings))
    except c2pa.C2paError as error:
        raise LabelError(f"the trust anchors are not certificates as PEM: {error}") from None
    with context:
        yield context


def _holds_one(stream: IO[bytes]) -> bool:
    quick = {**OFFLINE, "verify": {**OFFLINE["verify"], "verify_after_reading": False}}
    with _context(quick) as context:
        try:
            _library().Reader(_media_type(stream), stream, context=context).close()
        except _library().C2paError as error:
            return _failure(str(error)) is not None
    return True


def _media_type(stream: IO[bytes]) -> str:
    """The media type by content, with the stream at its start again."""
    stream.seek(0)
    head = stream.read(HEAD)
    name, size = _container(head), stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if name and name not in STREAMED and size > MAX_WHOLE:
        raise TooLargeError(
            f"{name} of {size:,} bytes: more than {MAX_WHOLE:,} would have to fit into memory"
        )
    if name:
        return CONTAINERS[name]
    packed = " (the library reads a ZIP only without compression)" if head.startswith(b"PK\x03\x04") else ""
    raise UnsupportedContainerError(
        f"C2PA goes into {', '.join(CONTAINERS)}, and this is none of them{packed}"
    )


def _container(head: bytes) -> str:
    for start, name in STARTS.items():
        if head.startswith(start):
            return name
    if head.startswith(b"RIFF"):
        return RIFF_KINDS.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "HEIC" if head[8:12] in HEIF_BRANDS else BRANDS.get(head[8:12], "MP4")
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:  # frame sync of MPEG layer III
        return "MP3"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "SVG" if text.startswith(b"<") and b"<svg" in text and b"<html" not in text else ""


def _failure(message: str) -> ManifestReport | None:
    """What a refusal of the library says of the file; its words are all that tells one from another."""
    if message.startswith("ManifestNotFound"):
        return None
    if message.startswith(REMOTE):
        return ManifestReport(State.REMOTE, remote_url=message.removeprefix(REMOTE).strip())
    if message.startswith("NotSupported"):
        raise UnsupportedContainerError(f"C2PA does not go into this file: {message}")
    if message.startswith(BROKEN):
        raise LabelError(f"the file is broken: {message}")
    return ManifestReport(State.UNREADABLE, defects=(Defect(Severity.ERROR, "manifest.unreadable", message),))


def _report(store: Mapping[str, Any], *, anchored: bool) -> ManifestReport:
    label = _text(store, "active_manifest")
    manifest = _map(_map(store, "manifests"), label)
    assertions = _rows(manifest, "assertions")
    signature = _map(manifest, "signature_info")
    ours = [_map(each, "data") for each in assertions if _text(each, "label").partition("__")[0] == ASSERTION]
    return ManifestReport(
        state=STATES.get(_text(store, "validation_state"), State.UNREADABLE),
        label=label,
        title=_text(manifest, "title"),
        generator=_generator(manifest),
        signer=Signer(*(_text(signature, name) for name in ("common_name", "issuer", "alg", "time"))),
        actions=tuple(_actions(assertions)),
        ingredients=tuple(_ingredients(manifest)),
        fields={name: text for name in FIELDS if isinstance(text := ours[0].get(name), str)}
        if ours
        else None,
        defects=(
            *(
                Defect(Severity.WARNING, "several-label-assertions", f"{ASSERTION} is there more than once")
                for _ in ours[1:2]
            ),
            *_defects(_map(store, "validation_results"), anchored=anchored),
        ),
    )


def _generator(manifest: Mapping[str, Any]) -> str:
    named = [
        f"{_text(each, 'name')} {_text(each, 'version')}" for each in _rows(manifest, "claim_generator_info")
    ]
    return ", ".join(each.strip() for each in named) or _text(manifest, "claim_generator")


def _actions(assertions: list[Mapping[str, Any]]) -> Iterator[Action]:
    for assertion in assertions:
        if _text(assertion, "label").startswith("c2pa.actions"):
            for action in _rows(_map(assertion, "data"), "actions"):
                yield Action(_text(action, "action"), _text(action, "digitalSourceType").rpartition("/")[2])


def _ingredients(manifest: Mapping[str, Any]) -> Iterator[Ingredient]:
    for each in _rows(manifest, "ingredients"):
        found = _rows(_map(_map(each, "validation_results"), "activeManifest"), "failure")
        failures = tuple(code for row in found if (code := _text(row, "code")) != UNTRUSTED)
        yield Ingredient(
            _text(each, "title"), _text(each, "relationship"), _text(each, "active_manifest"), failures
        )


def _defects(results: Mapping[str, Any], *, anchored: bool) -> Iterator[Defect]:
    """Failures, then what is worth knowing; an unknown signer is no failure where no anchor is given."""
    active = _map(results, "activeManifest")
    for row in _rows(active, "failure"):
        code, text = _text(row, "code"), _text(row, "explanation")
        if code != UNTRUSTED:
            yield Defect(Severity.ERROR, code, text)
        elif anchored:
            yield Defect(Severity.WARNING, code, "no trust anchor vouches for the signer")
        else:
            yield Defect(Severity.NOTE, code, "who signed is not established: no trust anchors were given")
    for delta in _rows(results, "ingredientDeltas"):
        for row in _rows(_map(delta, "validationDeltas"), "failure"):
            if (code := _text(row, "code")) != UNTRUSTED:
                yield Defect(Severity.WARNING, code, f"in an ingredient: {_text(row, 'explanation')}")
    for row in _rows(active, "informational"):
        yield Defect(Severity.NOTE, _text(row, "code"), _text(row, "explanation"))


def _map(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def _rows(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = row.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _refuse_damage(stream: IO[bytes]) -> None:
    """Refuse the files that the library damages and then calls valid (seen with c2pa-rs 0.91.3)."""
    is_heif = _media_type(stream) in (CONTAINERS["HEIC"], CONTAINERS["AVIF"])
    if is_heif and _shifts_twice(_item_locations(stream)):
        raise LabelError(
            "C2PA would damage it: the library shifts an item twice whose base offset is 0, in a box (iloc) "
            "with base offsets; write that box without them"
        )


def _item_locations(stream: IO[bytes]) -> bytes:
    """The content of the box ``iloc`` in the first box ``meta``; empty where there is none."""
    content = b""
    wanted = [b"meta", b"iloc"]
    for _ in range(MAX_BOXES):
        size, kind = struct.unpack(">I4s", stream.read(8).ljust(8, b"\0"))
        extended = size == 1
        if extended:
            size = int.from_bytes(stream.read(8))
        if not (16 if extended else 8) <= size <= MAX_WHOLE:
            break
        if kind == wanted[0] == b"meta":
            stream.seek(4, io.SEEK_CUR)  # version and flags, then the boxes in it
            wanted.pop(0)
        elif kind == wanted[0]:
            content = stream.read(size - 8)
            break
        else:
            stream.seek(size - (16 if extended else 8), io.SEEK_CUR)
    return content


def _shifts_twice(locations: bytes) -> bool:
    """Whether an item that lies in the file has a base offset of 0. Source: ISO/IEC 14496-12, 8.11.3."""
    version, sizes = locations[:1], locations[4:6].hex()
    if not locations or sizes[2:3] == "0":
        return False
    offset, length, base, index = (int(size, 16) for size in sizes)
    wide, at = (4, 10) if version == b"\2" else (2, 8)
    for _ in range(int.from_bytes(locations[6:at])):
        method = locations[at + wide + 1 :][:1] if version > b"\0" else b"\0"
        at += wide + (4 if version > b"\0" else 2)
        if method[-1:] in (b"", b"\0") and not any(locations[at : at + base]):
            return True
        extents = int.from_bytes(locations[at + base : at + base + 2])
        at += base + 2 + extents * (offset + length + (index if version > b"\0" else 0))
    return False


def _check(fields: Mapping[str, str], digital_source_type: str) -> None:
    if set(fields) != set(FIELDS) or not all(isinstance(value, str) for value in fields.values()):
        raise LabelError(
            f"a label has the fields {', '.join(FIELDS)}, each a text: {', '.join(map(str, fields))}"
        )
    if sum(map(len, fields.values())) > MAX_FIELDS:
        raise TooLargeError(f"the fields of the label have more than {MAX_FIELDS:,} characters")
    if digital_source_type not in GENERATED:
        raise LabelError(f"{digital_source_type} is none of {', '.join(GENERATED)}")


def _claim(fields: Mapping[str, str], source_type: str, title: str | None, *, parent: bool) -> dict[str, Any]:
    """The manifest to be. A file with a parent was opened, not created, and may not say both."""
    action: dict[str, Any] = {"action": "c2pa.created", "digitalSourceType": source_type}
    if parent:
        action |= {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}
    assertions = (("c2pa.actions.v2", {"actions": [action]}), (ASSERTION, dict(fields)))
    return {
        "claim_generator_info": [{"name": "Countermark", "version": __version__}],
        "assertions": [{"label": label, "data": data, "created": True} for label, data in assertions],
        **({} if title is None else {"title": title}),
    }


def _embed(
    claim: Mapping[str, Any],
    stream: IO[bytes],
    copy: IO[bytes],
    key: SigningKey,
    timestamp_url: str | None,
    *,
    parent: bool,
) -> None:
    """Write the stream with the signed claim to the copy."""
    c2pa = _library()
    media_type = _media_type(stream)
    address = timestamp_url.encode() if timestamp_url else None
    try:
        info = c2pa.C2paSignerInfo(key.algorithm, key.chain.encode(), key.private_key.encode(), address)
        with (
            _context(OFFLINE) as context,
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(dict(claim), context=context) as builder,
        ):
            if parent:
                builder.add_ingredient(
                    {"relationship": "parentOf", "instance_id": PARENT}, media_type, stream
                )
                stream.seek(0)
            builder.sign(signer, media_type, stream, copy)
    except c2pa.C2paError as error:
        raise LabelError(f"C2PA does not sign it: {error}") from None


@contextmanager
def _replacing(target: Path, model: Path) -> Iterator[IO[bytes]]:
    """A file beside the target that takes its place, with the mode of the model, if nothing is raised."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as copy:
        try:
            yield copy
            shutil.copymode(model, copy.name)
            copy.close()
            Path(copy.name).replace(target)
        finally:
            Path(copy.name).unlink(missing_ok=True)
