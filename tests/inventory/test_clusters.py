"""A cluster as an API server answers for it, and what may not be read."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.inventory.clusters import ClusterError, from_kubectl, objects

SPEC = {"containers": [{"name": "llm", "image": "vllm/vllm-openai", "args": ["--model", "Qwen/QwQ-32B"]}]}


def named(name: str, namespace: str = "shop", **rest: Any) -> dict[str, Any]:
    notes = {"kubectl.kubernetes.io/last-applied-configuration": "old", "team": "a"}
    return {
        "metadata": {"name": name, "namespace": namespace, "managedFields": [{}], "annotations": notes},
        **rest,
    }


def deployment(name: str) -> dict[str, Any]:
    return named(name, spec={"replicas": 1, "template": {"spec": SPEC}}, status={"readyReplicas": 1})


def pod(name: str, spec: dict[str, Any] = SPEC, phase: str = "Running", owner: str = "") -> dict[str, Any]:
    found = named(name, spec=spec, status={"phase": phase})
    if owner:
        found["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": owner}]
    return found


class Api:
    """An API server on this machine; ``answers`` by path: a list of objects, a status, or bytes."""

    def __init__(self) -> None:
        self.answers: dict[str, list[dict[str, Any]] | int | bytes] = {}
        self.asked: list[str] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                api.asked.append(self.path)
                parts = urlsplit(self.path)
                status, body = api.answer(parts.path, parse_qs(parts.query))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, bytes]:
        found = self.answers.get(path, 404)
        if isinstance(found, bytes):
            return 200, found
        if isinstance(found, int):
            return found, json.dumps(
                {"kind": "Status", "code": found, "message": "no", "status": "Failure"}
            ).encode()
        start = int(query.get("continue", ["0"])[0])
        end = start + int(query["limit"][0])
        more = {"continue": str(end)} if end < len(found) else {}
        return 200, json.dumps({"kind": "List", "metadata": more, "items": found[start:end]}).encode()


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    found = Api()
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    config = {
        "current-context": "test",
        "clusters": [{"name": "c", "cluster": {"server": found.url}}],
        "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}},
                     {"name": "nobody", "context": {"cluster": "c"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }  # fmt: skip
    (tmp_path / "kubeconfig").write_text(json.dumps(config))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def test_what_runs(api: Api) -> None:
    api.answers = {
        "/apis/apps/v1/deployments": [deployment("llm")],
        "/api/v1/pods": [pod("llm-1", owner="llm"), pod("alone"), pod("over", phase="Succeeded")],
        "/api/v1/configmaps": [named("settings", data={"LLM_MODEL": "qwen-max"})],
        "/apis/serving.kserve.io/v1beta1/inferenceservices": [named("qwen", spec={"predictor": {}})],
        "/apis/ray.io/v1alpha1/rayservices": [named("ray", spec={})],
    }
    found = objects()
    told = {name: json.loads(data) for name, data in found}
    assert list(told) == [
        "Deployment/shop/llm.json",
        "Pod/shop/alone.json",
        "ConfigMap/shop/settings.json",
        "InferenceService/shop/qwen.json",
        "RayService/shop/ray.json",
    ]
    assert found.unread == []
    assert told["Deployment/shop/llm.json"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "llm", "namespace": "shop", "annotations": {"team": "a"}},
        "spec": {"replicas": 1, "template": {"spec": SPEC}},
    }
    assert told["RayService/shop/ray.json"]["apiVersion"] == "ray.io/v1alpha1"
    assert not [path for path in api.asked if "secret" in path]


def test_pods_that_run_something_else_than_their_deployment(api: Api) -> None:
    other = {"containers": [{"image": "vllm/vllm-openai", "args": ["--model", "Qwen/Qwen2.5-7B"]}]}
    api.answers = {
        "/apis/apps/v1/deployments": [deployment("llm")],
        "/api/v1/pods": [
            pod("old-1", other, owner="llm"),
            pod("old-2", other, owner="llm"),
            pod("new", owner="llm"),
        ],
    }
    assert [name for name, _ in objects()] == ["Deployment/shop/llm.json", "Pod/shop/old-1.json"]


def test_long_lists(api: Api) -> None:
    api.answers = {"/api/v1/configmaps": [named(f"c{number}") for number in range(450)]}
    assert len(list(objects())) == 450
    assert len([path for path in api.asked if "configmaps" in path]) == 3


def test_single_namespaces(api: Api) -> None:
    api.answers = {
        "/apis/apps/v1/namespaces/shop/deployments": [deployment("llm")],
        "/apis/apps/v1/namespaces/other/deployments": 403,
    }
    found = objects("test", ["shop", "other"])
    assert [name for name, _ in found] == ["Deployment/shop/llm.json"]
    assert [(each.path, each.why) for each in found.unread] == [
        ("test/other", "not allowed to list deployments.apps: grant `list` on them")
    ]


def test_what_is_forbidden_is_said(api: Api) -> None:
    api.answers = {
        "/api/v1/pods": 403,
        "/api/v1/configmaps": 403,
        "/apis/batch/v1/jobs": 500,
        "/apis/batch/v1/cronjobs": b"{",
    }
    found = objects()
    assert list(found) == []
    assert [each.path for each in found.unread] == ["test", "test", "test"]
    whys = " ".join(each.why for each in found.unread)
    assert "not allowed to list pods, configmaps" in whys
    assert "jobs.batch not read" in whys
    assert "cronjobs.batch not read" in whys


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"null", b'{"items": 7}', b'{"items": [7, "x"]}', b'{"items": [{"metadata": 3}]}']
)
def test_other_answers(api: Api, answer: bytes) -> None:
    api.answers = {"/api/v1/pods": answer}
    found = objects()
    list(found)
    assert found.unread or answer.endswith(b"3}]}")


def test_without_a_login(api: Api) -> None:
    api.answers = {"/apis/apps/v1/deployments": 401}
    with pytest.raises(ClusterError, match="does not accept who asks"):
        list(objects())


def test_a_context_without_a_user(api: Api) -> None:
    api.answers = {"/api/v1/pods": [pod("a")]}
    assert [name for name, _ in objects("nobody")] == ["Pod/shop/a.json"]


def test_a_cluster_that_does_not_answer(api: Api, tmp_path: Path) -> None:
    config = tmp_path / "kubeconfig"
    config.write_text(config.read_text().replace(api.url, "http://127.0.0.1:9"))
    with pytest.raises(ClusterError, match="does not answer"):
        list(objects())


@pytest.mark.parametrize(
    "text",
    ["", "[]", "a: [", "clusters: 7", "{clusters: [], contexts: [], current-context: x}", "a: &a [*a]",
     ("{clusters: [{name: c, cluster: {server: 'ftp://x'}}], contexts: [{name: x, context: {cluster: c}}], "
      "current-context: x}")],
)  # fmt: skip
def test_kubeconfigs_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "k").write_text(text)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "k"))
    with pytest.raises(ClusterError):
        objects()


def test_no_kubeconfig_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ClusterError, match="no kubeconfig"):
        objects()


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.startswith("lightkube")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "lightkube", None)
    with pytest.raises(ClusterError, match=r"pip install 'countermark\[kube\]'"):
        objects()


def test_what_kubectl_printed() -> None:
    rows = [
        {"kind": "Pod", **pod("llm-1", owner="llm")},
        {"kind": "Secret", **named("key", data={"password": "c2VjcmV0"})},
        {"kind": "Deployment", **deployment("llm")},
        "nothing",
    ]
    found = from_kubectl(json.dumps({"kind": "List", "items": rows}).encode())
    assert [name for name, _ in found] == ["Deployment/shop/llm.json"]
    single = from_kubectl(json.dumps({"kind": "Pod", **pod("alone")}).encode())
    assert [name for name, _ in single] == ["Pod/shop/alone.json"]
    typed = from_kubectl(json.dumps({"kind": "PodList", "items": [pod("a")]}).encode())
    assert json.loads(typed[0][1])["kind"] == "Pod"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"7", b'{"items": []}', b'{"kind": 7}'])
def test_what_is_not_of_kubectl(data: bytes) -> None:
    with pytest.raises(ClusterError):
        from_kubectl(data)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=4) | st.sampled_from(["Pod", "List", "Deployment"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["kind", "items", "metadata", "spec", "template", "containers", "status"]),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_as_of_kubectl(told: object) -> None:
    with contextlib.suppress(ClusterError):
        for name, data in from_kubectl(json.dumps(told).encode()):
            assert name.endswith(".json")
            assert json.loads(data)["kind"] != "Secret"
