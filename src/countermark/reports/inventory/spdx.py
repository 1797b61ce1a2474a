"""SPDX 3 as JSON-LD, with the AI profile: a package for each model, who made it, who serves it, its licence.

Source: SPDX 3.0.1, profiles Core, Software, SimpleLicensing and AI.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from countermark import __version__
from countermark.inventory import names, signatures
from countermark.inventory.usage import Inventory, State, Usage
from countermark.reports.inventory import models as listing
from countermark.reports.inventory.models import Model

CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
NO_LICENCE = "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense"
PROFILES = ["core", "software", "simpleLicensing", "ai"]
CREATION = "_:creationinfo"
HUB = "https://huggingface.co/"
MOST_PLACES = 20


def render(found: Inventory, created: datetime | None = None) -> dict[str, Any]:
    """The inventory as one SPDX document.

    Args:
        found: What was found. What is only tested, documented, supported or left over is no part of it.
        created: When, with a time zone; now where it is not given. All else follows from the inventory.
    """
    return _Document(found, (created or datetime.now(UTC)).astimezone(UTC)).whole()


class _Document:
    """The elements of one document, each with an id that follows from the content."""

    def __init__(self, found: Inventory, created: datetime) -> None:
        self._found = found
        self._listed = listing.models(found)
        content = [[m.id, [u.to_dict() for u in m.usages]] for m in self._listed]
        self._base = f"urn:uuid:{listing.serial([content, [s.package + s.version for s in found.sdks]])}"
        self._created = f"{created:%Y-%m-%dT%H:%M:%SZ}"
        self._elements: dict[str, dict[str, Any]] = {}

    def whole(self) -> dict[str, Any]:
        agent = self._add("SoftwareAgent", "agent", "countermark", name=f"countermark {__version__}")
        root = self._add("software_Package", "deployment", "", name="deployment",
                         software_primaryPurpose="application")  # fmt: skip
        used = [self._model(model.id, model) for model in self._listed]
        used += [self._library(*key) for key in listing.libraries(self._found)]
        if used:
            self._relate(
                "dependsOn", root, used, completeness="incomplete" if self._is_open else "noAssertion"
            )
        self._notes(root)
        inner = sorted(self._elements)
        sbom = self._add("software_Sbom", "sbom", "", software_sbomType=["analyzed"], rootElement=[root],
                         element=inner, profileConformance=PROFILES)  # fmt: skip
        document = self._add("SpdxDocument", "document", "", name="AI in use", rootElement=[sbom],
                             element=[*inner, sbom], profileConformance=PROFILES)  # fmt: skip
        creation = {
            "type": "CreationInfo",
            "@id": CREATION,
            "specVersion": "3.0.1",
            "created": self._created,
            "createdBy": [agent],
        }
        order = [document, sbom, *inner]
        return {"@context": CONTEXT, "@graph": [creation, *(self._elements[each] for each in order)]}

    @property
    def _is_open(self) -> bool:
        return bool(self._found.unread) or any(self._found.of(State.UNRESOLVED))

    def _add(self, kind: str, role: str, key: str, /, **values: Any) -> str:
        """An element, once; its id."""
        spdx_id = f"{self._base}#{role}" + (f"-{_slug(key)}" if key else "")
        if spdx_id not in self._elements:
            element = {"type": kind, "spdxId": spdx_id, "creationInfo": CREATION, **values}
            self._elements[spdx_id] = {
                key: value for key, value in element.items() if value not in ("", [], None)
            }
        return spdx_id

    def _relate(self, kind: str, source: str, targets: Sequence[str], **values: Any) -> None:
        name = f"{source.partition('#')[2]} {' '.join(t.rpartition('#')[2] for t in targets)}"
        self._add("Relationship", kind, str(listing.serial(name)), relationshipType=kind,
                  **{"from": source, "to": sorted(targets)}, **values)  # fmt: skip

    def _model(self, name: str, model: Model) -> str:
        said = model.name
        spdx_id = self._add(
            "ai_AIPackage", "model", name,
            name=name,
            software_primaryPurpose="model",
            software_packageVersion=(said.snapshot or said.version) if said else "",
            software_packageUrl=model.purl,
            software_downloadLocation=HUB + "/".join(model.repository) if model.repository else "",
            suppliedBy=self._organisation(model.maker) if model.maker else "",
            ai_typeOfModel=list(filter(None, (listing.TASKS.get(model.kind), said.family if said else ""))),
            ai_hyperparameter=_parameters(said) if said else [],
            ai_informationAboutApplication="\n".join(map(_used, model.usages)),
        )  # fmt: skip
        self._relate("hasDeclaredLicense", spdx_id, [self._licence(model.licence)])
        self._relate("hasConcludedLicense", spdx_id, [NO_LICENCE])
        if model.origin is not None and model.origin.base != name:
            base = next((m for m in self._listed if m.id == model.origin.base), Model(model.origin.base, ()))
            self._relate("descendantOf", spdx_id, [self._ancestor(base)], comment=model.origin.how)
        for usage in model.usages:
            if usage.host:
                provider = signatures.provider(usage.provider) if usage.provider else None
                who = self._organisation(provider.name.en if provider else usage.provider or usage.host)
                self._relate("availableFrom", spdx_id, [who], comment=f"{usage.host} ({usage.route})")
        return spdx_id

    def _ancestor(self, model: Model) -> str:
        spdx_id = f"{self._base}#model-{_slug(model.id)}"
        return spdx_id if spdx_id in self._elements else self._model(model.id, model)

    def _organisation(self, name: str) -> str:
        return self._add("Organization", "organisation", name, name=name)

    def _licence(self, name: str) -> str:
        if not name:
            return NO_LICENCE
        if name in listing.SPDX_LICENCES:
            return self._add("simplelicensing_LicenseExpression", "licence", name,
                             simplelicensing_licenseExpression=name)  # fmt: skip
        return self._add(
            "simplelicensing_SimpleLicensingText", "licence", name, name=name,
            simplelicensing_licenseText=f"The licence that its maker calls {name}; its text is not in here.",
        )  # fmt: skip

    def _library(self, package: str, version: str) -> str:
        first = listing.libraries(self._found)[(package, version)][0]
        return self._add(
            "software_Package", "library", f"{package}@{version}",
            name=package, software_primaryPurpose="library", software_packageVersion=version,
            software_packageUrl=listing.library_purl(first),
            comment=str(first.place),
        )  # fmt: skip

    def _notes(self, root: str) -> None:
        """What the document cannot say of the deployment."""
        said = [f"not resolved: {u.expression or '?'} at {u.place}" for u in self._found.of(State.UNRESOLVED)]
        said += [f"not read: {u.path}: {u.why}" for u in self._found.unread]
        for statement in sorted(set(said)):
            self._add("Annotation", "note", str(listing.serial(statement)), annotationType="other",
                      subject=root, statement=statement)  # fmt: skip


def _parameters(name: names.ModelName) -> list[dict[str, str]]:
    said = {"parameters": name.size, "quantisation": name.quantisation, "tuned": name.tuned}
    return [{"type": "DictionaryEntry", "key": key, "value": value} for key, value in said.items() if value]


def _used(usage: Usage) -> str:
    """How and where a model is used, in a line."""
    at = f" at {usage.host} ({usage.route})" if usage.host else ""
    more = f" and {len(usage.places) - MOST_PLACES} more" if len(usage.places) > MOST_PLACES else ""
    return f"{usage.state}{at}: {', '.join(map(str, usage.places[:MOST_PLACES]))}{more}"


def _slug(name: str) -> str:
    """A name as part of an IRI, different for different names."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:80].strip("-")
    return plain if plain == name else f"{plain}-{listing.serial(name).hex[:8]}"
