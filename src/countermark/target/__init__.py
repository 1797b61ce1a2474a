"""What is audited: ``countermark.yaml`` and what an operator declares in it."""

from countermark.target.declaration import (
    Attestation,
    Corpus,
    Endpoint,
    Filing,
    FilingKind,
    Limits,
    Model,
    Operator,
    OutputSample,
    Policy,
    Service,
    Settings,
    Target,
    TranscriptSet,
)
from countermark.target.reading import FILE_NAME, TargetError, load
from countermark.target.strict_yaml import Mistake

__all__ = [
    "FILE_NAME",
    "Attestation",
    "Corpus",
    "Endpoint",
    "Filing",
    "FilingKind",
    "Limits",
    "Mistake",
    "Model",
    "Operator",
    "OutputSample",
    "Policy",
    "Service",
    "Settings",
    "Target",
    "TargetError",
    "TranscriptSet",
    "load",
]
