"""JSON Schemas, made from the classes that they describe; the files beside this one are committed."""

from __future__ import annotations

from typing import Any

from countermark.reports.json_v1 import ReportV1
from countermark.target import Target

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES = {"target": "target.schema.json", "report": "report-v1.schema.json"}


def schema(of: str) -> dict[str, Any]:
    """The JSON Schema of ``countermark.yaml`` or of the JSON report."""
    if of == "target":
        return {"$schema": DIALECT, **Target.model_json_schema(by_alias=True)}
    return {"$schema": DIALECT, **ReportV1.model_json_schema(by_alias=True, mode="serialization")}
