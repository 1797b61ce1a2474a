"""Which documents and files of Spring's settings are read."""

from __future__ import annotations

import pytest
from config_samples import said, tied

from countermark.inventory.reading.config.spring import matches

APPLICATION = """\
spring:
  profiles:
    active: {}
  ai.openai:
    base-url: ${{AI_BASE_URL:https://dashscope.aliyuncs.com/compatible-mode}}
    chat.options.model: ${{AI_MODEL:qwen-plus}}
---
spring:
  config.activate.on-profile: dev
  ai: {{openai: {{chat: {{options: {{model: qwen-turbo}}}}}}}}
---
spring:
  config:
    activate:
      on-profile: prod
  ai: {{openai: {{chat: {{options: {{model: qwen-max}}}}}}}}
"""
MODEL = "spring.ai.openai.chat.options.model"


@pytest.mark.parametrize(
    ("active", "dev", "prod"),
    [
        ("prod", " !profile dev is not active", ""),
        ("dev, x", "", " !profile prod is not active"),
        ("${SPRING_PROFILES_ACTIVE:dev}", "", " !profile prod is not active"),
        ("${SPRING_PROFILES_ACTIVE:}", " !profile dev is not active", " !profile prod is not active"),
        ("'@profiles.active@'", "", ""),
    ],
)
def test_documents_of_a_file(active: str, dev: str, prod: str) -> None:
    rows = [row for row in said("application.yml", APPLICATION.format(active)) if MODEL in row]
    assert rows == [
        f"6 {MODEL} = ${{AI_MODEL:-qwen-plus}}",
        f"10 {MODEL} = qwen-turbo{dev}",
        f"16 {MODEL} = qwen-max{prod}",
    ]


def test_documents_of_properties() -> None:
    text = "m=a\n#---\nspring.config.activate.on-profile=dev\nm=b\n"
    assert said("application.properties", text) == [
        "1 m = a",
        "3 spring.config.activate.on-profile = dev !profile dev is not active",
        "4 m = b !profile dev is not active",
    ]


FILES = {
    "src/application.yml": "spring:\n  profiles:\n    active: dev\nm: a\nn: b\n",
    "src/application-dev.yml": "m: c\n",
    "src/application-prod.yml": "m: d\n",
}


def models(files: dict[str, str]) -> list[str]:
    return [row for row in tied(**files) if " m = " in row or " n = " in row]


def test_files_of_profiles() -> None:
    assert models(FILES) == [
        "src/application.yml: 4 m = a !overwritten at src/application-dev.yml:1",
        "src/application.yml: 5 n = b",
        "src/application-dev.yml: 1 m = c",
        "src/application-prod.yml: 1 m = d !profile prod is not active",
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Dockerfile", "FROM a\nENV SPRING_PROFILES_ACTIVE=prod\n"),
        ("Dockerfile", 'FROM a\nCMD ["java", "-Dspring.profiles.active=prod", "-jar", "a.jar"]\n'),
        ("Dockerfile", "FROM a\nCMD java -jar a.jar --spring.profiles.active=prod\n"),
        (
            "compose.yml",
            "services: {a: {image: b, environment: {JAVA_OPTS: -Dspring.profiles.active=prod}}}\n",
        ),
    ],
)
def test_what_starts_the_service_chooses_its_profile(path: str, text: str) -> None:
    assert models({**FILES, path: text}) == [
        "src/application.yml: 4 m = a !overwritten at src/application-prod.yml:1",
        "src/application.yml: 5 n = b",
        "src/application-dev.yml: 1 m = c !profile dev is not active",
        "src/application-prod.yml: 1 m = d",
    ]


def test_where_nothing_says_which_profile_all_stay() -> None:
    files = {**FILES, "src/application.yml": "m: a\n"}
    rows = [row for row in models(files) if "not active" in row]
    assert rows == []


@pytest.mark.parametrize(
    ("wanted", "active", "holds"),
    [
        ("prod", {"prod"}, True),
        ("prod | dev", {"dev"}, True),
        ("a, b", {"b"}, True),
        ("prod & eu", {"prod"}, False),
        ("prod & !eu", {"prod"}, True),
        ("!prod", {"default"}, True),
    ],
)
def test_expressions_of_profiles(wanted: str, active: set[str], *, holds: bool) -> None:
    assert matches(wanted, active) is holds
