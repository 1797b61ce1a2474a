"""Files that list what a deployment uses, and use nothing themselves.

A declaration, a ledger, a saved scan or a bill of materials names models. Taken for settings, each would
prove its own entries: what is declared would always be running.
"""

from __future__ import annotations

import posixpath
import re

DECLARATION = "countermark.yaml"
LEDGER = "register.yaml"
LEDGER_ROW = re.compile(rb"^\s*-?\s*entity\s*:", re.MULTILINE)
RECORD = re.compile(
    rb'"(?:format|schema)"\s*:\s*"countermark-'
    rb'|"bomFormat"\s*:\s*"CycloneDX"'
    rb'|"@context"\s*:\s*"https?://spdx\.org/'
    rb'|"\$schema"\s*:\s*"[^"]*/(?:bom-1\.\d|sarif-)'
)
"""The beginning of a saved scan or report, of a bill of materials (CycloneDX, SPDX 3), of SARIF."""
HEAD = 4096


def is_record(path: str, data: bytes) -> bool:
    """Whether a file only lists what is used: ``path`` as found, ``data`` the bytes of the file."""
    name = posixpath.basename(path)
    if name == LEDGER:
        return LEDGER_ROW.search(data) is not None
    return name == DECLARATION or (data.lstrip()[:1] == b"{" and RECORD.search(data[:HEAD]) is not None)
