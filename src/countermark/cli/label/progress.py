"""How far a run is, on standard error."""

from __future__ import annotations

import time
from typing import Self

from countermark.cli.options import console

PERIOD_S = 0.1


class Progress:
    """A line where that is a terminal; the number of files is not known beforehand."""

    def __init__(self, done: int, *, hidden: bool) -> None:
        screen = console(stderr=True)
        self.hidden = hidden or not screen.is_terminal
        self._done = done
        self._next = 0.0
        if self.hidden:
            return
        from rich.progress import Progress as Bar
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        text = TextColumn("{task.completed:,.0f} files  {task.fields[rate]}  {task.description}")
        self._bar = Bar(SpinnerColumn(), text, TimeElapsedColumn(), console=screen, transient=True)
        self._task = self._bar.add_task("", total=None, completed=done, rate="")

    def __enter__(self) -> Self:
        if not self.hidden:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self.hidden:
            self._bar.stop()

    def step(self) -> None:
        """One file more."""
        if self.hidden:
            return
        self._done += 1
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PERIOD_S
            speed = self._bar.tasks[0].speed
            rate = f"{speed:,.0f}/s" if speed else ""
            self._bar.update(self._task, completed=self._done, rate=rate)
