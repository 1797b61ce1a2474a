"""What a path says of a file: that it belongs to tests, documents, the pipeline, training, or the past."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from countermark.inventory.usage import State

_NAMES = {
    name: frozenset(folders)
    for name, folders in tomllib.loads(
        files("countermark.inventory").joinpath("areas.toml").read_text("utf-8")
    ).items()
}
TESTS = _NAMES["tests"]
DOCUMENTS = _NAMES["documents"]
OFFLINE = _NAMES["offline"]
STALE = _NAMES["stale"]
BY_FOLDER = (
    (State.STALE, STALE),
    (State.TEST, TESTS),
    (State.OFFLINE, OFFLINE),
    (State.DOCUMENTED, DOCUMENTS),
)
"""What folders say of everything below them, the strongest first."""
CI = re.compile(
    r"(?:^|/)(?:\.github/|\.circleci/|\.gitlab/|\.woodpecker/|\.buildkite/|\.azure-pipelines/|"
    r"\.gitlab-ci\.ya?ml$|\.travis\.ya?ml$|\.drone\.ya?ml$|azure-pipelines\.ya?ml$|bitbucket-pipelines\.ya?ml$|"
    r"jenkinsfile[^/]*$|\.gitee/|appveyor\.ya?ml$|cloudbuild\.ya?ml$|ci/)",
    re.IGNORECASE,
)
"""Configuration of the pipeline that builds and tests."""
PROSE = re.compile(
    r"\.(?:md|mdx|rst|adoc|txt|html?|tex|pdf|docx)$|(?:^|/)(?:readme|changelog|license|contributing)",
    re.IGNORECASE,
)
"""What is written for people."""
REQUIREMENTS = re.compile(
    r"(?:^|/)(?:requirements|constraints)[\w.-]*\.txt$|(?:^|/)cmakelists\.txt$", re.IGNORECASE
)
"""Lists of packages, which only end like prose."""
TEST_FILE = re.compile(
    r"(?:^|/)(?:test_[^/]*|[^/]*_test|[^/]*[.-](?:test|spec)|[^/]*Tests?|conftest)\.\w+$|"
    r"(?:^|/)(?:docker-)?compose[.-](?:test|e2e|ci)\b[^/]*\.ya?ml$|(?:^|/)\.env[.-]test[^/]*$"
)
"""Files of tests by their own names."""
OFFLINE_FILE = re.compile(
    r"(?:^|/)(?:(?:run_)?(?:train|finetune|fine_tune|sft|dpo|pretrain|eval|evaluate|bench|benchmark|distill|quantize|"
    r"build_dataset|prepare_data|make_dataset|merge_lora|export_model)(?:[_-][^/]*)?|[^/]*_(?:train|finetune|sft|dpo|"
    r"lora_sft|eval|benchmark))\.\w+$|\.ipynb$",
    re.IGNORECASE,
)
"""Files that train, evaluate or prepare by their own names."""
STALE_FILE = re.compile(
    r"(?:[._-](?:bak|old|orig|backup|deprecated|legacy|obsolete|disabled|save)\d?(?:\.\w+)?|~)$|"
    r"\.(?:bak|old|orig)[._-]?\w*$|(?:^|/)(?:old|legacy|deprecated|backup|bak)[._-][^/]*$",
    re.IGNORECASE,
)
"""Files that were left behind."""
VENDORED = _NAMES["vendored"]
GENERATED = _NAMES["generated"]
BINARY = _NAMES["binary"]
APART = frozenset([".git", ".hg", ".svn", ".bzr", ".venv", "venv", ".countermark", "__macosx"])
"""Folders that are no part of what somebody wrote, and are not counted either."""
GENERATED_FILE = re.compile(
    r"\.min\.(?:js|css)$|[.-]bundle\.js$|\.pb\.go$|_pb2(?:_grpc)?\.py$|\.g\.(?:cs|dart)$|\.designer\.cs$|"
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json)$|\.map$",
    re.IGNORECASE,
)
"""Files that tools have made."""
SCRIPTS = re.compile(r"(?:^|/)(?:scripts?|offline|batch|one_?off|adhoc)(?:/|$)", re.IGNORECASE)
"""Programs that somebody runs by hand; what starts a service is no Python there."""
RUN_BY_HAND = (".py", ".r", ".jl")
PACKAGE = re.compile(r"(?:^|(?<=/))(?:com|org|net|io|cn)/(?:example|examples|sample|demo)(?=/|$)")
"""The name of a package, not of an example: ``src/main/java/com/example/…``."""
DEVELOPMENT = re.compile(
    r"(?:^|[./_-])(?:dev|devel|development|local|test|testing|staging|stage|uat|sit|debug|ci|sandbox)"
    r"(?=[./_-]|$)",
    re.IGNORECASE,
)
"""Names of environments that users do not see."""
PRODUCTION = re.compile(r"(?:^|[./_-])(?:prod|production|prd|live|release)(?=[./_-]|$)", re.IGNORECASE)
"""Names of the environment that users see."""


@lru_cache(maxsize=65_536)
def is_for_development(path: str) -> bool:
    """Whether a file is named for an environment that users do not see: ``settings/dev.py``."""
    folder, _, name = path.rpartition("/")
    if name in (".env.local", "local.env"):  # what overrides, not what is only tried out
        return False
    return DEVELOPMENT.search(f"{folder.rpartition('/')[2]}/{name}") is not None


@lru_cache(maxsize=65_536)
def is_for_production(path: str) -> bool:
    """Whether a file is named for the environment that users see: ``values-prod.yaml``."""
    folder, _, name = path.rpartition("/")
    return PRODUCTION.search(f"{folder.rpartition('/')[2]}/{name}") is not None


@lru_cache(maxsize=65_536)
def of_folder(folder: str) -> State | None:
    """What the folders of a path say of everything below them; None where they say nothing."""
    parts = {part.lower() for part in folder.split("/") if part}
    return next((state for state, folders in BY_FOLDER if parts & folders), None)


@lru_cache(maxsize=262_144)
def of(path: str) -> State | None:
    """The state that a path alone gives to what stands in the file; None where it gives none."""
    folder, _, name = path.rpartition("/")
    folder = PACKAGE.sub("", folder)
    if CI.search(path) and not path.endswith(".md"):
        return State.CI
    if STALE_FILE.search(name):
        return State.STALE
    if PROSE.search(path) and not REQUIREMENTS.search(path):
        return State.DOCUMENTED
    if (name.endswith(RUN_BY_HAND) and SCRIPTS.search(folder)) or name.endswith(".rake"):
        return of_folder(folder) or State.OFFLINE
    return of_folder(folder) or _of_name(path)


def _of_name(path: str) -> State | None:
    if TEST_FILE.search(path):
        return State.TEST
    return State.OFFLINE if OFFLINE_FILE.search(path) else None
