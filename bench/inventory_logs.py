"""How quick logs of gateways and proxies are read, beside the limit, in one run.

Run with ``make bench``, or ``python bench/inventory_logs.py [--megabytes N]``. Logs of every form are made,
each line with a time and ids of its own. The limits: cutting a log into lines and doing nothing with
them, parsing each line as JSON where it is JSON, and ``grep -c``. Figures are medians of three, by the time
that one core spends, so that what else the machine does counts for little.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import platform
import resource
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson

from countermark.inventory.logs import scan

ROUNDS = 3
BLOCK = 1 << 20
START = 1_736_930_470
MODELS = (
    ("gpt-4o", "api.openai.com", "openai"), ("qwen-plus", "dashscope.aliyuncs.com", "dashscope"),
    ("deepseek-chat", "api.deepseek.com", "deepseek"), ("glm-4-plus", "open.bigmodel.cn", "zai"),
    ("text-embedding-3-small", "api.openai.com", "openai"),
)  # fmt: skip
PATHS = ("/", "/index.html", "/api/orders/$N", "/static/app.$N.js", "/login", "/api/users/$N/cart", "/v1/items/$N")
AGENTS = ("OpenAI/Python 1.52.0", "python-httpx/0.27.2", "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0.0.0")
CHAT = "/v1/chat/completions"
PROMPT = "How do I renew the certificate of the staging cluster? Please answer in three short steps. "
Row = Callable[[int], str]


def main() -> None:
    """Measure every form, and print a table for ``docs/benchmarks.md``."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--megabytes", type=int, default=300, help="size of each log")
    options.add_argument("--only", default="", help="forms whose names hold this")
    options.add_argument("--folder", type=Path, help="where to work")
    given = options.parse_args()
    print(f"Python {platform.python_version()}, {given.megabytes} MB each, MB/s of one core, medians of {ROUNDS}\n")
    print("| log | bytes a line | calls | **ours** | only lines | ours / lines | orjson | ours / orjson | grep |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        for form, make in FORMS.items():
            if given.only in form:
                path = Path(name, "log")
                make(path, given.megabytes * 1_000_000)
                measure(form, path)
                path.unlink()
        print(f"\nLargest resident size: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")
        if not given.only:
            processes(Path(name, "large"), given.megabytes * 2_000_000)


def measure(form: str, path: Path) -> None:
    """One line of the table."""
    size = path.stat().st_size / 1e6
    found = scan([path])
    assert found.counts["calls"], form
    assert not found.unread, found.unread
    ours = size / spent(lambda: scan([path]))
    cut = size / spent(lambda: only_lines(path))
    parsed = size / spent(lambda: only_json(path)) if has_objects(path) else None
    grep = size / spent(lambda: subprocess.run(["grep", "-c", "model", path], stdout=subprocess.DEVNULL, check=False))
    width = size * 1e6 / max(found.counts["lines"], 1)
    beside = f"{parsed:.0f} | {ours / parsed:.2f}" if parsed else "– | –"
    print(
        f"| {form} | {width:,.0f} | {found.counts['calls']:,} | **{ours:.0f}** | {cut:.0f} | {ours / cut:.2f} "
        f"| {beside} | {grep:.0f} |",
        flush=True,
    )


def processes(path: Path, size: int) -> None:
    """One large file with one process and with two, by the clock on the wall."""
    of_lines(litellm)(path, size)
    taken = []
    for number in (1, 2):
        start = time.perf_counter()
        scan([path], processes=number)
        taken.append(size / 1e6 / (time.perf_counter() - start))
    print(f"LiteLLM, {size / 1e6:.0f} MB, by the clock: {taken[0]:.0f} MB/s with one process, {taken[1]:.0f} with two")


def spent(job: Callable[[], object]) -> float:
    """The median of the seconds that a core spends on a job, in this process or in one that it starts."""
    taken = []
    for _ in range(ROUNDS):
        before = os.times()
        job()
        after = os.times()
        taken.append(sum(after[:4]) - sum(before[:4]))
    return max(statistics.median(taken), 0.01)


def only_lines(path: Path) -> int:
    """The least that reading lines costs."""
    count, rest = 0, b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            *whole, rest = (rest + block).split(b"\n")
            count += len(whole)
    return count


def only_json(path: Path) -> int:
    """The least that parsing each line costs."""
    with path.open("rb") as stream:
        return sum(len(orjson.loads(line)) for line in stream)


def has_objects(path: Path) -> bool:
    """Whether a file has one object on each line."""
    with path.open("rb") as stream:
        first = stream.readline().rstrip()
    return first.startswith(b"{") and first.endswith(b"}")


def filled(text: str, n: int) -> str:
    """A line with its own number, times, model and host."""
    at = START + n / 7
    moment = datetime.fromtimestamp(at, UTC)
    model, host, provider = MODELS[n % 5]
    path = CHAT if n % 3 == 0 else PATHS[n % len(PATHS)]
    marks = (
        ("$PATH", path), ("$METHOD", "POST" if n % 3 == 0 else "GET"), ("$N", f"{n:08x}"), ("$B", str(n % 250)),
        ("$ISO", f"{moment:%Y-%m-%dT%H:%M:%S}.{n % 1000:03}Z"), ("$CLF", f"{moment:%d/%b/%Y:%H:%M:%S} +0000"),
        ("$GIN", f"{moment:%Y/%m/%d - %H:%M:%S}"), ('"$TS"', f"{at:.3f}"), ("$TS", f"{at:.3f}"), ('"$MS"', str(int(at * 1e3))),
        ("$NS", str(int(at * 1e9))), ("$MODEL", model), ("$HOST", host), ("$PROVIDER", provider), ("$AGENT", AGENTS[n % 3]),
    )  # fmt: skip
    for mark, value in marks:
        text = text.replace(mark, value)
    return text


def of(record: object, end: str = "\n") -> Row:
    """Rows of JSON like a record."""
    text = json.dumps(record) + end
    return lambda n: filled(text, n)


def of_lines(row: Row, head: str = "", tail: str = "") -> Callable[[Path, int], None]:
    """A log of such rows."""

    def make(path: Path, size: int) -> None:
        with path.open("w", encoding="utf-8") as stream:
            written, number = stream.write(head), 0
            while written < size:
                written += stream.write("".join(row(number + n) for n in range(1000)))
                number += 1000
            if tail:
                stream.seek(stream.tell() - len(",\n"))
                stream.truncate()
                stream.write(tail)

    return make


litellm = of({
    "id": "chatcmpl-$N", "trace_id": "$N" * 4, "call_type": "acompletion", "cache_hit": None, "stream": True, "status": "success",
    "custom_llm_provider": "$PROVIDER", "model": "$MODEL", "model_group": "$MODEL", "model_id": "$N" * 8, "api_base": "https://$HOST/v1",
    "startTime": "$TS", "endTime": "$TS", "completionStartTime": "$TS", "response_time": 1.5, "response_cost": 0.00042,
    "total_tokens": 321, "prompt_tokens": 200, "completion_tokens": 121, "request_tags": [], "end_user": "", "requester_ip_address": "10.0.0.7",
    "metadata": {"user_api_key_hash": "$N" * 8, "user_api_key_team_id": None, "spend_logs_metadata": None},
    "hidden_params": {"model_id": "$N" * 8, "api_base": "https://$HOST", "additional_headers": {"x_ratelimit_limit_requests": 9}},
    "messages": [{"role": "user", "content": PROMPT * 3}], "model_parameters": {"temperature": 0.2},
    "response": {"model": "$MODEL", "choices": [{"message": {"content": PROMPT * 4}}]},
})  # fmt: skip
