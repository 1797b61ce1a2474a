"""Packages that manifests and lock files name, with their lines."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading import packages

Rows = list[tuple[str, str, str, int]]


def found(path: str, text: str) -> Rows:
    return packages.read(path, dedent(text).encode())


def test_requirements() -> None:
    text = """\
    # models
    openai>=1.40,<2   # the client
    dashscope == 1.20.1 --hash=sha256:abc
    langchain[openai] ~=0.2 ; python_version > "3.9"
    -r other.txt
    --index-url https://example.org/simple
    -e git+https://example.org/x.git#egg=zhipuai
    https://example.org/w/qianfan-0.4.2-py3-none-any.whl
    volcengine-python-sdk @ https://example.org/v.tar.gz
    plain
    """
    expected = [
        ("openai", ">=1.40,<2", 2),
        ("dashscope", "== 1.20.1", 3),
        ("langchain", "~=0.2", 4),
        ("zhipuai", "", 7),
        ("qianfan", "0.4.2", 8),
        ("volcengine-python-sdk", "https://example.org/v.tar.gz", 9),
        ("plain", "", 10),
    ]
    for path in ("requirements.txt", "requirements-dev.txt", "requirements/base.txt", "api/constraints.txt"):
        assert found(path, text) == [("pypi", *row) for row in expected]


def test_pyproject() -> None:
    text = """\
    [project]
    dependencies = [
      "openai>=1",
      "anthropic",
    ]
    [project.optional-dependencies]
    local = ["vllm==0.8.4"]
    [dependency-groups]
    dev = ["pytest", {include-group = "x"}]
    [tool.poetry.dependencies]
    python = "^3.11"
    dashscope = "^1.20"
    torch = {version = "2.5", optional = true}
    [tool.poetry.group.dev.dependencies]
    ruff = "*"
    """
    assert [row[1:] for row in found("pyproject.toml", text)] == [
        ("openai", ">=1", 3),
        ("anthropic", "", 4),
        ("vllm", "==0.8.4", 7),
        ("pytest", "", 9),
        ("dashscope", "^1.20", 12),
        ("torch", "2.5", 13),
        ("ruff", "*", 15),
    ]


def test_locks_of_python() -> None:
    lock = """\
    version = 1
    [[package]]
    name = "openai"
    version = "1.51.0"
    dependencies = [{ name = "httpx" }]

    [[package]]
    name = "shop"
    source = { virtual = "." }
    """
    for path in ("poetry.lock", "uv.lock", "pdm.lock"):
        assert found(path, lock) == [("pypi", "openai", "1.51.0", 3), ("pypi", "shop", "", 8)]
    assert found("Pipfile.lock", '{"default": {\n "openai": {"version": "==1.5"}}, "develop": {}}') == [
        ("pypi", "openai", "==1.5", 2)
    ]
    assert found("Pipfile", '[packages]\nopenai = "*"\nvllm = {version = "==0.8"}\n') == [
        ("pypi", "openai", "*", 2),
        ("pypi", "vllm", "==0.8", 3),
    ]


def test_setup_files_and_conda() -> None:
    assert found(
        "setup.cfg", "[options]\ninstall_requires =\n    openai>=1\n    vllm  # x\nzip_safe = no\n"
    ) == [
        ("pypi", "openai", ">=1", 3),
        ("pypi", "vllm", "", 4),
    ]
    text = (
        'setup(\n  name="x",\n  install_requires=[\n    "openai>=1",\n  ],\n'
        '  extras_require={"a": ["vllm"]},\n)\n'
    )
    assert found("setup.py", text) == [("pypi", "openai", ">=1", 4), ("pypi", "vllm", "", 6)]
    text = (
        "name: x\ndependencies:\n  - python=3.11\n  - pytorch::torch=2.5=py3\n  - pip:\n    - openai==1.5\n"
    )
    assert found("environment.yml", text) == [("pypi", "torch", "2.5", 4), ("pypi", "openai", "==1.5", 6)]


def test_manifests_and_locks_of_node() -> None:
    text = (
        '{"dependencies": {\n"openai": "^4.0.0",\n"ai": "npm:@vercel/ai@3.1"},\n'
        '"devDependencies": {"vitest": "2"}}'
    )
    assert found("package.json", text) == [
        ("npm", "openai", "^4.0.0", 2),
        ("npm", "@vercel/ai", "3.1", 3),
        ("npm", "vitest", "2", 4),
    ]
    text = (
        '{"lockfileVersion": 3, "packages": {"": {},\n'
        '"node_modules/a/node_modules/@x/y": {"version": "1.2"}}}'
    )
    assert found("package-lock.json", text) == [("npm", "@x/y", "1.2", 2)]
    text = '{"dependencies": {\n"a": {"version": "1", "dependencies": {\n"b": {"version": "2"}}}}}'
    assert found("package-lock.json", text) == [("npm", "a", "1", 2), ("npm", "b", "2", 3)]
    text = (
        '# yarn\n\n"@ai-sdk/openai@^1.0", "@ai-sdk/openai@^1.1":\n  version "1.1.2"\n'
        "openai@npm:^4:\n  version: 4.2\n"
    )
    assert found("yarn.lock", text) == [("npm", "@ai-sdk/openai", "1.1.2", 3), ("npm", "openai", "4.2", 5)]
    text = (
        "lockfileVersion: '9.0'\npackages:\n\n  '@ai-sdk/openai@1.0.0(zod@3)':\n    x: y\n"
        "  /openai/4.0.1:\n  ws@8.1.0: {}\n"
    )
    assert found("pnpm-lock.yaml", text) == [
        ("npm", "@ai-sdk/openai", "1.0.0", 4),
        ("npm", "openai", "4.0.1", 6),
        ("npm", "ws", "8.1.0", 7),
    ]
    assert found("bun.lock", '{"packages": {\n"openai": ["openai@4.1", "", {}],\n}}') == [
        ("npm", "openai", "4.1", 2)
    ]
    assert found("deno.json", '{"imports": {\n"openai": "npm:openai@^4",\n"x": "./x.ts"}}') == [
        ("npm", "openai", "^4", 2)
    ]


def test_maven() -> None:
    text = """\
    <project>
      <properties><lc.version>0.36.0</lc.version></properties>
      <!-- <dependency><groupId>a</groupId><artifactId>b</artifactId></dependency> -->
      <dependencies>
        <dependency>
          <groupId>dev.langchain4j</groupId>
          <artifactId>langchain4j-dashscope</artifactId>
          <version>${lc.version}</version>
          <exclusions><exclusion><groupId>c</groupId><artifactId>d</artifactId></exclusion></exclusions>
        </dependency>
        <dependency>
          <groupId>org.springframework.ai</groupId>
          <artifactId>spring-ai-openai-spring-boot-starter</artifactId>
        </dependency>
      </dependencies>
    </project>
    """
    assert found("pom.xml", text) == [
        ("maven", "dev.langchain4j:langchain4j-dashscope", "0.36.0", 7),
        ("maven", "org.springframework.ai:spring-ai-openai-spring-boot-starter", "", 13),
    ]


def test_gradle() -> None:
    text = """\
    dependencies {
        implementation("com.openai:openai-java:0.8.0")
        // implementation("a.b:c:1")
        implementation 'dev.langchain4j:langchain4j'
        api group: 'com.alibaba', name: 'dashscope-sdk-java', version: '2.16'
        implementation(project(":core"))
        implementation("https://x")
    }
    """
    assert found("build.gradle.kts", text) == [
        ("maven", "com.openai:openai-java", "0.8.0", 2),
        ("maven", "dev.langchain4j:langchain4j", "", 4),
        ("maven", "com.alibaba:dashscope-sdk-java", "2.16", 5),
    ]
    text = (
        '[versions]\nai = "1.0"\n[libraries]\na = { module = "x.y:z", version.ref = "ai" }\nb = "p.q:r:2"\n'
    )
    assert found("gradle/libs.versions.toml", text) == [
        ("maven", "x.y:z", "1.0", 4),
        ("maven", "p.q:r", "2", 5),
    ]
    assert found("gradle.lockfile", "# x\na.b:c:1.0=compileClasspath\n") == [("maven", "a.b:c", "1.0", 2)]


def test_other_languages() -> None:
    text = (
        "module x\n\nrequire (\n\tgithub.com/sashabaranov/go-openai v1.36.0\n"
        "\ta.b/c v0.1.0 // indirect\n)\nrequire d.e/f v2\n"
    )
    assert found("go.mod", text) == [
        ("go", "github.com/sashabaranov/go-openai", "v1.36.0", 4),
        ("go", "a.b/c", "v0.1.0", 5),
        ("go", "d.e/f", "v2", 7),
    ]
    text = (
        '<Project>\n<PackageReference Include="Azure.AI.OpenAI" Version="2.1.0" />\n'
        '<PackageReference Include="X">\n<Version>1</Version></PackageReference>\n</Project>'
    )
    assert found("App.csproj", text) == [("nuget", "Azure.AI.OpenAI", "2.1.0", 2), ("nuget", "X", "1", 3)]
    assert found("packages.config", '<packages>\n<package id="OpenAI" version="1.6" /></packages>') == [
        ("nuget", "OpenAI", "1.6", 2)
    ]
    text = (
        '[package]\nname = "x"\n[dependencies]\nasync-openai = "0.28"\n'
        'ollama = { package = "ollama-rs", version = "0.2" }\n'
        "[target.'cfg(unix)'.dependencies]\nnix = \"1\"\n"
    )
    assert found("Cargo.toml", text) == [
        ("cargo", "async-openai", "0.28", 4),
        ("cargo", "ollama-rs", "0.2", 5),
        ("cargo", "nix", "1", 7),
    ]
    assert found("Cargo.lock", '[[package]]\nname = "candle"\nversion = "0.8"\n') == [
        ("cargo", "candle", "0.8", 2)
    ]
    assert found("composer.json", '{"require": {\n"php": ">=8",\n"openai-php/client": "^0.10"}}') == [
        ("packagist", "openai-php/client", "^0.10", 3)
    ]
    assert found("composer.lock", '{"packages": [{\n"name": "a/b", "version": "1"}]}') == [
        ("packagist", "a/b", "1", 2)
    ]
    assert found("Gemfile", "gem 'ruby-openai', '~> 7', '>= 7.1'\n# gem 'x'\n") == [
        ("gem", "ruby-openai", "~> 7, >= 7.1", 1)
    ]
    assert found("Gemfile.lock", "GEM\n  specs:\n    ruby-openai (7.3.1)\n      faraday (>= 1)\n") == [
        ("gem", "ruby-openai", "7.3.1", 3)
    ]


@pytest.mark.parametrize("path", ["a.txt", "notes/requirements.md", "package.yaml", "lock.json", "Cargo.rs"])
def test_other_files_are_no_manifests(path: str) -> None:
    assert not packages.reads(path)
    assert packages.read(path, b"openai==1") == []


NAMES = [
    "requirements.txt",
    "pyproject.toml",
    "uv.lock",
    "Pipfile",
    "Pipfile.lock",
    "setup.cfg",
    "setup.py",
    "environment.yml",
    "package.json",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "deno.json",
    "pom.xml",
    "build.gradle",
    "libs.versions.toml",
    "gradle.lockfile",
    "go.mod",
    "a.csproj",
    "Cargo.toml",
    "Cargo.lock",
    "composer.json",
    "composer.lock",
    "Gemfile",
    "Gemfile.lock",
]


@pytest.mark.parametrize("path", NAMES)
@pytest.mark.parametrize(
    "sign", ["<dependency>", "[", "{", '"', "a:b:", "install_requires=[", "(", "a@", "<!--"]
)
def test_many_signs_end_soon(path: str, sign: str) -> None:
    start = time.process_time()
    packages.read(path, sign.encode() * (100_000 // len(sign)))
    assert time.process_time() - start < 20


PIECES = st.sampled_from(
    [
        "openai",
        "==1.0",
        "[a]",
        '"x": "y"',
        "{",
        "}",
        "[",
        "]",
        "\n",
        "  ",
        "name = ",
        '"b"',
        "version = ",
        "[[package]]",
        "<dependency>",
        "</dependency>",
        "<groupId>g</groupId>",
        "<artifactId>h</artifactId>",
        "gem 'i'",
        "require (",
        ")",
        "j.k/l v1",
        "install_requires=",
        "- m",
        "dependencies:",
        "# n",
        ":",
        "@",
        "'",
    ]
)


@pytest.mark.parametrize("path", NAMES)
@given(data=st.lists(PIECES, max_size=25).map(lambda p: "".join(p).encode()) | st.binary(max_size=60))
@settings(deadline=None, max_examples=60)
def test_any_bytes_give_packages(path: str, data: bytes) -> None:
    for ecosystem, name, version, line in packages.read(path, data):
        assert ecosystem
        assert name
        assert isinstance(version, str)
        assert line >= 1
