"""Two checkpoints, one answer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from countermark.weights.checkpoints.opening import opened
from countermark.weights.checkpoints.storage import Checkpoint
from countermark.weights.lineage.deciding import Decision, Tally, decide
from countermark.weights.lineage.observing import Observed, observe
from countermark.weights.lineage.relation import Lineage, Relation, Sampled, TensorEvidence
from countermark.weights.lineage.wording import blind_spots, summary


def compared(first: Path, second: Path, also: Sequence[Path], seed: int, budget_bytes: int | None) -> Lineage:
    """See :func:`countermark.weights.lineage.compare`."""
    with ExitStack() as stack:
        one, two, *others = [stack.enter_context(opened(path)) for path in (first, second, *also)]
        seen = observe(one, two, others, seed, budget_bytes)
        decision, tally = decide(seen)
        return _lineage((one, two, *others), seen, decision, tally)


def _lineage(
    checkpoints: tuple[Checkpoint, ...], seen: Observed, decision: Decision, tally: Tally
) -> Lineage:
    cosines = [found.cosine for key, found in seen.measures.items() if key in tally.matrices]
    tried = seen.alignment is not None and seen.alignment.proofs
    weights = {}
    if decision.relation is Relation.MERGED and seen.mixture is not None:
        paths = [str(one.path) for one in (checkpoints[0], *checkpoints[2:])]
        weights = dict(zip(paths, seen.mixture.typical.tolist(), strict=True))
    sampled = _sampled(checkpoints, seen)
    return Lineage(
        relation=decision.relation,
        confidence=decision.confidence,
        summary=summary(decision, tally, sampled),
        derived=decision.derived,
        steps=tuple(decision.steps),
        likeness=float(np.median(cosines)) if cosines else 0.0,
        proof=seen.alignment.proof if tried and seen.alignment is not None else None,
        chance=seen.chance,
        weights=weights,
        sampled=sampled,
        blind_spots=blind_spots(decision, tally, seen, sampled),
        tensors=tuple(_evidence(seen, tally)),
    )


def _sampled(checkpoints: tuple[Checkpoint, ...], seen: Observed) -> Sampled:
    alone = len(seen.pairing.only_first) + len(seen.pairing.only_second)
    return Sampled(
        tensors=len(seen.measures),
        not_compared=alone + 2 * (len(seen.pairing.pairs) - len(seen.measures)),
        numbers=sum(found.numbers for found in seen.measures.values()),
        bytes_read=sum(one.bytes_read for one in checkpoints),
        bytes_total=sum(one.nbytes for one in checkpoints),
        whole=seen.whole,
    )


def _evidence(seen: Observed, tally: Tally) -> list[TensorEvidence]:
    return [
        TensorEvidence(
            first=seen.pairing.pairs[key][0].name,
            second=seen.pairing.pairs[key][1].name,
            outcome=outcome,
            numbers=tally.measures[key].numbers,
            equal=tally.measures[key].equal,
            cosine=tally.measures[key].cosine,
            difference=tally.measures[key].difference,
            aligned=key in tally.aligned,
        )
        for key, outcome in tally.outcomes.items()
    ]
