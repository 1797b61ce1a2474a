"""What runs against what is filed: one case for each state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from countermark.inventory.reconciliation import Calendar, Position, Weight, reconcile, states
from countermark.inventory.register import Register
from countermark.inventory.register.ledger import FiledModel, InternalUse, Ledger, OwnFiling
from countermark.inventory.usage import Place, Route, State, Usage

TODAY = date(2026, 3, 2)
SAMPLE = Register.sample()
QWEN = "ZheJiang-TongYiQianWen-20230901"
ALIBABA = "阿里巴巴达摩院（杭州）科技有限公司"


def usage(model: str = "qwen-plus", **given: object) -> Usage:
    base = {
        "state": State.EFFECTIVE,
        "places": (Place("app.py", 3),),
        "provider": "alibaba",
        "host": "dashscope.aliyuncs.com",
        "route": Route.DIRECT,
    }
    return Usage(model, **(base | given))  # type: ignore[arg-type]


def filing(*models: str, **given: object) -> OwnFiling:
    base = {
        "kind": "registration",
        "number": "Zhejiang-Shop-20260115S0034",
        "entity": "示例公司",
        "product": "chat",
        "upstream": QWEN,
        "models": tuple(FiledModel(name=model) for model in models),
    }
    return OwnFiling(**(base | given))  # type: ignore[arg-type]


def found(
    usages: Sequence[Usage], *filings: OwnFiling, calendar: Calendar | None = None, **given: object
) -> list[Position]:
    ledger = Ledger(version=1, filings=filings, **given)  # type: ignore[arg-type]
    return reconcile(usages, ledger, SAMPLE, calendar or Calendar(TODAY))


def of_models(positions: Sequence[Position]) -> set[str]:
    return {position.state for position in positions if position.usage is not None}


def test_a_registered_model_that_runs_is_registered() -> None:
    assert of_models(found([usage()], filing("qwen-plus"))) == {"registered"}


@pytest.mark.parametrize(
    "state", [State.TEST, State.CATALOGUE, State.DOCUMENTED, State.OFF, State.OFFLINE, State.CI]
)
def test_what_answers_nobody_is_not_reconciled(state: State) -> None:
    assert found([usage(state=state)]) == []


def test_a_model_without_a_filing_is_unregistered() -> None:
    (position,) = [p for p in found([usage()]) if p.state == "unregistered"]
    assert (position.subject, position.standing.weight, position.standing.draft) == (
        "qwen-plus",
        Weight.WRONG,
        "by_route",
    )


def test_an_unresolved_model_is_open_whatever_is_filed() -> None:
    positions = found([usage("", state=State.UNRESOLVED, expression="${LLM_MODEL}")], filing("qwen-plus"))
    assert [(p.state, p.subject) for p in positions if p.usage] == [("unresolved", "${LLM_MODEL}")]


def test_internal_use_is_in_order_where_it_is_declared() -> None:
    internal = InternalUse(
        product="wiki",
        models=("qwen-plus",),
        reason="staff only",
        signatory="A. Example",
        signed=date(2026, 1, 5),
    )
    (position,) = found([usage()], internal=(internal,))
    assert (position.state, position.details) == (
        "internal_only",
        ("declared by A. Example on 2026-01-05: staff only",),
    )


@pytest.mark.parametrize(
    ("host", "route"), [("openrouter.ai", Route.RELAY), ("llm.partner.example", Route.UNKNOWN)]
)
def test_a_relay_and_an_unknown_host_hide_the_provider(host: str, route: Route) -> None:
    assert "relay" in of_models(found([usage(host=host, route=route)], filing("qwen-plus")))


def test_a_fine_tune_of_a_registered_model_moves_to_filing() -> None:
    positions = found(
        [usage("acme/Qwen2.5-7B-Instruct-LoRA-law", route=Route.SELF_HOSTED, host="")],
        filing("Qwen2.5-7B-Instruct"),
    )
    derived = [p for p in positions if p.state == "derivative"]
    assert derived, of_models(positions)
    assert derived[0].standing.draft == "filing"


def test_a_newer_snapshot_starts_the_clock_of_ten_working_days() -> None:
    calendar = Calendar(TODAY, first={"qwen-plus-2025-04-28": date(2026, 2, 25)})
    positions = found([usage("qwen-plus-2025-04-28")], filing("qwen-plus-2025-01-25"), calendar=calendar)
    (drift,) = [p for p in positions if p.state == "version_drift"]
    assert drift.since == date(2026, 2, 25)
    assert drift.due is not None
    assert drift.due.day > date(2026, 3, 9)


def test_what_was_registered_and_runs_no_more_is_to_be_cancelled() -> None:
    calendar = Calendar(TODAY, last={"qwen-plus": date(2026, 2, 25)})
    positions = found([], filing("qwen-plus"), calendar=calendar)
    (ended,) = [p for p in positions if p.state == "not_running"]
    assert (ended.since, ended.standing.draft) == (date(2026, 2, 25), "cancel")
    assert ended.due is not None


def test_one_way_asks_nothing_of_what_does_not_run() -> None:
    ledger = Ledger(version=1, filings=(filing("qwen-plus"),))
    positions = reconcile([], ledger, SAMPLE, Calendar(TODAY), both_ways=False)
    assert "not_running" not in {p.state for p in positions}


def test_a_filing_without_models_cannot_be_compared() -> None:
    assert "not_compared" in {p.state for p in found([], filing())}


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"upstream": ""}, "upstream_missing"),
        ({"upstream": "Beijing-Nobody-20990101"}, "upstream_not_known"),
        ({"upstream": "Beijing-Nobody"}, "upstream_unregistered"),
    ],
)
def test_the_upstream_number_is_looked_up(given: dict[str, str], state: str) -> None:
    assert state in of_models(found([usage()], filing("qwen-plus", **given)))


def test_a_foreign_provider_has_no_filing_that_is_known() -> None:
    foreign = usage("gpt-4o", provider="openai", host="api.openai.com")
    assert of_models(found([foreign])) == {"unregistered", "upstream_unregistered"}


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"kind": "filing", "number": QWEN, "entity": ALIBABA, "upstream": ""}, None),
        ({"kind": "filing", "number": QWEN, "entity": "别的公司", "upstream": ""}, "other_entity"),
        ({"number": "Zhejiang-Shop-20260132S0034"}, "malformed"),
        ({"number": "Zhejiang-Shop-20260115S0034"}, "not_known"),
    ],
)
def test_the_number_itself_is_looked_up(given: dict[str, str], state: str | None) -> None:
    about = {p.state for p in found([usage()], filing("qwen-plus", **given)) if p.usage is None}
    assert about == ({state} if state else set())


def test_every_state_says_what_follows_in_both_languages() -> None:
    for standing in states().values():
        for words in (standing.title, standing.duty, standing.next):
            assert words.en
            assert words.zh
        assert bool(standing.days) == bool(standing.since)


def test_what_needs_an_act_comes_first() -> None:
    positions = found(
        [usage(), usage("gpt-4o", provider="openai", host="api.openai.com")], filing("qwen-plus")
    )
    weights = [list(Weight).index(p.standing.weight) for p in positions]
    assert weights == sorted(weights)
