"""Training data: what was promised of it, and what its rows are like."""

from countermark.corpus.manifests import ManifestError, read_manifest
from countermark.corpus.rows import Defect, Group, RowCount, read_rows

__all__ = ["Defect", "Group", "ManifestError", "RowCount", "read_manifest", "read_rows"]
