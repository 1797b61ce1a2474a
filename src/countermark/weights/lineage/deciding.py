"""From what was measured to what is said. Figures only: no file is read here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from countermark.weights.lineage import thresholds as at
from countermark.weights.lineage.measuring import Measure
from countermark.weights.lineage.naming import Key
from countermark.weights.lineage.observing import Observed
from countermark.weights.lineage.relation import RELATED, Confidence, Outcome, Relation, Step

MIN_NUMBERS = 256
"""Smaller matrices say nothing about strangers."""
VECTOR_CHANGE = 0.5
"""From this relative difference on a vector says nothing."""


SCALABLE = frozenset({Outcome.EQUAL, Outcome.ROUNDED, Outcome.NEAR, Outcome.CLEARED})
MIN_SIDE = 32
"""Fewer rows or columns do not show whether a change has low rank."""
FLAT = 1e-5
"""What single precision leaves of a difference that is none."""


@dataclass(slots=True)
class Decision:
    """The relation and what it rests on."""

    relation: Relation
    confidence: Confidence
    reason: str
    derived: str = ""
    steps: list[Step] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Outcomes of all pairs, the aligned ones in place of those that look strange as they stand."""

    outcomes: dict[Key, Outcome]
    measures: dict[Key, Measure]
    aligned: set[Key]
    matrices: set[Key]
    """Those that are large enough to speak."""

    def share(self, *wanted: Outcome) -> float:
        """Share of the matrices with one of these outcomes."""
        return sum(self.outcomes[key] in wanted for key in self.matrices) / max(len(self.matrices), 1)

    def count(self, *wanted: Outcome) -> int:
        return sum(self.outcomes[key] in wanted for key in self.matrices)

    def of(self, *wanted: Outcome) -> list[Key]:
        return [key for key, outcome in self.outcomes.items() if outcome in wanted]


def outcome_of(found: Measure, *, is_matrix: bool) -> Outcome:
    """How one tensor stands to its counterpart."""
    if found.equal == 1:
        return Outcome.EQUAL
    kept = _kept(found)
    if (
        is_matrix
        and max(found.cleared, found.filled) >= at.CLEARED
        and kept in (Outcome.EQUAL, Outcome.ROUNDED)
    ):
        return Outcome.CLEARED
    if kept is not None:
        return kept
    if not is_matrix:
        return Outcome.CHANGED if found.difference < VECTOR_CHANGE else Outcome.WEAK
    if found.cosine >= at.RELATED_COSINE:
        return Outcome.LOW_RANK if _is_low_rank(found) else Outcome.CHANGED
    return Outcome.STRANGER if abs(found.cosine) < at.stranger_cosine(found.numbers) else Outcome.WEAK


def _kept(found: Measure) -> Outcome | None:
    """What became of the numbers that were not cleared, as far as rounding explains it."""
    if found.difference <= (FLAT if found.scaled else 1e-9):
        return Outcome.EQUAL
    if not found.rounding:
        return None
    least = at.WITHIN_FLOATS if found.rounding < at.COARSE / 4 else at.WITHIN_BLOCKS
    if found.within >= least and found.difference <= at.EXCESS * found.rounding:
        return Outcome.ROUNDED
    is_coarse = found.rounding >= at.COARSE
    return Outcome.NEAR if is_coarse and found.difference <= at.NEAR_EXCESS * found.rounding else None


def _is_low_rank(found: Measure) -> bool:
    rank = found.rank
    return (
        rank is not None
        and 0 < rank.directions <= at.LOW_RANK_SHARE * rank.of
        and rank.rest <= at.LOW_RANK_REST
        and found.rounding < at.COARSE
    )


def tally(seen: Observed) -> Tally:
    """The outcome of each pair."""
    outcomes, measures, aligned = {}, dict(seen.measures), set()
    matrices = set(seen.matrices)
    for key, found in seen.measures.items():
        outcomes[key] = outcome_of(found, is_matrix=key in matrices)
    if seen.alignment is not None and seen.alignment.proof >= at.PROOF:
        for key, found in seen.alignment.measures.items():
            if key not in outcomes or outcomes[key] not in RELATED:
                outcomes[key], measures[key] = outcome_of(found, is_matrix=True), found
                aligned.add(key)
                matrices.add(key)
        for key in list(outcomes):
            is_open = key.layer not in seen.alignment.looked and outcomes[key] not in RELATED
            is_vector = key not in matrices and outcomes[key] is not Outcome.EQUAL
            if key not in aligned and (is_open or is_vector):
                outcomes.pop(key)  # its units were not looked for
    speaking = {key for key in matrices if key in outcomes and measures[key].numbers >= MIN_NUMBERS}
    return Tally(outcomes, measures, aligned, speaking)


def decide(seen: Observed) -> tuple[Decision, Tally]:
    """The relation."""
    all_ = tally(seen)
    decision = _decision(seen, all_)
    if decision.relation in (Relation.UNRELATED, Relation.UNDETERMINED):
        for key in all_.of(Outcome.CHANGED):
            if key not in all_.matrices:
                all_.outcomes[key] = Outcome.WEAK  # norms are near 1 in all networks
    return decision, all_


def _decision(seen: Observed, all_: Tally) -> Decision:
    related = all_.share(*RELATED)
    if not all_.matrices:
        return _undetermined("no two matrices of the two have the same purpose and a fitting shape")
    if related >= at.SAME_SHARE or (
        related >= at.PART_SHARE and all_.share(Outcome.STRANGER) >= 1 - related - at.PART_SHARE / 2
    ):
        return _related(seen, all_, related)
    strangers = all_.share(Outcome.STRANGER)
    if strangers >= at.STRANGER_SHARE and not all_.count(*RELATED):
        return _strangers(seen, all_)
    alike = all_.count(*RELATED)
    if alike and not all_.count(Outcome.WEAK):
        text = f"{alike} of {len(all_.matrices)} matrices are alike, and the others are strangers"
        return _undetermined(f"{text}: {_alone(all_)}")
    text = "the likeness lies between that of strangers and that of relatives"
    by_chance = seen.chance is None or seen.chance >= 0.01
    return _undetermined(text if by_chance else f"{text}, and is more than chance explains")


def _alone(all_: Tally) -> str:
    """What matrices mean that are alike on their own."""
    roles = {key.role for key in all_.of(*RELATED) if key in all_.matrices}
    if roles <= {"embedding", "head", "positions"}:
        return "training on the other's inner states does that, and so does taking over single tables"
    return "parts may have been taken over"


def _undetermined(reason: str) -> Decision:
    return Decision(Relation.UNDETERMINED, Confidence.LOW, reason)


def _strangers(seen: Observed, all_: Tally) -> Decision:
    cosines = [abs(all_.measures[key].cosine) for key in all_.matrices]
    tried = seen.alignment is not None and seen.alignment.proofs
    if tried and seen.alignment is not None and seen.alignment.proof > at.PROOF_STRANGER:
        return _undetermined("in another order of neurons they are more alike than strangers, but not enough")
    if seen.chance is not None and seen.chance < 0.01 and float(np.median(cosines)) > at.STRANGER_COSINE / 5:
        return _undetermined("hardly alike, and yet more than independent networks are by chance")
    sure = len(cosines) >= at.MANY and tried
    reason = f"{len(cosines)} matrices have a median cosine of {np.median(cosines):.3f}"
    return Decision(Relation.UNRELATED, Confidence.HIGH if sure else Confidence.MODERATE, reason)


def _related(seen: Observed, all_: Tally, related: float) -> Decision:
    steps = [*_changes(all_), *_structure(seen, all_)]
    names = {step.name for step in steps}
    least = Relation.SAME if all_.share(Outcome.EQUAL) == 1 else Relation.QUANTISED
    relation = next((relation for name, relation in PRIORITY if name in names), least)
    reason = f"{all_.count(*RELATED)} of {len(all_.matrices)} matrices agree"
    mixed = seen.mixture
    if mixed is not None and mixed.explained >= at.EXPLAINED and _has_parts(seen):
        shares = ", ".join(f"{one:.2f}" for one in mixed.typical)
        steps.insert(0, Step("merged", f"a mean with the weights {shares} explains {mixed.explained:.1%}"))
        relation = Relation.MERGED
    confidence = _confidence(all_, related, relation)
    return Decision(relation, confidence, reason, _derived(seen, all_), steps)


PRIORITY = (
    ("fine-tuned", Relation.FINE_TUNED),
    ("re-initialised", Relation.FINE_TUNED),
    ("vocabulary changed", Relation.FINE_TUNED),
    ("low-rank change", Relation.LORA_MERGED),
    ("pruned", Relation.PRUNED),
    ("units removed", Relation.PRUNED),
    ("layers dropped", Relation.PRUNED),
    ("layers repeated", Relation.FINE_TUNED),
    ("quantised", Relation.QUANTISED),
    ("permuted", Relation.PERMUTED),
    ("rescaled", Relation.PERMUTED),
)
"""Which step names the whole, the one that changes most first."""


def _has_parts(seen: Observed) -> bool:
    """Whether at least two parts of a mixture carry weight."""
    if seen.mixture is None:
        return False
    return int((seen.mixture.often >= at.PART_OFTEN).sum()) >= 2


def _changes(all_: Tally) -> list[Step]:
    """What happened to the numbers."""
    steps = [*_training(all_), *_pruning(all_)]
    rounded = [key for key in all_.matrices if all_.measures[key].rounding and all_.measures[key].coarser]
    if rounded:
        grids = Counter(all_.measures[key].grid for key in rounded)
        text = ", ".join(f"{count} matrices to {grid}" for grid, count in grids.most_common())
        steps.append(Step("quantised", text))
    if not steps and (apart := all_.of(Outcome.NEAR, Outcome.ROUNDED)):
        steps.append(Step("quantised", f"{len(apart)} tensors are apart by rounding"))
    return steps


def _training(all_: Tally) -> list[Step]:
    """A merged adapter changes matrices, along few directions each; other training changes vectors too."""
    changed, low = all_.of(Outcome.CHANGED), all_.of(Outcome.LOW_RANK)
    matrices = [key for key in changed if key in all_.matrices]
    is_scaled = any(all_.measures[key].scaled for key in all_.matrices)  # then biases and norms were too
    vectors = [] if is_scaled else [key for key in changed if key not in all_.matrices]
    telling = [key for key in matrices if (rank := all_.measures[key].rank) and rank.of >= MIN_SIDE]
    is_narrow = len(low) >= at.LORA_SHARE * (len(low) + len(telling))
    if low and is_narrow and len(vectors) <= at.VECTORS_SHARE * len(low):
        ranks = [rank.directions for key in low if (rank := all_.measures[key].rank)]
        return [Step("low-rank change", f"{len(low)} matrices, {int(np.median(ranks))} directions each")]
    if not (matrices or low or vectors):
        return []
    sizes = [all_.measures[key].difference for key in [*matrices, *low, *vectors]]
    text = f"{len(matrices) + len(low)} matrices and {len(vectors)} vectors changed"
    return [Step("fine-tuned", f"{text}, by {np.median(sizes):.2%} in the median")]


def _pruning(all_: Tally) -> list[Step]:
    shares = [
        max(all_.measures[key].cleared, all_.measures[key].filled)
        for key in all_.matrices
        if _is_cleared(all_, key)
    ]
    if not shares:
        return []
    text = f"{np.median(shares):.0%} of the numbers of {len(shares)} matrices are zero in one only"
    return [Step("pruned", text)]


def _is_cleared(all_: Tally, key: Key) -> bool:
    """Whether zeros were put in. A coarse format rounds numbers of a changed tensor to zero too."""
    found = all_.measures[key]
    if max(found.cleared, found.filled) < at.CLEARED or all_.outcomes[key] not in RELATED:
        return False
    return all_.outcomes[key] is Outcome.CLEARED or found.rounding < at.COARSE


def _structure(seen: Observed, all_: Tally) -> list[Step]:
    """What happened to the shape."""
    steps = []
    strangers = all_.count(Outcome.STRANGER)
    if strangers:
        steps.append(
            Step("re-initialised", f"{strangers} of {len(all_.matrices)} matrices have nothing in common")
        )
    if seen.extended:
        shown = ", ".join(f"{role} {a:,} → {b:,}" for role, (a, b) in seen.extended.items())
        steps.append(Step("vocabulary changed", shown))
    if seen.layers_moved is not None:
        before, now = seen.layers
        kept = len(set(seen.layers_moved.values()))
        name = "layers repeated" if kept < len(seen.layers_moved) else "layers dropped"
        steps.append(Step(name, f"{before} → {now}, {kept} of them the first's"))
    scaled = [key for key in all_.matrices if all_.measures[key].scaled and all_.outcomes[key] in SCALABLE]
    if scaled:
        steps.append(Step("rescaled", f"rows or columns of {len(scaled)} matrices were multiplied"))
    alignment = seen.alignment
    if alignment is not None and alignment.proof >= at.PROOF:
        for what, (before, now) in alignment.narrowed.items():
            steps.append(Step("units removed", f"{what}: {before:,} → {now:,}"))
        moved = {what: share for what, share in alignment.moved.items() if share > 0.01}
        if moved:
            text = ", ".join(f"{share:.0%} of the {what}" for what, share in moved.items())
            steps.append(Step("permuted", f"{text} stand elsewhere"))
    return steps


def _confidence(all_: Tally, related: float, relation: Relation) -> Confidence:
    cosines = [all_.measures[key].cosine for key in all_.matrices if all_.outcomes[key] in RELATED]
    typical = float(np.median(cosines)) if cosines else 0.0
    if typical < 2 * at.RELATED_COSINE:
        return Confidence.LOW
    near = all_.count(Outcome.NEAR) and relation is Relation.QUANTISED
    if len(all_.matrices) < at.MANY or related < 0.9 or near:
        return Confidence.MODERATE
    return Confidence.HIGH


def _derived(seen: Observed, all_: Tally) -> str:
    """Which was made from the other, by the coarser grid, the zeros, or the units that are gone."""
    votes: Counter[str] = Counter()
    for key in all_.matrices:
        found = all_.measures[key]
        if found.coarser:
            votes[found.coarser] += 1
        if max(found.cleared, found.filled) >= at.CLEARED:
            votes["second" if found.cleared > found.filled else "first"] += 1
    before, now = seen.layers
    sizes = [(before, now)] if seen.layers_moved is not None else []
    if seen.alignment is not None:
        sizes += seen.alignment.narrowed.values()
    for large, small in sizes:
        votes["second" if small < large else "first"] += len(all_.matrices)
    if not votes:
        return ""
    (winner, most), *_ = votes.most_common(1)
    return winner if most >= 0.9 * votes.total() else ""
