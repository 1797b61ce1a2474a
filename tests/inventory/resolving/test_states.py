"""What stands there and does not answer: switched off, left behind, compared with, tested, written about."""

from __future__ import annotations

import json

import pytest
from deployments import DASHSCOPE, OPENAI, calling, found, scanned, states

SWITCH = """
from openai import OpenAI
import dashscope
from app.settings import settings

client = OpenAI()


def answer(q):
    if settings.provider == "openai":
        return client.chat.completions.create(model="gpt-4o-mini", messages=[q])
    elif settings.provider == "qwen":
        return dashscope.Generation.call(model="qwen-max", prompt=q)
"""
PROVIDER = """
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    provider: str = "openai"


settings = Settings()
"""


FIELD = """
from openai import OpenAI

class Settings:
    model = "gpt-4o-mini" if NUMBER else os.getenv("MODEL_NUMBER")

settings = Settings()

def ask(q):
    return OpenAI().chat.completions.create(model=settings.model, messages=[q])
"""


class TestConditions:
    def test_the_branch_of_the_default_answers(self) -> None:
        got = found({"app/main.py": SWITCH, "app/settings.py": PROVIDER})
        assert ("gpt-4o-mini", "effective", OPENAI) in got
        assert {state for model, state, _ in got if model == "qwen-max"} == {"catalogue"}

    def test_the_branch_of_the_environment_answers(self) -> None:
        got = found({"app/main.py": SWITCH, "app/settings.py": PROVIDER, ".env": "PROVIDER=qwen\n"})
        assert ("qwen-max", "effective", DASHSCOPE) in got
        assert {state for model, state, _ in got if model == "gpt-4o-mini"} == {"catalogue"}

    def test_a_branch_that_is_not_decided_answers(self) -> None:
        text = SWITCH.replace("settings.provider", "q.provider")
        got = states({"app/main.py": text})
        assert got["gpt-4o-mini"] == "effective"
        assert got["qwen-max"] == "effective"

    def test_a_flag_that_is_false(self) -> None:
        text = """
            from openai import OpenAI
            client = OpenAI()
            USE_RERANK = False

            def answer(q):
                if USE_RERANK:
                    client.chat.completions.create(model="gpt-4o", messages=[q])
                return client.chat.completions.create(model="gpt-4o-mini", messages=[q])
            """
        assert states({"app/main.py": text}) == {"gpt-4o-mini": "effective", "gpt-4o": "off"}

    def test_a_flag_that_the_environment_turns_on(self) -> None:
        text = """
            import os
            from openai import OpenAI
            client = OpenAI()
            USE_SMART = os.getenv("USE_SMART", "false").lower() == "true"
            MODEL = "gpt-4o" if USE_SMART else "gpt-4o-mini"

            def answer(q):
                return client.chat.completions.create(model=MODEL, messages=[q])
            """
        got = states({"app/main.py": text})
        assert got["gpt-4o-mini"] == "effective"

    def test_the_handler_of_an_error(self) -> None:
        text = """
            from openai import OpenAI
            client = OpenAI()

            def answer(q):
                try:
                    return client.chat.completions.create(model="gpt-4o", messages=[q])
                except Exception:
                    return client.chat.completions.create(model="gpt-4o-mini", messages=[q])
            """
        assert states({"app/main.py": text}) == {"gpt-4o": "effective", "gpt-4o-mini": "fallback"}

    def test_behind_a_return(self) -> None:
        text = """
            from openai import OpenAI
            client = OpenAI()

            def answer(q):
                return client.chat.completions.create(model="gpt-4o", messages=[q])
                return client.chat.completions.create(model="gpt-4o-mini", messages=[q])
            """
        assert states({"app/main.py": text}) == {"gpt-4o": "effective", "gpt-4o-mini": "stale"}


class TestWrittenOnly:
    def test_a_comment(self) -> None:
        text = calling("MODEL", '# MODEL = "gpt-4-turbo"\nMODEL = "gpt-4o-mini"\n')
        assert states({"app/main.py": text}) == {"gpt-4o-mini": "effective", "gpt-4-turbo": "off"}

    def test_a_remark(self) -> None:
        text = calling("MODEL", '# gpt-4-turbo was too slow\nMODEL = "gpt-4o-mini"\n')
        assert states({"app/main.py": text}).get("gpt-4-turbo") in (None, "documented")

    def test_documents(self) -> None:
        files = {
            "app/main.py": calling('"gpt-4o-mini"'),
            "README.md": "We once tried `gpt-4-turbo`, and now use `gpt-4o-mini`.\n",
            "docs/setup.md": "```\nexport MODEL=claude-3-opus-20240229\n```\n",
        }
        assert states(files) == {
            "gpt-4o-mini": "effective",
            "gpt-4-turbo": "documented",
            "claude-3-opus-20240229": "documented",
        }

    def test_tests(self) -> None:
        files = {
            "app/main.py": calling('"gpt-4o-mini"'),
            "tests/test_main.py": calling('"gpt-4-turbo"'),
            "app/selfcheck.py": """
                from openai import OpenAI

                def test_answer():
                    OpenAI().chat.completions.create(model="gpt-4o", messages=[])
                """,
        }
        assert states(files) == {"gpt-4o-mini": "effective", "gpt-4-turbo": "test", "gpt-4o": "test"}

    def test_notebooks(self) -> None:
        cell = 'from openai import OpenAI\nOpenAI().chat.completions.create(model="gpt-4o", messages=[])\n'
        notebook = json.dumps(
            {
                "cells": [{"cell_type": "code", "source": cell.splitlines(keepends=True), "metadata": {}}],
                "metadata": {},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        )
        assert states({"analysis/explore.ipynb": notebook}) == {"gpt-4o": "offline"}

    def test_training(self) -> None:
        text = """
            from transformers import AutoModelForCausalLM
            model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
            """
        assert states({"train/finetune.py": text}) == {"Qwen/Qwen2.5-7B": "offline"}

    def test_pipelines(self) -> None:
        workflow = """
            name: review
            on: pull_request
            jobs:
              review:
                runs-on: ubuntu-latest
                steps:
                  - uses: acme/ai-review@v1
                    env:
                      OPENAI_MODEL: gpt-4o
            """
        assert states({".github/workflows/review.yml": workflow}) == {"gpt-4o": "ci"}

    @pytest.mark.parametrize("path", ["app/legacy/main.py", "app/main_old.py", "deprecated/main.py"])
    def test_copies_that_were_left_behind(self, path: str) -> None:
        files = {"app/main.py": calling('"gpt-4o-mini"'), path: calling('"gpt-4-turbo"')}
        assert states(files) == {"gpt-4o-mini": "effective", "gpt-4-turbo": "stale"}


class TestCatalogues:
    def test_a_list_to_choose_from(self) -> None:
        text = calling(
            "MODEL",
            'SUPPORTED_MODELS = ["gpt-4o", "gpt-4-turbo"]\nMODEL = "gpt-4o-mini"\nprint(SUPPORTED_MODELS)\n',
        )
        assert states({"app/main.py": text}) == {
            "gpt-4o-mini": "effective",
            "gpt-4o": "catalogue",
            "gpt-4-turbo": "catalogue",
        }

    def others(self, path: str, text: str) -> dict[str, str]:
        """What is found beside a service; in a tree without one, nothing is told of."""
        got = states({"app/main.py": calling('"gpt-4o-mini"'), path: text})
        assert got.pop("gpt-4o-mini") == "effective"
        return got

    def test_prices(self) -> None:
        text = """
            PRICES = {
                "gpt-4o": {"input": 2.5, "output": 10},
                "gpt-4-turbo": {"input": 10, "output": 30},
            }

            def cost(model, tokens):
                return PRICES[model]["input"] * tokens
            """
        assert self.others("app/prices.py", text) == {"gpt-4o": "catalogue", "gpt-4-turbo": "catalogue"}

    def test_windows(self) -> None:
        text = 'CONTEXT = {"qwen-max": 32768, "glm-4-plus": 128000}\n\ndef limit(m):\n    return CONTEXT[m]\n'
        assert self.others("app/limits.py", text) == {"qwen-max": "catalogue", "glm-4-plus": "catalogue"}

    def test_comparisons(self) -> None:
        text = """
            def encoding(model):
                if model.startswith("qwen-max"):
                    return "o200k_base"
                if model == "gpt-4-turbo":
                    return "cl100k_base"
            """
        assert self.others("app/tokens.py", text) == {"qwen-max": "catalogue", "gpt-4-turbo": "catalogue"}

    def test_a_literal_and_an_enum(self) -> None:
        text = """
            from enum import Enum
            from typing import Literal

            class Request:
                model: Literal["gpt-4o", "gpt-4-turbo"]

            class Models(str, Enum):
                QWEN = "qwen-max"
                GLM = "glm-4-plus"
            """
        assert self.others("app/types.py", text) == dict.fromkeys(
            ("gpt-4o", "gpt-4-turbo", "qwen-max", "glm-4-plus"), "catalogue"
        )

    def test_the_member_of_an_enum_that_is_used(self) -> None:
        text = calling(
            "Models.QWEN.value",
            """
            from enum import Enum

            class Models(str, Enum):
                QWEN = "qwen-max"
                GLM = "glm-4-plus"
            """,
        )
        assert states({"app/main.py": text}) == {"qwen-max": "effective", "glm-4-plus": "catalogue"}


class TestNoAi:
    def test_look_alikes(self) -> None:
        files = {
            "shop/models.py": """
                from django.db import models

                class Car(models.Model):
                    model = models.CharField(max_length=80, default="Claude Monet")
                    engine = "v8-turbo"
                    base_url = "https://shop.example.com"
                """,
            "shop/views.py": """
                from sklearn.ensemble import RandomForestClassifier
                MODEL_PATH = "churn.pkl"
                DB_ENGINE = "postgresql"
                phone = {"brand": "Xiaomi", "model": "mi-11"}
                gemini = {"sign": "gemini-3", "month": 6}

                def create(request):
                    return Car.objects.create(model="qashqai", engine="dci-110")
                """,
            "config.yaml": "printer:\n  model: HP-4o\n  endpoint: ipp://printer\n",
            "database.yaml": "database:\n  engine: innodb\n  model: relational-1\n",
            "Dockerfile": "FROM python:3.11\nENV DATABASE_ENGINE=mysql\n",
        }
        assert found(files) == set()


class TestLimits:
    @pytest.mark.timeout(60)
    def test_names_that_lead_to_each_other(self) -> None:
        files = {
            "app/main.py": calling("a", "a = b\nb = a\n"),
            "b.py": "from b import model as model\nmodel = model\n",
        }
        assert {state for _, state, _ in found(files)} == {"unresolved"}

    @pytest.mark.timeout(60)
    def test_classes_and_functions_that_lead_to_themselves(self) -> None:
        text = """
            from openai import OpenAI

            class A(B):
                model = B.model
                client = OpenAI()

            class B(A):
                model = A.model

            def f(x):
                return f(f(x)) or g(x)

            def g(x):
                return f(x) + g(x)

            def ask(q):
                return A.client.chat.completions.create(model=f(A.model), messages=[q])
            """
        assert {state for _, state, _ in found({"app/main.py": text})} <= {"unresolved"}

    @pytest.mark.timeout(60)
    def test_variables_that_are_made_of_each_other(self) -> None:
        files = {
            "app/main.py": calling('os.environ["CHAT_MODEL"]', "import os\n"),
            ".env": "CHAT_MODEL=${OTHER_MODEL}\nOTHER_MODEL=${CHAT_MODEL}\n",
        }
        assert {state for _, state, _ in found(files)} == {"unresolved"}

    @pytest.mark.timeout(60)
    def test_a_long_table(self) -> None:
        dates = [f"gpt-4o-2024-{n % 12 + 1:02d}-{n % 28 + 1:02d}" for n in range(400)]
        table = "".join(f'    "m{n}": "{name}",\n' for n, name in enumerate(dates))
        got = states({"app/main.py": calling('TABLE["m7"]', f"TABLE = {{\n{table}}}\n")})
        assert got["gpt-4o-2024-08-08"] == "effective"
        assert [model for model, state in got.items() if state == "effective"] == ["gpt-4o-2024-08-08"]

    @pytest.mark.timeout(60)
    def test_many_files_with_the_same_field(self) -> None:
        files = {f"s{n}/main.py": FIELD.replace("NUMBER", str(n)) for n in range(300)}
        [usage] = [u for u in scanned(files).usages if u.model == "gpt-4o-mini"]
        assert (str(usage.state), len(usage.places)) == ("effective", 60)
