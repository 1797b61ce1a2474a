"""Who may rely on it later: runs on disk, content-addressed and append-only."""

from countermark.evidence.store import Run, RunError, RunState, runs

__all__ = ["Run", "RunError", "RunState", "runs"]
