"""Minors: are they limited and protected, by the settings that the service really reads?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import time

from countermark.checks.conclusions import conforms, undetermined, violates
from countermark.checks.facts import line
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


def curfew_covers(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """The hours without service cover the hours that the rule names."""
    starts, ends = (
        time.fromisoformat(parameters.text("starts")),
        time.fromisoformat(parameters.text("ends")),
    )
    for piece in evidence:
        values = [_setting(piece, name) for name in ("curfew_start", "curfew_end")]
        if None in values:
            yield _unsaid(piece, "curfew_start, curfew_end")
            continue
        try:
            start, end = (time.fromisoformat(str(value)) for value in values)
        except ValueError:
            yield undetermined(
                piece,
                f"the curfew is {values[0]!r} to {values[1]!r}, which are no times of day",
                f"宵禁时段为 {values[0]!r} 至 {values[1]!r}，不是有效时间",
            )
            continue
        if _after_noon(start) <= _after_noon(starts) and _after_noon(end) >= _after_noon(ends):
            yield conforms(
                piece,
                f"no service from {start:%H:%M} to {end:%H:%M}",
                f"{start:%H:%M} 至 {end:%H:%M} 不提供服务",
            )
        else:
            yield violates(
                piece,
                f"no service from {start:%H:%M} to {end:%H:%M}, "
                f"which does not cover {starts:%H:%M} to {ends:%H:%M}",
                f"停止服务时段为 {start:%H:%M} 至 {end:%H:%M}，没有覆盖 {starts:%H:%M} 至 {ends:%H:%M}",
                line=_line(piece, "curfew_start"),
            )


def switched_off(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A function that minors must not have is switched off."""
    setting = parameters.text("setting")
    for piece in evidence:
        value = _setting(piece, setting)
        if value is None:
            yield _unsaid(piece, setting)
        elif value is False:
            yield conforms(piece, f"{setting} is off", f"{setting} 已关闭")
        elif value is True:
            yield violates(piece, f"{setting} is on", f"{setting} 处于开启状态", line=_line(piece, setting))
        else:
            yield undetermined(
                piece,
                f"{setting} is {value!r}, neither true nor false",
                f"{setting} 为 {value!r}，不是布尔值",
            )


def limits_set(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """Every limit that the rule names is set to something above nothing."""
    settings = parameters.words("settings")
    for piece in evidence:
        unsaid = [name for name in settings if _setting(piece, name) is None]
        unset = [name for name in settings if _setting(piece, name) in (False, 0, "")]
        if unset:
            yield violates(
                piece,
                f"no limit is set: {', '.join(unset)}",
                f"没有设置限制：{'、'.join(unset)}",
                line=_line(piece, unset[0]),
            )
        elif unsaid:
            yield _unsaid(piece, ", ".join(unsaid))
        else:
            yield conforms(
                piece,
                f"limits are set: {', '.join(settings)}",
                f"已设置限制：{'、'.join(settings)}",
            )


def _bounded(
    evidence: Sequence[Evidence],
    parameters: Parameters,
    within: Callable[[float], bool],
    en: str,
    zh: str,
) -> Iterator[Finding]:
    setting, unit = parameters.text("setting"), parameters.text("unit")
    for piece in evidence:
        value = _setting(piece, setting)
        if value is None:
            yield _unsaid(piece, setting)
        elif isinstance(value, bool) or not isinstance(value, int | float):
            yield undetermined(
                piece,
                f"{setting} is {value!r}, which is no number",
                f"{setting} 为 {value!r}，不是数值",
            )
        elif within(value):
            yield conforms(piece, f"{setting} is {value:g} {unit}", f"{setting} 为 {value:g}（{unit}）")
        else:
            yield violates(
                piece,
                f"{setting} is {value:g} {unit}, {en}",
                f"{setting} 为 {value:g}（{unit}），{zh}",
                line=_line(piece, setting),
            )


def _setting(piece: Evidence, name: str) -> object:
    values = piece.fact["values"]
    return values.get(name) if isinstance(values, dict) else None


def _line(piece: Evidence, name: str) -> int | None:
    lines = piece.fact["lines"]
    return line(lines.get(name)) if isinstance(lines, dict) else None


def _unsaid(piece: Evidence, setting: str) -> Finding:
    return undetermined(
        piece,
        f"the settings do not say {setting}: name its key under `settings.keys`",
        f"设置中没有 {setting}：请在 `settings.keys` 中指明对应的键",
    )


def _after_noon(moment: time) -> int:
    """Minutes since noon, so that a night is one stretch."""
    return (moment.hour * 60 + moment.minute - 720) % 1440
