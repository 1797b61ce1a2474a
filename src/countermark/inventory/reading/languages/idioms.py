"""Calls that stand for a value in most languages: of a variable, a setting, a default, a wrapper."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeAlias

from countermark.inventory.reading.expressions import (
    Call,
    Either,
    Env,
    Expression,
    Guard,
    Item,
    Join,
    Many,
    Member,
    Ref,
    Setting,
    Table,
    Text,
    Unknown,
)
from countermark.inventory.reading.languages.chains import last, receiver
from countermark.inventory.reading.languages.placeholders import DOT, VARIABLE, filled, setting
from countermark.inventory.reading.languages.walking import COMPARED, Condition, Walker

Idiom: TypeAlias = Callable[[Walker, Call], Expression | None]

ENV_READER = re.compile(
    r"_?(?:get|read|lookup|must|must_?get|require|required|fetch|load)?_?env(?:ironment)?_?(?:var(?:iable)?)?s?_?"
    r"(?:or_?default|or|or_?else|with_?default|default|str|string|value|int|bool)?",
    re.IGNORECASE,
)
ENV_OWNER = re.compile(r"(?:dot|process)?_?envy?(?:iron(?:ment)?)?", re.IGNORECASE)
SETTINGS = re.compile(
    r"config|setting|viper|koanf|propert|environment|^_?(?:cfg|conf|env|props)$", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def reads_environment(name: str) -> bool:
    """Whether a function of this name gives an environment variable."""
    return ENV_READER.fullmatch(name) is not None


@lru_cache(maxsize=4096)
def holds_settings(name: str) -> bool:
    """Whether something of this name holds settings."""
    return SETTINGS.search(name) is not None


def plain(walker: Walker, call: Call) -> Expression | None:
    """A call of any name: readers of the environment are known by how they are called."""
    args = call.args
    if args and type(args[0]) is Text:
        name = last(call.function)
        if "nv" in name and reads_environment(name) and not _set_on_chain(call):
            return Env(args[0].value, call.line, _given(args))
    return None


def _set_on_chain(call: Call) -> bool:
    """``Command::new("x").env("MODEL", "y")`` gives a variable rather than reading one."""
    return type(call.function) is Member


def _given(args: tuple[Expression, ...]) -> Expression | None:
    """The default that a reader is given: a ``nil`` or a function of conversion is none."""
    return args[1] if len(args) > 1 and type(args[1]) is not Unknown else None


def got(walker: Walker, call: Call) -> Expression | None:
    """``env.get("X")``, ``config.get("a.b", d)``, ``table.get(k, d)``."""
    of = receiver(call.function)
    if of is None or not 0 < len(call.args) <= 2:  # noqa: PLR2004 - the key, and a default
        return None
    key, default = call.args[0], _given(call.args)
    if type(key) is Text:
        name = last(of)
        if ENV_OWNER.fullmatch(name) and (VARIABLE.fullmatch(key.value) or name != "environment"):
            return Env(key.value, call.line, default)
        if key.value.startswith("/") or "://" in key.value:
            return None  # a request, rather than a table with a key
        if holds_settings(name) and ("." in key.value or ":" in key.value or VARIABLE.fullmatch(key.value)):
            return setting(key.value, call.line, default)
    walker.record(call)
    return Item(of, key, call.line, default)


def configured(walker: Walker, call: Call) -> Expression | None:
    """``viper.GetString("a.b")``, ``env.getProperty("a.b", d)``, ``config.GetValue("A:B")``."""
    of, args = receiver(call.function), call.args
    if of is None or not args or type(args[0]) is not Text:
        return None
    key = args[0].value
    default = _given(args)
    if type(of) is Setting:
        return Setting((*of.path, *(part for part in DOT.split(key) if part)), call.line, default)
    if holds_settings(last(of)) or "." in key or ":" in key:
        return setting(key, call.line, default)
    return None


def unwrapped(walker: Walker, call: Call) -> Expression | None:
    """``String("x")``, ``ptr("x")``: the argument, where it is one."""
    return call.args[0] if len(call.args) == 1 and not call.kwargs else None


def stripped(walker: Walker, call: Call) -> Expression | None:
    """``x.trim()``: what it is called on."""
    return receiver(call.function) or (call.args[0] if len(call.args) == 1 else None)


def defaulted(walker: Walker, call: Call) -> Expression | None:
    """``x.orElse(d)``, ``x.unwrap_or(d)``."""
    of = receiver(call.function)
    if of is None or len(call.args) != 1:
        return None
    if isinstance(of, Env | Setting) and of.default is None:
        return type(of)(of.name if type(of) is Env else of.path, of.line, call.args[0])  # type: ignore[arg-type, union-attr]
    return Either((of, call.args[0]), call.line)


def first_of(walker: Walker, call: Call) -> Expression | None:
    """``cmp.Or(a, b)``, ``requireNonNullElse(a, b)``."""
    return Either(call.args, call.line) if len(call.args) > 1 else None


def item_or(walker: Walker, call: Call) -> Expression | None:
    """``map.getOrDefault(k, d)``."""
    of = receiver(call.function)
    if of is None or len(call.args) != 2:  # noqa: PLR2004 - the key and the default
        return None
    if type(of) is Call and last(of.function) == "getenv" and type(call.args[0]) is Text:
        return Env(call.args[0].value, call.line, call.args[1])
    return Item(of, call.args[0], call.line, call.args[1])


def formatted(walker: Walker, call: Call) -> Expression | None:
    """``Sprintf("%s/%s", a, b)``, ``"%s".formatted(a)``."""
    of = receiver(call.function)
    if type(of) is Text:
        return filled(of, call.args)
    if call.args and type(call.args[0]) is Text:
        return filled(call.args[0], call.args[1:])
    return None


def joined(walker: Walker, call: Call) -> Expression | None:
    """``String.join("-", a, b)``, ``strings.Join(list, "-")``, ``[a, b].join("-")``."""
    parts = (receiver(call.function), *call.args)
    lists = [part for part in parts if type(part) is Many]
    between = [part for part in call.args if type(part) is Text]
    if len(lists) == 1 and len(between) <= 1:
        items = lists[0].items
    elif len(call.args) > 1 and between and call.args[0] is between[0]:
        items, between = call.args[1:], between[:1]
    else:
        return None
    spread = [piece for item in items for piece in (*between, item)]
    return Join(tuple(spread[len(between) :]), call.line)


def listed(walker: Walker, call: Call) -> Expression | None:
    """``List.of(a, b)``, ``listOf(a, b)``, ``new Set([a])``."""
    if len(call.args) == 1 and type(call.args[0]) is Many:
        return call.args[0]
    return None if call.kwargs else Many(call.args, call.line)


def tabled(walker: Walker, call: Call) -> Expression | None:
    """``Map.of(k, v)``, ``mapOf(k to v)``, ``new Map([[k, v]])``."""
    args = call.args
    listed_pairs = _pairs(args[0].items) if len(args) == 1 and type(args[0]) is Many else ()
    pairs = listed_pairs or _pairs(args)  # a list of two pairs looks like a pair itself
    if pairs:
        return Table(pairs, call.line)
    if args and len(args) % 2 == 0:
        return Table(tuple(zip(args[::2], args[1::2], strict=True)), call.line)
    return None


def _pairs(values: tuple[Expression, ...]) -> tuple[tuple[Expression, Expression], ...]:
    """Keys and values, where all of some values are such pairs; else none."""
    found = [part.items for part in values if type(part) is Many and len(part.items) == 2]  # noqa: PLR2004
    return tuple((key, value) for key, value in found) if len(found) == len(values) else ()


def put(walker: Walker, call: Call) -> Expression | None:
    """``body.put("model", x)``: an entry that is set; it stays a call."""
    of = receiver(call.function)
    if type(of) is Ref and len(call.args) == 2 and type(call.args[0]) is Text:  # noqa: PLR2004
        walker.assign((*of.path, call.args[0].value), call.args[1], call.line)
    return None


def set_variable(walker: Walker, call: Call) -> Expression | None:
    """``os.Setenv("X", v)``: known by the name that Python's ``os.environ["X"] = v`` has."""
    if len(call.args) > 1 and type(call.args[0]) is Text:
        walker.bind(("environ", call.args[0].value), call.args[1], call.line, field=True)
    return None


def set_default(walker: Walker, call: Call) -> Expression | None:
    """``viper.SetDefault("a.b", d)``, ``viper.BindEnv("a.b", "X")``."""
    args, of = call.args, receiver(call.function)
    if of is None or len(args) < 2 or type(args[0]) is not Text:  # noqa: PLR2004
        return None
    value = args[1]
    if last(call.function) == "BindEnv" and type(value) is Text:
        value = Env(value.value, call.line)
    walker.bind(("setting", *DOT.split(args[0].value)), value, call.line, field=True)
    return None


def compared(walker: Walker, call: Call) -> Expression | None:
    """``x.startsWith("gpt-")``: what it asks for is compared, and it stays a call."""
    of = receiver(call.function)
    for part in (of, *call.args):
        for item in part.items if type(part) is Many else (part,):
            if type(item) is Text:
                walker.loose(item, COMPARED)
    return None


def equal(walker: Walker, call: Call) -> Expression | None:
    """``"x".equals(a)``, ``EqualFold(a, "x")``."""
    of = receiver(call.function)
    sides = call.args if len(call.args) > 1 else (of, *call.args)
    given = [side for side in sides if side is not None]
    return walker.compare(given[0], given[1], call.line) if len(given) == 2 else None  # noqa: PLR2004


def emptied(walker: Walker, call: Call) -> Expression | None:
    """``x.isEmpty()``, ``IsNullOrEmpty(x)``, ``isset(x)``: a condition."""
    holds = last(call.function) in PRESENT
    test = call.args[0] if len(call.args) == 1 else receiver(call.function)
    return Condition("", call.line, Guard(test, (), holds)) if test is not None else None


def chosen(walker: Walker, call: Call) -> Expression | None:
    """``z.enum([…])``, ``Joi.valid(…)``: what may be given."""
    for part in call.args:
        walker.choices(part)
    return None


PRESENT = frozenset(
    ["isset", "isNotEmpty", "isNotBlank", "hasText", "hasLength", "isPresent", "present?", "is_some"]
)


def table(entries: Mapping[Idiom, str]) -> dict[str, Idiom]:
    """Idioms by the names that they are called by."""
    return {name: idiom for idiom, names in entries.items() for name in names.split()} | {"": plain}


SHARED = table(
    {
        got: "get Get fetch",
        configured: "getProperty getRequiredProperty GetString GetStringSlice GetSection getString getSection"
        " GetValue getValue getOrThrow GetConnectionString get_string",
        unwrapped: "ofNullable requireNonNull freeze seal unref",
        stripped: "trim Trim TrimSpace strip toLowerCase toUpperCase ToLower ToUpper to_lowercase toString"
        " ToString lowercase uppercase trimEnd trimStart TrimEnd rstrip chomp downcase to_s",
        defaulted: "orElse orElseGet unwrap_or unwrap_or_else",
        first_of: "requireNonNullElse requireNonNullElseGet firstNonNull defaultIfBlank defaultIfEmpty"
        " defaultString coalesce firstNonEmpty FirstNonEmpty CoalesceOrEmpty",
        item_or: "getOrDefault GetValueOrDefault getOrElse",
        formatted: "Sprintf format Format formatted sprintf",
        joined: "join Join",
        put: "put addProperty set Set append add Add insert setProperty putIfAbsent TryAdd",
        set_variable: "Setenv setenv SetEnvironmentVariable set_var",
        compared: "startsWith StartsWith startswith starts_with HasPrefix endsWith EndsWith ends_with"
        " HasSuffix includes contains Contains ContainsKey containsKey indexOf IndexOf str_contains"
        " str_starts_with strpos stripos in_array matches start_with? end_with? include?",
        equal: "equals Equals equalsIgnoreCase EqualFold contentEquals eq strcmp",
        emptied: "isEmpty isBlank IsNullOrEmpty IsNullOrWhiteSpace isNullOrEmpty isNullOrBlank is_empty"
        " empty? blank? empty isset isNotEmpty isNotBlank hasText hasLength isPresent present? is_some"
        " is_none nil?",
        chosen: "enum oneOf valid isIn IsIn IsEnum literal OneOf oneof literals",
    }
)
"""What the readers of all languages know; each adds its own."""
