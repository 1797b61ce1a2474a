"""Pipelines that build and test: of GitHub, GitLab, Azure, CircleCI, Drone, Bitbucket, Jenkins and others."""

from __future__ import annotations

import re

from countermark.inventory.reading.config.command_lines import lines
from countermark.inventory.reading.config.entries import Writer
from countermark.inventory.reading.config.placeholders import value as placeholder
from countermark.inventory.reading.config.remarks import of_yaml
from countermark.inventory.reading.config.starting import start
from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Node, Parsed, Scalar, Sequence
from countermark.inventory.reading.expressions import Assignment, Document, Text

FILE = re.compile(
    r"(?:^|/)(?:\.github/(?:workflows|actions)/.*|\.circleci/.*|\.gitlab/.*|\.woodpecker/.*|\.buildkite/.*|\.gitee/.*|"
    r"\.azure-pipelines/.*|\.workflow/.*|\.?[\w.-]*gitlab-ci[\w.-]*|\.travis|\.drone|azure-pipelines[\w.-]*|\.woodpecker|"
    r"bitbucket-pipelines|appveyor|cloudbuild[\w.-]*|buildspec[\w.-]*|\.cirrus|codefresh)\.ya?ml$",
    re.IGNORECASE,
)
SCRIPTS = frozenset(
    [
        "run",
        "script",
        "before_script",
        "after_script",
        "bash",
        "pwsh",
        "powershell",
        "inlinescript",
        "commands",
        "command",
    ]
)
"""Keys, in lower case, whose values are commands of a shell."""
MAX_COMMANDS = 5_000
JENKINS_PAIR = re.compile(
    r"""^\s*(?:env\.)?([A-Z][A-Z0-9_]*)\s*=\s*(?:'([^'\n]*)'|"([^"\n]*)")\s*$""", re.MULTILINE
)
JENKINS_LIST = re.compile(r"""["']([A-Z][A-Z0-9_]*)=([^"'\n]*)["']""")
JENKINS_SHELL = re.compile(
    r"""\b(?:sh|bat|powershell)\s*\(?\s*(?:script:\s*)?(?:'''(.*?)'''|\"\"\"(.*?)\"\"\"|'([^'\n]*)'|"([^"\n]*)")""",
    re.DOTALL,
)


def read(path: str, parsed: Parsed) -> Document:
    """The variables and the commands of a pipeline in YAML."""
    document = Document(path, "ci", trouble=parsed.trouble)
    writer = Writer(document, skip=lambda keys: bool(keys) and keys[-1].lower() in SCRIPTS)
    for root in parsed.roots:
        writer.add(root)
        _scripts(document, root, (), 0)
    for remark, node in of_yaml(parsed.remarks):
        writer.add_remark(node, remark.parents)
    return document


def _scripts(document: Document, node: Node, path: tuple[str, ...], depth: int) -> None:
    """The commands below a node; their scope is the job."""
    if depth > MAX_DEPTH or len(document.commands) > MAX_COMMANDS:
        return
    if isinstance(node, Sequence):
        for item in node.items:
            _scripts(document, item, path, depth + 1)
    elif isinstance(node, Mapping):
        for key, _, value in node.items:
            if key.lower() in SCRIPTS and not isinstance(value, Mapping):
                for text in value.items if isinstance(value, Sequence) else [value]:
                    if isinstance(text, Scalar):
                        _commands(document, text.value, text.line, path)
            else:
                _scripts(document, value, (*path, key), depth + 1)


def _commands(document: Document, text: str, line: int, path: tuple[str, ...]) -> None:
    job = path[1] if path[:1] in (("jobs",), ("stages",)) and len(path) > 1 else path[0] if path else ""
    for each in lines(text, line, placeholder if "${{" in text else _shell):
        if each.words:
            start(document, each.words, each.line, f"ci:{job}")
        else:
            document.assignments += [
                Assignment(name, value, each.line, f"ci:{job}") for name, value in each.variables
            ]


def _shell(text: str, line: int) -> Text:
    return Text(text, line)


def read_jenkins(path: str, text: str) -> Document:
    """The variables and the commands of a Jenkinsfile, by their usual shapes."""
    document = Document(path, "ci")
    for pattern in (JENKINS_PAIR, JENKINS_LIST):
        for found in pattern.finditer(text):
            value = next((part for part in found.groups()[1:] if part is not None), "")
            line = text.count("\n", 0, found.start(1)) + 1
            document.assignments.append(Assignment(found[1], placeholder(value, line), line, "ci:"))
    for found in JENKINS_SHELL.finditer(text):
        group = next(number for number in range(1, 5) if found[number] is not None)
        line = text.count("\n", 0, found.start(group)) + 1
        for each in lines(found[group], line):
            if each.words:
                start(document, each.words, each.line, "ci:")
    return document
