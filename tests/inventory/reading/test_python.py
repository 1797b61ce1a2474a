"""What the reader of Python says of each idiom, and that nothing makes it stumble."""

from __future__ import annotations

import ast
import random
import sysconfig
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.expressions import (
    Binding,
    Call,
    Context,
    Either,
    Env,
    Expression,
    Guard,
    Import,
    Item,
    Join,
    Many,
    Member,
    Module,
    Ref,
    Table,
    Text,
    Unknown,
)
from countermark.inventory.reading.python import MAX_BYTES, read


def module(source: str) -> Module:
    return read("app/x.py", dedent(source).encode())


def bound(source: str, *name: str) -> Binding:
    [binding] = [b for b in module(source).bindings if b.name == name]
    return binding


def value(expression: str) -> Expression:
    """What an expression is said to be."""
    return bound(f"X = {expression}", "X").value


GPT = Text("gpt-4o", 1)
OTHER = Text("qwen-max", 1)


class TestExpressions:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ('"gpt-4o"', GPT),
            ('"gpt" "-4o"', GPT),
            ("settings.llm.model", Ref(("settings", "llm", "model"), 1)),
            ('os.getenv("MODEL")', Env("MODEL", 1)),
            ('os.getenv("MODEL", "gpt-4o")', Env("MODEL", 1, GPT)),
            ('os.environ["MODEL"]', Env("MODEL", 1)),
            ('os.environ.get("MODEL", "gpt-4o")', Env("MODEL", 1, GPT)),
            ('getenv("MODEL", default="gpt-4o")', Env("MODEL", 1, GPT)),
            ('env.str("MODEL", "gpt-4o")', Env("MODEL", 1, GPT)),
            ('config("MODEL", default="gpt-4o")', Env("MODEL", 1, GPT)),
            ('os.getenv("MODEL", "gpt-4o").strip()', Env("MODEL", 1, GPT)),
            ('str(os.getenv("MODEL"))', Env("MODEL", 1)),
            (
                'getattr(settings, "model", "gpt-4o")',
                Either((Ref(("settings", "model"), 1), GPT), 1),
            ),
            ('getattr(settings, "model")', Ref(("settings", "model"), 1)),
            ('TABLE["a"]', Item(Ref(("TABLE",), 1), Text("a", 1), 1)),
            ('TABLE.get(key, "gpt-4o")', Item(Ref(("TABLE",), 1), Ref(("key",), 1), 1, GPT)),
            ('a or "gpt-4o"', Either((Ref(("a",), 1), GPT), 1)),
            ('"gpt-4o" if a else "qwen-max"', Either((GPT, OTHER), 1, ordered=False)),
            ('a if a else "gpt-4o"', Either((Ref(("a",), 1), GPT), 1)),
            ('"gpt-4o" if True else "qwen-max"', GPT),
            ('f"{org}/{name}"', Join((Ref(("org",), 1), Text("/", 1), Ref(("name",), 1)), 1)),
            ('a + "-" + b', Join((Ref(("a",), 1), Text("-", 1), Ref(("b",), 1)), 1)),
            ('"{}-{}".format(a, "b")', Join((Ref(("a",), 1), Text("-", 1), Text("b", 1)), 1)),
            ('"{1}-{0}".format("a", "b")', Join((Text("b", 1), Text("-", 1), Text("a", 1)), 1)),
            ('"{size}!".format(size="b")', Join((Text("b", 1), Text("!", 1)), 1)),
            ('"%s-%s" % (a, "b")', Join((Ref(("a",), 1), Text("-", 1), Text("b", 1)), 1)),
            ('"%(s)s-b" % {"s": "a"}', Join((Text("a", 1), Text("-b", 1)), 1)),
            ('"/".join(["a", b])', Join((Text("a", 1), Text("/", 1), Ref(("b",), 1)), 1)),
            ('ROOT / "model"', Join((Ref(("ROOT",), 1), Text("/", 1), Text("model", 1)), 1)),
            ('["gpt-4o", a]', Many((GPT, Ref(("a",), 1)), 1)),
            ('{"a": "gpt-4o"}', Table(((Text("a", 1), GPT),), 1)),
            ('{**base, "a": "gpt-4o"}', Table(((Text("**", 1), Ref(("base",), 1)), (Text("a", 1), GPT)), 1)),
            ('dict(a="gpt-4o")', Table(((Text("a", 1), GPT),), 1)),
            ('await ask("gpt-4o")', Call(Ref(("ask",), 1), 1, (GPT,))),
            ("lambda: name", Ref(("name",), 1)),
            ("1 + 1 if 2 else 3", Join((Unknown("1", 1), Unknown("1", 1)), 1)),
            ("None", Unknown("None", 1)),
            ("-x", Unknown("-x", 1)),
        ],
    )
    def test_one_idiom(self, source: str, expected: Expression) -> None:
        assert value(source) == expected

    def test_a_chain_of_calls(self) -> None:
        got = value('OpenAI(base_url=u).chat.completions.create(model="gpt-4o")')
        client = Call(Ref(("OpenAI",), 1), 1, (), (("base_url", Ref(("u",), 1)),))
        assert got == Call(Member(client, ("chat", "completions", "create"), 1), 1, (), (("model", GPT),))

    def test_what_a_pattern_does_not_get_is_unknown(self) -> None:
        assert value('"{0}-{9}-{²}".format("a")') == Join(
            (Text("a", 1), Text("-", 1), Unknown("{9}", 0), Text("-", 1), Unknown("{²}", 0)), 1
        )

    def test_a_long_sum_is_no_nesting(self) -> None:
        got = value(" + ".join(f'"{n}"' for n in range(600)))
        assert isinstance(got, Join)
        assert len(got.parts) == 600

    def test_a_name_given_on_the_way(self) -> None:
        assert bound('if (m := os.getenv("MODEL")):\n    pass', "m").value == Env("MODEL", 1)


class TestBindings:
    def test_constants_and_pairs(self) -> None:
        found = module('A = B = "x"\nC, D = "y", z\nE: str = "w"\n').bindings
        assert [(b.name, b.value) for b in found] == [
            (("A",), Text("x", 1)),
            (("B",), Text("x", 1)),
            (("C",), Text("y", 2)),
            (("D",), Ref(("z",), 2)),
            (("E",), Text("w", 3)),
        ]

    def test_the_environment_that_a_program_sets_itself(self) -> None:
        assert bound('os.environ["MODEL"] = "x"', "environ", "MODEL").value == Text("x", 1)

    def test_an_entry_of_a_table(self) -> None:
        assert bound('payload["model"] = "x"', "payload", "model").field

    def test_an_attribute_of_the_object(self) -> None:
        got = bound('class Bot:\n    def __init__(self, m="x"):\n        self.model = m\n', "Bot", "model")
        assert (got.value, got.field, got.within) == (Ref(("m",), 3), True, ("Bot", "__init__"))

    def test_the_default_of_a_parameter(self) -> None:
        source = 'def ask(q, model="x", *, host="y"): ...\n'
        assert bound(source, "ask", "model").value == Text("x", 1)
        assert bound(source, "ask", "host").value == Text("y", 1)
        assert module(source).parameters == {("ask",): ("q", "model", "host")}

    def test_what_a_function_gives_back(self) -> None:
        [got] = module('def name():\n    return "x"\n').returns
        assert (got.name, got.value) == (("name",), Text("x", 2))

    def test_a_context_manager_and_a_loop(self) -> None:
        source = "with OpenAI() as client:\n    pass\nfor m in MODELS:\n    pass\n"
        assert bound(source, "client").value == Call(Ref(("OpenAI",), 1), 1)
        assert bound(source, "m").value == Item(Ref(("MODELS",), 3), Unknown("each", 3), 3)

    @pytest.mark.parametrize(
        ("field", "expected", "alias"),
        [
            ('model: str = "x"', Text("x", 2), ""),
            ('model = "x"', Text("x", 2), ""),
            ('model: str = Field("x")', Text("x", 2), ""),
            ('model: str = Field(default="x", alias="LLM_MODEL")', Text("x", 2), "LLM_MODEL"),
            ('model: str = Field("x", validation_alias=AliasChoices("A_B", "C"))', Text("x", 2), "A_B"),
            ('model: str = Field(..., env="LLM_MODEL")', Unknown("no default", 2), "LLM_MODEL"),
            ('model: str = field(default_factory=lambda: "x")', Text("x", 2), ""),
            ('model: Annotated[str, Field(default="x")]', Text("x", 2), ""),
            ('model: Annotated[str, Field(alias="LLM_MODEL")] = "x"', Text("x", 2), "LLM_MODEL"),
            ("model: str", Unknown("", 2), ""),
        ],
    )
    def test_a_field(self, field: str, expected: Expression, alias: str) -> None:
        got = bound(f"class Settings(BaseSettings):\n    {field}\n", "Settings", "model")
        assert (got.value, got.alias, got.field) == (expected, alias, True)

    @pytest.mark.parametrize(
        "inside",
        [
            'model_config = SettingsConfigDict(env_prefix="APP_")',
            'class Config:\n        env_prefix = "APP_"',
        ],
    )
    def test_the_prefix_of_a_settings_class(self, inside: str) -> None:
        got = module(f"class S(pydantic_settings.BaseSettings):\n    {inside}\n")
        assert got.settings_classes == {"S": "APP_"}
        assert got.bases["S"] == ("pydantic_settings.BaseSettings",)

    def test_an_option_of_the_command_line(self) -> None:
        got = bound('p.add_argument("-m", "--model-name", default="x")', "arguments", "model_name")
        assert (got.value, got.alias) == (Text("x", 1), "--model-name")
        got = bound('p.add_argument("--model", dest="chosen", default="x")', "arguments", "chosen")
        assert got.alias == "--model"
        got = bound('@click.option("--model", default="x")\ndef main(model): ...\n', "main", "model")
        assert got.value == Text("x", 1)

    def test_imports(self) -> None:
        source = "import a.b\nimport c as d\nfrom .e import f as g\nfrom h import *\n"
        assert module(source).imports == [
            Import("a.b", "a.b", "", 1),
            Import("d", "c", "", 2),
            Import("g", ".e", "f", 3),
            Import("*", "h", "*", 4),
        ]

    def test_what_is_referred_to(self) -> None:
        got = module('A = "x"\nB = "y"\nprint(A, s.c)\nwatch(getattr(o, "late"))\n').references
        assert {"A", "s", "c", "late"} <= got
        assert "B" not in got


def contexts(source: str, text: str) -> set[Context]:
    """Where the calls and bindings with a text, and the loose text itself, are said to stand."""
    got = module(source)
    found: set[Context] = set()
    for binding in [*got.bindings, *got.returns]:
        found |= set(binding.contexts) if text in repr(binding.value) else set()
    for site in got.calls:
        found |= set(site.contexts) if text in repr(site.call) else set()
    for loose in got.loose:
        found |= set(loose.contexts) if loose.text.value == text else set()
    return found


class TestContexts:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ('ask("m")', set()),
            ('# MODEL = "m!"\n', set()),
            ('if x == "m":\n    pass', {Context.COMPARED}),
            ('x in ("m", "n")', {Context.COMPARED}),
            ('x.startswith("m")', {Context.COMPARED}),
            ('match x:\n    case "m" | "n":\n        pass', {Context.COMPARED}),
            ('p.add_argument("--model", choices=["m"])', {Context.CHOICE}),
            ('def f(x: Literal["m"]): ...', {Context.CHOICE}),
            ('X: typing.Optional[typing.Literal["m"]] = None', {Context.CHOICE}),
            ('class M(str, Enum):\n    A = "m"', {Context.CHOICE}),
            ('def test_it():\n    ask("m")', {Context.TEST}),
            ('class TestIt:\n    A = "m"', {Context.TEST}),
            ('@pytest.fixture\ndef it():\n    return ask("m")', {Context.TEST}),
            ('if False:\n    ask("m")', {Context.DEAD}),
            ('if True:\n    pass\nelse:\n    ask("m")', {Context.DEAD}),
            ('def f():\n    return 1\n    ask("m")', {Context.DEAD}),
            ('def f():\n    try:\n        return 1\n    finally:\n        ask("m")', set()),
            ('for x in y:\n    break\nelse:\n    ask("m")', set()),
            ('if __name__ == "__main__":\n    ask("m")', {Context.MAIN}),
            ('try:\n    pass\nexcept E:\n    ask("m")', {Context.HANDLER}),
            ('try:\n    ask("m")\nexcept E:\n    pass', set()),
        ],
    )
    def test_where_a_text_stands(self, source: str, expected: set[Context]) -> None:
        assert contexts(source, "m") == expected

    def test_a_comment(self) -> None:
        assert contexts('x = 1  # model = "m1"\n', "m1") == {Context.COMMENT}
        assert contexts('x = "a # b" + "m1"\n', "m1") == set()

    def test_a_docstring_says_nothing(self) -> None:
        got = module('def f():\n    """Uses "gpt-4o"."""\n')
        assert (got.loose, got.calls, got.bindings) == ([], [], [])


def guards(source: str, text: str = "m") -> tuple[Guard, ...]:
    [site] = [site for site in module(source).calls if Text(text, site.call.line) in site.call.args]
    return site.guards


class TestGuards:
    A = Ref(("a",), 1)

    def test_a_flag(self) -> None:
        assert guards('if a:\n    ask("m")') == (Guard(self.A),)
        assert guards('if not a:\n    ask("m")') == (Guard(self.A, (), holds=False),)
        assert guards('if a:\n    pass\nelse:\n    ask("m")') == (Guard(self.A, (), holds=False),)

    def test_an_equality(self) -> None:
        assert guards('if a == "x":\n    ask("m")') == (Guard(self.A, ("x",)),)
        assert guards('if a != "x":\n    ask("m")') == (Guard(self.A, ("x",), holds=False),)
        assert guards('if a in ("x", "y"):\n    ask("m")') == (Guard(self.A, ("x", "y")),)

    def test_each_branch_excludes_those_before_it(self) -> None:
        source = 'if a == "x":\n    pass\nelif a == "y":\n    ask("m")\nelse:\n    ask("n")\n'
        second = Ref(("a",), 3)
        assert guards(source) == (Guard(self.A, ("x",), holds=False), Guard(second, ("y",)))
        assert guards(source, "n") == (
            Guard(self.A, ("x",), holds=False),
            Guard(second, ("y",), holds=False),
        )

    def test_behind_a_branch_that_returns(self) -> None:
        source = 'def f(q):\n    if a == "x":\n        return ask("n")\n    return ask("m")\n'
        assert guards(source) == (Guard(Ref(("a",), 2), ("x",), holds=False),)

    def test_a_missing_key_is_no_switch(self) -> None:
        assert guards('def f(q):\n    if not key:\n        raise E\n    return ask("m")\n') == ()

    def test_both_of_two_conditions(self) -> None:
        """The branch needs both; without one of them, nothing is known of the other."""
        assert guards('if a == "x" and b:\n    ask("m")') == (Guard(self.A, ("x",)),)
        assert guards('if a == "x" and b:\n    pass\nelse:\n    ask("m")') == ()
        assert guards('if not (a == "x" and b):\n    ask("m")') == ()
        assert guards('if a == "x" or b:\n    ask("m")') == ()

    def test_a_match(self) -> None:
        source = 'match a:\n    case "x":\n        ask("m")\n    case _:\n        ask("n")\n'
        assert guards(source) == (Guard(self.A, ("x",)),)
        assert guards(source, "n") == (Guard(self.A, ("x",), holds=False),)

    def test_nothing_is_left_behind_the_branches(self) -> None:
        assert guards('if a == "x":\n    pass\nelif b:\n    pass\nask("m")\n') == ()


class TestEncodings:
    SOURCE = 'MODEL = "文心-4"  # 模型\n'

    @pytest.mark.parametrize(
        "data",
        [
            SOURCE.encode(),
            SOURCE.encode("utf-8-sig"),
            SOURCE.encode("gb18030"),
            SOURCE.encode("utf-16"),
            ("# -*- coding: gbk -*-\n" + SOURCE).encode("gbk"),
            ("#!/usr/bin/python\n# vim: set fileencoding=gb2312 :\n" + SOURCE).encode("gb2312"),
            ("# coding: none-such\n" + SOURCE).encode(),
            SOURCE.replace("\n", "\r\n").encode(),
        ],
    )
    def test_by_mark_by_line_or_by_trial(self, data: bytes) -> None:
        got = read("x.py", data)
        assert got.trouble == ""
        assert [b.value.value for b in got.bindings if isinstance(b.value, Text)] == ["文心-4"]

    @pytest.mark.timeout(20)
    @pytest.mark.parametrize(
        "name", ["punycode", "idna", "rot13", "hex", "undefined", "unicode_escape", "utf-7"]
    )
    def test_an_encoding_that_no_file_has(self, name: str) -> None:
        assert read("x.py", f"# coding: {name}\n".encode() + b'M = "gpt-4o"\n' * 50_000).path == "x.py"


class TestBadInput:
    def test_a_syntax_error_names_its_line_and_leaves_the_strings(self) -> None:
        got = module('MODEL = "gpt-4o"\nprint "qwen-max"\n# "glm-4"\n')
        assert "line 2" in got.trouble
        assert {loose.text.value for loose in got.loose} == {"gpt-4o", "qwen-max", "glm-4"}

    def test_a_null(self) -> None:
        assert read("x.py", b'A = "gpt-4o"\n\0').trouble != ""

    def test_a_large_file(self) -> None:
        got = read("x.py", b"#" * (MAX_BYTES + 1))
        assert got.trouble == "larger than 4 MiB"
        assert read("x.py", b"#" * MAX_BYTES).trouble == ""

    @pytest.mark.timeout(60)
    @pytest.mark.parametrize(
        "source",
        [
            "(" * 100_000,
            "x = " + "[" * 90 + "]" * 90,
            "x = " + "-" * 50_000 + "1",
            "x = " + "not " * 50_000 + "1",
            "x = a" + ".b" * 50_000,
            "x = a" + "()" * 5_000,
            "x = " + "lambda: " * 5_000 + "1",
            "x = f" + "'{f" * 50 + '"x"' + "}'" * 50,
            "".join(" " * n + "if a:\n" for n in range(99)) + " " * 99 + "pass",
        ],
        ids=["brackets", "lists", "signs", "nots", "attributes", "calls", "lambdas", "formats", "blocks"],
    )
    def test_deep_nesting(self, source: str) -> None:
        got = read("x.py", (source + '\nMODEL = "gpt-4o"\n').encode())
        texts = {b.value.value for b in got.bindings if isinstance(b.value, Text)}
        texts |= {loose.text.value for loose in got.loose}
        assert "gpt-4o" in texts

    def test_one_deep_expression_does_not_hide_the_rest(self) -> None:
        got = module("x = " + "(lambda: " * 130 + "1" + ")" * 130 + '\nMODEL = "gpt-4o"\n')
        assert got.trouble == "nested too deep in line 1"
        assert ("MODEL",) in [b.name for b in got.bindings]

    def test_a_hundred_branches_are_no_nesting(self) -> None:
        source = 'if a == "x":\n    pass\n' + "".join(
            f'elif a == "x{n}":\n    ask("m{n}")\n' for n in range(150)
        )
        got = module(source)
        assert got.trouble == ""
        assert len(got.calls) == 150

    @given(st.binary(max_size=300))
    def test_any_bytes(self, data: bytes) -> None:
        assert read("x.py", data).language == "python"

    @given(st.lists(st.sampled_from(PIECES := [
        "x", " = ", '"gpt-4o"', "f'{x}'", "(", ")", "[", "]", "{", "}", ":", ",", ".get", "\n", "\n    ",
        "if ", "else", "def f", "class C", "return ", "'%s' % ", "lambda: ", " or ", "**", "*", "@", "try",
        "except", "match x", "case ", " := ", "await ", "'{0}'.format", "'{²}{!r:>9}'.format", "=", "#", "\\",
        "getattr", "join", "import a", "from . import b", "Annotated", "Literal", "env_prefix='A'", "\t",
    ]), max_size=40))  # fmt: skip
    @settings(max_examples=400)
    def test_any_pieces(self, pieces: list[str]) -> None:
        assert read("x.py", "".join(pieces).encode()).language == "python"

    @given(st.text(max_size=60), st.lists(st.text(max_size=8), max_size=3))
    def test_any_pattern(self, pattern: str, args: list[str]) -> None:
        source = f"A = {pattern!r}.format(*{args!r}, x={args!r})\nB = {pattern!r} % {tuple(args)!r}\n"
        assert len(module(source).bindings) == 2


STANDARD = sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py"))


@pytest.mark.timeout(120)
def test_the_standard_library_is_read() -> None:
    """Real code of many hands; only what Python itself does not parse is in trouble."""
    for path in random.Random(4).sample(STANDARD, 200):  # noqa: S311 - the same each time
        data = path.read_bytes()
        got = read(path.name, data)
        try:
            ast.parse(data)
        except (SyntaxError, ValueError):
            assert got.trouble, path
        else:
            assert got.trouble == "", path
