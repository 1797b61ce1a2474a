"""Settings in the files of a deployment, and the files that are none."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.settings import NAMES, SettingsError, SettingsFile, read

NESTED = {"curfew_start": "minors.night.from", "log_retention_days": "logs.days"}
FORMS = {
    ".yaml": """\
# limits
break_reminder_minutes: 30
minors:
  night: {from: "22:00"}
  virtual_relative_for_minors: null
logs:
  days: 180
""",
    ".json": """{
  "break_reminder_minutes": 30,
  "minors": {
    "night": {"from": "22:00"}
  },
  "logs": {
    "days": 180
  }
}""",
    ".toml": """\
break_reminder_minutes = 30

[minors.night]
from = "22:00"
[logs]
days = 180
""",
}


@pytest.mark.parametrize("suffix", FORMS)
def test_settings_are_read_from_each_form(suffix: str) -> None:
    values = {"break_reminder_minutes": 30, "curfew_start": "22:00", "log_retention_days": 180}
    for data in (FORMS[suffix].encode(), b"\xef\xbb\xbf" + FORMS[suffix].encode()):
        assert read(data, suffix, NESTED).values == values
        assert read(FORMS[suffix].replace("\n", "\r\n").encode(), suffix.upper(), NESTED).values == values


@pytest.mark.parametrize(
    ("suffix", "lines"),
    [
        (".yaml", {"break_reminder_minutes": 2, "curfew_start": 4, "log_retention_days": 7}),
        (".json", {"break_reminder_minutes": 2, "curfew_start": 4, "log_retention_days": 7}),
        (".toml", {"break_reminder_minutes": 1, "curfew_start": 4, "log_retention_days": 6}),
    ],
)
def test_each_value_says_its_line(suffix: str, lines: dict[str, int]) -> None:
    assert read(FORMS[suffix].encode(), suffix, NESTED).lines == lines


def test_times_and_dates_are_text_and_what_is_no_scalar_is_left_out() -> None:
    data = b"curfew_start = 22:00:00\ncurfew_end = 2026-01-01\nlog_retention_days = [1]\n"
    data += b"[break_reminder_minutes]\n"
    assert read(data, ".toml", {}).values == {"curfew_start": "22:00:00", "curfew_end": "2026-01-01"}
    assert read(b"curfew_start: 22:00\ncurfew_end: 2026-01-01\n", ".yaml", {}).values == {
        "curfew_start": "22:00",
        "curfew_end": "2026-01-01",
    }


@pytest.mark.parametrize("data", [b"", b"# nothing", b"[1, 2]", b"text", b"null", b"minors: text"])
def test_a_file_without_settings_has_none(data: bytes) -> None:
    assert read(data, ".yml", NESTED) == SettingsFile()


@pytest.mark.parametrize(
    ("data", "suffix", "message"),
    [
        (b"a: [", ".yaml", "is not yaml"),
        (b"a: 1\na: 2", ".yaml", "is not yaml"),
        (b"\xff", ".yaml", "is not yaml"),
        (b"a: !!python/object/apply:os.system [id]", ".yaml", "is not yaml"),
        (b"a: !thing 1", ".yaml", "is not yaml"),
        (b"a: !!bool maybe", ".yaml", "is not yaml"),
        (b"a: !!int ''", ".yaml", "is not yaml"),
        (b"a: 2026-13-45", ".yaml", "is not yaml"),
        (b"--- a\n--- b", ".yaml", "is not yaml"),
        (b"- " * 20_000, ".yaml", "is not yaml"),
        (b"{", ".json", "is not json"),
        (b"[" * 100_000, ".json", "is not json"),
        (b"9" * 5000, ".json", "is not json"),
        (b"a = ", ".toml", "is not toml"),
        (b"a = " + b"[" * 100_000, ".toml", "is not toml"),
        (b"a=1", ".ini", "settings are read from .yaml, .json and .toml, not from .ini"),
        (b"a=1", "", "not from no suffix"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(data: bytes, suffix: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        read(data, suffix, {})
    assert "\n" not in str(caught.value)


def test_a_key_for_an_unknown_setting_is_named() -> None:
    with pytest.raises(SettingsError, match="names curfew; known: daily_minutes_under_16"):
        read(b"", ".yaml", {"curfew": "a.b"})


BOMB = "a0: &a0 {x0: 1}\n" + "".join(
    f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}], x{i}: 1}}\n" for i in range(1, 30)
)


@pytest.mark.parametrize(
    "data",
    [
        BOMB,
        "{s: '#', " + BOMB.replace("\n", ",\n  ").replace("a0: &a0", "a0: &a0", 1) + "}",
        "&a [1]",
        "&a\nx: 1",
        "a: &.x 1",
        "a: '#'\nb: {c: '# ', d: &x [1]}",
        "&k curfew_end: 1",
        "? &k curfew_end\n: 1",
        "a: &a [*a]",
        "&a a: &a b",
    ],
)
def test_anchors_are_refused_before_they_grow(data: str) -> None:
    with pytest.raises(SettingsError, match="uses YAML anchors"):
        read(data.encode(), ".yaml", {})


@pytest.mark.parametrize("text", ["a: R&D", "a: 'x &y'", "# &a", "a: b # &c", "a: |\n  &x\n", "a: x&y"])
def test_an_ampersand_is_no_anchor(text: str) -> None:
    assert read(f"{text}\ncurfew_end: '1'".encode(), ".yaml", {}).values == {"curfew_end": "1"}


@pytest.mark.parametrize("filler", ["\n", " ", "\t\n", '"', "'\n", "a.", "[{,"])
def test_looking_for_the_line_takes_no_time(filler: str) -> None:
    hidden = json.dumps("curfew_end").replace("c", "\\u0063")
    data = (
        f'{{"x": {json.dumps(filler * 300_000)}, {hidden}: "1" {"" if filler.strip() else filler * 300_000}}}'
    )
    assert read(data.encode(), ".json", {}) == SettingsFile({"curfew_end": "1"}, {})


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*NAMES[:3], "a"]), inner),
    max_leaves=8,
)


@settings(deadline=None, max_examples=100)
@given(TREES)
def test_any_json_gives_settings(tree: object) -> None:
    found = read(json.dumps(tree).encode(), ".json", {NAMES[0]: "a.a", NAMES[1]: f"a.{NAMES[1]}"})
    assert set(found.lines) <= set(found.values) <= set(NAMES)


PIECES = """a: |- |? |: |{|}|[|]|\n|  |,|&a |*a|!!int |!!bool |!x |'|"|#|%YAML 1.1\n|---\n|...|<<: |.nan|~|\t
    |@|>|=|2026-02-30|!!timestamp |!!float |!!binary |!!omap |!!set |!!pairs |\\|0x|1:2"""


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.sampled_from(PIECES.split("|")) | st.text(max_size=3), max_size=15)
    .map("".join)
    .map(str.encode)
    | st.binary(max_size=60),
    st.sampled_from([".yaml", ".json", ".toml"]),
)
def test_any_bytes_give_settings_or_the_named_error(data: bytes, suffix: str) -> None:
    with suppress(SettingsError):
        read(b"curfew_end: 1\n" * (suffix == ".yaml") + data, suffix, {})
        read(data, suffix, {})
