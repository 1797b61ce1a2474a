"""``countermark label verify``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countermark.cli import CLEAN, FINDINGS, INCOMPLETE
from countermark.cli.label.many import FilesCommand, Many, many_options, trouble_of, work
from countermark.cli.options import Failure

if TYPE_CHECKING:
    from countermark.cli.label.table import Counts
    from countermark.labels import Limits, Verification
    from countermark.labels.batch import Done, Found
    from countermark.labels.security.trust import TrustStore

QUIET = {"characters"}
"""Soft requirements that nearly every Chinese name misses: in the lines, not in the table."""
UNTRUSTED = "untrusted"
"""What is labelled, but by no signature of a key in --trust."""
FAILURES = {
    "untrusted": {"untrusted", "absent", "defective"},
    "absent": {"absent", "defective"},
    "defective": {"defective"},
    "never": set(),
}
SHOWN_TEXTS = 6
WIDEST = 96


@click.command("verify", cls=FilesCommand)
@click.option(
    "--fail-on",
    type=click.Choice(list(FAILURES)),
    default="absent",
    show_default=True,
    help="What makes the exit code 1: a label that no key of --trust has signed, or no label, or only a "
    "defective label; each with those behind it.",
)
@click.option(
    "--trust",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file of the keys whose owner is known; without it a signature proves only that nothing "
    "was altered.",
)
@click.option(
    "--max-metadata", type=click.IntRange(min=1), help="Most bytes of metadata that are read of one file."
)
@many_options
@click.pass_context
def command(
    ctx: click.Context, many: Many, *, fail_on: str, trust: Path | None, max_metadata: int | None
) -> None:
    """Look at the labels of FILES: is there one, is it in order, does what it claims hold?

    \b
    labelled     one label, readable, without an error
    untrusted    the same, with --trust, but signed by none of its keys
    defective    a label with an error, or several of them
    absent       no label found, which does not say that nothing was generated
    unsupported  of a kind that labels are not read from
    unreadable   broken, beyond a limit, or not to be opened

    The exit code is 1 for files that fail, else 3 where some were unreadable or unsupported: they were
    not looked at. With --fail-on never only what is unreadable gives 3.

    \b
    Examples:
      countermark label verify picture.png
      countermark label verify out/ -j 4 -f table -f jsonl=labels.jsonl
      find . -newer mark -print0 | countermark label verify -0 -
    """
    from countermark.labels import Limits
    from countermark.labels.batch import Search

    if fail_on == UNTRUSTED and trust is None:
        raise Failure("--fail-on untrusted needs the keys that are trusted: --trust FILE")
    limits = Limits() if max_metadata is None else Limits(metadata_bytes=max_metadata)
    store = _store(trust) if trust else None
    counts = work(Verify(limits, store), many, Search(follow=True), tail=card)
    outcomes = {outcome for _, outcome in counts}
    if outcomes & FAILURES[fail_on]:
        ctx.exit(FINDINGS)
    missing = {"unreadable"} if fail_on == "never" else {"unreadable", "unsupported"}
    ctx.exit(INCOMPLETE if outcomes & missing else CLEAN)


def _store(file: Path) -> TrustStore:
    from countermark.labels import LabelError
    from countermark.labels.security.trust import TrustStore

    try:
        return TrustStore.load(file)
    except LabelError as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"{file}: {trouble_of(error)}") from None


@dataclass(frozen=True, slots=True)
class Verify:
    """Verify one file."""

    limits: Limits
    trust: TrustStore | None

    def __call__(self, found: Found) -> Done:
        """What was found, as a line and as a note."""
        from countermark.labels.batch import Done, line

        result = self._verified(found)
        outcome = str(result.outcome)
        if outcome == "labelled" and self.trust and not _is_trusted(result):
            outcome = UNTRUSTED
        container = result.reading.container if result.reading else ""
        worst = [d.text for d in result.defects if d.severity != "note" and d.code not in QUIET]
        note: tuple[str, ...] = ()
        if outcome not in ("labelled", "unsupported") or worst:
            said = [result.reason] if result.reason else worst
            note = (found.path, *said[:SHOWN_TEXTS])
        return Done(line(found, result.to_dict() | {"outcome": outcome}), container, outcome, note)

    def _verified(self, found: Found) -> Verification:
        from countermark.labels import Outcome, Verification, verify

        if found.trouble:
            return Verification(Outcome.UNREADABLE, reason=found.trouble)
        try:
            return verify(found.path, trust=self.trust, limits=self.limits)
        except OSError as error:  # while a signature asked for the content
            return Verification(Outcome.UNREADABLE, reason=trouble_of(error))


def _is_trusted(result: Verification) -> bool:
    """Whether the label is signed, and every signature in it is by a known key."""
    reports = (result.security or {}).values()
    claims = [str(claim.verdict) for report in reports for claim in (report.label, report.key)]
    return bool(claims) and set(claims) == {"holds"}


def card(counts: Counts, line: str) -> Iterator[str]:
    """All that a single file says, for under the table."""
    if counts.total() != 1 or not line:
        return
    value = json.loads(line)
    for label in value.get("labels", ()):
        yield f"{'place':<18} {label['place']}"
        for name, text in label["fields"].items():
            shown = text if len(text) <= WIDEST else f"{text[:WIDEST]}… ({len(text):,} characters)"
            yield f"{name:<18} {shown or '—'}"
    for side, report in value.get("security", {}).items():
        yield from _signature(side, report)


def _signature(side: str, report: dict[str, Any]) -> Iterator[str]:
    yield f"signature of the {side}"
    for name in ("label", "content", "perceptual", "key"):
        verdict, detail = report[name]["verdict"], report[name]["detail"]
        yield f"  {name:<16} {verdict}{f': {detail}' if detail else ''}"
    for name in ("owner", "fingerprint"):
        if report[name]:
            yield f"  {name:<16} {report[name]}"
