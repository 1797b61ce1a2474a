"""The page of an inventory: one file, nothing runs, nothing is fetched, everything is said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, sync_playwright
from selectolax.lexbor import LexborHTMLParser

from countermark.inventory.reconciliation import Position, Weight
from countermark.inventory.register.entries import Kind as FilingKind
from countermark.inventory.register.ledger import OwnFiling
from countermark.inventory.register.working_days import Reckoned
from countermark.inventory.usage import Conflict, Inventory, Kind, Place, Route, Sdk, State, Unread, Usage
from countermark.reports.inventory import layout, page, page_words
from countermark.reports.inventory.graph import MOST_MODELS, graph

EVIL = "<script>alert(1)</script>\"'&"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NUMBER = "Beijing-ShiLi-20260115S0012"


def usage(
    model: str, state: State = State.EFFECTIVE, host: str = "api.openai.com", service: str = "api"
) -> Usage:
    return Usage(
        model, state, (Place("app/main.py", 3, 0, "model="),), provider="openai", host=host,
        route=Route.DIRECT, kind=Kind.CHAT, service=service,
    )  # fmt: skip


@pytest.fixture
def found() -> Inventory:
    places = tuple(Place(f"app/{n}.py", n + 1) for n in range(6))
    return Inventory(
        usages=[
            Usage("qwen-plus", State.EFFECTIVE, places, provider="alibaba", host="dashscope.aliyuncs.com",
                  route=Route.DIRECT, kind=Kind.CHAT, service="api", why=("set in .env",), requests=1234,
                  first="2026-11-01T00:00:00Z", last="2026-11-20T00:00:00Z"),
            Usage(f"gpt-4o{EVIL}", State.FALLBACK, (Place("x.py", 1),), provider="openai",
                  host="api.openai.com", route=Route.DIRECT, service=EVIL),
            Usage("", State.UNRESOLVED, (Place("y.py", 2),), expression=f"${{M}}{EVIL}"),
            Usage("Qwen/Qwen2.5-7B", State.OFF, (Place("compose.yaml", 3),), host="vllm:8000",
                  route=Route.SELF_HOSTED, conflicts=(Conflict("llama", f"qwen{EVIL}", Place("c.yaml", 9)),)),
            *(Usage(f"listed-{n}", State.CATALOGUE, (Place("prices.py", n),)) for n in range(9)),
        ],
        sdks=[Sdk("openai", "openai", "1.40.0", Place("requirements.txt", 1))],
        unread=[Unread(f"big{EVIL}.json", "larger than 2 MiB: not read", 7)],
        counts={"files": 1200, "read": 900},
    )  # fmt: skip


@pytest.fixture
def positions(found: Inventory) -> list[Position]:
    filing = OwnFiling(
        kind=FilingKind.REGISTRATION, number=NUMBER, entity="北京示例科技有限公司", product="示例助手"
    )
    qwen, gpt, unresolved, *_ = found.usages
    return [
        Position("registered", qwen.model, qwen, filing, NUMBER),
        Position("unregistered", gpt.model, gpt, details=("filed: qwen-plus",)),
        Position("upstream_unregistered", gpt.model, gpt),
        Position("unresolved", unresolved.expression, unresolved),
        Position("not_running", "Beijing-Jiu-20240103", filing=OwnFiling(
            kind=FilingKind.FILING, number="Beijing-Jiu-20240103", entity="北京示例公司", product="旧"),
            due=Reckoned(date(2026, 12, 23), is_exact=True)),
    ]  # fmt: skip


def parsed(found: Inventory, positions: list[Position] | None = None, lang: str = "en") -> LexborHTMLParser:
    return LexborHTMLParser(page.render(found, positions or [], lang))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_is_one_file_that_runs_and_fetches_nothing(
    found: Inventory, positions: list[Position], lang: str
) -> None:
    text = page.render(found, positions, lang)
    tree = LexborHTMLParser(text)
    assert not tree.css("script, [src], link, iframe, object, embed, img, [style], [onclick], foreignObject")
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert "url(" not in text
    assert EVIL in tree.body.text()  # type: ignore[union-attr]
    anchors = {a.attributes["href"] for a in tree.css("a[href]")}
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    assert anchors <= {f"#{name}" for name in ids}


def test_it_is_the_same_every_time(found: Inventory, positions: list[Position]) -> None:
    assert page.render(found, positions) == page.render(found, positions)


def test_it_tells_each_state_with_places_and_reasons(found: Inventory) -> None:
    tree = parsed(found)
    sections = [s.attributes.get("id") for s in tree.css("main > section")]
    states = ["effective", "unresolved", "fallback", "off", "catalogue"]
    assert sections == ["graph", "conflicts", *states, "libraries", "unread"]
    row = tree.css_first("#effective tbody tr")
    assert row is not None
    said = row.text(separator=" ")
    for part in (
        "qwen-plus",
        "dashscope.aliyuncs.com",
        "app/0.py:1",
        "+3",
        "app/5.py:6",
        "set in .env",
        "1,234",
    ):
        assert part in said
    assert len(tree.css("#catalogue li")) == 9
    assert f"big{EVIL}.json:7" in tree.css_first("#unread").text()  # type: ignore[union-attr]
    assert "900 of 1,200 files read" in tree.css_first("header").text()  # type: ignore[union-attr]


def test_nothing_found_is_said_and_not_called_clean() -> None:
    text = parsed(Inventory()).body.text()  # type: ignore[union-attr]
    assert "No use of a model was found in what was read." in text
    assert "cannot see" in text


def test_the_graph_goes_from_service_to_filing_and_says_more_than_colour(
    found: Inventory, positions: list[Position]
) -> None:
    drawn = graph(found, positions, "en")
    assert drawn.names == ["Service", "Model", "Host", "Provider", "Filing"]
    edges = {
        (drawn.nodes[e.source].title, drawn.nodes[e.target].title): (str(e.state), e.weight, e.sign)
        for e in drawn.edges.values()
    }
    provider = "Alibaba Cloud Model Studio (DashScope)"
    assert edges[("api", "qwen-plus")] == ("effective", Weight.FINE, "✓")
    assert edges[("qwen-plus", "dashscope.aliyuncs.com")] == ("effective", Weight.FINE, "✓")
    assert edges[(provider, NUMBER)] == ("effective", Weight.FINE, "✓")
    assert edges[("OpenAI", "no filing covers it")] == ("fallback", Weight.WRONG, "✗")
    assert edges[("? provider not known", "cannot be told")] == ("unresolved", Weight.OPEN, "?")
    lone = next(node for node in drawn.nodes.values() if node.title == "Beijing-Jiu-20240103")
    assert (lone.weight, lone.sign) == (Weight.WRONG, "✗")
    tree = parsed(found, positions)
    signs = [node.text() for node in tree.css("svg .mark text")]
    assert set(signs) == {"✓", "✗", "?"}
    assert graph(found, [], "en").names == ["Service", "Model", "Host", "Provider"]


def test_a_shared_line_shows_the_worst_of_those_that_share_it() -> None:
    first, second = usage("gpt-4o"), usage("gpt-4.1", State.FALLBACK)
    filing = OwnFiling(kind=FilingKind.REGISTRATION, number=NUMBER, entity="e", product="p")
    drawn = graph(
        Inventory([first, second]),
        [Position("registered", "gpt-4o", first, filing), Position("unregistered", "gpt-4.1", second)],
        "en",
    )
    shared = drawn.edges[("host:api.openai.com", "provider:openai")]
    assert (shared.weight, shared.state) == (Weight.WRONG, State.EFFECTIVE)


def test_hundreds_of_models_become_counts() -> None:
    usages = [usage(f"gpt-{n}", host=f"h{n % 5}.example.com", service=f"s{n % 4}") for n in range(400)]
    drawn = graph(Inventory(usages), [], "en")
    models = [node for node in drawn.nodes.values() if node.column == 1]
    assert len(models) == 20
    assert {node.title for node in models} == {"20 models"}
    assert "gpt-0\n" in next(node.full for node in models if "gpt-0\n" in node.full)
    apart = [usage(f"gpt-{n}", host=f"h{n}.example.com") for n in range(MOST_MODELS)]
    assert sum(node.column == 1 for node in graph(Inventory(apart), [], "en").nodes.values()) == MOST_MODELS


columns = st.lists(st.integers(0, 8), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(columns, st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=30))
def test_boxes_never_overlap_and_never_leave_the_picture(
    sizes: list[int], pairs: list[tuple[int, int]]
) -> None:
    nodes = [[f"{at}:{n}" for n in range(size)] for at, size in enumerate(sizes)]
    flat = [node for column in nodes for node in column]
    edges = [(flat[a % len(flat)], flat[b % len(flat)]) for a, b in pairs] if flat else []
    edges = [(a, b) for a, b in edges if int(a[0]) + 1 == int(b[0])]
    spots, height = layout.placed(nodes, edges)
    assert set(spots) == set(flat)
    for at, column in enumerate(nodes):
        tops = sorted(spots[node].y for node in column)
        assert all(b - a >= layout.NODE_HEIGHT for a, b in pairwise(tops))
        assert all(layout.TOP <= top <= height - layout.NODE_HEIGHT for top in tops)
        assert all(spots[node].x == layout.column_x(at) for node in column)


@pytest.mark.parametrize(
    ("text", "cut"),
    [("short", "short"), ("a-very-long-model-name", "a-very-…name"), ("北京示例科技有限公司", "北京示…公司")],
)
def test_texts_are_cut_in_the_middle(text: str, cut: str) -> None:
    assert layout.fitted(text, 12) == cut


def test_every_word_is_in_both_languages() -> None:
    for catalogue in (
        page_words.STATES,
        page_words.MEANINGS,
        page_words.ROUTES,
        page_words.WEIGHTS,
        page_words.SAY,
    ):
        for words in catalogue.values():  # type: ignore[attr-defined]
            assert words.en
            assert words.zh != words.en
    assert set(page_words.STATES) == set(page_words.MEANINGS) == set(State)
    assert set(page_words.KINDS) == set(Kind)
    assert set(page_words.ROUTES) == set(Route)
    assert set(page_words.WEIGHTS) == set(page_words.SIGNS) == set(Weight)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield browser
        browser.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_in_a_browser_texts_stay_in_their_boxes_and_the_page_in_its_width(
    browser: Browser, found: Inventory, positions: list[Position], lang: str, tmp_path: Path
) -> None:
    file = tmp_path / "inventory.html"
    file.write_text(page.render(found, positions, lang), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    trouble: list[str] = []
    tab.on("console", lambda message: trouble.append(message.text))
    tab.on("request", lambda r: trouble.append(r.url) if not r.url.startswith("file:") else None)
    tab.goto(file.as_uri())
    over = tab.evaluate(
        """[...document.querySelectorAll('.node')].filter((node) => {
             const box = node.querySelector('rect').getBBox();
             return [...node.querySelectorAll('text')].some((t) => {
               const b = t.getBBox(); return b.x + b.width > box.x + box.width; }); }).length"""
    )
    assert over == 0
    for width in (390, 768, 1280):
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.pdf().startswith(b"%PDF")
    tab.close()
    assert trouble == []
