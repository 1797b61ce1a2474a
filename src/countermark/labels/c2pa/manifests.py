"""What a manifest says, and whether it holds: the values, and how they come from the library's JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from countermark.labels.defects import Defect, Severity
from countermark.labels.grammar import FIELDS

ASSERTION = "org.tc260.aigc"
"""Our own assertion: the seven fields of the label once more, under the signature. No standard names it."""
UNTRUSTED = "signingCredential.untrusted"


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


def of_store(store: Mapping[str, Any], *, anchored: bool) -> ManifestReport:
    """What the library's JSON of all manifests in a file comes to.

    Args:
        store: the JSON. Anything in it may be missing or of another kind.
        anchored: whether trust anchors were given, so that an unknown signer is a defect.
    """
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
