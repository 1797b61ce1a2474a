"""What annotations of Java and Kotlin say of what they stand before: Spring, Quarkus, Micronaut, JUnit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from countermark.inventory.reading.expressions import Expression, Guard, Text
from countermark.inventory.reading.languages import placeholders
from countermark.inventory.reading.languages.literals import unescaped

STRING = r'"((?:[^"\\]|\\.)*)"'
VALUE = re.compile(rf"@(?:field:|param:|get:)?Value\(\s*(?:value\s*=\s*)?{STRING}")
PREFIX = re.compile(
    rf"@(?:ConfigurationProperties|ConfigMapping|EachProperty|ConfigProperties)\(\s*(?:(?:prefix|value)\s*=\s*)?{STRING}"
)
PROPERTY = re.compile(r"@(?:ConfigProperty|Property|ConditionalOnProperty)\(([^)]*)\)")
DEFAULT = re.compile(rf"@(?:DefaultValue|WithDefault|Default)\(\s*(?:value\s*=\s*)?{STRING}")
GIVEN = re.compile(rf"\bdefaultValue\s*=\s*(?:\[|{{)?\s*{STRING}")
ITEMS = re.compile(rf"(\w+)\s*=\s*(?:\[|{{)?\s*{STRING}")
FIRST = re.compile(rf"^\s*{STRING}")
TEST = re.compile(
    r"@(?:\w+\.)*(?:\w*Test|BeforeEach|BeforeAll|AfterEach|Before|After|TestFactory|TestConfiguration)\b"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What the annotations of one declaration come to."""

    value: Expression | None = None
    """What fills it, or its default."""
    prefix: str | None = None
    """Of the keys that fill the fields of a class."""
    tested: bool = False
    guard: Guard | None = None
    """The property that must be so for a bean to be there."""


NOTHING = Said()


@lru_cache(maxsize=1024)
def said(modifiers: str, line: int) -> Said:
    """Read the modifiers of a declaration, as they are written."""
    if "@" not in modifiers:
        return NOTHING
    prefix = PREFIX.search(modifiers)
    value, guard = _value(modifiers, line)
    return Said(
        value=value,
        prefix=_plain(prefix[1]) if prefix else None,
        tested=TEST.search(modifiers) is not None,
        guard=guard,
    )


def _value(modifiers: str, line: int) -> tuple[Expression | None, Guard | None]:
    found = VALUE.search(modifiers)
    if found:
        return placeholders.placeholder(_plain(found[1]), line), None
    named = PROPERTY.search(modifiers)
    if named:
        items = dict(ITEMS.findall(named[1]))
        first = FIRST.match(named[1])
        name = items.get("name") or items.get("value") or (first[1] if first else "")
        name = f"{items['prefix']}.{name}" if "prefix" in items else name
        read = placeholders.setting(
            name, line, Text(items["defaultValue"], line) if "defaultValue" in items else None
        )
        if "ConditionalOnProperty" not in named[0]:
            return read, None
        having = items.get("havingValue", "")
        return None, Guard(read, (having,) if having else ())
    default = DEFAULT.search(modifiers) or GIVEN.search(modifiers)
    return (Text(_plain(default[1]), line), None) if default else (None, None)


def _plain(source: str) -> str:
    return unescaped(source.replace("\\$", "$"))
