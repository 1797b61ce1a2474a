"""Packages of an image, as scanners list them."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark.inventory.images import ImageError
from countermark.inventory.images.packages import Package, packages, sdks

SYFT = {
    "artifacts": [
        {"name": "openai", "version": "1.51.0", "type": "python", "purl": "pkg:pypi/openai@1.51.0",
         "locations": [{"path": "/usr/lib/python3/site-packages/openai/METADATA"}]},
        {"name": "sdk", "version": "0.30.1", "type": "npm", "purl": "pkg:npm/%40anthropic-ai/sdk@0.30.1"},
        {"name": "bash", "version": "5.2", "type": "deb", "purl": "pkg:deb/debian/bash@5.2?arch=amd64"},
        {"name": "dashscope", "version": "1.20", "type": "python"},
        "no package",
    ],
    "source": {"type": "image"},
}  # fmt: skip
TRIVY = {
    "SchemaVersion": 2,
    "ArtifactName": "shop:1",
    "Results": [
        {"Target": "Python", "Type": "python-pkg", "Packages": [
            {"Name": "zhipuai", "Version": "2.1.5", "FilePath": "app/METADATA",
             "Identifier": {"PURL": "pkg:pypi/zhipuai@2.1.5"}}]},
        {"Target": "app/go.mod", "Type": "gomod",
         "Packages": [{"Name": "github.com/sashabaranov/go-openai", "Version": "1.3"}]},
        {"Target": "app.jar", "Type": "jar", "Packages": [
            {"Name": "x", "Identifier": {"PURL": "pkg:maven/dev.langchain4j/langchain4j-open-ai@1.0"}}]},
        {"Target": "nothing", "Packages": None},
    ],
}  # fmt: skip
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "components": [
        {"purl": "pkg:npm/@scope/x@1.0", "components": [{"name": "openai", "purl": "pkg:pypi/openai@1"}]}
    ],
}
SPDX = {
    "spdxVersion": "SPDX-2.3",
    "packages": [
        {"name": "openai", "versionInfo": "1", "externalRefs": [
            {"referenceType": "purl", "referenceLocator": "pkg:pypi/openai@1"}]},
        {"name": "plain", "versionInfo": "2"},
    ],
}  # fmt: skip


def read(tmp_path: Path, told: object) -> list[Package]:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(told))
    return packages(path)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (SYFT, [
            Package("pypi", "openai", "1.51.0", "usr/lib/python3/site-packages/openai/METADATA"),
            Package("npm", "@anthropic-ai/sdk", "0.30.1", ""),
            Package("", "debian/bash", "5.2", ""),
            Package("pypi", "dashscope", "1.20", ""),
        ]),
        (TRIVY, [
            Package("pypi", "zhipuai", "2.1.5", "app/METADATA"),
            Package("go", "github.com/sashabaranov/go-openai", "1.3", "app/go.mod"),
            Package("maven", "dev.langchain4j:langchain4j-open-ai", "1.0", "app.jar"),
        ]),
        (CYCLONEDX, [Package("npm", "@scope/x", "1.0", ""), Package("pypi", "openai", "1", "")]),
        (SPDX, [Package("pypi", "openai", "1", ""), Package("", "plain", "2", "")]),
    ],
    ids=["syft", "trivy", "cyclonedx", "spdx"],
)  # fmt: skip
def test_reports(tmp_path: Path, told: object, expected: list[Package]) -> None:
    assert read(tmp_path, told) == expected


def test_which_of_them_are_for_ai(tmp_path: Path) -> None:
    found = sdks(read(tmp_path, SYFT), "syft.json")
    assert [(each.package, each.version, str(each.place)) for each in found] == [
        ("openai", "1.51.0", "syft.json!/usr/lib/python3/site-packages/openai/METADATA"),
        ("@anthropic-ai/sdk", "0.30.1", "syft.json"),
        ("dashscope", "1.20", "syft.json"),
    ]


@pytest.mark.parametrize(
    "told", [[], {}, 7, {"artifacts": 3, "source": 1}, {"Results": []}, {"spdxVersion": 3}]
)
def test_other_json_is_refused(tmp_path: Path, told: object) -> None:
    with pytest.raises(ImageError, match="no report"):
        read(tmp_path, told)


VALUES = st.recursive(
    st.none()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["pkg:pypi/%zz@", "pkg:npm/a@1", "purl"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "artifacts",
                    "source",
                    "Results",
                    "SchemaVersion",
                    "Packages",
                    "purl",
                    "locations",
                    "Identifier",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES)
def test_any_json_gives_packages_or_an_error(tmp_path: Path, told: object) -> None:
    with contextlib.suppress(ImageError):
        assert all(isinstance(each, Package) for each in read(tmp_path, told))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60))
def test_any_bytes_give_packages_or_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with contextlib.suppress(ImageError):
        packages(tmp_path / "x")
