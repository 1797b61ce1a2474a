"""Who provides AI, on which hosts, through which libraries: facts as rows of data.

The rows stand in the ``.toml`` files beside this one; each names its source and a text that it must
match. The modules only look things up in them.

    >>> host("https://dashscope.aliyuncs.com/compatible-mode/v1").provider
    'alibaba'
    >>> sdk_by_import("python", "zhipuai.core").host
    'open.bigmodel.cn'
"""

from countermark.inventory.signatures.addresses import host_of, is_local
from countermark.inventory.signatures.hosts import Host, host, hosts, provider_host
from countermark.inventory.signatures.prefixes import Prefix, prefix, prefixes
from countermark.inventory.signatures.providers import Provider, provider, providers
from countermark.inventory.signatures.sdks import (
    Sdk,
    base_url_variables,
    model_variables,
    sdk_by_class,
    sdk_by_import,
    sdk_by_package,
    sdks,
)
from countermark.inventory.signatures.stems import speaks
from countermark.inventory.signatures.vocabulary import STEMS

__all__ = [
    "STEMS",
    "Host",
    "Prefix",
    "Provider",
    "Sdk",
    "base_url_variables",
    "host",
    "host_of",
    "hosts",
    "is_local",
    "model_variables",
    "prefix",
    "prefixes",
    "provider",
    "provider_host",
    "providers",
    "sdk_by_class",
    "sdk_by_import",
    "sdk_by_package",
    "sdks",
    "speaks",
]
