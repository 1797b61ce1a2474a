"""Manifests of Kubernetes, and of what serves models on it."""

from __future__ import annotations

from config_samples import read, said, tied
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.config import read as read_bytes

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  replicas: 2
  template:
    spec:
      initContainers:
        - name: fetch
          image: python:3.11
          command: ["sh", "-c"]
          args:
            - |
              pip install modelscope
              modelscope download --model Qwen/Qwen3-8B
      containers:
        - name: api
          image: example/api:3
          env:
            - name: LLM_MODEL
              value: qwen-plus
            - name: EMBED_MODEL
              valueFrom: {configMapKeyRef: {name: models, key: embedding}}
            - name: API_KEY
              valueFrom: {secretKeyRef: {name: keys, key: api}}
            # - name: OLD_MODEL
            #   value: gpt-4
          envFrom:
            - configMapRef: {name: models}
        - name: vllm
          image: vllm/vllm-openai:v0.8.4
          args: [--model, $(LLM_MODEL), --port, "8000"]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: models, namespace: shop}
data:
  embedding: bge-m3
  RERANK_MODEL: bge-reranker
  application.yml: |
    llm:
      model: glm-4-plus
"""


def test_a_deployment_and_its_settings() -> None:
    outer, inner = read("k8s.yaml", DEPLOYMENT)
    rows = said("k8s.yaml", DEPLOYMENT)
    scope = "Deployment/shop/api"
    assert [row for row in rows if "[Deploy" in row or "[Config" in row] == [
        f"23 [{scope}] LLM_MODEL = qwen-plus",
        f"25 [{scope}] EMBED_MODEL = <ConfigMap.shop.models.embedding>",
        f"27 [{scope}] API_KEY = <Secret.shop.keys.api>",
        "41 [ConfigMap/shop/models] RERANK_MODEL = bge-reranker",
        f"29 [{scope}] OLD_MODEL = gpt-4 !commented out",
    ]
    assert [row for row in rows if ": " in row and "(" in row] == [
        f"16 {scope}(python:3.11): pip install modelscope",
        f"17 {scope}(python:3.11): modelscope download --model Qwen/Qwen3-8B",
        f"34 {scope}(vllm/vllm-openai:v0.8.4): --model ${{LLM_MODEL}} --port 8000",
    ]
    assert outer.reads == [("ConfigMap/shop/models", scope)]
    assert "40 ConfigMap.shop.models.embedding = bge-m3" in rows
    assert (inner.path, inner.format, inner.entries[0].path, inner.entries[0].line) == (
        "k8s.yaml",
        "yaml",
        ("llm", "model"),
        44,
    )


def test_without_a_replica_nothing_runs() -> None:
    rows = said("k8s.yaml", DEPLOYMENT.replace("replicas: 2", "replicas: 0"))
    assert "23 [Deployment/shop/api] LLM_MODEL = qwen-plus !replicas: 0 beside it" in rows
    assert "41 [ConfigMap/shop/models] RERANK_MODEL = bge-reranker" in rows


def test_a_cron_job_that_is_suspended() -> None:
    text = """\
    apiVersion: batch/v1
    kind: CronJob
    metadata: {name: digest}
    spec:
      suspend: true
      jobTemplate: {spec: {template: {spec: {containers: [{name: a, args: [--model, ernie-speed]}]}}}}
    """
    assert said("a.yaml", text)[-1] == "6 CronJob//digest(): --model ernie-speed !suspend: true beside it"


def test_kserve() -> None:
    text = """\
    apiVersion: serving.kserve.io/v1beta1
    kind: InferenceService
    metadata: {name: qwen, namespace: models}
    spec:
      predictor:
        model:
          modelFormat: {name: huggingface}
          storageUri: hf://Qwen/Qwen2.5-7B-Instruct
          args: [--model_name=qwen]
          env:
            - name: HF_HUB_OFFLINE
              value: "1"
    """
    rows = said("a.yaml", text)
    assert "8 spec.predictor.model.storageUri = hf://Qwen/Qwen2.5-7B-Instruct" in rows
    assert "12 [InferenceService/models/qwen] HF_HUB_OFFLINE = 1" in rows
    assert rows[-1] == "9 InferenceService/models/qwen(): --model_name=qwen"


def test_ray_serve_holds_yaml_in_a_string() -> None:
    text = """\
    apiVersion: ray.io/v1
    kind: RayService
    metadata: {name: llm}
    spec:
      serveConfigV2: |
        applications:
          - name: llm
            args:
              llm_configs:
                - model_loading_config:
                    model_id: chat
                    model_source: Qwen/Qwen3-8B
    """
    rows = said("a.yaml", text)
    at = "applications.[0].args.llm_configs.[0].model_loading_config"
    assert f"12 {at}.model_source = Qwen/Qwen3-8B" in rows
    assert not any("serveConfigV2" in row for row in rows)


def test_models_and_gateways_of_other_resources_are_entries() -> None:
    text = """\
    apiVersion: kubeai.org/v1
    kind: Model
    metadata: {name: qwen}
    spec: {url: "ollama://qwen3:8b", engine: OLlama, minReplicas: 0}
    ---
    apiVersion: aigateway.envoyproxy.io/v1alpha1
    kind: AIGatewayRoute
    metadata: {name: r}
    spec:
      rules:
        - matches: [{headers: [{name: x-ai-eg-model, value: gpt-4o-mini}]}]
          backendRefs: [{name: openai, weight: 100}]
    """
    rows = said("a.yaml", text)
    assert "4 spec.url = ollama://qwen3:8b" in rows
    assert "11 spec.rules.[0].matches.[0].headers.[0].value = gpt-4o-mini" in rows


def test_kustomize_generates_and_patches() -> None:
    text = """\
    namespace: shop
    resources: [../base]
    configMapGenerator:
      - name: models
        behavior: merge
        literals:
          - CHAT_MODEL=ernie-4.0-8k
        envs: [models.env]
    patches:
      - patch: |
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: api}
          spec: {template: {spec: {containers: [{name: api, env: [{name: M, value: x}]}]}}}
    """
    outer, patch = read("overlay/kustomization.yaml", text)
    assert [(a.scope, a.name, a.line) for a in outer.assignments] == [
        ("ConfigMap/shop/models", "CHAT_MODEL", 7)
    ]
    assert outer.reads == [("models.env", "ConfigMap/shop/models")]
    assert [(a.scope, a.name, a.line) for a in patch.assignments] == [("Deployment//api", "M", 14)]


def test_an_overlay_overwrites_its_base_and_others_are_not_chosen() -> None:
    production = "overlays/production/kustomization.yaml"
    generator = "configMapGenerator:\n  - name: m\n    literals: [MODEL={}]\n"
    rows = tied(
        **{
            "base/kustomization.yaml": generator.format("a"),
            production: "resources: [../../base]\n" + generator.format("b"),
            "overlays/staging/kustomization.yaml": "resources: [../../base]\n" + generator.format("c"),
        }
    )
    assert [row for row in rows if "[Config" in row] == [
        f"base/kustomization.yaml: 3 [ConfigMap//m] MODEL = a !overwritten at {production}:4",
        f"{production}: 4 [ConfigMap//m] MODEL = b",
        "overlays/staging/kustomization.yaml: 4 [ConfigMap//m] MODEL = c !environment staging is not chosen",
    ]


def test_a_reference_finds_the_namespace_of_what_it_names() -> None:
    rows = tied(
        **{
            "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, namespace: shop}\n"
            "data: {model: x}\n",
            "b.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - env:\n"
            "        - name: M\n          valueFrom: {configMapKeyRef: {name: m, key: model}}\n",
        }
    )
    assert "b.yaml: 8 [Pod//p] M = <ConfigMap.shop.m.model>" in rows


FRAGMENTS = st.sampled_from(
    [
        "apiVersion: v1",
        "kind: Deployment",
        "kind: ConfigMap",
        "kind: List",
        "kind: Secret",
        "metadata: {name: a}",
        "spec:",
        "  replicas: 0",
        "  containers:",
        "    - name: a",
        "      env:",
        "        - {name: X, value: y}",
        "      args: [sh, -c, 'a b']",
        "data:",
        "  a.yml: |",
        "    b: c",
        "  K: v",
        "items:",
        "  - a: b",
        "---",
        "# K: v",
        "stringData: {a: b}",
        "configMapGenerator: [{name: a, literals: [X=y]}]",
        "      envFrom: [{configMapRef: {name: x}}]",
    ]
)


@given(st.lists(FRAGMENTS, max_size=25).map("\n".join))
@settings(deadline=None, max_examples=200)
def test_any_lines_give_documents(text: str) -> None:
    for document in read_bytes("k8s.yaml", text.encode()):
        assert all(assignment.name for assignment in document.assignments)
