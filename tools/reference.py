"""Write the pages and schemas that are made from the code; ``--check`` says which are out of date.

docs/reference/cli.md             from the commands
docs/reference/target.md          from the JSON Schema of the target
docs/reference/rules/             from the rulebooks, one page for each edition
src/countermark/schemas/*.json    from the classes that they describe
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from countermark import rules, schemas
from countermark.checks import CHECKS
from countermark.cli import cli
from countermark.model import Category, Example, Rule
from countermark.reports.words import CATEGORIES, MODALITIES, QUESTIONS, SOURCES
from countermark.rules import Edition, Rulebooks

ROOT = Path(__file__).resolve().parent.parent
PAGES = Path("docs/reference")
SCHEMAS = Path("src/countermark/schemas")
GENERATED = "<!-- Made by tools/reference.py from {source}. Do not edit: run `make docs`. -->"
HELP_WIDTH = 88
ATTESTED = "attestation."
SHOWN_ITEMS = 12
SHOWN_CHARACTERS = 90

Schema = Mapping[str, Any]
Lines = Iterator[str]


def expected() -> dict[Path, str]:
    """Every generated file, relative to the root of the project, with its text."""
    books = rules.load()
    pages: dict[Path, Lines] = {
        PAGES / "cli.md": cli_page(),
        PAGES / "target.md": target_page(schemas.schema("target")),
        PAGES / "rules/index.md": index_page(books),
    }
    for name, edition in books.editions.items():
        pages[PAGES / "rules" / f"{slug(name)}.md"] = edition_page(name, edition, books)
    texts = {path: "\n".join(lines) + "\n" for path, lines in pages.items()}
    for name, file in schemas.FILES.items():
        texts[SCHEMAS / file] = json.dumps(schemas.schema(name), ensure_ascii=False, indent=2) + "\n"
    return texts


def outdated(root: Path, texts: Mapping[Path, str]) -> list[Path]:
    """The files below ``root`` that differ from ``texts``, are missing, or should not be there."""
    differing = [path for path, text in texts.items() if _read(root / path) != text]
    return sorted(differing + _left_over(root, texts))


def write(root: Path, texts: Mapping[Path, str]) -> None:
    """Write ``texts`` below ``root``, and remove the pages of editions that are gone."""
    for path in _left_over(root, texts):
        (root / path).unlink()
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="\n")


def _left_over(root: Path, texts: Mapping[Path, str]) -> list[Path]:
    found = [path.relative_to(root) for path in (root / PAGES).rglob("*.md")]
    found += [path.relative_to(root) for path in (root / SCHEMAS).glob("*.json")]
    return [path for path in found if path not in texts]


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


# The command line


def cli_page() -> Lines:
    """Every command and sub-command, with the text that its ``--help`` prints."""
    yield from _head("Commands", "src/countermark/cli")
    yield "What `--help` says of each command. Standard output is the report and nothing else; progress and"
    yield "logs go to standard error. `NO_COLOR` is honoured. Exit codes are never renumbered."
    for name, text in _helps(cli, _context(cli, "countermark")):
        yield from ("", f"## {name}", "", "```text", text, "```")


def _helps(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    yield context.command_path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(context):
        sub = command.get_command(context, name)
        if sub is not None:
            yield from _helps(sub, _context(sub, name, context))


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    settings = command.context_settings
    return click.Context(command, parent, info_name=name, terminal_width=HELP_WIDTH, **settings)


# The target


def target_page(schema: Schema) -> Lines:
    """Every key of ``countermark.yaml``, with type and meaning."""
    yield from _head("countermark.yaml", "src/countermark/target/declaration.py")
    yield "The file that declares what is audited. An unknown key is an error, named with its line and the"
    yield "key that was probably meant. Paths are relative to the folder of the file and stay inside it."
    yield "Anchors and aliases are refused."
    yield ""
    yield "Editors check the file against its JSON Schema: save the output of `countermark schema target`,"
    yield "and name it in the first line."
    yield from ("", "```yaml", "# yaml-language-server: $schema=target.schema.json", "```")
    yield from _object("The file", schema, schema)
    for name in _in_order(schema, schema):
        part = schema["$defs"][name]
        yield from _object(name, part, schema) if "properties" in part else _choices(name, part)


def _in_order(part: Schema, schema: Schema, seen: set[str] | None = None) -> Iterator[str]:
    """The names of the parts, each where it is first referred to."""
    seen = set() if seen is None else seen
    for name in _references(part.get("properties", {})):
        if name not in seen:
            seen.add(name)
            yield name
            yield from _in_order(schema["$defs"][name], schema, seen)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield _name(value)
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _object(name: str, part: Schema, schema: Schema) -> Lines:
    yield from ("", f"## {name}", "", _flat(part.get("description", "")), "")
    yield "| key | type | | meaning |"
    yield "|---|---|---|---|"
    for key, value in part["properties"].items():
        needed = "required" if key in part.get("required", ()) else _default(value)
        meaning = _flat(value.get("description", "") or _described(value, schema))
        yield f"| `{key}` | {_type(value)} | {needed} | {_cell(meaning)} |"


def _choices(name: str, part: Schema) -> Lines:
    yield from ("", f"## {name}", "", _flat(part.get("description", "")), "")
    yield f"One of {_codes(part['enum'])}."


def _described(value: Schema, schema: Schema) -> str:
    """What the part that a key refers to says of itself."""
    name = next(_references(dict(value)), "")
    return str(schema["$defs"][name].get("description", "")) if name else ""


def _type(value: Schema) -> str:
    if "$ref" in value:
        name = _name(value)
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(_type(one) for one in value["anyOf"] if one.get("type") != "null")
    if "const" in value or "enum" in value:
        return _codes(value.get("enum") or [value["const"]])
    kind = str(value["type"])
    if kind == "array":
        return f"list of {_type(value['items'])}"
    if kind == "object":
        return f"map of {_type(value['additionalProperties'])}"
    return str(value.get("format") or {"string": "text"}.get(kind, kind))


def _default(value: Schema) -> str:
    default = value.get("default")
    if default in (None, [], {}) or isinstance(default, dict):
        return "optional"
    return f"default `{json.dumps(default)}`"


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


# The rules


def index_page(books: Rulebooks) -> Lines:
    """The editions, then every rule by category."""
    yield from _head("Rules", "src/countermark/rulebooks")
    counts = Counter(_way(rule) for rule in books.rules.values())
    yield f"{len(books.rules)} rules in {len(books.editions)} editions."
    yield ""
    yield f"- {counts['measured']} are judged on what an audit measures,"
    yield f"- {counts['document']} on a document that the operator hands in,"
    yield f"- {counts['others']} by other rules that together answer them,"
    yield f"- {counts['none']} have no automatic check yet: an audit says *undetermined* of them."
    yield from ("", "## Editions", "", "| instrument | | place | in force | rules |", "|---|---|---|---|---|")
    for name, edition in books.editions.items():
        link = f"[{_cell(edition.title.en)}]({slug(name)}.md)"
        count, title = len(books.of(name)), _cell(edition.title.zh)
        yield f"| {link} | {title} | {edition.jurisdiction} | {_period(edition)} | {count} |"
    for category in Category:
        words, question = CATEGORIES[category], QUESTIONS[category]
        yield from ("", f"## {words.en}", "", f"{words.zh}. {question.en}", "")
        yield from ("| rule | asks | | from | source | judged by |", "|---|---|---|---|---|---|")
        for rule in _by_id(books.rules.values()):
            if rule.category is category:
                yield _row(rule)
    yield from _documents(books)


def _documents(books: Rulebooks) -> Lines:
    """Every document that a rule asks for, by the topic of its attestation."""
    asking: dict[str, list[Rule]] = {}
    for rule in _by_id(books.rules.values()):
        for kind in rule.evidence:
            if kind.startswith(ATTESTED):
                asking.setdefault(kind.removeprefix(ATTESTED), []).append(rule)
    yield from ("", "## Documents", "", "The topics of the documents that rules ask for, and the rules.")
    yield "`countermark explain ID` says what the document must show."
    yield from ("", "| topic | rules |", "|---|---|")
    for topic, asked in sorted(asking.items()):
        yield f"| `{topic}` | {', '.join(_link(rule.id, books) for rule in asked)} |"


def _row(rule: Rule) -> str:
    link = f"[{rule.id}]({slug(rule.clause.edition)}.md#{rule.id})"
    how = _judged(rule)
    return f"| {link} | {_cell(rule.title.en)} | {rule.modality} | {_period(rule)} | {rule.source} | {how} |"


def _judged(rule: Rule) -> str:
    if rule.judged_by:
        return f"{len(rule.judged_by)} other rules"
    if rule.check is None:
        return "no check yet"
    return "a document" if _way(rule) == "document" else f"`{rule.check}`"


def _way(rule: Rule) -> str:
    if rule.judged_by:
        return "others"
    if rule.check is None:
        return "none"
    return "document" if rule.check.startswith(ATTESTED) else "measured"


def _by_id(listed: Iterable[Rule]) -> list[Rule]:
    """Rules in the order of their ids, with 4 before 10."""

    def key(rule: Rule) -> list[tuple[int, str]]:
        return [(int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", rule.id)]

    return sorted(listed, key=key)


def edition_page(name: str, edition: Edition, books: Rulebooks) -> Lines:
    """One edition of an instrument, and its rules."""
    yield from _head(edition.title.en, f"src/countermark/rulebooks/{name}")
    yield f"*{edition.title.zh}*"
    yield ""
    yield f"- Edition: `{name}`"
    yield f"- Place and level: {edition.jurisdiction}, {edition.level}"
    yield f"- Issued {edition.issued}, in force {_period(edition)}"
    if edition.url:
        yield f"- Text: <{edition.url}>"
    if edition.note:
        yield from ("", _text(edition.note.en), "", _text(edition.note.zh))
    for rule in _by_id(books.of(name).values()):
        yield from ("", f"## {rule.id} {{ #{rule.id} }}", "", *_rule(rule, books))


def _rule(rule: Rule, books: Rulebooks) -> Lines:
    yield from (f"**{_text(rule.title.en)}**<br>{_text(rule.title.zh)}", "")
    yield from (_text(rule.requirement.en), "", _text(rule.requirement.zh), "")
    bound = ", ".join(rule.roles) + (f"; services that are {' and '.join(rule.when)}" if rule.when else "")
    yield f"- Clause: {_text(rule.clause.article) or 'not stated'}"
    yield f"- Category: {CATEGORIES[rule.category].en}"
    yield f"- Modality: {MODALITIES[rule.modality].en} ({MODALITIES[rule.modality].zh})"
    yield f"- In force: {_period(rule)}" + (
        f"; followed by {_link(rule.superseded_by, books)}" if rule.superseded_by else ""
    )
    yield f"- Source: `{rule.source}` ({SOURCES[rule.source].en}, {SOURCES[rule.source].zh})"
    yield f"- Binds: {bound}"
    yield from _checked(rule, books)
    if rule.limits:
        yield f"- What the check cannot see: {_text(rule.limits.en)}"
    yield f"- Remedy: {_text(rule.remedy.en)}"
    yield f"- 整改：{_text(rule.remedy.zh)}"
    if rule.example:
        yield f"- Examples: {'; '.join(map(_example, rule.example))}"


def _checked(rule: Rule, books: Rulebooks) -> Lines:
    if rule.judged_by:
        parts = ", ".join(_link(other, books) for other in rule.judged_by)
        yield f"- How it is checked: as bad as the worst of {parts}"
    elif rule.check is None:
        yield "- How it is checked: no automatic check exists yet, so an audit says *undetermined*"
    else:
        about = (CHECKS[rule.check].__doc__ or "").strip().splitlines()[0]
        yield f"- How it is checked: `{rule.check}` on {_codes(rule.evidence)}. {_text(about)}"
    for name, value in rule.parameters.items():
        yield f"    - `{name}` = {_value(value)}"


def _example(example: Example) -> str:
    return f"*{example.verdict}*" + (f" ({_text(example.note)})" if example.note else "")


def _value(value: Any) -> str:
    if not isinstance(value, list):
        return _code(json.dumps(value, ensure_ascii=False, default=str))
    shown = ", ".join(_code(_short(str(item))) for item in value[:SHOWN_ITEMS])
    return shown + (f" and {len(value) - SHOWN_ITEMS} more" if len(value) > SHOWN_ITEMS else "")


def _link(rule_id: str, books: Rulebooks) -> str:
    return f"[{rule_id}]({slug(books.rules[rule_id].clause.edition)}.md#{rule_id})"


def _period(dated: Rule | Edition) -> str:
    return f"{dated.in_force} to {dated.until}" if dated.until else f"{dated.in_force}"


def slug(edition: str) -> str:
    """The name of the page of an edition."""
    return edition.replace("/", "-")


# Markdown


def _head(title: str, source: str) -> Lines:
    yield from (GENERATED.format(source=source), "", f"# {title}", "")


def _text(text: str) -> str:
    """Running text: one line, and nothing in it that Markdown would take for HTML."""
    return _flat(text).replace("&", "&amp;").replace("<", "&lt;")


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


def _flat(text: str) -> str:
    return " ".join(text.split())


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} …"


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def _codes(texts: Sequence[Any]) -> str:
    return ", ".join(_code(str(text)) for text in texts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or with ``--check`` name those that are out of date."""
    parser = argparse.ArgumentParser(description="Write the pages and schemas that are made from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file differs")
    options = parser.parse_args(arguments)
    texts = expected()
    stale = outdated(ROOT, texts)
    if not options.check:
        write(ROOT, texts)
        print(f"{len(texts)} files, {len(stale)} changed")
        return 0
    for path in stale:
        print(f"{path.as_posix()} is out of date: run `make docs`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
