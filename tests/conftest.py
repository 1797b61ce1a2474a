"""A small deployment that tests can bend, and the tool as a person runs it."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from countermark.audit import audit
from countermark.collectors import Site
from countermark.evidence import Run
from countermark.inventory.register import Store, importing
from countermark.model import Report
from countermark.rules import Rulebooks, load
from countermark.target import load as load_target

SHOP = """\
version: 1
operator:
  name: Shop Ltd
  roles: [generation-provider]
  jurisdictions: [CN, EU]
services:
  - name: chat
    companion: true
    open_to_minors: true
    pages: [public/index.html]
    settings: {file: config/limits.yaml}
filings:
  - {kind: registration, number: Zhejiang-Shop-20260715S0197, name: ShopTalk, service: chat,
     upstream: ZheJiang-TongYiQianWen-20230901}
models:
  - {name: shop-7b, services: [chat], filing: Zhejiang-Shop-20260715S0197, files: [models/*.pkl]}
inventory: {lists: register}
corpora:
  - {name: sft, path: data, manifest: data/SHA256SUMS, use: fine-tuning}
"""
PAGE = """<html><title>Shop</title><body><p>您正在与人工智能对话</p>
<p>ShopTalk</p><p>Zhejiang-Shop-20260715S0197</p></body></html>"""
LIMITS = """\
daily_minutes_under_16: 60
daily_minutes_16_17: 120
break_reminder_minutes: 30
curfew_start: "22:00"
curfew_end: "06:00"
continuous_use_reminder_minutes: 120
virtual_relative_for_minors: false
log_retention_days: 200
spending_limit_per_payment: 50
spending_limit_per_day: 100
guardian_consent_under_age: 14
"""
LISTS = {
    "filings-2026-07.csv": "序号,属地,模型名称,备案单位,备案号,备案时间\n"
    "1,浙江省,通义千问大模型,Model Ltd,ZheJiang-TongYiQianWen-20230901,2023/9/12\n",
    "registrations-2026-07.csv": "序号,属地,应用名称,登记单位,登记编号,登记时间\n"
    "1,浙江省,ShopTalk,Shop Ltd,Zhejiang-Shop-20260715S0197,2026/7/20\n",
}
"""The public lists, as far as the shop is on them."""
ROWS = '{"text": "一", "source": "a"}\n{"text": "two", "source": "b"}\n'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A deployment in which no violation is to be found."""
    root = tmp_path / "shop"
    for folder in ("public", "config", "models", "data"):
        (root / folder).mkdir(parents=True)
    (root / "countermark.yaml").write_text(SHOP)
    (root / "public/index.html").write_text(PAGE)
    (root / "config/limits.yaml").write_text(LIMITS)
    (root / "models/shop.pkl").write_bytes(pickle.dumps({"weights": [0.5, 1.5]}))
    (root / "data/rows.jsonl").write_text(ROWS)
    for name, rows in LISTS.items():
        Store(root / "register").add(
            name, rows.encode(), importing.read(name, rows.encode()), date(2026, 8, 1)
        )
    digest = hashlib.sha256(ROWS.encode()).hexdigest()
    (root / "data/SHA256SUMS").write_text(f"{digest}  rows.jsonl\n")
    return root


@pytest.fixture(scope="session")
def books() -> Rulebooks:
    return load()


@pytest.fixture
def audited(shop: Path, books: Rulebooks) -> Callable[[], Report]:
    """Audit the shop as it is now."""

    def run() -> Report:
        target = load_target(shop)
        return audit(Site(shop, target), Run.start(shop, target), books, date(2026, 11, 23))

    return run


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def countermark(shop: Path) -> Command:
    """The command, in a process of its own, in the folder of the shop."""

    def run(*arguments: str, cwd: Path = shop) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "countermark", *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    return run
