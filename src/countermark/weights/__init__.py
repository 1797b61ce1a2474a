"""Model files: what loading them would do, read without loading anything."""

from countermark.weights.scanning import Scan, UnknownFormatError, scan

__all__ = ["Scan", "UnknownFormatError", "scan"]
