"""Numbers that rules set for the settings that a service really reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from countermark.checks.conclusions import conforms, undetermined, unsaid, violates
from countermark.checks.facts import setting, setting_line
from countermark.checks.parameters import Parameters
from countermark.model import Evidence, Finding


def at_most(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A setting is no larger than the rule's number."""
    most = parameters.number("most")
    return _bounded(
        evidence, parameters, lambda value: value <= most, f"more than {most:g}", f"超过 {most:g}"
    )


def at_least(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A setting is no smaller than the rule's number."""
    least = parameters.number("least")
    return _bounded(
        evidence,
        parameters,
        lambda value: value >= least,
        f"less than {least:g}",
        f"低于 {least:g}",
    )


def _bounded(
    evidence: Sequence[Evidence],
    parameters: Parameters,
    within: Callable[[float], bool],
    en: str,
    zh: str,
) -> Iterator[Finding]:
    name, unit = parameters.text("setting"), parameters.text("unit")
    for piece in evidence:
        value = setting(piece, name)
        if value is None:
            yield unsaid(piece, name)
        elif isinstance(value, bool) or not isinstance(value, int | float):
            yield undetermined(
                piece,
                f"{name} is {value!r}, which is no number",
                f"{name} 为 {value!r}，不是数值",
            )
        elif value <= 0:
            yield undetermined(
                piece,
                f"{name} is {value:g}: zero and below mean different things to different programs",
                f"{name} 为 {value:g}：零和负数在不同程序中含义不同，无法判定",
            )
        elif within(value):
            yield conforms(piece, f"{name} is {value:g} {unit}", f"{name} 为 {value:g}（{unit}）")
        else:
            yield violates(
                piece,
                f"{name} is {value:g} {unit}, {en}",
                f"{name} 为 {value:g}（{unit}），{zh}",
                line=setting_line(piece, name),
            )
