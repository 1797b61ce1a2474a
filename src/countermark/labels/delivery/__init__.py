"""Where on its way to the user a file loses its label.

Each step of a delivery leaves a file. Each file is looked at, and compared with what the first carried: what
went at which step, what most likely did it, and what keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from countermark.labels.defects import LabelError
from countermark.labels.delivery import archive
from countermark.labels.delivery.advice import Advice, advise
from countermark.labels.delivery.marks import BESIDE, MARKS, TITLES, Look, Mark, Presence, look
from countermark.labels.delivery.steps import Bounds, Step, StepError, Workshop

DEFAULT_BOUNDS = Bounds()


class Change(StrEnum):
    """What became of one mark, measured against the first file."""

    KEPT = "kept"
    MOVED = "moved"
    """It says the same in another place."""
    ADDED_TO = "added-to"
    """A propagation provider added its fields; what the producer said stands."""
    CHANGED = "changed"
    """It says something else now."""
    BROKEN = "broken"
    """It is there, and no longer holds or cannot be read."""
    LOST = "lost"
    NEW = "new"
    """The first file did not have it."""
    NEVER = "never"
    """Neither the first file nor this one has it."""
    UNKNOWN = "unknown"
    """It could not be looked for, or not finding it proves nothing."""


BAD = frozenset({Change.CHANGED, Change.BROKEN, Change.LOST})
PRODUCER = ("Label", "ContentProducer", "ProduceID", "ReservedCode1")


@dataclass(frozen=True, slots=True)
class Stage:
    """One file on the way: the original, or what a step made."""

    name: str
    look: Look
    command: str = ""
    """What made it, if that is known."""
    changes: dict[str, Change] = field(default_factory=dict)
    """By mark, against the first file; empty for the first, and where the file could not be looked at."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A mark that a step took away, broke or changed."""

    mark: str
    stage: int
    """Which of the stages; the original is 0."""
    change: Change
    detail: str
    advice: Advice


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole way."""

    stages: tuple[Stage, ...]
    losses: tuple[Loss, ...] = ()

    @property
    def carried(self) -> tuple[str, ...]:
        """The marks that the first file had. A signature that did not hold is none, a broken label is one."""
        return _carried(self.stages[0].look)

    @property
    def lost(self) -> tuple[str, ...]:
        """Marks of the first file that are not, or not any more the same, in the last that was looked at."""
        last = next((stage for stage in reversed(self.stages) if not stage.look.trouble), self.stages[0])
        return tuple(name for name in self.carried if last.changes.get(name) in BAD)

    @property
    def open(self) -> bool:
        """Whether something could not be told: a step failed, a mark is unknown, or there was none at all."""
        last = self.stages[-1].changes
        unknown = any(last.get(name) is Change.UNKNOWN for name in self.carried)
        return unknown or not self.carried or any(stage.look.trouble for stage in self.stages)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "carried": list(self.carried),
            "lost": list(self.lost),
            "open": self.open,
            "stages": [_stage_dict(stage) for stage in self.stages],
            "losses": [_loss_dict(loss, self.stages) for loss in self.losses],
        }


def trace(paths: Sequence[Path | str], *, explicit: bool = True) -> Trace:
    """Compare files: the original, then what each step of the delivery left, in order.

    A ZIP archive is looked into: it stands for the file that it was made of.

    Args:
        paths: at least two.
        explicit: whether to look for the label that people see or hear, which decodes the content.

    Raises:
        LabelError: there are fewer than two.
    """
    files = [Path(path) for path in paths]
    if len(files) < 2:
        raise LabelError("a trace needs the original and at least one file that was made of it")
    stages = []
    for file in files:
        with archive.opened(file, files[0].stem) as (inner, note):
            stages.append(Stage(file.name, _noted(look(inner, explicit=explicit), note)))
    return _compared(stages)


def run(
    original: Path | str, steps: Sequence[Step], *, bounds: Bounds = DEFAULT_BOUNDS, explicit: bool = True
) -> Trace:
    """Run the steps of a delivery one after the other, and look at what each leaves.

    The commands are the caller's own and are run as they are, without a shell, each in a new folder that is
    removed in the end. What a step prints is kept only to say why it failed. A failing step ends the trace.

    Raises:
        LabelError: there is no step.
        OSError: the original cannot be read.
    """
    origin = Path(original).resolve(strict=True)
    if not steps:
        raise LabelError("a delivery has at least one step")
    stages = [Stage(origin.name, look(origin, explicit=explicit))]
    with Workshop(bounds) as workshop:
        file = origin
        for step in steps:
            try:
                file = workshop.run(step, file)
            except StepError as trouble:
                stages.append(Stage(step.name, Look(trouble=str(trouble)), step.command))
                break
            with archive.opened(file, origin.stem) as (inner, note):
                seen = _noted(look(inner, explicit=explicit), note)
            stages.append(Stage(step.name, seen, step.command))
    return _compared(stages)


def _noted(seen: Look, note: str) -> Look:
    """With a word on the archive that the file was in."""
    if not note:
        return seen
    title = f"{seen.title or '?'} in ZIP"
    return Look(seen.container, title, seen.size, seen.marks, seen.trouble, seen.traces)


def _compared(stages: Iterable[Stage]) -> Trace:
    first, *others = stages
    done, losses, before, carried = [first], [], first, _carried(first.look)
    for number, stage in enumerate(others, 1):
        if stage.look.trouble:
            done.append(stage)
            continue
        changes = {name: _change(name, first.look, stage.look) for name in (*MARKS, *BESIDE)}
        now = Stage(stage.name, stage.look, stage.command, changes)
        losses += [loss for loss in _losses(number, before, now) if loss.mark in carried]
        done.append(now)
        before = now
    return Trace(tuple(done), tuple(losses))


def _change(name: str, first: Look, now: Look) -> Change:
    old, new = first.marks.get(name), now.marks.get(name)
    if old is None or new is None:
        return Change.UNKNOWN
    had, has = old.presence, new.presence
    if Presence.UNKNOWN in (had, has):
        return Change.NEW if has is Presence.THERE else Change.UNKNOWN
    if had is Presence.ABSENT:
        return Change.NEVER if has is Presence.ABSENT else Change.NEW
    if has is Presence.ABSENT:
        return Change.LOST
    if has is Presence.BROKEN:
        return Change.KEPT if had is Presence.BROKEN else Change.BROKEN
    return _difference(name, old, new)


def _difference(name: str, old: Mark, new: Mark) -> Change:
    """Of a mark that is there in both files."""
    if name == "label":
        if old.value == new.value:
            return Change.KEPT if old.detail == new.detail else Change.MOVED
        return Change.ADDED_TO if _said(old) == _said(new) else Change.CHANGED
    if name == "metadata":
        return Change.KEPT if set(old.value) <= set(new.value) else Change.CHANGED
    return Change.CHANGED if old.value != new.value and name == "content" else Change.KEPT


def _said(mark: Mark) -> set[str]:
    return {text for text in mark.value if text.partition("=")[0] in PRODUCER}


def _losses(number: int, before: Stage, now: Stage) -> list[Loss]:
    """What this step did: what was in order before it and is not after it."""
    return [
        Loss(name, number, now.changes[name], _detail(name, before, now), _advice(name, before, now))
        for name in MARKS
        if now.changes[name] in BAD and before.changes.get(name) not in BAD
    ]


def _advice(name: str, before: Stage, now: Stage) -> Advice:
    return advise(name, now.command, before.look, now.look)


def _detail(name: str, before: Stage, now: Stage) -> str:
    mark = now.look.marks[name]
    was = before.look.marks[name].detail
    if mark.presence is Presence.ABSENT:
        return f"it stood in: {was}" if was and name == "label" else ""
    if now.changes[name] is Change.CHANGED and name == "label":
        old = dict(text.partition("=")[::2] for text in before.look.marks[name].value)
        new = dict(text.partition("=")[::2] for text in mark.value)
        fields = [field for field in new | old if old.get(field) != new.get(field)]
        return f"other values of {', '.join(fields)}"
    return mark.detail


def _carried(first: Look) -> tuple[str, ...]:
    there = [name for name in MARKS if name in first.marks and first.marks[name].presence is Presence.THERE]
    if "label" in first.marks and first.marks["label"].presence is Presence.BROKEN:
        return ("label", *there)
    return tuple(there)


def _stage_dict(stage: Stage) -> dict[str, Any]:
    seen = stage.look
    return {
        "name": stage.name,
        "command": stage.command,
        "container": seen.container,
        "bytes": seen.size,
        "trouble": seen.trouble,
        "marks": {
            name: {"presence": str(mark.presence), "detail": mark.detail} for name, mark in seen.marks.items()
        },
        "changes": {name: str(change) for name, change in stage.changes.items()},
    }


def _loss_dict(loss: Loss, stages: Sequence[Stage]) -> dict[str, Any]:
    return {
        "mark": loss.mark,
        "title": TITLES[loss.mark],
        "stage": loss.stage,
        "step": stages[loss.stage].name,
        "change": str(loss.change),
        "detail": loss.detail,
        "tool": loss.advice.tool,
        "cause": loss.advice.cause,
        "keep": loss.advice.keep,
        "verified": loss.advice.verified,
        "source": loss.advice.source,
    }
