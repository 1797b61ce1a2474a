"""Minors: are they limited and protected, by the settings that the service really reads?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time

from countermark.checks.conclusions import conforms, undetermined, unsaid, violates
from countermark.checks.facts import setting, setting_line
from countermark.checks.parameters import Parameters
from countermark.model import Evidence, Finding


def curfew_covers(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """The hours without service cover the hours that the rule names."""
    starts, ends = (
        time.fromisoformat(parameters.text("starts")),
        time.fromisoformat(parameters.text("ends")),
    )
    for piece in evidence:
        values = [setting(piece, name) for name in ("curfew_start", "curfew_end")]
        if None in values:
            yield unsaid(piece, "curfew_start, curfew_end")
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
                line=setting_line(piece, "curfew_start"),
            )


def switched_off(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A function that minors must not have is switched off."""
    name = parameters.text("setting")
    for piece in evidence:
        value = setting(piece, name)
        if value is None:
            yield unsaid(piece, name)
        elif value is False:
            yield conforms(piece, f"{name} is off", f"{name} 已关闭")
        elif value is True:
            yield violates(piece, f"{name} is on", f"{name} 处于开启状态", line=setting_line(piece, name))
        else:
            yield undetermined(
                piece,
                f"{name} is {value!r}, neither true nor false",
                f"{name} 为 {value!r}，不是布尔值",
            )


def limits_set(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """Every limit that the rule names is set to something above nothing."""
    settings = parameters.words("settings")
    for piece in evidence:
        absent = [name for name in settings if setting(piece, name) is None]
        unset = [name for name in settings if not _is_limit(setting(piece, name)) and name not in absent]
        if unset:
            yield violates(
                piece,
                f"no limit is set: {', '.join(unset)}",
                f"没有设置限制：{'、'.join(unset)}",
                line=setting_line(piece, unset[0]),
            )
        elif absent:
            yield unsaid(piece, ", ".join(absent))
        else:
            yield conforms(
                piece,
                f"limits are set: {', '.join(settings)}",
                f"已设置限制：{'、'.join(settings)}",
            )


def _is_limit(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and value > 0


def _after_noon(moment: time) -> int:
    """Minutes since noon, so that a night is one stretch."""
    return (moment.hour * 60 + moment.minute - 720) % 1440
