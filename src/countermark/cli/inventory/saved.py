"""Read an inventory that was saved as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from countermark.cli.options import Failure

if TYPE_CHECKING:
    from countermark.inventory.usage import Inventory


def saved(file: Path) -> Inventory:
    """The inventory of a file; exit code 2 where it holds none."""
    from countermark.inventory import saving

    try:
        if file.stat().st_size > saving.MAX_BYTES:
            raise Failure(f"{file}: is larger than {saving.MAX_BYTES >> 20} MiB: no inventory is")
        return saving.from_json(file.read_bytes())
    except saving.InventoryError as error:
        raise Failure(
            f"{file}: {error}; `countermark inventory scan . -f json={file.name}` writes one"
        ) from None
    except OSError as error:
        raise Failure(f"{file}: {error.strerror or error}") from None
