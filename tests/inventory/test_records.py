"""What lists models is no use of them."""

from pathlib import Path

import pytest

from countermark.inventory.records import is_record
from countermark.inventory.scanning import scan

APP = 'from openai import OpenAI\nOpenAI().chat.completions.create(model="gpt-4o", messages=[])\n'
SETTINGS = '{"bomFormat": 1, "model": "qwen-plus", "base_url": "https://dashscope.aliyuncs.com/v1"}'


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("countermark.yaml", b"models: [{name: qwen-plus}]"),
        ("deploy/register.yaml", b"filings:\n  - entity: X\n    models: [{name: qwen-plus}]\n"),
        ("scan.json", b'{\n "format": "countermark-inventory/1", "usages": []}'),
        ("report.json", b'\n{"schema": "countermark-report/1"}'),
        ("bom.json", b'{"bomFormat": "CycloneDX", "components": []}'),
        ("bom.spdx.json", b'{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}'),
        ("scan.sarif", b'{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": []}'),
    ],
)
def test_a_list_is_a_record(path: str, data: bytes) -> None:
    assert is_record(path, data)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("register.yaml", b"model: qwen-plus\nbase_url: https://dashscope.aliyuncs.com/v1\n"),
        ("settings.json", SETTINGS.encode()),
        ("app.py", APP.encode()),
        ("empty.json", b""),
    ],
)
def test_settings_and_code_are_none(path: str, data: bytes) -> None:
    assert not is_record(path, data)


def test_a_record_beside_the_code_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "settings.json").write_text(SETTINGS)
    before = scan(tmp_path)
    assert {usage.model for usage in before.usages} == {"gpt-4o", "qwen-plus"}
    (tmp_path / "countermark.yaml").write_text(
        "models:\n  - {name: deepseek-chat, provider: deepseek, base_url: https://api.deepseek.com}\n"
    )
    (tmp_path / "scan.json").write_text(
        '{"format": "countermark-inventory/1",\n'
        ' "usages": [{"model": "deepseek-chat", "host": "api.deepseek.com"}]}'
    )
    after = scan(tmp_path)
    assert after.usages == before.usages
    assert after.counts["records"] == 2
