"""A first ``countermark.yaml`` from a survey: valid as it stands, with a comment beside each guess."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from glob import escape
from pathlib import PurePosixPath

from countermark.inventory import filing_numbers
from countermark.inventory.survey import Sighting, Survey

MOST_MODELS = 8
"""More names than this are a catalogue of what a product supports, not what it runs."""
MOST_PAGES = 12
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def draft(found: Survey, folder: str) -> str:
    """The text of the file."""
    name = folder or "service"
    sections = [
        _operator(folder),
        _service(found, name),
        _filings(found.filings, name),
        _models(found, name),
        _inventory(found),
        _corpora(found),
        _outputs(found, name),
        _transcripts(found, name),
        ATTESTATIONS,
    ]
    return "\n".join(sections)


def _quoted(text: str) -> str:
    """In double quotes. What YAML does not let stand as it is, is escaped; it has no lone surrogates."""
    plain = text.encode("utf-8", "replace").decode()
    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(plain, ensure_ascii=False))


def _pattern(path: str) -> str:
    """A path where a glob is read."""
    return _quoted(escape(path))


def _operator(folder: str) -> str:
    return f"""\
# What Countermark audits. Written by `countermark init`: check every line marked CHECK.
# Every key is documented: `countermark schema target`, or the reference in the documentation.
version: 1

operator:
  name: {_quoted(folder or "Example Ltd")}  # CHECK: the name under which you file
  # generation-provider, propagation-platform, app-store, technical-supporter
  roles: [generation-provider]  # CHECK
  # Where the services are offered: CN, EU, US-CA
  jurisdictions: [CN]  # CHECK
"""


def _service(found: Survey, name: str) -> str:
    lines = [
        "services:",
        f"  - name: {_quoted(name)}",
        "    # companion: false       # CHECK: does it simulate a person in sustained emotional interaction?",
        "    # open_to_minors: false  # CHECK: may people under 18 use it? Unsaid is undetermined.",
    ]
    pages = found.pages[:MOST_PAGES]
    if pages:
        lines += [
            "    pages:  # CHECK: the public pages, as saved HTML",
            *(f"      - {_pattern(page)}" for page in pages),
        ]
        if len(found.pages) > len(pages):
            lines.append(f"      # … and {len(found.pages) - len(pages)} more HTML files")
    else:
        lines.append('    # pages: ["public/index.html"]  # saved HTML of the home or product page')
    if found.settings:
        lines.append(f"    settings: {{file: {_quoted(found.settings[0])}}}  # CHECK")
    else:
        lines.append(
            '    # settings: {file: "config/limits.yaml"}  # minors\' mode, reminders, log retention'
        )
    return "\n".join(lines) + "\n"


def _filings(filings: list[Sighting], name: str) -> str:
    if not filings:
        return """\
# Filings and registrations that you have.
# filings:
#   - {kind: filing, number: "Beijing-Example-202404280016", name: "Example", service: "…"}
"""
    lines = ["filings:"]
    for seen in filings:
        number = filing_numbers.parse(seen.what)
        kind = {"algorithm": "algorithm", "genai-registration": "registration"}.get(number.shape, "filing")
        lines += [
            f"  - kind: {kind}  # seen in {seen.path}:{seen.line}",
            f"    number: {_quoted(seen.what)}",
            f"    name: {_quoted(number.parts.get('name') or name)}  # CHECK: the name that was filed",
            f"    service: {_quoted(name)}",
        ]
        if kind == "registration":
            lines.append('    # upstream: "…"  # the filing number of the model that is called')
    return "\n".join(lines) + "\n"


def _models(found: Survey, name: str) -> str:
    lines = [f"# Providers seen: {host.what} ({host.path}:{host.line})" for host in found.hosts]
    many = len(found.models) > MOST_MODELS
    if not found.models and not found.model_files:
        return "\n".join([*lines, "# models:", '#   - {name: "qwen-plus", services: ["…"], filing: "…"}', ""])
    if many:
        lines.append(
            f"# {len(found.models)} model names were seen, probably a catalogue: uncomment those in use."
        )
    if many and not found.model_files:
        lines.append("# models:")
    else:
        lines.append("models:  # CHECK: remove what does not answer users")
    sign = "#" if many else " "
    only = f", filing: {_quoted(found.filings[0].what)}" if len(found.filings) == 1 else ""
    answers = f"services: [{_quoted(name)}]{only}"
    lines += [
        f"{sign} - {{name: {_quoted(seen.what)}, {answers}}}  # {seen.path}:{seen.line}"
        for seen in found.models
    ]
    for path in found.model_files:
        file = _pattern(path)
        lines.append(f"  - {{name: {_quoted(PurePosixPath(path).name)}, {answers}, files: [{file}]}}")
    return "\n".join(lines) + "\n"


def _inventory(found: Survey) -> str:
    if found.lists is None:
        return """\
# Where models are searched for, and the regulator's lists that numbers are looked up in.
# inventory: {paths: ["."], lists: ".countermark/register"}  # after `countermark register import LIST`
"""
    return f"inventory:\n  lists: {_quoted(found.lists)}  # what `countermark register import` has kept\n"


def _corpora(found: Survey) -> str:
    if not found.corpora:
        return (
            '# corpora:\n#   - {name: "sft", path: "data", manifest: "data/SHA256SUMS", use: fine-tuning}\n'
        )
    lines = ["corpora:"]
    for path in found.corpora:
        manifest = found.manifests.get(path)
        lines += [
            f"  - name: {_quoted(path.rsplit('/', 1)[-1])}",
            f"    path: {_quoted(path)}",
            f"    manifest: {_quoted(manifest)}"
            if manifest
            else "    # manifest: SHA256SUMS  # `sha256sum` lines",
            "    use: fine-tuning  # CHECK: pre-training, fine-tuning, preference, retrieval, evaluation",
        ]
    return "\n".join(lines) + "\n"


def _outputs(found: Survey, name: str) -> str:
    return _listed("outputs", "Generated files, as users get them", found.outputs, name, '"samples/*.png"')


def _transcripts(found: Survey, name: str) -> str:
    return _listed(
        "transcripts",
        "Conversations, JSONL with `messages`",
        [escape(path) for path in found.transcripts],
        name,
        '"logs/chat.jsonl"',
    )


def _listed(key: str, about: str, paths: Iterable[str], name: str, example: str) -> str:
    quoted = [_quoted(path) for path in paths]
    if not quoted:
        return f"# {about}.\n# {key}:\n#   - {{files: [{example}], service: {_quoted(name)}}}\n"
    return f"{key}:  # CHECK: {about}\n  - files: [{', '.join(quoted)}]\n    service: {_quoted(name)}\n"


ATTESTATIONS = """\
# Documents for duties that no program can measure. `countermark explain ID` names the topic.
# attestations:
#   - topic: complaint-procedure
#     document: policies/complaints.pdf
#     sha256: "…"          # sha256sum policies/complaints.pdf
#     signatory: "A. Example, legal representative"
#     signed: 2026-01-10
#     expires: 2027-01-10

# Violations that somebody accepts, until a day. They stay visible.
# suppressions:
#   - {rule: CN-LAB-5, path: "samples/old-*.png", reason: "…", owner: "…", expires: 2027-01-01}
"""
