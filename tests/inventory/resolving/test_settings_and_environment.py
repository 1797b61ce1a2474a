"""Settings classes, environment variables, and the files that fill them."""

from __future__ import annotations

import pytest
from deployments import DEEPSEEK, OPENAI, calling, found, states

SETTINGS = """
    from pydantic_settings import BaseSettings, SettingsConfigDict

    class Settings(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="APP_", env_file=".env")
        chat_model: str = "gpt-4o-mini"

    settings = Settings()
    """
SERVICE = calling("settings.chat_model", "from app.settings import settings\n")
APP = {"app/settings.py": SETTINGS, "app/main.py": SERVICE}
ENVIRON = {"app/main.py": calling('os.getenv("CHAT_MODEL", "gpt-4o-mini")', "import os\n")}
OVERRIDDEN = {"gpt-4o": "effective", "gpt-4o-mini": "fallback"}


class TestSettingsClasses:
    def test_a_default_that_nothing_overrides(self) -> None:
        assert found(APP) == {("gpt-4o-mini", "effective", OPENAI)}

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            (".env", "APP_CHAT_MODEL=gpt-4o\n"),
            ("Dockerfile", "FROM python:3.11\nENV APP_CHAT_MODEL=gpt-4o\nCMD python -m app.main\n"),
            (
                "docker-compose.yml",
                "services:\n  api:\n    build: .\n    environment:\n      - APP_CHAT_MODEL=gpt-4o\n",
            ),
            (
                "docker-compose.yml",
                "services:\n  api:\n    build: .\n    environment:\n      APP_CHAT_MODEL: ${CHAT:-gpt-4o}\n",
            ),
            ("start.sh", "#!/bin/sh\nexport APP_CHAT_MODEL=gpt-4o\nexec python -m app.main\n"),
        ],
    )
    def test_a_default_that_a_file_overrides(self, path: str, text: str) -> None:
        assert states({**APP, path: text}) == OVERRIDDEN

    def test_an_alias(self) -> None:
        settings = """
            from pydantic import Field
            from pydantic_settings import BaseSettings

            class Settings(BaseSettings):
                chat_model: str = Field("gpt-4o-mini", validation_alias="LLM_NAME")

            settings = Settings()
            """
        assert states({**APP, "app/settings.py": settings, ".env": "LLM_NAME=gpt-4o\n"}) == OVERRIDDEN

    def test_a_dataclass(self) -> None:
        settings = """
            from dataclasses import dataclass

            @dataclass
            class Settings:
                chat_model: str = "gpt-4o-mini"

            settings = Settings()
            """
        assert found({**APP, "app/settings.py": settings}) == {("gpt-4o-mini", "effective", OPENAI)}


class TestEnvironment:
    def test_a_default(self) -> None:
        assert found(ENVIRON) == {("gpt-4o-mini", "effective", OPENAI)}

    def test_a_default_that_a_file_overrides(self) -> None:
        assert states({**ENVIRON, ".env": "CHAT_MODEL=gpt-4o\n"}) == OVERRIDDEN

    def test_an_empty_variable_overrides_only_get(self) -> None:
        either = calling('os.getenv("CHAT_MODEL") or "gpt-4o-mini"', "import os\n")
        assert states({"app/main.py": either, ".env": "CHAT_MODEL=\n"}) == {"gpt-4o-mini": "effective"}

    def test_no_default_and_no_file(self) -> None:
        text = calling('os.environ["CHAT_MODEL"]', "import os\n")
        assert found({"app/main.py": text}) == {("<${CHAT_MODEL}>", "unresolved", OPENAI)}

    def test_a_template_that_nothing_overrides(self) -> None:
        text = calling('os.environ["CHAT_MODEL"]', "import os\n")
        assert states({"app/main.py": text, ".env.example": "CHAT_MODEL=gpt-4o\n"}) == {"gpt-4o": "effective"}

    def test_a_template_that_a_file_overrides(self) -> None:
        text = calling('os.environ["CHAT_MODEL"]', "import os\n")
        files = {
            "app/main.py": text,
            ".env.example": "CHAT_MODEL=gpt-4-turbo\n",
            ".env": "CHAT_MODEL=gpt-4o\n",
        }
        assert states(files) == {"gpt-4o": "effective", "gpt-4-turbo": "documented"}

    def test_a_commented_line(self) -> None:
        files = {**ENVIRON, ".env": "# CHAT_MODEL=gpt-4o\n"}
        assert states(files) == {"gpt-4o-mini": "effective", "gpt-4o": "off"}

    def test_compose_wins_over_the_image(self) -> None:
        files = {
            **ENVIRON,
            "Dockerfile": "FROM python:3.11\nENV CHAT_MODEL=gpt-4-turbo\nCMD python app/main.py\n",
            "compose.yaml": "services:\n  api:\n    build: .\n    environment:\n      CHAT_MODEL: gpt-4o\n",
        }
        got = states(files)
        assert got["gpt-4o"] == "effective"
        assert got["gpt-4-turbo"] == "fallback"
        assert got["gpt-4o-mini"] == "fallback"

    def test_each_service_has_its_own_environment(self) -> None:
        files = {
            "chat/main.py": calling('os.environ["MODEL_NAME"]', "import os\n"),
            "judge/main.py": calling('os.environ["MODEL_NAME"]', "import os\n"),
            "compose.yaml": """
                services:
                  chat:
                    build: ./chat
                    environment:
                      MODEL_NAME: gpt-4o
                  judge:
                    build: ./judge
                    environment:
                      MODEL_NAME: gpt-4o-mini
                """,
        }
        assert found(files) == {("gpt-4o", "effective", OPENAI), ("gpt-4o-mini", "effective", OPENAI)}

    def test_a_profile_that_is_not_chosen(self) -> None:
        files = {
            "chat/main.py": calling('os.environ["CHAT_MODEL"]', "import os\n"),
            "judge/main.py": calling('os.environ["JUDGE_MODEL"]', "import os\n"),
            "compose.yaml": """
                services:
                  chat:
                    build: ./chat
                    environment:
                      CHAT_MODEL: gpt-4o
                  judge:
                    build: ./judge
                    profiles: [debug]
                    environment:
                      JUDGE_MODEL: gpt-4o-mini
                """,
        }
        got = states(files)
        assert got["gpt-4o"] == "effective"
        assert got["gpt-4o-mini"] == "off"

    def test_an_option_whose_default_an_image_overrides(self) -> None:
        service = """
            import argparse
            from openai import OpenAI

            parser = argparse.ArgumentParser()
            parser.add_argument("--model", default="gpt-4o-mini")
            args = parser.parse_args()
            client = OpenAI()

            def answer(q):
                return client.chat.completions.create(model=args.model, messages=[q])
            """
        assert states({"app/serve.py": service}) == {"gpt-4o-mini": "effective"}
        image = 'FROM python:3.11\nCMD ["python", "app/serve.py", "--model", "gpt-4o"]\n'
        assert states({"app/serve.py": service, "Dockerfile": image}) == OVERRIDDEN


class TestHosts:
    def test_the_client_says(self) -> None:
        text = """
            from openai import OpenAI
            client = OpenAI(base_url="http://vllm:8000/v1", api_key="none")
            client.chat.completions.create(model="Qwen/Qwen2.5-7B-Instruct", messages=[])
            """
        assert found({"app/main.py": text}) == {("Qwen/Qwen2.5-7B-Instruct", "effective", "vllm:8000")}

    def test_a_variable_says(self) -> None:
        text = """
            import os
            from openai import OpenAI
            client = OpenAI(base_url=os.getenv("LLM_BASE_URL", "https://api.openai.com/v1"))
            client.chat.completions.create(model=os.getenv("LLM_MODEL", "gpt-4o-mini"), messages=[])
            """
        env = "LLM_BASE_URL=https://api.deepseek.com/v1\nLLM_MODEL=deepseek-chat\n"
        assert ("deepseek-chat", "effective", DEEPSEEK) in found({"app/main.py": text, ".env": env})

    def test_a_variable_that_the_library_reads_itself(self) -> None:
        env = "OPENAI_BASE_URL=https://api.siliconflow.cn/v1\n"
        files = {"app/main.py": calling('"deepseek-ai/DeepSeek-V3"'), ".env": env}
        assert found(files) == {("deepseek-ai/DeepSeek-V3", "effective", "api.siliconflow.cn")}

    def test_an_attribute_of_the_library(self) -> None:
        text = """
            import openai
            openai.api_base = "https://api.deepseek.com/v1"
            openai.ChatCompletion.create(model="deepseek-chat", messages=[])
            """
        assert found({"app/main.py": text}) == {("deepseek-chat", "effective", DEEPSEEK)}

    def test_the_library_has_a_host_of_its_own(self) -> None:
        text = """
            from zhipuai import ZhipuAI
            client = ZhipuAI(api_key="k")
            client.chat.completions.create(model="glm-4-plus", messages=[])
            """
        assert found({"app/main.py": text}) == {("glm-4-plus", "effective", "open.bigmodel.cn")}

    def test_the_region_of_a_cloud(self) -> None:
        text = """
            import boto3
            client = boto3.client("bedrock-runtime", region_name="eu-west-1")
            client.converse(modelId="anthropic.claude-3-5-sonnet-20240620-v1:0", messages=[])
            """
        assert found({"app/main.py": text}) == {
            (
                "anthropic.claude-3-5-sonnet-20240620-v1:0",
                "effective",
                "bedrock-runtime.eu-west-1.amazonaws.com",
            )
        }

    def test_a_prefix_that_routes(self) -> None:
        text = """
            from litellm import completion
            completion(model="deepseek/deepseek-chat", messages=[])
            """
        assert found({"app/main.py": text}) == {("deepseek/deepseek-chat", "effective", DEEPSEEK)}

    def test_siblings_in_a_file_of_settings(self) -> None:
        files = {
            "config.yaml": """
                llm:
                  provider: deepseek
                  model: deepseek-chat
                  base_url: https://api.deepseek.com/v1
                embedding:
                  model: text-embedding-v3
                  base_url: https://dashscope.aliyuncs.com/compatible-mode/v1
                """,
            "app/main.py": "import yaml\nCONFIG = yaml.safe_load(open('config.yaml'))\n",
        }
        assert found(files) == {
            ("deepseek-chat", "effective", DEEPSEEK),
            ("text-embedding-v3", "effective", "dashscope.aliyuncs.com"),
        }
