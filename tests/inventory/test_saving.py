"""An inventory as JSON and back, and two of them compared."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.inventory import saving
from countermark.inventory.saving import FORMAT, Change, InventoryError, diff, from_json, to_json
from countermark.inventory.usage import Conflict, Inventory, Kind, Place, Route, Sdk, State, Unread, Usage


def usage(
    model: str, state: State = State.EFFECTIVE, host: str = "", path: str = "a.py", line: int = 1
) -> Usage:
    return Usage(model, state, (Place(path, line),), host=host)


WHOLE = Inventory(
    usages=[
        Usage(
            "qwen-max",
            State.FALLBACK,
            (Place("app/模型.py", 3, 5, "LLM_MODEL"), Place("b.py")),
            provider="alibaba",
            host="dashscope.aliyuncs.com",
            route=Route.DIRECT,
            kind=Kind.CHAT,
            service="chat",
            why=("default", "overridden"),
            conflicts=(Conflict("gpt", "qwen-max", Place("c.yaml", 2)),),
            requests=7,
            first="2026-01-01T00:00:00Z",
            last="2026-02-01T00:00:00Z",
        ),
        Usage("", State.UNRESOLVED, (Place("d.py", 1),), expression="${MODEL}"),
    ],
    sdks=[Sdk("openai", "openai", "1.0.0", Place("uv.lock", 9))],
    unread=[Unread("e.py", "larger than 2 MiB: not read", 4)],
    counts={"files": 3, "read": 2},
)


class TestRoundTrip:
    def test_whole(self) -> None:
        assert from_json(json.dumps(to_json(WHOLE))) == WHOLE
        assert from_json(json.dumps(to_json(WHOLE), ensure_ascii=False).encode()) == WHOLE

    def test_empty(self) -> None:
        assert from_json(json.dumps(to_json(Inventory()))) == Inventory()

    @given(
        st.lists(
            st.builds(usage, st.text(), st.sampled_from(State), st.text(), st.text(), st.integers()),
            max_size=4,
        )
    )
    def test_any_usages(self, usages: list[Usage]) -> None:
        assert from_json(json.dumps(to_json(Inventory(usages)))).usages == usages


def saved(**changes: Any) -> str:
    return json.dumps(to_json(WHOLE) | changes)


def with_usage(**changes: Any) -> str:
    whole = to_json(WHOLE)
    whole["usages"][0] |= changes
    return json.dumps(whole)


class TestHostile:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "null",
            "[]",
            "{}",
            "{",
            '{"format": "countermark-inventory/1"}',
            saved(format="countermark-inventory/9"),
            saved(usages=None),
            saved(usages=[1]),
            saved(usages=["x"]),
            saved(counts=[]),
            saved(counts={"files": "many"}),
            saved(counts={"files": float("inf")}),
            saved(unread=[{}]),
            saved(sdks=[{"name": 1}]),
            with_usage(model=5),
            with_usage(model=None),
            with_usage(host=["x"]),
            with_usage(state="none such"),
            with_usage(state=[]),
            with_usage(route={}),
            with_usage(places=[]),
            with_usage(places="abc"),
            with_usage(places=[{"path": 1, "line": 1, "end": 0, "what": ""}]),
            with_usage(places=[{"path": "a", "line": float("inf"), "end": 0, "what": ""}]),
            with_usage(places=[{"path": "a", "line": float("nan"), "end": 0, "what": ""}]),
            with_usage(why=5),
            with_usage(conflicts=[5]),
            "[" * 100_000,
            '{"a":' * 100_000,
            "1" * 10_000,
        ],
    )
    def test_what_is_no_inventory(self, text: str) -> None:
        with pytest.raises(InventoryError, match="is no inventory"):
            from_json(text)

    def test_bytes_that_are_no_text(self) -> None:
        with pytest.raises(InventoryError):
            from_json(b"\xff\x00\xfe")

    @given(st.binary(max_size=200))
    def test_any_bytes(self, data: bytes) -> None:
        with pytest.raises(InventoryError):
            from_json(data)

    @given(
        st.sampled_from(list(to_json(WHOLE)["usages"][0])),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
        ),
    )
    def test_any_value_in_a_usage(self, name: str, value: Any) -> None:
        try:
            got = from_json(with_usage(**{name: value}))
        except InventoryError:
            return
        assert from_json(json.dumps(to_json(got))) == got
        assert isinstance(diff(WHOLE, got), list)


def changes(before: list[Usage], after: list[Usage]) -> list[tuple[str, str, bool]]:
    return [(c.what, c.model, c.concerns) for c in diff(Inventory(before), Inventory(after))]


class TestDiff:
    def test_nothing(self) -> None:
        assert diff(WHOLE, WHOLE) == []

    def test_a_line_that_moved_is_no_change(self) -> None:
        assert changes([usage("gpt-4o")], [usage("gpt-4o", path="b.py", line=9)]) == []

    def test_new_and_gone(self) -> None:
        assert changes([usage("a"), usage("b")], [usage("b"), usage("c")]) == [
            ("new", "c", True),
            ("gone", "a", False),
        ]

    def test_new_in_a_document_concerns_nobody(self) -> None:
        assert changes([], [usage("a", State.DOCUMENTED)]) == [("new", "a", False)]

    @pytest.mark.parametrize(
        ("before", "after", "concerns"),
        [
            (State.OFF, State.EFFECTIVE, True),
            (State.CATALOGUE, State.FALLBACK, True),
            (State.EFFECTIVE, State.OFF, False),
            (State.FALLBACK, State.EFFECTIVE, False),
        ],
    )
    def test_another_state(self, before: State, after: State, concerns: bool) -> None:
        assert changes([usage("a", before)], [usage("a", after)]) == [("state", "a", concerns)]

    def test_another_host(self) -> None:
        before, after = usage("a", host="api.openai.com"), usage("a", host="relay.example")
        assert diff(Inventory([before]), Inventory([after])) == [Change("host", before, after)]
        assert changes([before], [after]) == [("host", "a", True)]

    def test_unresolved_ones_are_known_by_their_file(self) -> None:
        one = Usage("", State.UNRESOLVED, (Place("a.py", 1),), expression="${MODEL}")
        other = Usage("", State.UNRESOLVED, (Place("b.py", 1),), expression="${MODEL}")
        assert [what for what, _, _ in changes([one], [one, other])] == ["new"]

    def test_what_concerns_comes_first(self) -> None:
        assert changes([usage("a")], [usage("b", State.TEST), usage("z")]) == [
            ("new", "z", True),
            ("gone", "a", False),
            ("new", "b", False),
        ]


def test_the_format_is_versioned() -> None:
    assert to_json(WHOLE)["format"] == FORMAT == "countermark-inventory/1"


def test_what_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "MAX_BYTES", 10)
    with pytest.raises(InventoryError, match="larger than"):
        from_json("[" * 11)
