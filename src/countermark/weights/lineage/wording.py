"""The answer in words, for somebody who has to file it and does not train networks."""

from __future__ import annotations

from countermark.weights.lineage import thresholds
from countermark.weights.lineage.deciding import Decision, Tally
from countermark.weights.lineage.observing import Observed
from countermark.weights.lineage.relation import RELATED, Relation, Sampled

SENTENCES = {
    Relation.SAME: "Every number that was compared is the same in both.",
    Relation.PERMUTED: "One is the other with its units in another order or rescaled; both compute the same.",
    Relation.QUANTISED: "One is the other, rounded to another format; nothing else was changed.",
    Relation.PRUNED: "One is the other with numbers, units or layers taken out; what is left is unchanged.",
    Relation.LORA_MERGED: "One is the other plus a change along few directions, as a merged adapter leaves.",
    Relation.FINE_TUNED: "One was trained on from the other, or both from a common ancestor.",
    Relation.MERGED: "The second is a weighted mean of the checkpoints that were given.",
    Relation.UNRELATED: "No trace of a common start: no more alike than networks that were trained apart.",
    Relation.UNDETERMINED: "The weights do not say whether one comes from the other.",
}
BY_OUTPUTS = "Distillation: a network that was trained on the answers of another shares no weights with it."
RELATIVES = (
    "Whether relatives are parent and child or two children of a third: name the third with --also.",
    "A common random start: two trainings from one seed look like relatives.",
)
DISGUISES = (
    "Disguises that mix channels instead of moving them: rotations of the residual stream are not undone.",
    "Another tokenizer or another width throughout: then nothing is left that could be put side by side.",
)
NAMES = "Training data, tokenizer and licence. What names and metadata claim is not believed here."


def summary(decision: Decision, tally: Tally, sampled: Sampled) -> str:
    """One or two sentences."""
    text = SENTENCES[decision.relation]
    reason = f"{decision.reason[:1].upper()}{decision.reason[1:]}"
    if decision.relation is Relation.UNDETERMINED:
        return f"{text} {reason}."
    if decision.relation is Relation.UNRELATED:
        return f"{text} {reason}; 1 would be identical."
    if decision.relation is Relation.SAME and not sampled.whole:
        return f"{text} {sampled.numbers:,} numbers were compared, not all."
    return f"{text} {tally.count(*RELATED)} of {len(tally.matrices)} matrices agree."


def blind_spots(decision: Decision, tally: Tally, seen: Observed, sampled: Sampled) -> tuple[str, ...]:
    """What these weights, or this sample of them, cannot show."""
    found = [BY_OUTPUTS]
    if decision.relation in (Relation.FINE_TUNED, Relation.LORA_MERGED, Relation.UNDETERMINED):
        found += RELATIVES
    if decision.relation in (Relation.UNRELATED, Relation.UNDETERMINED):
        found += DISGUISES
    coarse = [one.rounding for one in tally.measures.values() if one.rounding >= thresholds.COARSE]
    if coarse and decision.relation is not Relation.UNRELATED:
        found.append(
            f"Changes smaller than the rounding of the coarser file, {max(coarse):.1%} of the numbers."
        )
    if not sampled.whole:
        found.append(
            f"Changes in what was not read: {sampled.bytes_read:,} of {sampled.bytes_total:,} bytes were. "
            "A larger budget reads more."
        )
    if seen.unread:
        found.append(f"{len(seen.unread)} pairs could not be compared, among them {seen.unread[0]}")
    if alone := [*seen.pairing.only_first, *seen.pairing.only_second]:
        found.append(f"{len(alone)} tensors have no counterpart, among them {alone[0]}")
    found.append(NAMES)
    return tuple(found)
