"""Sign a file that is labelled already, with its label as an assertion of the manifest.

Source: C2PA 2.2, as tried with c2pa-python 0.38.1 (c2pa-rs 0.91.3).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from countermark import __version__
from countermark.labels.c2pa import library
from countermark.labels.c2pa.containers import media_type, refuse_damage
from countermark.labels.c2pa.manifests import ASSERTION, ManifestReport
from countermark.labels.c2pa.reading import look, read
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.grammar import FIELDS

if TYPE_CHECKING:
    from countermark.labels.c2pa.certificates import SigningKey

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
GENERATED = (
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "compositeSynthetic",
    "algorithmicMedia",
    "algorithmicallyEnhanced",
)
"""Digital source types that say that a machine made it; `sign` writes no others."""
PARENT = "parent"
MAX_FIELDS = 64 << 10


class SignedAlreadyError(LabelError):
    """The file has a manifest, which another signature would bury; a parent or `Options.resign` keeps it."""


class ParentError(LabelError):
    """The file that was named as the parent is not what the file to be signed was made from."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to sign."""

    digital_source_type: str = GENERATED[0]
    """One of `GENERATED`."""
    title: str | None = None
    """A name for the content."""
    resign: bool = False
    """Where the file has a manifest, make it the parent of the new one as it is: broken, if the label was
    written after it. To keep it unbroken, name the parent."""
    timestamp_url: str | None = None
    """An RFC 3161 authority. It is asked over the network, and nothing else ever is."""

    def __post_init__(self) -> None:
        if self.digital_source_type not in GENERATED:
            raise LabelError(f"{self.digital_source_type} is none of {', '.join(GENERATED)}")


DEFAULT_OPTIONS = Options()


def sign(
    source: str | Path,
    target: str | Path,
    fields: Mapping[str, str],
    key: SigningKey,
    *,
    parent: str | Path | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> ManifestReport:
    """Write a signed copy of a file that is labelled already, and read it back.

    The target is replaced in one step, and only when the copy reads back as intact with the same fields; it
    may be the source or the parent itself. Until then none of them is touched.

    Args:
        source: the labelled file. That its label says the same as ``fields`` is for the caller to see to.
        target: where the signed file goes.
        fields: the seven fields of the label, all of them.
        key: who signs.
        parent: the file as it was before it was labelled, with its manifest unbroken, which becomes the
            parent of the new one. The failures of the report's one ingredient say whether it was. Where
            neither this file nor the source has a manifest, there is no parent.
        options: how to sign.

    Raises:
        SignedAlreadyError: the source has a manifest, or points to one, and neither a parent is named nor
            ``options.resign`` set.
        ParentError: the source has a manifest, and the parent has none or another.
        UnsupportedContainerError: such a file cannot be signed.
        LabelError: a field is missing or unknown, the library refuses, or the signed file does not read back.
        OSError: a file cannot be read or written.
    """
    _check(fields)
    labelled = Path(source)
    refuse_damage(labelled)
    signed = _parent(labelled, parent, resign=options.resign)
    claim = _claim(fields, options, opened=signed is not None)
    with _replacing(Path(target), labelled) as copy:
        _embed(claim, labelled, copy, key, parent=signed, timestamp_url=options.timestamp_url)
        copy.flush()
        report = read(copy.name)
        if report is None or not report.intact or report.fields != fields:
            reasons = "; ".join(map(str, report.defects)) if report else "no manifest is found"
            raise LabelError(f"the signed copy does not read back, so nothing was written: {reasons}")
    return report


def _check(fields: Mapping[str, str]) -> None:
    if set(fields) != set(FIELDS) or not all(isinstance(value, str) for value in fields.values()):
        raise LabelError(
            f"a label has the fields {', '.join(FIELDS)}, each a text: {', '.join(map(str, fields))}"
        )
    if sum(map(len, fields.values())) > MAX_FIELDS:
        raise TooLargeError(f"the fields of the label have more than {MAX_FIELDS:,} characters")


def _parent(source: Path, named: str | Path | None, *, resign: bool) -> Path | None:
    """The file whose manifest is to be the parent; None where there is no manifest."""
    here = look(source)
    if named is None:
        if here and not resign:
            raise SignedAlreadyError(
                "is signed already; to keep the old manifest, sign anew and name as the parent the file "
                "that it was before it was labelled, or resign"
            )
        return source if here else None
    there = look(named)
    if here and (there is None or here.label not in ("", there.label)):
        has = "another manifest than" if there else "no manifest, unlike"
        raise ParentError(f"{named} is not its parent: it has {has} the file to be signed")
    return Path(named) if there else None


def _claim(fields: Mapping[str, str], options: Options, *, opened: bool) -> dict[str, Any]:
    """The manifest to be. A file with a parent was opened, not created, and may not say both."""
    source_type = SOURCE_TYPES + options.digital_source_type
    action: dict[str, Any] = {"action": "c2pa.created", "digitalSourceType": source_type}
    if opened:
        action |= {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}
    assertions = (("c2pa.actions.v2", {"actions": [action]}), (ASSERTION, dict(fields)))
    return {
        "claim_generator_info": [{"name": "Countermark", "version": __version__}],
        "assertions": [{"label": label, "data": data, "created": True} for label, data in assertions],
        **({} if options.title is None else {"title": options.title}),
    }


def _embed(
    claim: Mapping[str, Any],
    source: Path,
    copy: IO[bytes],
    key: SigningKey,
    *,
    parent: Path | None,
    timestamp_url: str | None,
) -> None:
    """Write the file with the signed claim to the copy."""
    c2pa = library.load()
    address = timestamp_url.encode() if timestamp_url else None
    try:
        info = c2pa.C2paSignerInfo(key.algorithm, key.chain.encode(), key.private_key.encode(), address)
        with (
            library.context() as context,
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(dict(claim), context=context) as builder,
        ):
            if parent:
                with parent.open("rb") as stream:
                    ingredient = {"relationship": "parentOf", "instance_id": PARENT}
                    builder.add_ingredient(ingredient, media_type(stream), stream)
            with source.open("rb") as stream:
                builder.sign(signer, media_type(stream), stream, copy)
    except c2pa.C2paError as error:
        raise LabelError(f"C2PA does not sign it: {error}") from None


@contextmanager
def _replacing(target: Path, model: Path) -> Iterator[IO[bytes]]:
    """A file beside the target that takes its place, with the mode of the model, if nothing is raised."""
    target = Path(os.path.realpath(target))  # a link stays a link
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=f".{target.name[:200]}.", delete=False
    ) as copy:
        try:
            yield copy
            shutil.copymode(model, copy.name)
            copy.close()
            Path(copy.name).replace(target)
        finally:
            Path(copy.name).unlink(missing_ok=True)
