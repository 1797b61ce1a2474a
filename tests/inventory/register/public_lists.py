"""Public lists as they are published, with invented rows, in every form that is read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from html import escape

import openpyxl

from countermark.inventory.filing_numbers import check_digit

FILINGS = ["序号", "属地", "模型名称", "备案单位", "备案号", "备案时间"]
REGISTRATIONS = ["序号", "属地", "应用/功能名称", "登记单位", "上线编号", "登记时间"]
ALGORITHMS = ["序号", "算法名称", "角色", "主体名称", "应用产品", "主要用途", "备案编号", "备注"]
TITLE = "生成式人工智能服务已备案信息（2026年4月）"
ROWS = [
    ["1", "北京市", "示例大模型", "北京示例科技有限公司", "Beijing-ShiLi-20240103", "2024/1/17"],
    [
        "2",
        "浙江省",
        "远山（YuanShan）",
        "远山智能（杭州）股份有限公司",
        "ZheJiang-YuanShan-202402050001",
        "2024/2/20",
    ],
    ["3", "国资委", "长河", "长河研究院", "ZhongYangQiYe-ChangHe-202403010002", "2024/3/15"],
    ["4", "陕西省", "Lumen-2", "西安流明大学", "ShanXi-Lumen-2-202403050001", "2024/3/15"],
]
REGISTERED = [
    ["1", "上海市", "小岚助手", "上海小岚信息技术有限公司", "Shanghai-XiaoLan-20240405S0001", "2024/4/5"],
    ["2", "上海市", "云笺", "上海云笺文化传媒有限公司", "Shanghai-YunJian-20240405S0002", "2024/4/5"],
]


def algorithm(serial: int = 1, cls: str = "01", entity: str = "1234567") -> str:
    """An algorithm number with a check digit that fits."""
    digits = f"110101{entity}{cls}24{serial:03}"
    return f"网信算备{digits}{check_digit(digits)}号"


SYNTHESES = [
    [
        "1",
        "示例文本生成算法",
        "服务提供者",
        "北京示例科技有限公司",
        "示例助手（APP）",
        "生成文本。",
        algorithm(1),
        "",
    ],
    [
        "2",
        "示例语音算法",
        "服务技术支持者",
        "北京示例科技有限公司",
        "--",
        "生成语音。",
        algorithm(2),
        "已注销",
    ],
]


def csv_of(rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_of(*sheets: tuple[str, Sequence[Sequence[object]]], merged: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for cells in merged:
            sheet.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def html_of(rows: Sequence[Sequence[str]], title: str = TITLE) -> bytes:
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<html><head><title>{title}</title></head><body><table>{body}</table></body></html>".encode()


def json_of(rows: Sequence[dict[str, str]], **about: str) -> bytes:
    return json.dumps({"meta": {"x": 1}, "batches": [{**about, "rows": rows}]}, ensure_ascii=False).encode()


def dicts(header: Sequence[str], rows: Sequence[Sequence[str]], **more: str) -> list[dict[str, str]]:
    return [dict(zip(header, row, strict=True)) | more for row in rows]


CID_FONT = (
    b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/DW 1000"
    b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>"
)


def pdf_of(pages: Sequence[Sequence[Sequence[str]]], title: str = "", *, ruled: bool = True) -> bytes:
    """A PDF with one ruled table on each page. Its font is not embedded: only a map to Unicode is."""
    text = "".join([title, *(cell for page in pages for row in page for cell in row)])
    codes = {character: number for number, character in enumerate(sorted(set(text) - {"\n"}), 1)}
    contents = [
        _content(page, title if not number else "", codes, ruled=ruled) for number, page in enumerate(pages)
    ]
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 5 0 R>>",
        CID_FONT,
        _stream(_to_unicode(codes)),
    ]
    for number, content in enumerate(contents):
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 900 600]/Resources<</Font<</F 3 0 R>>>>"
            + f"/Contents {7 + 2 * number} 0 R>>".encode()
        )
        objects.append(_stream(content))
    return _file(objects)


def _stream(data: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(data), data)


def _to_unicode(codes: dict[str, int]) -> bytes:
    pairs = "\n".join(f"<{code:04x}> <{c.encode('utf-16-be').hex()}>" for c, code in codes.items())
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{pairs}\nendbfchar\nendcmap end end"
    ).encode()


def _content(rows: Sequence[Sequence[str]], title: str, codes: dict[str, int], *, ruled: bool) -> bytes:
    width, height, top = 860 / max(len(row) for row in rows), 40, 540
    out = [_text(title, 20, top + 20, codes)] if title else []
    for line, row in enumerate(rows):
        bottom = top - height * (line + 1)
        for column, cell in enumerate(row):
            left = 20 + width * column
            if ruled:
                out.append(f"{left} {bottom} {width} {height} re S")
            out += [
                _text(part, left + 2, bottom + 28 - 10 * i, codes) for i, part in enumerate(cell.split("\n"))
            ]
    return "\n".join(out).encode()


def _text(text: str, left: float, bottom: float, codes: dict[str, int]) -> str:
    return f"BT /F 4 Tf {left} {bottom} Td <{''.join(f'{codes[c]:04x}' for c in text)}> Tj ET"


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    count = len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\n" % (count, table, count)
    return bytes(out + b"startxref\n%d\n%%%%EOF" % start)
