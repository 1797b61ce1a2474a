"""Sign a label as it is written: first the content is bound, then the label signed, then both read back.

The content is the file without the carrier of its label. It is digested from the file as it will be,
before a byte is written.

Source: TC260-PG-202511A, as measured on files of a provider; see :mod:`countermark.labels.security`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from countermark.labels import security, splicing
from countermark.labels.containers import Container
from countermark.labels.defects import LabelError
from countermark.labels.grammar import Fields
from countermark.labels.security import Side
from countermark.labels.security.trust import SigningKey
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Spliced

ROUNDS = 3
"""A signed label is longer than the one it was planned with, and may take space that was content."""
Plan = Callable[[Fields], Sequence[Edit]]
"""The edits that write these fields."""


def signed(
    source: Source, container: Container, fields: Fields, key: SigningKey, side: Side, plan: Plan | None
) -> Fields:
    """The fields with the reserved code of ``side`` signed, over the content too where it is definite.

    Raises:
        LabelError: a field cannot be signed, or the content changes with its label.
    """
    carrier = getattr(container.codec, "carrier", None)
    fields = Fields.of(security.sign(fields.to_dict(), key, side, replace=True))
    if carrier is None or plan is None:
        return fields
    said = ""
    for _ in range(ROUNDS):
        planned = Spliced(source, plan(fields))
        algorithm = security.DIGEST_OF[key.public.algorithm]
        digest = splicing.digest(planned, carrier(planned, Limits()), security.hasher(algorithm))
        if digest == said:
            return fields
        said = digest
        bound = security.sign(fields.to_dict(), key, side, content=lambda _: digest, replace=True)  # noqa: B023
        fields = Fields.of(bound)
    raise LabelError(f"the content of this {container.title} changes with its label: sign the label alone")
