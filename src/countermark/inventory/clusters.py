"""A live Kubernetes cluster, read only: what runs in it, as the JSON that manifests are read as.

Secrets are never asked for. What may not be read is said: a denied permission never looks clean.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from countermark.inventory.kube_objects import ClusterError, Seen, from_kubectl
from countermark.inventory.usage import Unread

if TYPE_CHECKING:
    from lightkube import Client
    from lightkube.config.kubeconfig import SingleConfig

MAX_OBJECTS = 200_000
MAX_CONFIG = 8 << 20
CHUNK = 200
"""Objects of one answer."""
MISSING = "a live cluster needs lightkube: pip install 'countermark[kube]'"
DENIED, UNKNOWN, LOCKED = 403, 404, 401


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of object that may start a model."""

    kind: str
    plural: str
    versions: tuple[str, ...]
    """The newest first; the first that the cluster knows is read."""
    group: str = ""
    spread: bool = True
    """Whether it belongs to a namespace."""

    @property
    def name(self) -> str:
        """As ``kubectl`` calls it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


V1 = ("v1",)
RESOURCES = (
    Resource("Deployment", "deployments", V1, "apps"),
    Resource("StatefulSet", "statefulsets", V1, "apps"),
    Resource("DaemonSet", "daemonsets", V1, "apps"),
    Resource("CronJob", "cronjobs", V1, "batch"),
    Resource("Job", "jobs", V1, "batch"),
    Resource("Pod", "pods", V1),
    Resource("ConfigMap", "configmaps", V1),
    Resource("InferenceService", "inferenceservices", ("v1beta1",), "serving.kserve.io"),
    Resource("LLMInferenceService", "llminferenceservices", ("v1alpha2", "v1alpha1"), "serving.kserve.io"),
    Resource("ServingRuntime", "servingruntimes", ("v1alpha1",), "serving.kserve.io"),
    Resource(
        "ClusterServingRuntime", "clusterservingruntimes", ("v1alpha1",), "serving.kserve.io", spread=False
    ),
    Resource("RayService", "rayservices", ("v1", "v1alpha1"), "ray.io"),
    Resource("RayCluster", "rayclusters", ("v1", "v1alpha1"), "ray.io"),
    Resource("RayJob", "rayjobs", ("v1", "v1alpha1"), "ray.io"),
    Resource("SeldonDeployment", "seldondeployments", ("v1",), "machinelearning.seldon.io"),
    Resource("Model", "models", ("v1alpha1",), "mlops.seldon.io"),
    Resource("Model", "models", ("v1",), "kubeai.org"),
    Resource("Model", "models", ("v1",), "ollama.ayaka.io"),
    Resource("Workspace", "workspaces", ("v1beta1", "v1alpha1"), "kaito.sh"),
    Resource("LeaderWorkerSet", "leaderworkersets", V1, "leaderworkerset.x-k8s.io"),
    Resource("VLLMRuntime", "vllmruntimes", ("v1alpha1",), "production-stack.vllm.ai"),
)


@dataclass(slots=True)
class Objects:
    """The objects of a cluster; what was not read is in ``unread`` once they have been gone through."""

    context: str
    namespaces: tuple[str, ...]
    unread: list[Unread] = field(default_factory=list)
    _client: Client | None = None
    _config: SingleConfig | None = None
    _denied: dict[str, list[str]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """A path such as ``Deployment/shop/api.json``, and the object as JSON.

        Raises:
            ClusterError: the cluster does not answer, or does not know who asks.
        """
        import lightkube  # noqa: PLC0415 - an extra

        with lightkube.Client(config=self._config, trust_env=False) as self._client:
            seen = Seen()
            count = 0
            for resource in RESOURCES:
                for each in self._listed(resource):
                    count += 1
                    if count > MAX_OBJECTS:
                        self.unread.append(
                            Unread(self.context, f"more than {MAX_OBJECTS:,} objects: the rest was not read")
                        )
                        return
                    yield from seen.told(resource.kind, each)
        for where, kinds in self._denied.items():
            self.unread.append(Unread(where, f"not allowed to list {', '.join(kinds)}: grant `list` on them"))

    def _listed(self, resource: Resource) -> Iterator[dict[str, Any]]:
        for namespace in self.namespaces if self.namespaces and resource.spread else ("*",):
            for version in resource.versions:
                status = yield from self._version(resource, version, namespace)
                if status != UNKNOWN:
                    break

    def _version(
        self, resource: Resource, version: str, namespace: str
    ) -> Generator[dict[str, Any], None, int]:
        """The objects of one version of a kind; gives back the status where it was refused."""
        where = f"{self.context}/{namespace}" if namespace != "*" else self.context
        try:
            for each in self._request(resource, version, namespace):
                yield _named(each, resource, version)
        except _errors() as error:
            status = int(getattr(getattr(error, "response", None), "status_code", 0))
            if status == LOCKED:
                raise ClusterError(
                    f"{self.context}: the cluster does not accept who asks: log in again"
                ) from None
            if status == DENIED:
                self._denied.setdefault(where, []).append(resource.name)
            elif status == 0 and resource is RESOURCES[0]:
                raise ClusterError(f"{self.context}: the cluster does not answer: {_line(error)}") from None
            elif status != UNKNOWN:
                self.unread.append(Unread(where, f"{resource.name} not read: {_line(error)}"))
            return status
        return 0

    def _request(self, resource: Resource, version: str, namespace: str) -> Iterable[dict[str, Any]]:
        from lightkube import generic_resource  # noqa: PLC0415 - an extra

        own = (
            generic_resource.GenericNamespacedResource
            if resource.spread
            else generic_resource.GenericGlobalResource
        )
        info = generic_resource.create_api_info(resource.group, version, resource.kind, resource.plural)
        kind: Any = type(resource.kind, (own,), {"_api_info": info})
        assert self._client is not None  # noqa: S101 - within __iter__
        if resource.spread:
            return self._client.list(kind, namespace=namespace, chunk_size=CHUNK)
        return self._client.list(kind, chunk_size=CHUNK)


def objects(context: str | None = None, namespaces: Sequence[str] = ()) -> Objects:
    """What runs in a cluster, through the kubeconfig that ``kubectl`` would use.

    Args:
        context: Of the kubeconfig; None for the current one.
        namespaces: To read; none for all.

    Raises:
        ClusterError: lightkube is not installed, or there is no usable kubeconfig.
    """
    try:
        config = _config(context)
    except ImportError:
        raise ClusterError(MISSING) from None
    found = Objects(context or config.context_name or "cluster", tuple(namespaces))
    found._config = config  # noqa: SLF001 - its maker
    return found


def _config(context: str | None) -> SingleConfig:
    from lightkube.config.kubeconfig import KubeConfig  # noqa: PLC0415 - an extra
    from lightkube.config.models import User  # noqa: PLC0415 - an extra
    from lightkube.core.exceptions import ConfigError  # noqa: PLC0415 - an extra

    path = _kubeconfig()
    try:
        if path is None:
            found = KubeConfig.from_service_account().get()
        else:
            found = KubeConfig.from_dict(_yaml(path), fname=path).get(context)
    except (ConfigError, KeyError, TypeError, AttributeError, ValueError, OSError) as error:
        if path is None:
            raise ClusterError("there is no kubeconfig: set KUBECONFIG, or log in to a cluster") from None
        raise ClusterError(f"{path}: is no usable kubeconfig: {_line(error)}") from None
    address = urlsplit(str(found.cluster.server)) if found is not None else None
    if found is None or address is None or address.scheme not in ("http", "https") or not address.hostname:
        raise ClusterError(f"{path or 'the service account'}: names no server")
    return found if found.user else found._replace(user=User())


def _kubeconfig() -> Path | None:
    named = [Path(each) for each in os.environ.get("KUBECONFIG", "").split(os.pathsep) if each]
    return next((path for path in (*named, Path.home() / ".kube/config") if path.is_file()), None)


def _yaml(path: Path) -> Any:
    try:
        data = path.read_bytes()
        if len(data) > MAX_CONFIG:
            raise ValueError("too large")
        return YAML(typ="safe", pure=True).load(data)
    except (YAMLError, RecursionError) as error:
        raise ValueError(f"no YAML: {_line(error)}") from None


def _errors() -> tuple[type[Exception], ...]:
    """What comes out of lightkube: its own errors, and those of the libraries that it asks and decodes with.

    The last ones come of answers and credentials that are not in the form that it expects.
    """
    from lightkube.core.exceptions import ApiError, ConfigError  # noqa: PLC0415 - an extra

    http = next(each for each in ApiError.__mro__ if each.__name__ == "HTTPError")
    decoding = getattr(sys.modules.get("msgspec"), "MsgspecError", ValueError)
    return (http, decoding, ConfigError, OSError, ValueError, TypeError, KeyError, AttributeError)


def _line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _named(each: dict[str, Any], resource: Resource, version: str) -> dict[str, Any]:
    """An object with what lists leave out: its kind and version."""
    told = dict(each)
    told.setdefault("kind", resource.kind)
    told.setdefault("apiVersion", f"{resource.group}/{version}" if resource.group else version)
    return told


__all__ = ["ClusterError", "Objects", "from_kubectl", "objects"]
