"""Rows that SQL scripts insert."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.inventory.reading.expressions import Document, Text
from countermark.inventory.reading.sql import MAX_ROWS, read


def document(text: str) -> Document:
    return read("sql/init.sql", dedent(text))


def insert(columns: str, values: str, table: str = "m") -> str:
    """A statement that inserts one row."""
    return f"INSERT INTO {table} {columns} VALUES {values}"  # noqa: S608 - it is only read


def rows(text: str) -> list[tuple[str, str]]:
    """Dotted path and value of each entry."""
    return [(".".join(e.path), e.value.value) for e in document(text).entries if isinstance(e.value, Text)]


class TestRows:
    def test_named_columns(self) -> None:
        text = """
            INSERT INTO `llm`.`model` (`id`, `name`) VALUES
              (1, 'gpt-4o'),
              (2, 'qwen-max');
            """
        assert rows(text) == [
            ("model.[1].id", "1"),
            ("model.[1].name", "gpt-4o"),
            ("model.[2].id", "2"),
            ("model.[2].name", "qwen-max"),
        ]
        assert [e.line for e in document(text).entries] == [3, 3, 4, 4]

    def test_columns_of_the_table(self) -> None:
        text = """
            CREATE TABLE IF NOT EXISTS "model" (
              "id" int NOT NULL, "name" varchar(64) DEFAULT 'a,b', price decimal(10, 2), PRIMARY KEY ("id")
            );
            insert into model values (1, 'gpt-4o', 2.5);
            """
        assert rows(text) == [("model.[1].id", "1"), ("model.[1].name", "gpt-4o"), ("model.[1].price", "2.5")]

    def test_columns_that_nothing_names(self) -> None:
        assert rows("REPLACE INTO m VALUES ('gpt-4o');") == [("m.[1].column_1", "gpt-4o")]

    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("'gpt-4o'", "gpt-4o"),
            ('"gpt-4o"', "gpt-4o"),
            ("N'文心'", "文心"),
            ("_utf8mb4'文心'", "文心"),
            ("E'a\\nb'", "a\nb"),
            ("'it''s'", "it's"),
            ("'a\\'b'", "a'b"),
            ("'x'::jsonb", "x"),
            ('\'{"model": "gpt-4o"}\'', '{"model": "gpt-4o"}'),
            ("NULL", "NULL"),
            ("-1.5", "-1.5"),
            ("NOW()", "NOW()"),
            ("nextval(id)", "nextval(id)"),
        ],
    )
    def test_one_value(self, written: str, meant: str) -> None:
        assert rows(insert("(a, b)", f"({written}, 'end');")) == [
            ("m.[1].a", meant),
            ("m.[1].b", "end"),
        ]


class TestSwitches:
    @pytest.mark.parametrize(
        ("column", "value"),
        [("enabled", "0"), ("is_active", "false"), ("deleted", "1"), ("status", "2"), ("is_enabled", "b'0'")],
    )
    def test_off(self, column: str, value: str) -> None:
        [name, _] = document(insert(f"(name, {column})", f"('gpt-4o', {value});")).entries
        plain = value.strip("b'")
        assert name.off == f"{column}: {plain} beside it"

    @pytest.mark.parametrize(
        ("column", "value"), [("enabled", "1"), ("is_active", "true"), ("deleted", "0"), ("status", "1")]
    )
    def test_on(self, column: str, value: str) -> None:
        [name, _] = document(insert(f"(name, {column})", f"('gpt-4o', {value});")).entries
        assert name.off == ""

    def test_the_script_says_what_its_numbers_mean(self) -> None:
        text = """
            CREATE TABLE m (name varchar(9), status int COMMENT 'status: 0 停用');
            INSERT INTO m (name, status) VALUES ('gpt-4o', 0), ('qwen-max', 2);
            """
        assert [bool(e.off) for e in document(text).entries] == [True, True, False, False]


class TestBadInput:
    def test_too_many_rows(self) -> None:
        got = document(insert("", ", ".join(f"({n})" for n in range(MAX_ROWS + 5))))
        assert len(got.entries) == MAX_ROWS
        assert got.trouble == "more than 5,000 rows: the rest was not read"

    @pytest.mark.timeout(60)
    @pytest.mark.parametrize(
        "text",
        [
            "insert into t values ('" * 60_000,
            "insert into t values (\\'" * 60_000,
            "insert into t values ('\\" * 60_000,
            "insert into t values ('" + "'" * 1_000_000,
            "insert into t values (" + "f(" * 500_000,
            "insert into t values (" + "f()" * 300_000,
            "insert into t (" * 60_000,
            "create table t (" * 60_000,
            "create table t (" + "a int, " * 200_000,
            "insert into t values (1)" + ", (1)" * 300_000,
            "status " * 200_000,
            "insert into t values (" + "'a', " * 300_000,
        ],
    )
    def test_nothing_takes_long(self, text: str) -> None:
        start = time.perf_counter()
        read("x.sql", text)
        assert time.perf_counter() - start < 15

    def test_many_rows_of_a_large_script(self) -> None:
        values = ",\n".join("(" + ", ".join(["'some text of a row'"] * 20) + ")" for _ in range(4_000))
        start = time.perf_counter()
        got = document(insert("", values))
        assert len(got.entries) == 80_000
        assert got.entries[-1].line == 4_000
        assert time.perf_counter() - start < 15

    @given(st.text(max_size=200))
    def test_any_text(self, text: str) -> None:
        assert read("x.sql", insert("", "(" + text)).format == "sql"
        assert read("x.sql", text).format == "sql"

    @given(st.text(alphabet="abIN'\"\\(),;: \n0", max_size=120))
    def test_any_values(self, text: str) -> None:
        assert read("x.sql", f"create table m ({text}); " + insert("", f"({text}")).format == "sql"
