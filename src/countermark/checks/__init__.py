"""Do the facts meet the rule? Evidence and parameters in, findings out.

A check is a public function of one of the modules below. It may use its evidence and the rule's
parameters, and nothing else: no file, clock, network or chance. It concludes on every piece of the
rule's first kind of evidence; a piece without a conclusion becomes *undetermined*.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType

from countermark.checks import (
    attestation,
    data_integrity,
    falsehood,
    impersonation,
    labelling,
    minors,
    model_security,
    registration,
    settings,
)
from countermark.checks.parameters import ParameterError, Parameters
from countermark.model import Evidence, Finding

Check = Callable[[Sequence[Evidence], Parameters], Iterable[Finding]]

MODULES = (
    registration,
    labelling,
    data_integrity,
    model_security,
    impersonation,
    falsehood,
    minors,
    settings,
    attestation,
)


def _public(module: ModuleType) -> dict[str, Check]:
    family = module.__name__.rpartition(".")[2]
    return {
        f"{family}.{name}": function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


CHECKS: dict[str, Check] = {name: check for module in MODULES for name, check in _public(module).items()}

__all__ = ["CHECKS", "Check", "ParameterError", "Parameters"]
