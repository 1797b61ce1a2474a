"""How far a scan is, on standard error."""

from __future__ import annotations

from typing import Self

from countermark.cli.options import console


class Progress:
    """A line where that is a terminal: which source is read, and how many of its files."""

    def __init__(self, *, hidden: bool) -> None:
        screen = console(stderr=True)
        self.hidden = hidden or not screen.is_terminal
        if self.hidden:
            return
        from rich.progress import Progress as Bar
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        text = TextColumn("{task.completed:,.0f} files  {task.description}")
        self._bar = Bar(SpinnerColumn(), text, TimeElapsedColumn(), console=screen, transient=True)
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Self:
        if not self.hidden:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self.hidden:
            self._bar.stop()

    def begin(self, source: str) -> None:
        """Another source: a folder, a cluster."""
        if not self.hidden:
            from rich.markup import escape

            from countermark.reports.text import safe

            self._bar.update(self._task, completed=0, description=escape(safe(source)))

    def reach(self, done: int) -> None:
        """So many of its files have been looked at."""
        if not self.hidden:
            self._bar.update(self._task, completed=done)
