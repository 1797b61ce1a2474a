"""What a source file says, in a form that all languages share.

A reader (one for each language or format) turns bytes into a :class:`Module`; the resolver follows
the names, variables and settings in it through the whole tree. A reader decides nothing: no model
name is looked for here, no state concluded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """A string that stands there."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Env:
    """An environment variable: ``os.getenv("X", d)``, ``process.env.X ?? d``, ``${X:-d}``."""

    name: str
    line: int
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A value looked up in settings by its dotted path.

    ``@Value("${a.b:d}")``, ``viper.GetString("a.b")``, ``.Values.a.b``.
    """

    path: tuple[str, ...]
    line: int
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A name, or a chain of attributes: ``("settings", "llm", "model")``. ``self``/``this`` stay in it."""

    path: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a table by a key: ``MODELS[name]``, ``MODELS.get(name, d)``."""

    of: Expression
    key: Expression
    line: int
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """Strings put together: ``f"{org}/{name}"``, ``a + b``, ```${a}-${b}```."""

    parts: tuple[Expression, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Either:
    """One of several, the first that has a value: ``a or b``, ``a ?? b``, ``x if c else y``."""

    options: tuple[Expression, ...]
    line: int
    ordered: bool = True
    """Whether the first that has a value is taken; False for a branch that the files do not decide."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list, set or tuple."""

    items: tuple[Expression, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A dictionary, object literal, struct literal or map."""

    entries: tuple[tuple[Expression, Expression], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call or the making of an object: ``OpenAI(base_url=u)``, ``client.chat.completions.create(…)``."""

    function: Expression
    """Mostly a :class:`Ref`: ``("client", "chat", "completions", "create")``, ``("new", "OpenAI")`` never:
    ``new`` is left out. In a chain of calls the ``of`` of the last is the call before it."""
    line: int
    args: tuple[Expression, ...] = ()
    kwargs: tuple[tuple[str, Expression], ...] = ()
    """Named arguments. An object literal as the only argument stays in ``args`` as a :class:`Table`."""


@dataclass(frozen=True, slots=True)
class Member:
    """An attribute of something that is no plain name: ``OpenAI(…).chat.completions``."""

    of: Expression
    path: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that is not followed: user input, a database, arithmetic."""

    source: str
    """How it is written, cut to 80 characters."""
    line: int


Expression = Text | Env | Setting | Ref | Item | Join | Either | Many | Table | Call | Member | Unknown


class Context(StrEnum):
    """What something in a file is part of, beside plain code."""

    COMMENT = "comment"
    COMPARED = "compared"
    """An operand of ``==``, ``in``, ``startsWith``, a ``case``."""
    CHOICE = "choice"
    """One of the values that an argument or a field may have: ``choices=``, ``Literal``, an enum."""
    TEST = "test"
    """A test function or class: ``def test_…``, ``#[cfg(test)]``, ``@Test``."""
    DEAD = "dead"
    """Below ``if False``, ``#[cfg(any())]``, behind a ``return``."""
    OFF = "off"
    """Below a switch that the file itself sets to false."""
    MAIN = "main"
    """Below ``if __name__ == "__main__"``."""
    HANDLER = "handler"
    """In the handler of an error: ``except``, ``catch``."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that must hold for something to run: ``if settings.provider == "qwen"``."""

    test: Expression
    equals: tuple[str, ...] = ()
    """The values of which it must have one; none where it must only be true."""
    holds: bool = True
    """False in the ``else`` branch."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A name that is given a value."""

    name: tuple[str, ...]
    """From the outermost: ``("Settings", "model")`` for a field, ``("ask", "model")`` for a parameter's
    default or a local variable of ``ask``, ``("self", "client")`` becomes ``("Bot", "client")``."""
    value: Expression
    line: int
    contexts: frozenset[Context] = frozenset()
    alias: str = ""
    """The environment variable or key that fills a field of a settings class, where it is named."""
    field: bool = False
    """A field of a class, struct or settings object, rather than a variable."""
    guards: tuple[Guard, ...] = ()
    within: tuple[str, ...] = ()
    """The scope that the value is written in, where it is not that of the name: ``self.x = …``."""


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call, and where it stands."""

    call: Call
    scope: tuple[str, ...]
    """The functions and classes around it, from the outermost."""
    contexts: frozenset[Context] = frozenset()
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class Loose:
    """A string that is in none of the bindings and calls: an operand, an element, a comment."""

    text: Text
    scope: tuple[str, ...]
    contexts: frozenset[Context] = frozenset()


@dataclass(frozen=True, slots=True)
class Import:
    """A name that another file gives: ``from app.config import settings as s``."""

    name: str
    """As it is known here: ``s``."""
    module: str
    """As written: ``app.config``, ``./config``, ``github.com/x/y/config``. Leading dots stay."""
    item: str = ""
    """What is taken of it: ``settings``; empty for the module itself, ``*`` for all of it."""
    line: int = 0


@dataclass(slots=True)
class Module:
    """What one file of code says."""

    path: str
    language: str
    bindings: list[Binding] = field(default_factory=list)
    calls: list[CallSite] = field(default_factory=list)
    returns: list[Binding] = field(default_factory=list)
    """What functions give back: ``("get_model",)``."""
    loose: list[Loose] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    settings_classes: dict[str, str] = field(default_factory=dict)
    """Classes that are filled from the environment → the prefix of their variables: pydantic settings."""
    bases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Class → the classes that it is derived from, as written."""
    parameters: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    """Function, from the outermost → the names of its parameters in order, without ``self``."""
    references: set[str] = field(default_factory=set)
    """Every identifier that is read in the file: what is never referenced anywhere is stale."""
    trouble: str = ""
    """Why it was not read, or not to its end: a syntax error."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a configuration file."""

    path: tuple[str, ...]
    """Keys from the root; elements of a list are ``"[0]"``."""
    value: Expression
    line: int
    off: str = ""
    """Why it has no effect, where the file says so: ``commented out``, ``enabled: false beside it``,
    ``replicas: 0``, ``profile debug is not chosen``."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value that an environment variable is given: ``.env``, Compose, Dockerfile, a pod, ``export``."""

    name: str
    value: Expression
    line: int
    scope: str = ""
    """Whom it is given to: ``compose:api``, ``image:``, ``Deployment/shop/api``; empty for whoever reads
    the file."""
    off: str = ""
    template: bool = False
    """It stands in a file that is to be copied first: ``.env.example``."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command line that something starts: a container, a systemd unit, a script."""

    words: tuple[Expression, ...]
    line: int
    scope: str = ""
    image: str = ""
    """The container image that it runs in."""
    off: str = ""


@dataclass(slots=True)
class Document:
    """What one configuration file says."""

    path: str
    format: str
    """``env``, ``yaml``, ``toml``, ``json``, ``ini``, ``properties``, ``dockerfile``, ``compose``, ``helm``,
    ``kubernetes``, ``terraform``, ``systemd``, ``shell``, ``ci``, ``notebook``."""
    entries: list[Entry] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    reads: list[tuple[str, str]] = field(default_factory=list)
    """Files that fill variables, with the scope that they fill: ``env_file``, ``source set_env.sh``."""
    loose: list[Loose] = field(default_factory=list)
    trouble: str = ""
