"""Charts: what a template reads of the values, and what the values switch off."""

from __future__ import annotations

import time

import pytest
from config_samples import read, said, tied, written
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.config import go_templates
from countermark.inventory.reading.config import read as read_bytes

DEPLOYMENT = """\
{{- if .Values.vllm.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "stack.fullname" . }}-vllm
  labels:
    {{- include "stack.labels" . | nindent 4 }}
spec:
  {{- with .Values.vllm }}
  replicas: {{ .replicas }}
  {{- end }}
  template:
    spec:
      containers:
        - name: vllm
          image: "{{ .Values.vllm.image.repository }}:{{ .Values.vllm.image.tag | default "latest" }}"
          args:
            - --model
            - {{ .Values.vllm.model | quote }}
            {{- if .Values.vllm.quantization }}
            - --quantization={{ .Values.vllm.quantization }}
            {{- end }}
          env:
            - name: EMBED_MODEL
              value: {{ .Values.embed.model | default "bge-m3" | quote }}
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
            {{- if .Values.rerank.enabled }}
            - name: RERANK_MODEL
              value: bge-reranker
            {{- else }}
            - name: NO_RERANK
              value: "1"
            {{- end }}
{{- end }}
"""
VALUES = """\
vllm:
  enabled: true
  model: Qwen/Qwen3-8B
  quantization: ""
  image: {repository: vllm/vllm-openai, tag: v0.8.4}
rerank:
  enabled: false
  model: bge-reranker-v2
env:
  LLM_MODEL: qwen-plus
ollama:
  enabled: false
  model: llama3.2
"""
CHART = """\
apiVersion: v2
name: stack
dependencies:
  - name: ollama
    condition: ollama.enabled
"""
NAME = '{{ include "stack.fullname" . }}-vllm'


def test_a_template_reads_the_values() -> None:
    (document,) = read("chart/templates/vllm.yaml", DEPLOYMENT)
    assert document.format == "helm"
    assert document.trouble == ""
    rows = said("chart/templates/vllm.yaml", DEPLOYMENT)
    scope = f"Deployment//{NAME}"
    assert [row for row in rows if f"[{scope}]" in row] == [
        f"25 [{scope}] EMBED_MODEL = <embed.model:-bge-m3>",
        f"32 [{scope}] RERANK_MODEL = bge-reranker",
        f"35 [{scope}] NO_RERANK = 1",
    ]
    assert f"16 Deployment..{NAME}.vllm.image = <vllm.image.repository>:<vllm.image.tag:-latest>" in rows
    (command,) = document.commands
    assert (command.line, command.scope) == (18, scope)
    assert " ".join(map(written, command.words)) == "--model <vllm.model> --quantization=<vllm.quantization>"


def test_values_switch_parts_of_templates_and_charts_off() -> None:
    rows = tied(
        **{
            "chart/Chart.yaml": CHART,
            "chart/values.yaml": VALUES,
            "chart/templates/vllm.yaml": DEPLOYMENT,
            "chart/charts/ollama/values.yaml": "model: llama3.1\n",
            "chart/charts/ollama/templates/pod.yaml": "image: {{ .Values.model }}\nenabled: true\n",
        }
    )
    off = [row.partition(": ")[2] for row in rows if " !" in row and "templates/vllm" in row]
    assert [row.split("] ")[-1] for row in off] == [
        "RERANK_MODEL = bge-reranker !rerank.enabled: false in the values"
    ]
    assert "chart/values.yaml: 8 rerank.model = bge-reranker-v2 !enabled: false beside it" in rows
    closed = "!ollama.enabled: false in the values"
    assert f"chart/charts/ollama/values.yaml: 1 model = llama3.1 {closed}" in rows
    assert f"chart/charts/ollama/templates/pod.yaml: 1 image = <model> {closed}" in rows
    assert "chart/values.yaml: 10 [] LLM_MODEL = qwen-plus" in rows


def test_values_that_a_command_chooses() -> None:
    rows = tied(
        **{
            "chart/Chart.yaml": "name: a\n",
            "chart/values.yaml": "llm: {model: a, url: x}\nother: 1\n",
            "chart/values-prod.yaml": "llm: {model: b}\n",
            "chart/values-dev.yaml": "llm: {model: c}\n",
            "Makefile": "up:\n\thelm upgrade -i a chart -f chart/values-prod.yaml --set llm.url=y,other=2\n",
        }
    )
    assert [row for row in rows if "llm" in row and "helm" not in row] == [
        "chart/values.yaml: 1 llm.model = a !overwritten at chart/values-prod.yaml:1",
        "chart/values.yaml: 1 llm.url = x !overwritten at Makefile:2",
        "chart/values-prod.yaml: 1 llm.model = b",
        "chart/values-dev.yaml: 1 llm.model = c !other values are chosen",
        "Makefile: 2 llm.url = y",
    ]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (".Values.llm.model", "<llm.model>"),
        ("$.Values.llm.model | quote", "<llm.model>"),
        ('.Values.model | default "gpt-4o"', "<model:-gpt-4o>"),
        ('default "gpt-4o" .Values.model', "<model:-gpt-4o>"),
        ("default .Values.a .Values.b", "<b:-<a>>"),
        ('printf "%s/%s" .Values.org .Values.name', "<org>/<name>"),
        ('coalesce .Values.a .Values.b "c"', "(<a> | <b> | c)"),
        ('ternary "a" "b" .Values.x', "(a | b)"),
        ('required "say which" .Values.model', "<model>"),
        ("tpl .Values.model .", "<model>"),
        ('index .Values "llm" "model"', "<llm.model>"),
        ('(.Values.a | default "x") | quote', "<a:-x>"),
        ('requiredEnv "LLM_MODEL"', "${LLM_MODEL}"),
        ('env "LLM_MODEL" | default "gpt-4o"', "${LLM_MODEL:-gpt-4o}"),
        ('include "a.b" .', "?"),
        (".Release.Name", "?"),
        ('"gpt-4o"', "gpt-4o"),
    ],
)
def test_actions(action: str, expected: str) -> None:
    template = go_templates.read(f"a: {{{{ {action} }}}} \n")
    assert written(template.convert(template.text[3:].rstrip(), 1)) == expected


@pytest.mark.parametrize(
    ("condition", "off"),
    [
        ("if .Values.on", False),
        ("if .Values.off", True),
        ("if not .Values.off", False),
        ("if not .Values.on", True),
        ("if and .Values.on .Values.off", True),
        ("if and .Values.on (or .Values.off .Values.other)", False),
        ("if or .Values.off .Values.on", False),
        ('if eq .Values.provider "ollama"', True),
        ('if eq .Values.provider "OpenAI"', False),
        ('if ne .Values.provider "openai"', True),
        ("if .Values.unknown", False),
        ("with .Values.off", True),
        ("if (.Values.off)", True),
    ],
)
def test_conditions(condition: str, *, off: bool) -> None:
    rows = tied(
        **{
            "c/values.yaml": "on: true\noff: false\nother: true\nprovider: openai\n",
            "c/templates/a.yaml": (
                f"{{{{- {condition} }}}}\nmodel: a\n{{{{- else }}}}\nmodel: b\n{{{{- end }}}}\n"
            ),
        }
    )
    first, second = rows[-2:]
    assert first.startswith("c/templates/a.yaml: 2 model = a")
    assert (" !" in first) is off
    assert " !" not in second or not off


def test_with_and_range_say_what_a_dot_stands_for() -> None:
    text = """\
    {{- with .Values.llm }}
    model: {{ .model }}
    {{- end }}
    {{- range .Values.models }}
    name: {{ .name }}
    {{- end }}
    {{- range $spec := .Values.specs }}
    url: {{ $spec.modelURL }}
    {{- end }}
    """
    assert said("templates/a.yaml", text) == [
        "2 model = <llm.model>",
        "5 name = <models.name>",
        "8 url = <specs.modelURL>",
    ]


def test_a_config_map_of_a_chart_holds_a_file() -> None:
    text = """\
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: a}
    data:
      config.yaml: |
        llm:
          model: {{ .Values.llm.model | default "gpt-4o" }}
    """
    assert said("templates/cm.yaml", text) == ["7 llm.model = <llm.model:-gpt-4o>"]


@pytest.mark.parametrize(
    "text", ["{{" * 15_000, "{{/*" * 15_000, "{{ if a }}" * 15_000, '{{ "' * 15_000, "{%" * 19_000]
)
def test_hostile_templates_end_soon(text: str) -> None:
    start = time.process_time()
    read_bytes("templates/a.yaml", text.encode())
    assert time.process_time() - start < 20


def test_more_actions_than_a_person_writes_are_refused() -> None:
    (document,) = read_bytes("templates/a.yaml", b"{{ a }}" * 20_001)
    assert document.trouble == "more than 20,000 actions of a template"


FRAGMENTS = st.sampled_from(
    [
        "a: {{ .Values.b }}",
        "{{- if .Values.c.enabled }}",
        "{{- else }}",
        "{{ end }}",
        "{{- with .Values.d }}",
        "  e: {{ .f }}",
        "{{- range $k, $v := .Values.g }}",
        "{{ $k }}: {{ $v }}",
        "{{/* c */}}",
        "{{",
        "}}",
        "- {{ .",
        "{{ $x := .Values.y }}",
        "kind: Deployment",
        "apiVersion: v1",
        "containers: [{args: [{{ .Values.z }}]}]",
        '{{ "}}" }}',
        "\ue0000\ue001",
    ]
)


@given(st.lists(FRAGMENTS, max_size=20).map("\n".join))
@settings(deadline=None, max_examples=200)
def test_any_lines_give_documents(text: str) -> None:
    for document in read_bytes("templates/a.yaml", text.encode()):
        for entry in document.entries:
            assert entry.line <= text.count("\n") + 2
            assert isinstance(written(entry.value), str)


def test_the_image_of_a_container_is_that_of_the_values() -> None:
    rows = tied(**{"chart/values.yaml": VALUES, "chart/templates/vllm.yaml": DEPLOYMENT})
    (command,) = [row for row in rows if "--model" in row]
    assert f"18 Deployment//{NAME}(vllm/vllm-openai:v0.8.4): --model <vllm.model>" in command
