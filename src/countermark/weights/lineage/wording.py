"""The answer in words, for somebody who has to file it and does not train networks."""

from __future__ import annotations

from countermark.weights.lineage.deciding import Decision, Tally
from countermark.weights.lineage.observing import Observed
from countermark.weights.lineage.relation import RELATED, Relation, Sampled

SENTENCES = {
    Relation.SAME: "Every number that was compared is the same in both.",
    Relation.PERMUTED: "The second is the first with its units in another order or rescaled; it computes the same.",
    Relation.QUANTISED: "One is the other, rounded to another format; nothing else was changed.",
    Relation.PRUNED: "One is the other with numbers, units or layers taken out; what is left was not changed.",
    Relation.LORA_MERGED: "One is the other plus a change along few directions, as a merged adapter (LoRA) leaves.",
    Relation.FINE_TUNED: "One was trained on from the other, or both from a common ancestor.",
    Relation.MERGED: "The second is a weighted mean of the checkpoints that were given.",
    Relation.UNRELATED: "No trace of a common start: they are no more alike than networks trained apart.",
    Relation.UNDETERMINED: "The weights do not say whether one comes from the other.",
}
ALWAYS = (
    "Distillation by outputs: a network that was trained on the answers of another shares no weights with it.",
    "Whether two relatives are parent and child or two children of a third; name the third with --also.",
    "A common random initialisation: two trainings from one seed look like relatives.",
)
UNTRUE = (
    "What the training data, the tokenizer or the licence were; names and metadata are not believed here."
)
DISGUISED = (
    "A disguise that mixes channels (rotations of the residual stream, as some quantisers use) is not undone."
)


def summary(decision: Decision, tally: Tally, seen: Observed, sampled: Sampled) -> str:
    """One or two sentences."""
    agreed = tally.count(*RELATED)
    if decision.relation is Relation.UNDETERMINED:
        return f"{SENTENCES[decision.relation]} {decision.reason[:1].upper()}{decision.reason[1:]}."
    text = SENTENCES[decision.relation]
    if decision.relation is Relation.SAME and not sampled.whole:
        text += f" {sampled.numbers:,} numbers were compared, not all."
    if decision.relation is Relation.UNRELATED:
        return f"{text} {decision.reason[:1].upper()}{decision.reason[1:]}; 1 would be identical."
    return f"{text} {agreed} of {len(tally.matrices)} matrices agree."


def blind_spots(decision: Decision, seen: Observed, sampled: Sampled) -> tuple[str, ...]:
    """What these weights, or this sample of them, cannot show."""
    found = list(ALWAYS[:1])
    if decision.relation in (Relation.FINE_TUNED, Relation.LORA_MERGED, Relation.UNDETERMINED):
        found += ALWAYS[1:]
    if decision.relation in (Relation.UNRELATED, Relation.UNDETERMINED):
        found.append(DISGUISED)
    if not sampled.whole:
        found.append(
            f"Changes in what was not read: {sampled.numbers:,} numbers of {sampled.tensors:,} pairs were compared, "
            f"{sampled.bytes_read:,} of {sampled.bytes_total:,} bytes. A larger budget reads more."
        )
    if seen.unread:
        found.append(f"{len(seen.unread)} pairs could not be compared, among them {seen.unread[0]}")
    alone = len(seen.pairing.only_first) + len(seen.pairing.only_second)
    if alone:
        one = (*seen.pairing.only_first, *seen.pairing.only_second)[0]
        found.append(f"{alone} tensors have no counterpart, among them {one}")
    found.append(UNTRUE)
    return tuple(found)
