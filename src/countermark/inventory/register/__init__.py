"""The register: what is filed, by whom, under which number.

    importing   the regulator's public lists, as they are published → entries, cancellations, defects
    store       what was imported, one file for each list, with where it came from
    deltas      all lists joined: each number once, as last published
    lookup      is this number on the lists, whose is it, is it cancelled?
    ledger      the operator's own filings, in ``register.yaml``
    drafting    what to file, and by when

The lists are the regulator's; a number that is not in what was imported is *not known*, never "not
registered".
"""

from countermark.inventory.register.entries import (
    Cancellation,
    Defect,
    Kind,
    PublicEntry,
    RegisterError,
)
from countermark.inventory.register.lookup import Match, Register, Standing, Status
from countermark.inventory.register.names import Likeness, entity_matches, likeness
from countermark.inventory.register.store import DEFAULT_FOLDER, Source, Store

__all__ = [
    "DEFAULT_FOLDER",
    "Cancellation",
    "Defect",
    "Kind",
    "Likeness",
    "Match",
    "PublicEntry",
    "Register",
    "RegisterError",
    "Source",
    "Standing",
    "Status",
    "Store",
    "entity_matches",
    "likeness",
]
