"""How each language writes variables of the environment, settings, defaults and choices."""

from __future__ import annotations

import pytest
from language_samples import bindings, code, listing, written

from countermark.inventory.reading.expressions import Context

Said = dict[str, str]


def in_java(body: str) -> str:
    return f"class A {{ {body} }}"


def in_go(body: str) -> str:
    return f"package a\nfunc f() {{ {body} }}"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('a = process.env["M"]?.trim() ?? "d"', {"a": "($M ?? 'd')"}),
        ('a = Deno.env.get("M") || "d"', {"a": "($M ?? 'd')"}),
        ('a = getEnv("M", "d")', {"a": "$M:-'d'"}),
        ('a = requireEnv("M")', {"a": "$M"}),
        ("a = c.env.MODEL", {"a": "$MODEL"}),
        ("a = process.env[name]", {"a": "process.env[name]"}),
        ('a = this.configService.get<string>("LLM_MODEL", "d")', {"a": "$LLM_MODEL:-'d'"}),
        ('a = config.get("llm.model")', {"a": "%llm.model"}),
        ('a = headers.get("model")', {"a": "headers['model']"}),
        ('a = axios.get("https://a/b")', {"a": "axios.get('https://a/b')"}),
        ('a = b ? b : "d"', {"a": "(b ?? 'd')"}),
        ('a = !b ? "d" : b', {"a": "(b ?? 'd')"}),
        ('a = k === "x" ? "y" : "z"', {"a": "('y' | 'z')"}),
        ('a = ["https:/", host].join("/")', {"a": "'https:/' + '/' + host"}),
        (r'a = "\u4e2d\x41\n\"q\""', {"a": "'中A\\n\"q\"'"}),
        ("a = `b${c.d}`", {"a": "'b' + c.d"}),
        ("a = (await x.json()).model!", {"a": "x.json().model"}),
        ('a = new Map([["k", "v"]])', {"a": "{'k': 'v'}"}),
        ('a = new Set(["k"])', {"a": "['k']"}),
        ("a = Object.values(b)", {"a": "b"}),
        (
            '{ llm: { model = "m", url: u = "v" }, ...rest } = o',
            {"model": "(o.llm.model ?? 'm')", "u": "(o.llm.url ?? 'v')"},
        ),
        ('[a, b = "c"] = ["x"]', {"a": "'x'", "b": "'c'"}),
        ('[model, setModel] = useState("m")', {"model": "'m'"}),
        (
            'a = createEnv({ server: { M: z.string().min(1).default("d") } })',
            {"M": "'d'", "a": "createEnv({'server': {'M': 'd'}})"},
        ),
        ('a = convict({ m: { default: "d", env: "M" } })', {"m": "'d'", "a": "convict({'m': 'd'})"}),
    ],
)
def test_ecmascript(source: str, said: Said) -> None:
    assert bindings(f"const {source};", "typescript") == said


def test_a_variable_of_a_schema_is_an_alias() -> None:
    found = code(
        's({ LLM_MODEL: str({ default: "a" }), other: { default: "b", env: "C" } })', "javascript"
    ).bindings
    assert [(b.name, b.alias) for b in found] == [(("LLM_MODEL",), "LLM_MODEL"), (("other",), "C")]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('model ||= "a"', {"model": "(model ?? 'a')"}),
        ('let m = x; if (m === "") { m = "d"; }', {"m": "(x ?? 'd')"}),
        ('body["model"] = "a"; this.b = "c"', {"body.model": "'a'", "this.b": "'c'"}),
        ('process.env.A = "b"', {"environ.A": "'b'"}),
        ('exports.A = "b"; module.exports.c = "d"', {"A": "'b'", "c": "'d'"}),
        ('form.append("model", "whisper-1")', {"form.model": "'whisper-1'"}),
        (
            'export default registerAs("ai", () => ({ model: "a" }))',
            {"setting.ai.model": "'a'", "default": "registerAs('ai', {'model': 'a'})"},
        ),
        ('import { OPENAI_MODEL } from "$env/static/private"', {"OPENAI_MODEL": "$OPENAI_MODEL"}),
        (
            "function f(a: LlmConfig) { a.model ??= 'm' }",
            {"f.a": "LlmConfig()", "LlmConfig.model": "(a.model ?? 'm')"},
        ),
    ],
)
def test_ecmascript_statements(source: str, said: Said) -> None:
    assert bindings(source, "typescript") == said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (in_go('m := os.Getenv("M"); if len(m) == 0 { m = "d" }'), {"f.m": "($M ?? 'd')"}),
        (in_go('m, ok := os.LookupEnv("M"); if !ok { m = "d" }'), {"f.m": "($M ?? 'd')"}),
        (in_go('m := flag.String("model", "a", "which")'), {"f.m": "'a'"}),
        (in_go('flag.StringVar(&m, "model", "a", "which")'), {"f.m": "'a'"}),
        (in_go('m := beego.AppConfig.String("ai.model")'), {"f.m": "%ai.model"}),
        (in_go('viper.BindEnv("ai.model", "AI_MODEL")'), {"setting.ai.model": "$AI_MODEL"}),
        (in_go('b := map[string]any{"model": "m"}; b["k"] = "v"'), {"f.b": "{'model': 'm'}", "f.b.k": "'v'"}),
        (in_go('u := strings.Join([]string{"a", b}, "/") + `c`'), {"f.u": "'a' + '/' + b + 'c'"}),
        (
            'package a\nfunc f(c *x.LLMConfig) { if c.M == "" { c.M = "d" } }',
            {"f.c": "x.LLMConfig()", "LLMConfig.M": "(c.M ?? 'd')"},
        ),
        (
            'package a\ntype C struct { M string `env:"X, default=a"`; U string `conf:"default:b,env:U"` }',
            {"C.M": "'a'", "C.U": "'b'"},
        ),
        ('package a\nvar y = &Opts{Model: aws.String("m"), N: string(k)}', {"y": "Opts(Model='m', N=k)"}),
        ('package a\nvar t = []struct{ Name string }{{Name: "a"}, {"b"}}', {"t": "[{'Name': 'a'}, ['b']]"}),
    ],
)
def test_go(source: str, said: Said) -> None:
    assert bindings(source, "go") == said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('String a = System.getenv().getOrDefault("M", "d");', {"A.a": "$M:-'d'"}),
        ('String a = env.getProperty("ai.model", "d");', {"A.a": "%ai.model:-'d'"}),
        ('String a = StringUtils.defaultIfBlank(x, "d");', {"A.a": "(x ?? 'd')"}),
        ('@ConfigProperty(name = "ai.model", defaultValue = "m") String a;', {"A.a": "%ai.model:-'m'"}),
        ('@Value("https://${host:h}/v1") String a;', {"A.a": "'https://' + %host:-'h' + '/v1'"}),
        ('@Value("${A_B:${c.d:e}}") String a;', {"A.a": "$A_B:-%c.d:-'e'"}),
        ('void f(@RequestParam(defaultValue = "d") String m) {}', {"A.f.m": "'d'"}),
        ('String a = """\n    x\n      y""";', {"A.a": "'x\\n  y'"}),
        (
            "void f(LlmProps p) { var m = p.getChat().getModel(); }",
            {"A.f.p": "LlmProps()", "A.f.m": "p.chat.model"},
        ),
        ('void f(String m) { if (m == null || m.isBlank()) m = "d"; }', {"A.f.m": "(m ?? 'd')"}),
        ('void f() { body.put("model", "m"); }', {"A.f.body.model": "'m'"}),
        ('String a; A() { a = "b"; }', {"A.a": "'b'"}),
    ],
)
def test_java(source: str, said: Said) -> None:
    assert bindings(in_java(source), "java") == said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('val a = System.getenv("M").takeIf { it.isNotBlank() } ?: "d"', {"a": "($M ?? 'd')"}),
        ('val a = dotenv["M"] ?: error("none")', {"a": "$M"}),
        ('val a = b.ifBlank { "d" }', {"a": "(b ?? 'd')"}),
        ('val a = mapOf("k" to "v")', {"a": "{'k': 'v'}"}),
        ('val a = """\n  x\n  y\n""".trimIndent()', {"a": "'x\\ny'"}),
        (
            'val a = request { model = "m"; inner { k = "v" } }',
            {"@1.model": "'m'", "@1.@1.k": "'v'", "a": "request(model='m')"},
        ),
        ('class A { var m = "a"\n fun f() { m = "b" } }', {"A.m": "'b'"}),
    ],
)
def test_kotlin(source: str, said: Said) -> None:
    assert bindings(source, "kotlin") == said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('string a = Environment.GetEnvironmentVariable("M") ?? throw new E("x");', {"A.a": "$M"}),
        ('string a = string.IsNullOrEmpty(b) ? "d" : b;', {"A.a": "(b ?? 'd')"}),
        ('string a = string.Format("x/{0}", b);', {"A.a": "'x/' + b"}),
        ('object? a = c?.D?.E("f");', {"A.a": "c.D.E('f')"}),
        ('string a = @"a""b\\n";', {"A.a": "'a\"b\\\\n'"}),
        (
            'void F(LlmOptions o) { o.Model ??= "d"; }',
            {"A.F.o": "LlmOptions()", "LlmOptions.Model": "(o.Model ?? 'd')"},
        ),
        (
            "void F(IOptions<LlmOptions> o) { var m = o.Value.Model; }",
            {"A.F.o": "LlmOptions()", "A.F.m": "o.Value.Model"},
        ),
        (
            "void F(IOptions<LlmOptions> options) { var m = options.Value.Model; }",
            {"A.F.options": "LlmOptions()", "A.F.m": "options.Model"},
        ),
        (
            'void F() { var d = new Dictionary<string, object> { { "model", "m" } }; }',
            {"A.F.d": "{'model': 'm'}"},
        ),
        ('void F() { var p = o with { Model = "q" }; }', {"A.F.p": "o(Model='q')"}),
    ],
)
def test_csharp(source: str, said: Said) -> None:
    assert bindings(in_java(source), "csharp") == said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('let a = dotenvy::var("M").ok().unwrap_or_default();', {"f.a": "$M"}),
        ("let a = env::var(KEY)?;", {"f.a": "env[KEY]"}),
        ('let a = if x { "b" } else { "c" };', {"f.a": "('b' | 'c')"}),
        ("let a = c.m.clone().unwrap_or_else(|| D.to_string());", {"f.a": "(c.m ?? D)"}),
        ('let a = format!("x/{}-{b}", c);', {"f.a": "'x/' + c + '-' + b"}),
        ('let a = vec!["x".to_string(), y];', {"f.a": "['x', y]"}),
        ('let a = r#"x"y"#;', {"f.a": "'x\"y'"}),
        ('std::env::set_var("A", "b");', {"environ.A": "'b'"}),
        ('map.insert("model", "q");', {"f.map.model": "'q'"}),
        (
            'let c = b.set_default("ai.model", "m")?;',
            {"setting.ai.model": "'m'", "f.c": "b.set_default('ai.model', 'm')"},
        ),
    ],
)
def test_rust(source: str, said: Said) -> None:
    assert bindings(f"fn f() {{ {source} }}", "rust") == said


def test_macros_of_rust_keep_their_lines() -> None:
    source = (
        'fn f() {\n  select! {\n    x => { g(\n"a") }\n  }\n  let b = json!({\n    "m": h("c"),\n  });\n}'
    )
    assert "7: call in f: h('c')" in listing(code(source, "rust"))
    assert "6: f.b = {'m': h('c')}" in listing(code(source, "rust"))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('$a = $_SERVER["M"] ?? "d";', {"a": "($M ?? 'd')"}),
        ("$a = env('M', 'd');", {"a": "$M:-'d'"}),
        ('$a = Config::get("ai.model", "d");', {"a": "%ai.model:-'d'"}),
        ("$a = getenv('M') ?: 'd';", {"a": "($M ?? 'd')"}),
        ("putenv('M=d');", {"environ.M": "'d'"}),
        ("$a = <<<T\nx {$m} y\nT;", {"a": "'x ' + m + ' y'"}),
        ("static $a = 'b';", {"a": "'b'"}),
        ("if (!$m) { $m = 'd'; }", {"m": "(m ?? 'd')"}),
        ("$a->b['c'] = 'd';", {"a.b.c": "'d'"}),
    ],
)
def test_php(source: str, said: Said) -> None:
    assert bindings(f"<?php {source}", "php") == said


def test_pages_with_php_keep_their_lines() -> None:
    found = code('<p>a</p>\n<?php $a = "b"; ?>\n<b>"x"</b>\n<?= $model ?>\n<?php $c = "d";', "php").bindings
    assert [(b.name, b.line) for b in found] == [(("a",), 2), (("c",), 5)]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('a = ENV.fetch("M") { "d" }', {"a": "$M:-'d'"}),
        ('a = ENV.fetch("M", nil)', {"a": "$M"}),
        ('a = ENV["M"].presence || "d"', {"a": "($M ?? 'd')"}),
        ('a = h[:k] || h.fetch("k", "d")', {"a": "(h['k'] ?? h['k']:-'d')"}),
        ('a = b rescue "c"', {"a": "(b ?? 'c')"}),
        ('m = o[:m]\nm = "d" unless m', {"m": "(o['m'] ?? 'd')"}),
        ("a = <<~T\n  x\nT\n", {"a": "'  x\\n'"}),
        ("a = %w[b c]", {"a": "['b', 'c']"}),
        ('ENV["A"] = "b"', {"environ.A": "'b'"}),
        ('class A < B; attribute :m, default: "d"; end', {"A.m": "'d'"}),
    ],
)
def test_ruby(source: str, said: Said) -> None:
    assert bindings(source, "ruby") == said


@pytest.mark.parametrize(
    ("language", "source", "name", "context"),
    [
        ("javascript", 'if (false) { a = "x"; }', "a", Context.DEAD),
        ("javascript", 'function f() { return 1; a = "x"; }', "f.a", Context.DEAD),
        ("javascript", 'try { f(); } catch { a = "x"; }', "a", Context.HANDLER),
        ("javascript", 'test("t", () => { a = "x"; });', "@1.a", Context.TEST),
        ("typescript", 'enum E { A = "x" }', "E.A", Context.CHOICE),
        ("go", 'package a\nfunc TestA(t *testing.T) { a := "x" }', "TestA.a", Context.TEST),
        ("go", 'package a\nfunc f() { if err != nil { a = "x" } }', "f.a", Context.HANDLER),
        ("go", 'package a\ntype M string\nconst (\n A M = "x"\n B M = "y"\n)', "A", Context.CHOICE),
        ("java", 'class A { @Test void f() { a = "x"; } }', "A.f.a", Context.TEST),
        ("java", 'enum E { A("x") }', "E.A", Context.CHOICE),
        ("kotlin", 'fun f() { try { } catch (e: E) { a = "x" } }', "f.a", Context.HANDLER),
        ("csharp", 'class A { [Fact] void F() { a = "x"; } }', "A.F.a", Context.TEST),
        ("csharp", 'class A {\n#if false\n string a = "x";\n#endif\n}', "A.a", Context.DEAD),
        ("rust", '#[cfg(test)] mod t { const A: &str = "x"; }', "t.A", Context.TEST),
        ("rust", 'fn f() { match g() { Err(e) => { a = "x"; } _ => {} } }', "f.a", Context.HANDLER),
        ("rust", '#[cfg(any())] const A: &str = "x";', "A", Context.DEAD),
        ("php", "<?php it('t', function () { $a = 'x'; });", "@1.a", Context.TEST),
        ("php", "<?php try { } catch (E $e) { $a = 'x'; }", "a", Context.HANDLER),
        ("ruby", 'describe "t" do\n a = "x"\nend', "@1.a", Context.TEST),
        ("ruby", 'begin\n f\nrescue E\n a = "x"\nend', "a", Context.HANDLER),
    ],
)
def test_contexts(language: str, source: str, name: str, context: Context) -> None:
    found = [b for b in code(source, language).bindings if b.name == tuple(name.split("."))]
    assert [written(b.value) for b in found] == ["'x'"]
    assert context in found[0].contexts


@pytest.mark.parametrize(
    ("language", "source", "compared"),
    [
        ("javascript", 'if (m.startsWith("a") || m === "b" || ["c"].includes(m)) {}', ["a", "b", "c"]),
        ("typescript", 'switch (m) { case "a": case "b": }', ["a", "b"]),
        ("go", 'package a\nfunc f() { if strings.HasPrefix(m, "a") || m == "b" {} }', ["a", "b"]),
        ("java", 'class A { boolean f() { return "a".equals(m) || m.contains("b"); } }', ["a", "b"]),
        ("kotlin", 'val x = m in listOf("a", "b")', ["a", "b"]),
        ("csharp", 'class A { bool F() => m is "a" or "b" || m.EndsWith("c"); }', ["a", "b", "c"]),
        ("rust", 'fn f() { matches(m == "a"); match m { "b" | "c" => {} _ => {} } }', ["a", "b", "c"]),
        ("php", "<?php if ($m === 'a' || in_array($m, ['b'])) {}", ["a", "b"]),
        ("ruby", 'x = m == "a" || m.start_with?("b")', ["a", "b"]),
    ],
)
def test_what_is_compared(language: str, source: str, compared: list[str]) -> None:
    found = [loose.text.value for loose in code(source, language).loose if Context.COMPARED in loose.contexts]
    assert sorted(set(found)) == compared


@pytest.mark.parametrize(
    ("language", "source", "choices"),
    [
        ("typescript", 'type M = "a" | "b"; interface I { m: "c" | "d" }', ["a", "b", "c", "d"]),
        ("typescript", 'const m = ["a", "b"] as const;', ["a", "b"]),
        ("typescript", 'z.enum(["a", "b"]);', ["a", "b"]),
        ("tsx", 'x = <option value="a">A</option>', ["a"]),
        ("java", 'enum E { A("a", "b") }', ["a", "b"]),
    ],
)
def test_what_may_be_chosen(language: str, source: str, choices: list[str]) -> None:
    found = [loose.text.value for loose in code(source, language).loose if Context.CHOICE in loose.contexts]
    assert sorted(found) == choices
