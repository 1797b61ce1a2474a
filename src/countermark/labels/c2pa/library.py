"""The C2PA library as each call has it: with settings of its own, and without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from countermark.labels.defects import LabelError, MissingPackageError

CLAIM_USES = ("1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.62558.2.1", "1.3.6.1.4.1.311.76.59.1.9")
OFFLINE: Mapping[str, Mapping[str, Any]] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
    "core": {"allowed_network_hosts": []},  # also for what has no switch of its own
    "builder": {"thumbnail": {"enabled": False}},
    "trust": {"trust_config": "\n".join(CLAIM_USES)},  # an anchor alone has it refuse all uses but the first
}
"""What each call gives the library. Its thumbnail and its own check cost many times what a signature does."""


def load() -> Any:
    """The library.

    Raises:
        LabelError: it is not installed.
    """
    try:
        import c2pa  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingPackageError("C2PA needs an extra: pip install 'countermark[c2pa]'") from None
    return c2pa


@contextmanager
def context(**changes: Mapping[str, Any]) -> Iterator[Any]:
    """A context for one call: it is the only place of settings, and no other thread can hold it.

    Args:
        **changes: settings that differ from `OFFLINE`, by their section.

    Raises:
        LabelError: they are refused, or the library is not installed.
    """
    c2pa = load()
    sections = {name: {**OFFLINE.get(name, {}), **changes.get(name, {})} for name in {*OFFLINE, *changes}}
    try:
        made = c2pa.Context.from_dict(sections)
    except c2pa.C2paError as error:
        raise LabelError(f"the trust anchors are not certificates as PEM: {error}") from None
    with made:
        yield made
