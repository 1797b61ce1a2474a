"""What a file itself switches off: switches, keys that stand twice, settings in comments."""

from __future__ import annotations

import pytest
from config_samples import read, said

OFF = "enabled: false beside it"


def test_a_switch_is_for_its_mapping_and_all_below() -> None:
    assert said(
        "config.yaml",
        """\
        rerank:
          enabled: false
          model: bge-reranker-large
          options:
            device: cuda
        llm:
          model: qwen-plus
          cache: {enabled: false, ttl: 60}
        """,
    ) == [
        "2 rerank.enabled = false",
        f"3 rerank.model = bge-reranker-large !{OFF}",
        f"5 rerank.options.device = cuda !{OFF}",
        "7 llm.model = qwen-plus",
        "8 llm.cache.enabled = false",
        f"8 llm.cache.ttl = 60 !{OFF}",
    ]


@pytest.mark.parametrize(
    ("switch", "off"),
    [
        ("enabled: false", True),
        ("enable: no", True),
        ("isEnabled: 0", True),
        ("active: off", True),
        ('enabled: "false"', True),
        ("disabled: true", True),
        ("suspend: true", True),
        ("status: disabled", True),
        ("replicas: 0", True),
        ("replicaCount: 0", True),
        ("scale: 0", True),
        ("enabled: true", False),
        ("disabled: false", False),
        ("status: active", False),
        ("replicas: 1", False),
        ("streaming: false", False),
        ("minReplicas: 0", False),
        ("enabled: ${RAG_ENABLED:-true}", False),
    ],
)
def test_switches(switch: str, *, off: bool) -> None:
    rows = said("a.yaml", f"x:\n  {switch}\n  model: gpt-4o\n")
    assert rows[1] == f"3 x.model = gpt-4o{' !' + switch.replace(chr(34), '') + ' beside it' if off else ''}"


def test_a_switch_with_a_prefix_is_for_the_keys_with_that_prefix() -> None:
    assert said(
        "a.yaml",
        "rerank_enabled: false\nrerank_model: bge\nmodel: gpt-4o\nuse_vision: 0\nvisionModel: qwen-vl\n",
    ) == [
        "1 rerank_enabled = false",
        "2 rerank_model = bge !rerank_enabled: false beside it",
        "3 model = gpt-4o",
        "4 use_vision = 0",
        "5 visionModel = qwen-vl !use_vision: 0 beside it",
    ]


def test_elements_of_lists_are_switched_by_themselves() -> None:
    assert said(
        "a.json",
        '{"models": [\n {"name": "a", "enabled": false},\n {"name": "b", "enabled": true},\n'
        ' {"type": 45, "status": 2, "models": "c"}]}',
    ) == [
        f"2 models.[0].name = a !{OFF}",
        "2 models.[0].enabled = false",
        "3 models.[1].name = b",
        "3 models.[1].enabled = true",
        "4 models.[2].type = 45 !status: 2 beside it",
        "4 models.[2].status = 2 !status: 2 beside it",
        "4 models.[2].models = c !status: 2 beside it",
    ]


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    assert said("a.yaml", "llm:\n  model: a\n  url: x\n  model: b\n") == [
        "2 llm.model = a !overwritten at line 4",
        "3 llm.url = x",
        "4 llm.model = b",
    ]
    assert said("a.properties", "m=a\nm=b\n") == ["1 m = a !overwritten at line 2", "2 m = b"]


def test_settings_that_are_commented_out_in_yaml() -> None:
    assert said(
        "config.yaml",
        """\
        # The model that answers. Note: any of the provider's.
        llm:
          # model: gpt-4
          model: qwen-plus
          #   temperature: 0.5
        #  timeout: 30
        # rerank:
        #   model: bge-reranker
        #   url: "http://a b/"
        models:
          - name: a
          # - name: b
          #   url: http://x
        # MODEL=gpt-4
        """,
    ) == [
        "4 llm.model = qwen-plus",
        "11 models.[0].name = a",
        "3 llm.model = gpt-4 !commented out",
        "5 llm.temperature = 0.5 !commented out",
        "6 llm.timeout = 30 !commented out",
        "8 rerank.model = bge-reranker !commented out",
        "9 rerank.url = http://a b/ !commented out",
        "12 models.[#12].name = b !commented out",
        "13 models.[#12].url = http://x !commented out",
        "14 [] MODEL = gpt-4 !commented out",
    ]


@pytest.mark.parametrize(
    ("path", "text", "row"),
    [
        ("a.jsonc", '{\n  "llm": {\n    // "model": "gpt-4",\n    "url": "x"\n  }\n}', "3 llm.model = gpt-4"),
        ("a.json5", "{a: 1,\n/* b: 'c', */\n}", "2 b = c"),
        ("a.toml", '[llm]\n# model = "gpt-4"\nurl = "x"\n', "2 llm.model = gpt-4"),
        ("a.ini", "[llm]\n;model = gpt-4\nurl = x\n", "2 llm.model = gpt-4"),
        ("a.cfg", "[llm]\n# model: gpt-4\n", "2 llm.model = gpt-4"),
        ("a.properties", "# llm.model=gpt-4\n", "1 llm.model = gpt-4"),
        ("a.tf", 'resource "x" "y" {\n  # model = "gpt-4"\n}\n', "2 resource.x.y.model = gpt-4"),
        ("a.hocon", 'llm {\n  # model = "gpt-4"\n}\n', "2 llm.model = gpt-4"),
        ("Makefile", "# MODEL = gpt-4\n", "1 make.MODEL = gpt-4"),
    ],
)
def test_settings_that_are_commented_out_elsewhere(path: str, text: str, row: str) -> None:
    assert f"{row} !commented out" in said(path, text)


@pytest.mark.parametrize(
    "text",
    [
        "# Use model: the one that is fast\na: b",
        "# see: docs\na: b",
        "# Options are gpt-4o, gpt-4o-mini\na: b",
        "# https://example.org/x?model=gpt-4\na: b",
    ],
)
def test_sentences_are_no_settings(text: str) -> None:
    assert said("a.yaml", text) == ["2 a = b"]


def test_environments_in_any_settings_are_variables_too() -> None:
    assert said(
        "serverless.yml",
        """\
        provider:
          environment:
            LLM_MODEL: ${env:LLM_MODEL, 'gpt-4o'}
            stage: dev
        extraEnv:
          - name: EMBED_MODEL
            value: bge-m3
          - RERANK_MODEL=bge-reranker
        """,
    ) == [
        "3 provider.environment.LLM_MODEL = ${LLM_MODEL:-gpt-4o}",
        "4 provider.environment.stage = dev",
        "3 [] LLM_MODEL = ${LLM_MODEL:-gpt-4o}",
        "7 [] EMBED_MODEL = bge-m3",
        "8 [] RERANK_MODEL = bge-reranker",
    ]


def test_a_bomb_of_aliases_is_refused() -> None:
    text = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)
    )

    document = read("a.yaml", text)[0]
    assert document.trouble == "aliases that stand for more than 200,000 values: not read"
    assert document.entries == []
