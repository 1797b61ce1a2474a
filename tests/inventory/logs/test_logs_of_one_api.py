"""The tables and logs of one-api and new-api, in every form in which they are handed over."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from log_samples import channel, json_lines, new_api, rows, scanned

from countermark.inventory.logs import scan
from countermark.inventory.usage import Conflict, Inventory, Place, State

MAPPED = '{"is_model_mapped":true,"upstream_model_name":"qwen-max","admin_info":{"use_channel":["3"]}}'
RETRIED = '{"frt":812,"admin_info":{"use_channel":["1","3"]},"request_path":"/v1/embeddings"}'
LOGS = [
    new_api(id=1),
    new_api(id=2, other=MAPPED, created_at=1736930471),
    new_api(id=3, model_name="bge-m3", other=RETRIED, created_at=1736930472, content="a, 'b' \"c\" \\ d"),
    new_api(id=4, type=5, model_name="glm-4-plus", created_at=1736930473),
    new_api(id=5, type=1, model_name="", content="topped up"),
]
CHANNELS = [channel()]
COLUMNS = [name if name != "channel" else "channel_id" for name in LOGS[0]]
EXPECTED = [
    "effective gpt-4o @ dashscope.aliyuncs.com 1x {} 2025-01-15T08:41:10Z",
    "effective qwen-max @ dashscope.aliyuncs.com 1x {} 2025-01-15T08:41:11Z",
    "fallback bge-m3 @ dashscope.aliyuncs.com 1x {} 2025-01-15T08:41:12Z",
    "stale glm-4-plus @ dashscope.aliyuncs.com 1x {} 2025-01-15T08:41:13Z",
]


def called(inventory: Inventory) -> list[str]:
    """Only what was called."""
    inventory.usages = [usage for usage in inventory.usages if usage.requests]
    return rows(inventory)


def expected(*lines: int) -> list[str]:
    return [line.format(f":{number}") for line, number in zip(EXPECTED, lines, strict=True)]


def as_csv(table: Sequence[dict[str, object]], **options: object) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", **options)  # type: ignore[arg-type]
    writer.writerow(COLUMNS if table is LOGS else list(table[0]))
    writer.writerows(row.values() for row in table)
    return out.getvalue()


def quoted(value: object, *, backslash: bool) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(int(value))
    text = str(value)
    if backslash:
        text = text.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"').replace("\n", "\\n")
    else:
        text = text.replace("'", "''")
    return f"'{text}'"


def mysql(logs: Sequence[dict[str, object]] = LOGS) -> str:
    """As mysqldump writes it: all rows of a table in one statement."""
    out = ["-- MySQL dump 10.13  Distrib 8.0.36", "DROP TABLE IF EXISTS `channels`;"]
    for name, table in (("channels", CHANNELS), ("users", [{"id": 1, "name": "anna"}]), ("logs", logs)):
        columns = COLUMNS if name == "logs" else list(table[0])
        out += [f"CREATE TABLE `{name}` ("]
        out += [f"  `{column}` longtext DEFAULT NULL COMMENT 'a, b (c)'," for column in columns]
        out += ["  PRIMARY KEY (`id`),", "  KEY `idx` (`id`,`id`)", ") ENGINE=InnoDB;"]
        values = ",".join(f"({','.join(quoted(v, backslash=True) for v in row.values())})" for row in table)
        out += [f"INSERT INTO `{name}` VALUES {values};"]  # noqa: S608 - read, and not by a database
    return "\n".join(out) + "\n"


def sqlite(logs: Sequence[dict[str, object]] = LOGS) -> str:
    """As ``.dump`` of SQLite writes it: a statement for each row."""
    out = ["PRAGMA foreign_keys=OFF;", "BEGIN TRANSACTION;"]
    for name, table in (("channels", CHANNELS), ("logs", logs)):
        columns = ",".join(f"`{column}` text" for column in (COLUMNS if name == "logs" else table[0]))
        out += [f"CREATE TABLE `{name}` ({columns});"]
        out += [
            f"INSERT INTO {name} VALUES({','.join(quoted(v, backslash=False) for v in row.values())});"
            for row in table
        ]
    return "\n".join([*out, "COMMIT;"]) + "\n"


def postgres() -> str:
    """As pg_dump writes it: lines behind a COPY."""
    out = ["--\n-- PostgreSQL database dump\n--\n", "SET statement_timeout = 0;"]
    for name, table in (("channels", CHANNELS), ("logs", LOGS)):
        columns = ", ".join(f'"{column}"' for column in (COLUMNS if name == "logs" else table[0]))
        out += [f"COPY public.{name} ({columns}) FROM stdin;"]
        for row in table:
            cells = (r"\N" if v is None else str(v).replace("\\", "\\\\") for v in row.values())
            out += ["\t".join(cells)]
        out += ["\\.\n"]
    return "\n".join(out)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (mysql(), (mysql()[: mysql().index("INSERT INTO `logs`")].count("\n") + 1,) * 4),
        (sqlite(), (6, 7, 8, 9)),
        (sqlite().replace("INSERT INTO logs VALUES", f"INSERT INTO \"logs\" ({','.join(COLUMNS)}) VALUES"),
         (6, 7, 8, 9)),
        (postgres(), (11, 12, 13, 14)),
    ],
    ids=["mysqldump", "sqlite", "with columns", "pg_dump"],
)  # fmt: skip
def test_a_dump_of_both_tables(content: str, lines: tuple[int, ...]) -> None:
    found = scanned(content, "one-api.sql")
    assert found.unread == []
    offered = [usage for usage in found.usages if not usage.requests]
    assert [(usage.state, usage.model) for usage in offered] == [
        (State.CATALOGUE, "qwen-max"), (State.CATALOGUE, "qwen-plus")
    ]  # fmt: skip
    assert called(found) == expected(*lines)
    assert [usage.service for usage in found.usages] == ["vip"] * 4
    place = Place("one-api.sql", lines[1], 0, "one-api log")
    assert found.usages[1].conflicts == (Conflict("gpt-4o", "qwen-max", place),)
    assert "through channel 3 main" in found.usages[0].why


def test_a_long_dump_is_read_row_by_row_whatever_stands_in_its_texts() -> None:
    texts = [
        "plain",
        "a'),(b",
        "x),(y",
        "back\\slash",
        'quo"te',
        "tab\there",
        ",NULL,",
        "新,行",
        "'),('",
        ");\nINSERT INTO",
    ]
    logs = [new_api(id=n, content=texts[n % 10] * (n % 3), created_at=1736930470 + n) for n in range(5_000)]
    for make in (mysql, sqlite):
        found = scanned(make(logs), "long.sql")
        assert found.unread == [], make
        assert [(u.model, u.requests, u.last) for u in found.usages if u.requests] == [
            ("gpt-4o", 5_000, "2025-01-15T10:04:29Z")
        ]  # fmt: skip


@pytest.mark.parametrize("options", [{}, {"quoting": csv.QUOTE_ALL}, {"delimiter": ";"}, {"delimiter": "\t"}])
def test_a_table_as_csv(options: dict[str, object]) -> None:
    rows_ = [*LOGS[:2], LOGS[2] | {"content": "two\nlines"}, *LOGS[3:]]
    table = as_csv(rows_, **options).replace(",channel,", ",channel_id,")
    found = scanned(table, "logs.csv")
    assert [line.partition(" :")[0].replace("? ", "dashscope.aliyuncs.com ") for line in rows(found)] == [
        line.partition(" {}")[0] for line in EXPECTED
    ]
    assert [usage.place.line for usage in found.usages] == [2, 3, 4, 6]
    assert found.unread == []


def test_a_channel_in_another_file_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "logs.json").write_text(
        json.dumps({"success": True, "data": {"items": LOGS, "total": 5}}), "utf-8"
    )
    (tmp_path / "channels.json").write_text(json.dumps({"data": [channel(type=45, name="Spark")]}), "utf-8")
    found = scan([tmp_path])
    used = next(usage for usage in found.usages if usage.requests)
    assert (used.model, used.host, used.provider) == ("gpt-4o", "ark.cn-beijing.volces.com", "bytedance")
    assert [(c.says, c.value) for c in used.conflicts] == [("Spark", "ark.cn-beijing.volces.com")]
    assert "host: the host of channel 3" in used.why
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "channels.json").rename(tmp_path / "elsewhere" / "channels.json")
    used = next(usage for usage in scan([tmp_path]).usages if usage.requests)
    assert used.host == ""


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("catalogue", "qwen-max", "dashscope.aliyuncs.com"), ("catalogue", "qwen-plus",
         "dashscope.aliyuncs.com")]),
        ({"status": 2, "models": "glm-4-plus,", "model_mapping": "", "type": 26}, [("off", "glm-4-plus",
         "open.bigmodel.cn")]),
        ({"models": "x", "model_mapping": "{", "base_url": "https://user:pw@relay.example.com/v1"},
         [("catalogue", "x", "relay.example.com")]),
        ({"models": "llama3", "model_mapping": None, "type": 4}, [("catalogue", "llama3",
         "localhost:11434")]),
        ({"models": "", "model_mapping": None}, []),
    ],
)  # fmt: skip
def test_what_channels_offer(fields: dict[str, object], expected: list[tuple[str, str, str]]) -> None:
    found = scanned(json_lines(channel(**fields)), "channels.jsonl")
    assert [(str(usage.state), usage.model, usage.host) for usage in found.usages] == expected
    assert "sk-0123456789" not in str(found)


def test_types_of_channels_are_numbered_otherwise_in_one_api() -> None:
    own = {key: value for key, value in channel(type=36, models="deepseek-chat").items() if key not in (
        "auto_ban", "setting", "test_model")}  # fmt: skip
    assert [u.host for u in scanned(json_lines(own | {"config": ""})).usages] == ["api.deepseek.com"] * 2
    assert [u.host for u in scanned(json_lines(own)).usages] == ["", ""]  # either of the two: not known
    assert [u.host for u in scanned(json_lines(own | {"type": 14})).usages] == ["api.anthropic.com"] * 2


@pytest.fixture
def database(tmp_path: Path) -> Callable[..., Path]:
    """The SQLite file of new-api."""

    def made(*statements: str, logs: Sequence[dict[str, object]] = LOGS) -> Path:
        path = tmp_path / "one-api.db"
        with sqlite3.connect(path) as connection:
            for name, table in (("logs", logs), ("channels", CHANNELS)):
                columns = COLUMNS if name == "logs" else list(table[0])
                connection.execute(f"CREATE TABLE {name} ({', '.join(f'`{column}`' for column in columns)})")
                marks = ", ".join("?" * len(columns))
                rows_ = [tuple(row.values()) for row in table]
                connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows_)  # noqa: S608 - our own
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return path

    return made


def test_the_database_itself(database: Callable[..., Path]) -> None:
    path = database()
    before = path.read_bytes()
    found = scan([path])
    assert called(found) == [line.format(":0") for line in EXPECTED]
    assert found.usages[0].place == Place("one-api.db", what="one-api log, rows 1 to 1")
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["one-api.db"]


def test_a_database_that_is_no_good(database: Callable[..., Path]) -> None:
    path = database("UPDATE logs SET model_name = CAST(x'676c6dff' AS TEXT) WHERE id = 2")
    assert [usage.model for usage in scan([path]).usages if usage.requests] == [
        "gpt-4o", "qwen-max", "bge-m3", "glm-4-plus"
    ]  # fmt: skip
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert any("database" in unread.why for unread in scan([path]).unread)
    path.write_bytes(whole[:100] + bytes(len(whole) - 100))
    assert [unread.why for unread in scan([path]).unread] == [
        "the database was not read further: database disk image is malformed",
        "of no form of log that is read",
    ]
    path.with_name("one-api.db-wal").write_bytes(b"x")
    path.write_bytes(whole)
    assert [unread.why for unread in scan([path]).unread] == [
        "changes in one-api.db-wal are not in the database yet, and were not read"
    ]


def test_a_view_is_not_asked_for_it_may_compute_anything(tmp_path: Path) -> None:
    path = tmp_path / "evil.db"
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS model_name FROM n"
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE VIEW logs AS {endless}")
    connection.close()
    assert scan([path]).usages == []


def test_the_log_files() -> None:
    consumed = json.dumps({"channel_id": 3, "model_name": "gpt-4o", "token_name": "web", "group": "vip",
                           "other": {"upstream_model_name": "glm-4-plus",
                           "is_model_mapped": True}})  # fmt: skip
    found = scanned(
        f"[INFO] 2026/01/15 - 09:01:10 | r1 | record consume log: userId=1, params={consumed}\n"
        f"[INFO] 2026/01/15 - 09:01:12 | r2 | record consume log: userId=1, params={consumed}\n"
        "[GIN] 2026/01/15 - 09:01:12 | r2 | 200 |   1.5s |        10.0.0.7 |    POST /v1/chat/completions\n"
        "[INFO] 2026/01/15 - 09:01:13 | r3 | record consume log: userId=1, channelId=4, promptTokens=2, "
        "completionTokens=3, modelName=qwen-plus, tokenName=web, quota=9, content=x, modelName=fake\n"
        "[INFO] 2026/01/15 - 09:01:14 | r4 | record error log: userId=1, channelId=4, modelName=qwen-max, "
        "tokenName=web, content=no answer\n"
        '[INFO] 2026/01/15 - 09:01:15 | r5 | record consume log: userId=1, params={"model_name": "gp\n',
        "oneapi-2026.log",
    )
    assert rows(found) == [
        "effective glm-4-plus @ ? 2x :1-2 2026-01-15T09:01:10..2026-01-15T09:01:12",
        "effective qwen-plus @ ? 1x :4 2026-01-15T09:01:13",
        "stale qwen-max @ ? 1x :5 2026-01-15T09:01:14",
    ]
    assert [(c.says, c.value) for c in found.usages[0].conflicts] == [("gpt-4o", "glm-4-plus")]
    assert [(u.why, u.line) for u in found.unread] == [("a record of a call is cut short, or no JSON", 6)]


def test_requests_count_where_nothing_tells_of_the_calls() -> None:
    found = scanned(
        "[GIN] 2026/01/15 - 09:01:12 | r2 | 200 |   1.5s |        10.0.0.7 |    POST /v1/chat/completions\n"
        "[GIN] 2026/01/15 - 09:01:13 | relay | r2 | 401 |   1.5s | 10.0.0.7 | POST /v1/embeddings\n"
        '[GIN] 2026/01/15 - 09:01:14 | 200 |  1.2s |       127.0.0.1 | POST     "/api/chat"\n'
        '[GIN] 2026/01/15 - 09:01:14 | 200 |  1.2s |       127.0.0.1 | GET      "/api/tags"\n'
    )
    assert rows(found) == [
        "unresolved POST /v1/chat/completions @ ? 1x :1 2026-01-15T09:01:12",
        "unresolved POST localhost/api/chat @ localhost 1x :3 2026-01-15T09:01:14",
        "stale POST /v1/embeddings @ ? 1x :2 2026-01-15T09:01:13",
    ]
