"""An inventory as CycloneDX, SPDX and SARIF, each read by the standard's own tools."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from hypothesis import strategies as st
from sarif_pydantic import Sarif
from spdx_python_model.bindings import v3_0_1 as spdx_model

from countermark.inventory.signatures.rows import rows
from countermark.inventory.usage import (
    Conflict,
    Inventory,
    Kind,
    Place,
    Route,
    Sdk,
    State,
    Unread,
    Usage,
)
from countermark.reports.inventory import cyclonedx, models, sarif, spdx

CREATED = datetime(2026, 11, 25, 8, 0, 0, tzinfo=UTC)
AWQ = "Qwen/Qwen2.5-7B-Instruct-AWQ"


@pytest.fixture
def found() -> Inventory:
    return Inventory(
        usages=[
            Usage(
                "qwen-plus", State.EFFECTIVE, (Place("app/main.py", 3, 0, "model="), Place("deploy/.env", 9)),
                provider="alibaba", host="dashscope.aliyuncs.com", route=Route.DIRECT, kind=Kind.CHAT,
                service="api", why=("LLM_MODEL is set in deploy/.env",),
            ),
            Usage(AWQ, State.EFFECTIVE, (Place("compose.yaml", 8),), host="vllm:8000",
                  route=Route.SELF_HOSTED, kind=Kind.CHAT, service="vllm",
                  conflicts=(Conflict("llama3", AWQ, Place("compose.yaml", 7)),)),
            Usage("gpt-4o", State.FALLBACK, (Place("app/main.py", 30),), host="openrouter.ai",
                  provider="openrouter", route=Route.RELAY),
            Usage("meta-llama/Llama-3.1-8B-Instruct", State.OFF, (Place("compose.yaml", 40),)),
            Usage("", State.UNRESOLVED, (Place("app/admin file.py", 12),), expression="${MODEL}"),
            Usage("qwen-max", State.DOCUMENTED, (Place("README.md", 1),)),
        ],
        sdks=[
            Sdk("openai", "openai", "1.40.0", Place("requirements.txt", 1)),
            Sdk("openai", "@Langchain/openai", "^0.3", Place("web/package.json", 7)),
        ],
        unread=[Unread("big.json", "larger than 2 MiB: not read"), Unread("a.py", "does not parse", 4)],
        counts={"files": 9, "read": 7},
    )  # fmt: skip


def cyclonedx_errors(value: dict[str, Any]) -> object:
    return JsonStrictValidator(SchemaVersion.V1_7).validate_str(json.dumps(value))


def spdx_objects(value: dict[str, Any]) -> Any:
    objects = spdx_model.SHACLObjectSet()
    spdx_model.JSONLDDeserializer().read(io.BytesIO(json.dumps(value).encode()), objects)
    return objects


def test_cyclonedx_is_what_its_schema_says(found: Inventory) -> None:
    assert cyclonedx_errors(cyclonedx.render(found)) is None
    assert cyclonedx_errors(cyclonedx.render(found, "2026-11-25T08:00:00Z")) is None
    assert cyclonedx_errors(cyclonedx.render(Inventory())) is None


def test_cyclonedx_has_a_card_evidence_and_licence_for_each_model(found: Inventory) -> None:
    bom = cyclonedx.render(found)
    listed = {c["name"]: c for c in bom["components"] if c["type"] == "machine-learning-model"}
    assert list(listed) == [
        "Qwen/Qwen2.5-7B-Instruct-AWQ",
        "gpt-4o",
        "meta-llama/Llama-3.1-8B-Instruct",
        "qwen-plus",
    ]
    own = listed[AWQ]
    assert own["purl"] == "pkg:huggingface/Qwen/Qwen2.5-7B-Instruct-AWQ"
    assert own["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert own["pedigree"]["ancestors"][0]["name"] == "qwen2.5-7b-instruct"
    assert own["pedigree"]["notes"] == "quantisation"
    assert own["modelCard"]["modelParameters"] == {
        "task": "text-generation",
        "architectureFamily": "qwen",
        "modelArchitecture": "qwen 2.5 7B",
    }
    assert {"name": "countermark:quantisation", "value": "AWQ"} in own["modelCard"]["properties"]
    assert "purl" not in listed["gpt-4o"]
    assert listed["qwen-plus"]["evidence"]["occurrences"] == [
        {"location": "app/main.py", "line": 3, "additionalContext": "model="},
        {"location": "deploy/.env", "line": 9},
    ]
    states = {
        name: [p["value"] for p in c["properties"] if p["name"] == "countermark:state"]
        for name, c in listed.items()
    }
    assert states["gpt-4o"] == ["fallback"]
    assert states["meta-llama/Llama-3.1-8B-Instruct"] == ["off"]
    named = listed["meta-llama/Llama-3.1-8B-Instruct"]["licenses"]
    assert "name" in named[0]["license"]


def test_cyclonedx_says_which_service_uses_what_and_where_trust_ends(found: Inventory) -> None:
    bom = cyclonedx.render(found)
    hosts = {service["name"]: service for service in bom["services"]}
    assert hosts["dashscope.aliyuncs.com"]["x-trust-boundary"] is True
    assert hosts["dashscope.aliyuncs.com"]["endpoints"] == ["https://dashscope.aliyuncs.com"]
    assert hosts["dashscope.aliyuncs.com"]["provider"]["name"]
    assert hosts["vllm:8000"]["x-trust-boundary"] is False
    uses = {each["ref"]: each["dependsOn"] for each in bom["dependencies"]}
    assert uses["service:api"] == ["host:dashscope.aliyuncs.com"]
    assert uses["host:dashscope.aliyuncs.com"] == ["model:qwen-plus"]
    assert "library:openai@1.40.0" in uses["deployment"]
    refs = {c["bom-ref"] for c in bom["components"] + bom["services"]} | {"deployment"}
    assert {ref for ref, used in uses.items() for ref in (ref, *used)} == refs


def test_cyclonedx_names_libraries_and_what_is_open(found: Inventory) -> None:
    bom = cyclonedx.render(found)
    purls = {c["name"]: c["purl"] for c in bom["components"] if c["type"] == "library"}
    assert purls == {
        "openai": "pkg:pypi/openai@1.40.0",
        "@Langchain/openai": "pkg:npm/%40Langchain/openai",
    }
    said = {(p["name"], p["value"]) for p in bom["metadata"]["properties"]}
    assert ("countermark:unresolved", "${MODEL} at app/admin file.py:12") in said
    assert ("countermark:unread", "big.json: larger than 2 MiB: not read") in said
    assert bom["compositions"][0]["aggregate"] == "incomplete"
    assert cyclonedx.render(Inventory())["compositions"][0]["aggregate"] == "unknown"


def test_cyclonedx_is_the_same_for_the_same_inventory_and_another_for_another(found: Inventory) -> None:
    first = cyclonedx.render(found)
    assert first == cyclonedx.render(replace(found, usages=found.usages[::-1]))
    other = replace(found, usages=found.usages[1:])
    assert cyclonedx.render(other)["serialNumber"] != first["serialNumber"]
    assert "timestamp" not in first["metadata"]


def test_the_licences_of_the_signatures_are_told_apart() -> None:
    schema = SchemaVersion.V1_7
    validator = JsonStrictValidator(schema)
    named = {row.get("licence", "") for row in rows("family")}
    named |= {name for row in rows("family") for _, name in row.get("licences", ())}
    for name in sorted(filter(None, named)):
        component = {"type": "library", "name": "x", "licenses": [{"license": {"id": name}}]}
        bom = {"bomFormat": "CycloneDX", "specVersion": "1.7", "components": [component]}
        is_id = validator.validate_str(json.dumps(bom)) is None
        assert is_id == (name in models.SPDX_LICENCES), name


def test_spdx_is_what_its_model_says(found: Inventory) -> None:
    objects = spdx_objects(spdx.render(found, CREATED))
    assert {i for i in objects.missing_ids if "spdx.org/rdf" not in i} == set()
    assert len(list(objects.foreach_type("SpdxDocument"))) == 1
    packages = {p.name: p for p in objects.foreach_type("ai_AIPackage")}
    assert {"qwen-plus", "gpt-4o", AWQ, "qwen2.5-7b-instruct"} <= set(packages)
    assert packages[AWQ].software_packageUrl == "pkg:huggingface/Qwen/Qwen2.5-7B-Instruct-AWQ"
    assert list(packages["qwen-plus"].ai_typeOfModel) == ["text-generation", "qwen"]
    assert packages["qwen-plus"].ai_informationAboutApplication == (
        "effective at dashscope.aliyuncs.com (direct): app/main.py:3, deploy/.env:9"
    )
    assert spdx_objects(spdx.render(Inventory(), CREATED))


def test_spdx_conforms_to_the_ai_profile(found: Inventory) -> None:
    """One declared and one concluded licence for each AI package: SPDX 3.0.1, AI, profile conformance."""
    graph = spdx.render(found, CREATED)["@graph"]
    packages = [e["spdxId"] for e in graph if e["type"] == "ai_AIPackage"]
    assert packages
    for kind in ("hasDeclaredLicense", "hasConcludedLicense"):
        sources = [e["from"] for e in graph if e.get("relationshipType") == kind]
        assert sorted(sources) == sorted(packages)
    document = next(e for e in graph if e["type"] == "SpdxDocument")
    assert {"core", "software", "ai"} <= set(document["profileConformance"])
    elements = {e["spdxId"] for e in graph if "spdxId" in e} - {document["spdxId"]}
    assert set(document["element"]) == elements


def test_spdx_relates_models_to_ancestors_and_providers(found: Inventory) -> None:
    graph = spdx.render(found, CREATED)["@graph"]
    name = {e["spdxId"]: e.get("name") for e in graph if "spdxId" in e}
    related = {
        (e["relationshipType"], name[e["from"]], name[e["to"][0]])
        for e in graph
        if e["type"] == "Relationship" and e["to"][0] in name
    }
    assert ("descendantOf", AWQ, "qwen2.5-7b-instruct") in related
    assert ("availableFrom", "gpt-4o", "OpenRouter") in related
    notes = [e["statement"] for e in graph if e["type"] == "Annotation"]
    assert "not resolved: ${MODEL} at app/admin file.py:12" in notes
    assert "not read: big.json: larger than 2 MiB: not read" in notes
    uses = next(e for e in graph if e.get("relationshipType") == "dependsOn")
    assert uses["completeness"] == "incomplete"


def test_spdx_depends_on_nothing_but_the_inventory_and_the_time(found: Inventory) -> None:
    assert spdx.render(found, CREATED) == spdx.render(found, CREATED)
    assert spdx.render(found, CREATED)["@graph"][0]["created"] == "2026-11-25T08:00:00Z"


def test_sarif_has_a_result_for_what_answers_and_a_notification_for_what_was_not_read(
    found: Inventory,
) -> None:
    value = sarif.render(found)
    Sarif.model_validate(value)
    (run,) = value["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    seen = [(r["ruleId"], r["kind"], r["level"]) for r in run["results"]]
    assert seen == [
        ("inventory-effective", "fail", "note"),
        ("inventory-effective", "fail", "note"),
        ("inventory-fallback", "fail", "note"),
        ("inventory-unresolved", "open", "none"),
        ("inventory-conflict", "fail", "warning"),
    ]
    assert all(rules[r["ruleIndex"]] == r["ruleId"] for r in run["results"])
    first = run["results"][0]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "app/main.py", "uriBaseId": "TARGET"},
        "region": {"startLine": 3},
    }
    assert first["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "deploy/.env"
    open_ = run["results"][3]["locations"][0]["physicalLocation"]
    assert open_["artifactLocation"]["uri"] == "app/admin%20file.py"
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [n["message"]["text"] for n in notes] == [
        "big.json: larger than 2 MiB: not read",
        "a.py: does not parse",
    ]


def test_sarif_fingerprints_outlive_moved_lines(found: Inventory) -> None:
    moved = replace(
        found,
        usages=[
            replace(u, places=tuple(replace(p, line=p.line + 5) for p in u.places)) for u in found.usages
        ],
    )

    def prints(inventory: Inventory) -> list[str]:
        return [
            r["partialFingerprints"]["countermarkInventory/v1"]
            for r in sarif.render(inventory)["runs"][0]["results"]
        ]

    assert prints(found) == prints(moved)
    assert len(set(prints(found))) == len(prints(found))


names = st.text(min_size=1, max_size=30)
places = st.builds(Place, names, st.integers(0, 9), st.integers(0, 9), names)
usages = st.builds(
    Usage,
    model=st.one_of(st.just(""), names, st.sampled_from(["qwen-plus", AWQ, "ft:gpt-4o:x", "a/b"])),
    state=st.sampled_from(State),
    places=st.lists(places, min_size=1, max_size=2).map(tuple),
    provider=st.sampled_from(["", "alibaba", "nobody"]),
    host=st.sampled_from(["", "vllm:8000", "api.openai.com", "[::1]:80", "*.openai.azure.com"]),
    route=st.sampled_from(Route),
    service=st.one_of(st.just(""), names),
    expression=st.text(max_size=10),
)  # fmt: skip
inventories = st.builds(
    Inventory,
    usages=st.lists(usages, max_size=6),
    sdks=st.lists(st.builds(Sdk, names, names, st.text(max_size=8), st.builds(Place, names)), max_size=3),
    unread=st.lists(st.builds(Unread, names, names), max_size=2),
)


@settings(max_examples=40, deadline=None)
@given(inventories)
def test_any_inventory_gives_documents_that_are_valid(found: Inventory) -> None:
    assert cyclonedx_errors(cyclonedx.render(found)) is None
    assert spdx_objects(spdx.render(found, CREATED))
    Sarif.model_validate(sarif.render(found))
