"""``countermark register`` as a person runs it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from countermark.cli.options import Failure
from countermark.cli.register_command import command
from countermark.inventory.filing_numbers import check_digit

LEDGER = """\
version: 1
filings:
  - kind: registration
    entity: 北京示例科技有限公司
    product: 示例助手
    upstream: Beijing-WenXinYiYan-20230821
    started: 2026-11-20
"""
TARGET = """\
version: 1
operator: {name: 运营者有限公司, roles: [generation-provider], jurisdictions: [CN]}
services: [{name: chat}]
"""
USAGE = {
    "model": "qwen-plus",
    "expression": "",
    "provider": "aliyun",
    "host": "dashscope.aliyuncs.com",
    "route": "direct",
    "kind": "chat",
    "service": "",
    "places": [{"path": "a.py", "line": 1, "end": 0, "what": ""}],
    "why": [],
    "conflicts": [],
    "requests": 0,
    "first": "",
    "last": "",
}
SCAN = {
    "format": "countermark-inventory/1",
    "counts": {},
    "sdks": [],
    "unread": [],
    "usages": [USAGE | {"state": state} for state in ("effective", "test")],
}
FILINGS = ["序号", "属地", "模型名称", "备案单位", "备案号", "备案时间"]
ROWS = [
    ["1", "北京市", "示例大模型", "北京示例科技有限公司", "Beijing-ShiLi-20240103", "2024/1/17"],
    [
        "2",
        "浙江省",
        "远山（YuanShan）",
        "远山智能（杭州）有限公司",
        "ZheJiang-YuanShan-202402050001",
        "2024/2/20",
    ],
    ["3", "国资委", "长河", "长河研究院", "ZhongYangQiYe-ChangHe-202403010002", "2024/3/15"],
    ["4", "广东省", "深圳市示例科技有限公司", "示例代码模型", "Guangdong-Ma-202404050001", "2024/4/5"],
]
ALGORITHMS = ["序号", "算法名称", "角色", "主体名称", "应用产品", "备案编号", "备注"]


def algorithm(serial: int) -> str:
    digits = f"110101123456701240{serial:02}"
    return f"网信算备{digits}{check_digit(digits)}号"


SYNTHESES = [
    ["1", "示例文本算法", "服务提供者", "北京示例科技有限公司", "示例助手（APP）", algorithm(1), ""],
    ["2", "示例语音算法", "服务技术支持者", "北京示例科技有限公司", "--", algorithm(2), "已注销"],
]


def csv_of(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


@dataclass(frozen=True)
class Result:
    exit_code: int
    output: str
    stdout: str
    stderr: str


Run = Callable[..., Result]


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COUNTERMARK_REGISTER", raising=False)

    def run(*arguments: str | Path, given: str | None = None) -> Result:
        done = CliRunner().invoke(command, [str(a) for a in arguments], input=given, standalone_mode=False)
        if done.exception:
            raise done.exception
        code = done.return_value if isinstance(done.return_value, int) else 0
        return Result(code, done.output, done.stdout, done.stderr)

    return run


@pytest.fixture
def lists(tmp_path: Path) -> list[str]:
    book = openpyxl.Workbook()
    book.active.title = "备案"
    for row in (FILINGS, *ROWS):
        book.active.append(row)
    book.save(tmp_path / "2024-04.xlsx")
    (tmp_path / "深度合成2024年6月.csv").write_bytes(csv_of([ALGORITHMS, *SYNTHESES]))
    return ["2024-04.xlsx", "深度合成2024年6月.csv"]


def test_lists_are_imported_once(register: Run, lists: list[str]) -> None:
    first = register("import", *lists, "-f", "text", "-f", "json=out.json")
    assert first.exit_code == 0, first.output
    assert "✓ 2024-04.xlsx  4 entries, 0 cancellations, 2024-04 to 2024-04" in first.output
    assert (
        "swapped   sheet 备案, row 5: name and entity stood in each other's column; put back" in first.output
    )
    value = json.loads(Path("out.json").read_text("utf-8"))
    assert [each["outcome"] for each in value["files"]] == ["imported", "imported"]
    assert value["files"][0]["defects"][0]["original"] == "深圳市示例科技有限公司 | 示例代码模型"
    assert value["register"]["numbers"] == 6
    again = register("import", *lists, "-f", "json")
    assert [each["outcome"] for each in json.loads(again.stdout)["files"]] == ["known", "known"]
    assert json.loads(again.stdout)["register"] == value["register"]


def test_what_cannot_be_read_is_said_and_the_rest_imported(register: Run, lists: list[str]) -> None:
    Path("note.txt").write_text("kein Verzeichnis")
    Path("rows.csv").write_bytes(
        csv_of([FILINGS, ROWS[0], ["2", "北京市", "无号", "北京示例科技有限公司", "", ""]])
    )
    result = register("import", "note.txt", "rows.csv", lists[0])
    assert result.exit_code == 3
    assert "✗ note.txt  note.txt: no list was found in it" in result.output
    assert "? row 3: a row without a number: 2 | 北京市 | 无号 | 北京示例科技有限公司" in result.output
    assert "register  4 numbers of 2 lists" in result.output
    with pytest.raises(Failure, match="write YYYY-MM"):
        register("import", lists[0], "--period", "April")


def test_numbers_are_checked_against_what_was_imported(register: Run, lists: list[str]) -> None:
    register("import", *lists)
    live = register("check", "beijing-shili-20240103")
    assert live.exit_code == 0
    assert "✓ Beijing-ShiLi-20240103" in live.output
    assert "published with other letter case" in live.output
    assert "on a list, as of the list of 2024-04, and in no notice of cancellation" in live.output
    unknown = register("check", "Beijing-Nirgends-202404030001", "Beijing-ShiLi-20240103")
    assert unknown.exit_code == 3
    assert "that does not say that it is not registered" in unknown.output
    cancelled = register("check", algorithm(2))
    assert cancelled.exit_code == 1
    assert "cancelled" in cancelled.output
    wrong = algorithm(1).replace("24001", "24101")
    malformed = register("check", wrong, "-f", "json")
    assert malformed.exit_code == 1
    [standing] = json.loads(malformed.stdout)["numbers"]
    assert (standing["status"], standing["candidates"][0]["number"]) == ("malformed", algorithm(1))
    text = register("check", wrong)
    assert "malformed: probably a typo, or invented" in text.output
    assert "illegal" not in text.output


def test_numbers_come_from_standard_input(register: Run, lists: list[str]) -> None:
    register("import", *lists, "--register", "elsewhere")
    given = f"Beijing-ShiLi-20240103\n\n  {algorithm(1)}\n"
    result = register("check", "-", "--register", "elsewhere", "-f", "json", given=given)
    assert result.exit_code == 0
    assert [each["status"] for each in json.loads(result.stdout)["numbers"]] == ["live", "live"]
    with pytest.raises(Failure, match="no number was given"):
        register("check", "-", given="\n")


def test_without_a_register_the_sample_says_that_it_is_one(register: Run) -> None:
    result = register("check", "Beijing-WenXinYiYan-20230821")
    assert result.exit_code == 0
    assert "only a sample of" in result.stderr
    assert "not in the sample" in register("check", "Beijing-Nirgends-202404030001").stdout
    with pytest.raises(Failure, match="nothing was imported yet"):
        register("check", "x", "--register", "nowhere")


def test_hostile_text_is_written_out(register: Run) -> None:
    result = register("check", "\x1b]0;x\x07Beijing\u202e")
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout


def test_what_was_imported_is_listed(register: Run, lists: list[str]) -> None:
    register("import", *lists)
    found = register("list", "示例科技", "--kind", "deep-synthesis")
    assert found.exit_code == 0
    assert "2 of 6 numbers" in found.output
    assert "cancelled" in register("list", "--cancelled").output
    assert "1 of 6 numbers" in register("list", "--cancelled").output
    assert "4 of 6 numbers" in register("list", "--period", "2024-04").output
    assert register("list", "没有这个").exit_code == 3
    sources = register("list", "--sources")
    assert "2024-04.xlsx  xlsx, 2024-04 to 2024-04, 4 entries" in sources.output
    assert "swapped" not in sources.output
    assert "swapped   sheet 备案, row 5" in register("list", "--defects").output
    value = json.loads(register("list", "远山", "-f", "json").stdout)
    assert [each["number"] for each in value["entries"]] == ["ZheJiang-YuanShan-202402050001"]
    assert value["digest"].startswith("sha256:")


def test_a_draft_from_ledger_target_and_scan(register: Run) -> None:
    Path("register.yaml").write_text(LEDGER, encoding="utf-8")
    Path("countermark.yaml").write_text(TARGET, encoding="utf-8")
    Path("scan.json").write_text(json.dumps(SCAN))
    given = (
        "draft",
        "--track",
        "registration",
        "--product",
        "示例助手",
        "--as-of",
        "2026-11-25",
        "--scan",
        "scan.json",
    )
    result = register(*given)
    assert result.exit_code == 0, result.output
    assert "| 登记单位 | 北京示例科技有限公司 |" in result.stdout
    assert "文心一言（北京百度网讯科技有限公司），Beijing-WenXinYiYan-20230821" in result.stdout
    assert "| 2026-11-20 | 2026-12-04 | 7 |" in result.stdout
    assert "| qwen-plus | aliyun | dashscope.aliyuncs.com | direct | effective | a.py:1 |" in result.stdout
    assert "| test |" not in result.stdout
    value = json.loads(register(*given, "--lang", "en", "-f", "json").stdout)
    assert value["fields"][0] == {
        "label": "Entity",
        "value": "北京示例科技有限公司",
        "clause": "columns of the public lists",
        "source": "inferred",
    }
    late = register(*given, "--since", "2026-10-08")
    assert late.exit_code == 1
    other = register("draft", "--track", "deep-synthesis", "--product", "另一个", "-f", "text=draft.md")
    assert (other.exit_code, other.stdout) == (0, "")
    assert "| 服务提供者的名称 | 运营者有限公司 |" in Path("draft.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "text", "option", "message"),
    [
        ("register.yaml", "version: 2", "--ledger", "Input should be 1"),
        ("countermark.yaml", "version: 2", "--target", "operator: this key is missing"),
        ("scan.json", "{}", "--scan", "is no inventory"),
    ],
)
def test_a_draft_of_what_cannot_be_read(
    register: Run, name: str, text: str, option: str, message: str
) -> None:
    Path(name).write_text(text)
    with pytest.raises(Failure, match=message):
        register("draft", "--track", "filing", option, name)


def test_a_day_that_is_too_far_away(register: Run) -> None:
    with pytest.raises(Failure, match="too far away"):
        register("draft", "--track", "filing", "--since", "9999-12-31")


@pytest.mark.parametrize("name", ["import", "list", "check", "draft"])
def test_each_command_has_help_with_examples(register: Run, name: str) -> None:
    result = register(name, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert f"countermark register {name}" in result.output
