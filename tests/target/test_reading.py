"""``countermark.yaml``: every mistake is named with its line, and nothing else comes of it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countermark.target import Target, TargetError, load

WHOLE = """\
version: 1
operator:
  name: Shop Ltd
  roles: [generation-provider]
  jurisdictions: [CN, EU]
services:
  - name: chat
    companion: true
    pages: ["public/*.html"]
    settings: {file: config/limits.yaml, keys: {curfew_start: minors.night.from}}
filings:
  - {kind: filing, number: Beijing-Shop-202404280016, name: Shop, service: chat, filed: 2024-04-28}
models:
  - {name: shop-7b, services: [chat], filing: Beijing-Shop-202404280016, files: [models/*.pkl]}
corpora:
  - {name: sft, path: data, manifest: data/SHA256SUMS, use: fine-tuning}
outputs:
  - {files: [samples/*.png], service: chat, generated: false}
attestations:
  - topic: complaint-procedure
    document: policies/complaints.pdf
    sha256: "0000000000000000000000000000000000000000000000000000000000000000"
    signatory: A. Example
    signed: 2026-01-10
    expires: 2027-01-10
limits: {page_bytes: 1_000, globals: 0x10}
"""
SMALL = """\
version: 1
operator: {name: S, roles: [generation-provider], jurisdictions: [CN]}
services: [{name: chat}]
"""


@pytest.fixture
def read(tmp_path: Path):
    def of(text: str | bytes) -> Target:
        path = tmp_path / "countermark.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(path)

    return of


@pytest.fixture
def mistakes(read):
    """The mistakes of a text as ``line: where: what``."""

    def of(text: str | bytes) -> list[str]:
        with pytest.raises(TargetError) as caught:
            read(text)
        str(caught.value).encode()
        return [f"{m.line}: {m.where}: {m.what}" for m in caught.value.mistakes]

    return of


def test_a_whole_target_is_read(read, tmp_path: Path) -> None:
    target = read(WHOLE)
    assert target.services[0].companion is True
    assert target.services[0].open_to_minors is None
    assert str(target.filings[0].filed) == "2024-04-28"
    assert (target.limits.page_bytes, target.limits.globals) == (1000, 16)
    assert target.outputs[0].generated is False
    assert load(tmp_path) == target


@pytest.mark.parametrize("form", ["crlf", "mark", "version", "end", "documents"])
def test_other_ways_to_write_the_same(read, form: str) -> None:
    text = {
        "crlf": WHOLE.replace("\n", "\r\n"),
        "mark": "\ufeff" + WHOLE,
        "version": "%YAML 1.2\n---\n" + WHOLE,
        "end": WHOLE + "...\n",
        "documents": "---\n" + WHOLE,
    }[form]
    assert read(text) == read(WHOLE)


@pytest.mark.parametrize(("word", "value"), [("yes", True), ("on", True), ("no", False), ("off", False)])
def test_the_truth_values_of_yaml_1_1_mean_what_they_say(read, word: str, value: bool) -> None:
    text = "%YAML 1.1\n---\n" + SMALL.replace("name: chat", f"name: chat, companion: {word}")
    assert read(text).services[0].companion is value


ONE_MISTAKE = {
    "unknown key": (
        WHOLE.replace("companion", "compagnon"),
        "8: services[0].compagnon: unknown key; did you mean `companion`?",
    ),
    "unknown key at the top": (
        WHOLE.replace("corpora", "corpra"),
        "15: corpra: unknown key; did you mean `corpora`?",
    ),
    "unknown key like no other": (
        WHOLE.replace("globals: 0x10", "zzz: 1"),
        "26: limits.zzz: unknown key; known here: page_bytes, metadata_bytes, explicit_files, ",
    ),
    "merge key": (WHOLE + "<<: {a: 1}\n", "27: <<: unknown key; known here: version"),
    "missing key": (WHOLE.replace("  name: Shop Ltd\n", ""), "2: operator.name: this key is missing"),
    "missing key in a list": (
        WHOLE.replace("  - name: chat\n    companion: true", "  - companion: true"),
        "7: services[0].name: this key is missing",
    ),
    "missing section": (
        "version: 1\n" + WHOLE[WHOLE.index("services") :],
        "1: operator: this key is missing",
    ),
    "wrong type": (WHOLE.replace("[CN, EU]", "CN"), "5: operator.jurisdictions: Input should be a valid"),
    "wrong word": (
        WHOLE.replace("fine-tuning", "fine"),
        "16: corpora[0].use: Input should be 'pre-training'",
    ),
    "wrong version": (WHOLE.replace("version: 1", "version: 2"), "1: version: Input should be 1"),
    "nothing where something must be": (
        WHOLE.replace("name: Shop Ltd", "name:"),
        "3: operator.name: Input should be a valid string",
    ),
    "empty name": (
        WHOLE.replace("name: Shop Ltd", "name: ''"),
        "3: operator.name: String should have at least 1",
    ),
    "no date": (
        WHOLE.replace("2024-04-28", "2024-02-30"),
        "12: filings[0].filed: Input should be a valid date",
    ),
    "no digest": (
        WHOLE.replace('sha256: "0', 'sha256: "x'),
        "22: attestations[0].sha256: String should match",
    ),
    "no number": (WHOLE.replace("0x10", "many"), "26: limits.globals: Input should be a valid integer"),
    "not a number": (WHOLE.replace("0x10", ".nan"), "26: limits.globals: Input should be a valid integer"),
    "too large": (WHOLE.replace("0x10", "9" * 5000), "26: limits.globals: "),
    "below one": (WHOLE.replace("0x10", "0"), "26: limits.globals: Input should be greater than 0"),
    "neither true nor false": (
        WHOLE.replace("companion: true", "companion: maybe"),
        "8: services[0].companion: Input should be a valid boolean",
    ),
    "empty list": (
        WHOLE.replace("[generation-provider]", "[]"),
        "4: operator.roles: Tuple should have at least 1",
    ),
    "expires before": (WHOLE.replace("2027-01-10", "2025-01-10"), "20: attestations[0]: `expires` is before"),
    "absolute path": (
        WHOLE.replace("path: data,", "path: /data,"),
        "16: corpora[0].path: a path is relative",
    ),
    "path that leaves": (WHOLE.replace("path: data,", "path: a/../../b,"), "16: corpora[0].path: a path is"),
    "glob that leaves": (WHOLE.replace("public/*", "../*"), "9: services[0].pages[0]: a path is relative"),
    "path of Windows": (
        WHOLE.replace("path: data,", "path: 'C:data',"),
        "16: corpora[0].path: a path is relative",
    ),
    "backslashes": (WHOLE.replace("path: data,", "path: 'a\\b',"), "16: corpora[0].path: a path is relative"),
    "empty path": (WHOLE.replace("path: data,", "path: '',"), "16: corpora[0].path: a path is relative"),
    "service of nobody": (
        WHOLE.replace("services: [chat]", "services: [chap]"),
        "no service is called 'chap'",
    ),
    "two of one name": (SMALL.replace("{name: chat}", "{name: a}, {name: a}"), "two services are called 'a'"),
    "filing of nobody": (
        WHOLE.replace("filing: Beijing", "filing: Peking"),
        "names the filing 'Peking-Shop-202404280016', which is not under `filings`",
    ),
    "lone surrogate": (SMALL.replace("name: S,", 'name: "\\ud800",'), "2: operator.name: "),
    "key twice": (WHOLE + "corpora: []\n", "27: : the key 'corpora' stands here a second time"),
    "key twice, deeper": (
        WHOLE.replace("globals: ", "page_bytes: "),
        "the key 'page_bytes' stands here a second",
    ),
    "key that is a list": (WHOLE + "[a]: 1\n", "27: : a key is a word"),
    "anchor": (WHOLE.replace("[CN, EU]", "&x [CN]"), "5: : anchors and aliases (&x) are not read here"),
    "alias": (WHOLE.replace("name: chat\n", "name: &c chat\n", 1), "7: : anchors and aliases (&c)"),
    "two anchors of one name": (SMALL + "&a a: &a x\n", "4: : anchors and aliases (&a)"),
    "tag": (WHOLE.replace("Shop Ltd", "!secret x"), "3: : the tag !secret is not read here"),
    "tag on a mapping": (WHOLE.replace("operator:", "operator: !x"), "2: : the tag !x is not read here"),
    "tag on a list": (WHOLE.replace("[CN, EU]", "!x [CN]"), "5: : the tag !x is not read here"),
    "tag of Python": (
        WHOLE.replace("Shop Ltd", "!!python/object/apply:os.system [id]"),
        "3: : the tag tag:yaml.org,2002:python/object/apply:os.system is not read here",
    ),
    "tag of Python on text": (
        WHOLE.replace("Shop Ltd", "!!python/name:os.system ''"),
        "3: : the tag tag:yaml",
    ),
    "binary": (WHOLE.replace("Shop Ltd", "!!binary U2hvcA=="), "3: : the tag tag:yaml.org,2002:binary"),
    "tab": (WHOLE.replace("  name: Shop", "\tname: Shop"), "3: : not YAML: "),
    "open bracket": (WHOLE.replace("[CN, EU]", "[CN, EU"), ": not YAML: "),
    "open quote": (WHOLE.replace("Shop Ltd", "'Shop Ltd"), ": not YAML: "),
    "control character": (WHOLE.replace("Shop Ltd", "Shop\x07Ltd"), ": not YAML: "),
    "undefined alias": (
        WHOLE.replace("Shop Ltd", "*nobody"),
        "3: : not YAML: found undefined alias 'nobody'",
    ),
    "two documents": (WHOLE + "---\nversion: 1\n", ": not YAML: but found another document"),
    "not UTF-8": (WHOLE.replace("Shop Ltd", "商店").encode("gb18030"), "3: : not UTF-8 text"),
    "UTF-16": (WHOLE.encode("utf-16"), "1: : not UTF-8 text"),
    "bytes": (b"\x7fELF\0\0\xff", "1: : not UTF-8 text"),
    "empty": ("", "1: : the file is empty; `countermark init` writes one"),
    "comments alone": ("# nothing\n\n", "1: : the file is empty"),
    "null": ("null\n", "1: : the file is not a mapping"),
    "list": ("- version: 1\n", "1: : the file is not a mapping; `countermark init` writes one"),
    "text": ("version 1", "1: : the file is not a mapping"),
    "too deep": ("version: " + "[" * 40 + "]" * 40, "1: : nested deeper than 32 levels"),
    "far too deep": ("- " * 5000, "1: : nested deeper than 32 levels"),
    "too large a file": ("#" * (1 << 20) + "\nversion: 1", "None: : larger than 1 MiB"),
}


@pytest.mark.parametrize(("text", "mistake"), ONE_MISTAKE.values(), ids=ONE_MISTAKE)
def test_one_mistake_is_named_with_its_line(mistakes, text: str | bytes, mistake: str) -> None:
    (found,) = mistakes(text)
    assert mistake in found
    assert "\n" not in found


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file(mistakes) -> None:
    text = WHOLE.replace("companion", "compagnon").replace("  name: Shop Ltd\n", "").replace("0x10", "many")
    assert [found.split(":")[0] for found in mistakes(text)] == ["2", "7", "25"]


def test_a_list_whose_items_are_wrong_is_not_called_too_short(mistakes) -> None:
    text = WHOLE.replace("[samples/*.png]", "[/a, /b]").replace("[generation-provider]", "[nobody]")
    assert [found.split(": ")[1] for found in mistakes(text)] == [
        "operator.roles[0]",
        "outputs[0].files[0]",
        "outputs[0].files[1]",
    ]


def test_a_mistake_in_a_file_with_windows_line_ends_has_the_same_line(mistakes) -> None:
    text = WHOLE.replace("0x10", "many")
    assert mistakes("\ufeff" + text.replace("\n", "\r\n")) == mistakes(text)


def test_the_message_says_file_and_line(read, tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        read("version: 1\n")
    path = tmp_path / "countermark.yaml"
    assert str(caught.value) == (
        f"{path}:1: operator: this key is missing\n{path}:1: services: this key is missing"
    )
    assert caught.value.path == path


def test_a_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "countermark.yaml", tmp_path / "none" / "countermark.yaml"):
        with pytest.raises(TargetError, match="no such file; `countermark init` writes one"):
            load(path)
    (tmp_path / "file").write_text(SMALL)
    with pytest.raises(TargetError, match="Not a directory"):
        load(tmp_path / "file" / "countermark.yaml")


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "countermark.yaml").mkdir()
    with pytest.raises(TargetError, match="Is a directory"):
        load(tmp_path)


BOMB = "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [{', '.join([f'*b{i - 1}'] * 9)}]\n" for i in range(1, 12))
HOSTILE = {
    "aliases": BOMB.replace("*b0", "*a") + SMALL,
    "merges": "a: &a {x: 1}\n" + "".join(f"m{i}: &m{i} {{<<: [*a, *a]}}\n" for i in range(50)),
    "an alias of itself": "version: &v [*v]\n",
    "open lists": "[" * 20_000,
    "open questions": "? " * 100_000,
    "dashes": "- " * 100_000,
    "bangs": "!" * 100_000,
    "quotes": "'" * 100_000,
    "keys": "".join(f"k{i}: 1\n" for i in range(4_000)),
    "services that lack all": SMALL.replace("[{name: chat}]", "[" + "{}, " * 4_000 + "]"),
    "lists that are empty": SMALL + "outputs: [" + "{files: [], service: chat}, " * 2000 + "]\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_in_time(mistakes, text: str) -> None:
    found = mistakes(text)
    assert len(found) <= 101


def test_more_mistakes_than_anybody_reads_are_counted(mistakes) -> None:
    found = mistakes(SMALL + "".join(f"k{i}: 1\n" for i in range(150)))
    assert len(found) == 101
    assert found[-1] == "None: : and 50 more mistakes"


PIECES = [
    *WHOLE.split("\n")[:18],
    "  ",
    "\n",
    "&a ",
    "*a",
    "!!int ",
    "!x ",
    "<<: ",
    "? ",
    "- ",
    "[",
    "]",
    "{",
    "}",
]
PIECES += [
    "%YAML 1.1\n---\n",
    "!!bool ",
    "!!float x",
    "!!null ",
    "!!set ",
    "...",
    "|\n",
    ">-\n",
    '"\\ud800"',
    "\t",
]
PIECES += [".inf", "1e999", "0x", "0o9", "1_", "2024-02-30", "~", "''", "=", "\ufeff", "\x85", "\u2028", "\0"]


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=14), st.sampled_from(["", "\n", " "]))
def test_any_text_is_a_target_or_the_named_error(read, pieces: list[str], glue: str) -> None:
    try:
        read(glue.join(pieces).encode())
    except TargetError as error:
        message = str(error)
    else:
        return
    assert message.encode()


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_to_a_whole_target_is_a_target_or_the_named_error(read, data: st.DataObject) -> None:
    whole = WHOLE.encode()
    at = data.draw(st.integers(0, len(whole)))
    added = data.draw(st.binary(max_size=6) | st.sampled_from([piece.encode() for piece in PIECES]))
    with suppress(TargetError):
        read(whole[:at] + added + whole[at + data.draw(st.integers(0, 20)) :])


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["chat", "CN", "../x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(sorted(Target.model_fields)), ANY, min_size=1, max_size=4))
def test_any_value_in_any_section_is_a_target_or_the_named_error(read, sections: dict[str, object]) -> None:
    lines = [line for line in SMALL.splitlines() if line.split(":")[0] not in sections]
    lines += [f"{name}: {json.dumps(value)}" for name, value in sections.items()]
    try:
        read("\n".join(lines))
    except TargetError as error:
        found = error.mistakes
    else:
        return
    assert all(mistake.line for mistake in found)
