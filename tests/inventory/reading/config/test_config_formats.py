"""Which files are configuration, in which format, and which are to be copied first."""

from __future__ import annotations

import pytest
from config_samples import said

from countermark.inventory.reading.config import MAX_BYTES, format_of, is_template, read, steers


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (".env", "env"),
        ("docker/.env.example", "env"),
        ("env.sample", "env"),
        (".env.prod.template", "env"),
        ("prod.env", "env"),
        ("api.env.dist", "env"),
        (".envrc", "env"),
        (".env-prod", "env"),
        ("env_vars.toml", "toml"),
        ("env_vars.cpython-312.pyc", ""),
        (".env.ts", ""),
        ("env.py", ""),
        ("environment.ts", ""),
        ("Dockerfile", "dockerfile"),
        ("deploy/Dockerfile.gpu", "dockerfile"),
        ("api.Dockerfile", "dockerfile"),
        ("Containerfile", "dockerfile"),
        (".dockerignore", ""),
        ("compose.yaml", "yaml"),
        ("config.example.yaml", "yaml"),
        ("config.yaml.example", "yaml"),
        ("service_conf.yaml.template", "yaml"),
        ("values.yaml.gotmpl", "yaml"),
        ("roles/llm/templates/app.yml.j2", "yaml"),
        ("config.toml", "toml"),
        ("appsettings.Development.json", "json"),
        ("settings.jsonc", "json"),
        ("setup.cfg", "ini"),
        ("app.ini.dist", "ini"),
        ("application-prod.properties", "properties"),
        ("main.tf", "terraform"),
        ("prod.auto.tfvars", "terraform"),
        ("main.tf.json", "terraform"),
        ("llm.service", "systemd"),
        ("Makefile", "make"),
        ("Procfile", "procfile"),
        ("Modelfile", "modelfile"),
        ("ci/Jenkinsfile", "jenkins"),
        ("run.ipynb", "notebook"),
        ("app.py", ""),
        ("README.md", ""),
    ],
)
def test_the_format_is_known_by_the_name(path: str, form: str) -> None:
    assert format_of(path, b"") == form


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"[program:api]\ncommand=x\n", "ini"),
        (b"model = gpt-4o\n", "ini"),
        (b'llm {\n  model = "x"\n}\n', "hocon"),
        (b"server {\n  listen 80;\n}\n", ""),
        (b"# only words\n", ""),
    ],
)
def test_a_conf_file_is_known_by_what_it_begins_with(head: bytes, form: str) -> None:
    assert format_of("app.conf", head) == form


@pytest.mark.parametrize(
    ("path", "template"),
    [
        (".env.example", True),
        ("env.sample", True),
        (".env.template", True),
        ("app.env.dist", True),
        ("config.example.yaml", True),
        ("config-template.json", True),
        ("settings.sample.toml", True),
        ("example.env", True),
        (".env", False),
        (".env.production", False),
        ("template.yaml", False),
        ("prompt_template.yaml", False),
        ("config.yaml", False),
        ("templates/deployment.yaml", False),
    ],
)
def test_what_is_to_be_copied_first(path: str, template: bool) -> None:
    assert is_template(path) is template


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030"])
def test_the_encoding_is_found(encoding: str) -> None:
    data = "描述: 通义千问\nmodel: qwen-plus\n".encode(encoding)
    document = read("a.yaml", data)[0]
    assert [(e.path, e.value.value, e.line) for e in document.entries] == [
        (("描述",), "通义千问", 1),
        (("model",), "qwen-plus", 2),
    ]


def test_bytes_that_are_no_text_are_said() -> None:
    document = read("a.env", b"A=\xff\xfe\xff\nB=x\n")[0]
    assert document.trouble == "neither UTF-8 nor GB 18030: byte 2 is neither"
    assert [a.name for a in document.assignments] == ["A", "B"]


def test_line_breaks_of_all_systems_count() -> None:
    assert said("a.yaml", "a: 1\r\nb: 2\r\n") == ["1 a = 1", "2 b = 2"]
    assert said(".env", "A=1\rB=2\r") == ["1 [] A = 1", "2 [] B = 2"]


def test_a_large_file_is_not_read_and_that_is_said() -> None:
    document = read("a.yaml", b"a: b\n" * (MAX_BYTES // 5 + 1))[0]
    assert document.entries == []
    assert document.trouble == "larger than 1 MiB: not read"


def test_what_is_no_configuration_gives_nothing() -> None:
    assert read("app.py", b"x = 1") == []
    assert read("run.ipynb", b"{}") == []


@pytest.mark.parametrize(
    ("path", "decides"),
    [
        ("chart/Chart.yaml", True),
        ("chart/values-prod.yaml", True),
        ("docker-compose.override.yml", True),
        (".env", True),
        ("src/application-prod.yml", True),
        ("terraform.tfvars", True),
        ("Dockerfile", True),
        ("config.yaml", False),
        ("templates/pod.yaml", False),
        ("package.json", False),
    ],
)
def test_which_files_decide_about_others(path: str, *, decides: bool) -> None:
    assert steers(path) is decides
