"""Which format a configuration file has, by its name and, where that does not say, its first lines."""

from __future__ import annotations

import posixpath
import re

from countermark.inventory.reading.config import hocon

COPIED = re.compile(
    r"[._-](?:example|sample|template|tmpl|tpl|dist|j2|jinja2?|gotmpl|erb|defaults?|bak|orig|old|in|local|prod|"
    r"production|dev|development|staging|test|backup|disabled)$",
    re.IGNORECASE,
)
"""What may stand behind the suffix that says the format."""
SUFFIXES = {
    ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json", ".json5": "json", ".jsonc": "json",
    ".properties": "properties", ".ini": "ini", ".cfg": "ini", ".tf": "terraform", ".tfvars": "terraform",
    ".hcl": "terraform", ".tofu": "terraform", ".service": "systemd", ".container": "systemd",
    ".ipynb": "notebook", ".dockerfile": "dockerfile", ".containerfile": "dockerfile", ".mk": "make",
    ".env": "env", ".hocon": "hocon",
}  # fmt: skip
CODE = re.compile(
    r"\.(?:py|pyi|js|ts|tsx|jsx|mjs|cjs|mts|go|java|kt|kts|rb|rs|cs|php|sh|bash|zsh|fish|ps1|bat|cmd|md|rst|txt|"
    r"html|vue|svelte|lua|swift|scala|c|h|cpp|hpp|css|scss|sql|xml|lock|log|svg|pyc|gz|zip|so|o|png|enc|gpg)$",
    re.IGNORECASE,
)
ENV = re.compile(
    r"\.(?:envrc|flaskenv)|(?:[\w-]+\.)*\.env(?:[._-][\w.-]+)?|(?:[\w-]+[._-])(?:env|dotenv)|dotenv|"
    r"(?:dot)?env(?:[._-](?:example|sample|template|dist|tpl|tmpl|defaults?|local|dev|prod|test|staging|docker|"
    r"production|development))*",
    re.IGNORECASE,
)
NAMES = (
    ("env", ENV),
    ("terraform", re.compile(r".+\.(?:tf|tfvars|tofu)\.json", re.IGNORECASE)),
    ("dockerfile", re.compile(r"(?:.+[._-])?(?:docker|container)file(?:[._-].+)?", re.IGNORECASE)),
    ("make", re.compile(r"(?:gnu)?makefile(?:[._-].+)?", re.IGNORECASE)),
    ("procfile", re.compile(r"procfile(?:[._-]\w+)?", re.IGNORECASE)),
    ("modelfile", re.compile(r"(?:.+[._-])?modelfile(?:[._-].+)?", re.IGNORECASE)),
    ("jenkins", re.compile(r"jenkinsfile(?:[._-].+)?|.+\.jenkinsfile", re.IGNORECASE)),
)  # fmt: skip
PAIR = re.compile(rb"^[ \t]*(?:\[[\w .:/\"-]+\][ \t]*\r?$|[\w.-]+[ \t]*=[ \t]*\S)", re.MULTILINE)
STEERING = re.compile(
    r"(?:chart|requirements|values[\w.-]*|kustomization|(?:docker-)?compose[\w.-]*|helmfile)\.ya?ml|"
    r"\.env(?:\.\w+)?|(?:application|bootstrap)(?:-[\w-]+)?\.(?:ya?ml|properties)|[\w.-]+\.tfvars|variables\.tf|"
    r"dockerfile(?:\.[\w-]+)?|makefile|procfile",
    re.IGNORECASE,
)
WORD = re.compile(r"[a-z0-9]+")
COPY_WORDS = frozenset(["example", "sample", "tmpl", "tpl", "dist", "skeleton", "boilerplate"])
"""Words of a name that say that the file is one to copy first."""
SETTINGS_WORDS = frozenset(
    [
        "env", "config", "configuration", "conf", "cfg", "settings", "values", "application", "secrets",
        "compose", "appsettings",
    ]
)  # fmt: skip
"""Words beside which ``template`` says so too; elsewhere it may be the template of a prompt or a page."""


def format_of(path: str, head: bytes) -> str:
    """The format that a file is read as; empty where it is no configuration.

    Args:
        path: With forward slashes.
        head: The first bytes, which decide for ``.conf``.
    """
    name = posixpath.basename(path)
    for form, pattern in NAMES:
        own = ("", form, "json") if form == "terraform" else ("", form)
        if pattern.fullmatch(name) and not CODE.search(name) and _suffix(name) in own:
            return form
    suffix = _suffix(name)
    if suffix:
        return suffix
    stem = COPIED.sub("", name)
    if stem.lower().endswith(".conf"):
        return "hocon" if hocon.looks_so(head) else "ini" if PAIR.search(head) else ""
    return ""


def steers(path: str) -> bool:
    """Whether a file may decide about others though no word in it speaks of a model.

    A chart's values switch its templates, an ``.env`` chooses the profiles of Compose, an image says in which
    environment the service runs.
    """
    return STEERING.fullmatch(posixpath.basename(path)) is not None


def _suffix(name: str) -> str:
    for _ in range(3):
        _, suffix = posixpath.splitext(name)
        if form := SUFFIXES.get(suffix.lower()):
            return form
        shorter = COPIED.sub("", name)
        if shorter == name:
            break
        name = shorter
    return ""


def is_template(path: str) -> bool:
    """Whether a file is one to copy first: ``.env.example``, ``config-template.json``, ``app.ini.dist``."""
    words = WORD.findall(posixpath.basename(path).lower())
    if COPY_WORDS.intersection(words):
        return True
    return "template" in words and (bool(SETTINGS_WORDS.intersection(words)) or words[-1] == "template")
