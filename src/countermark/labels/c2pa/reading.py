"""Read and validate the manifest of a file, without a network."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from countermark.labels.c2pa import library
from countermark.labels.c2pa.containers import UnsupportedContainerError, media_type
from countermark.labels.c2pa.manifests import ManifestReport, State, of_store
from countermark.labels.defects import Defect, LabelError, Severity, TooLargeError

REMOTE = "Remote: must fetch remote manifests from url "
BROKEN = ("Other: asset could not be parsed", "Io:", "Failed to create reader")
MAX_JSON = 64 << 20
"""Most text that is taken in of the manifests of one file."""


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
    trust = {} if trust_anchors is None else {"user_anchors": trust_anchors}
    return _read(source, {"trust": trust}, anchored=trust_anchors is not None)


def look(source: str | Path | bytes) -> ManifestReport | None:
    """Like `read`, and cheaper: nothing is validated, so the state says nothing."""
    return _read(source, {"verify": {"verify_after_reading": False}}, anchored=False)


def has_manifest(source: str | Path | bytes) -> bool:
    """Whether a file holds a manifest, whole or broken, or points to one elsewhere.

    Nothing is validated, which makes it cheaper than `read`. It raises what `read` raises.
    """
    return look(source) is not None


def _read(
    source: str | Path | bytes, settings: Mapping[str, Mapping[str, Any]], *, anchored: bool
) -> ManifestReport | None:
    c2pa = library.load()
    with (
        io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as stream,
        library.context(**settings) as context,
    ):
        try:
            with c2pa.Reader(media_type(stream), stream, context=context) as reader:
                text = reader.json()
        except c2pa.C2paError as error:
            return _failure(str(error))
    if len(text) > MAX_JSON:
        raise TooLargeError(f"the manifests come to more than {MAX_JSON:,} characters")
    return of_store(json.loads(text), anchored=anchored)


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
