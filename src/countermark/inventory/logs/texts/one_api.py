"""one-api and new-api: what they write to their log files; and the requests of Ollama and other Gin servers.

Source: model/log.go and middleware/logger.go of songquanpeng/one-api and of QuantumNous/new-api.
"""

from __future__ import annotations

import re

import orjson

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records import one_api
from countermark.inventory.logs.tallies import FAILED, Called
from countermark.inventory.logs.texts.line import UNSEEN, Remembering

GATE = "gin"
"""Requests as they came in. Where the file also tells of calls, these are the same ones."""
PAIR = re.compile(rb"\b(channelId|modelName)=([^,]{0,300})")
SHORT = 8
"""A status with the blanks around it; what is longer is an id."""
CONSUMED, ERROR = b"record consume log: ", b"record error log: "


class OneApi(Remembering):
    """Reads such lines."""

    NAME = "one-api"

    def read(self, line: bytes) -> bool:
        """Count what a line says; False where it is of another kind."""
        if line.startswith(b"[GIN]"):
            return self._request(line)
        for mark in (CONSUMED, ERROR):
            at = line.find(mark)
            if at >= 0 and line.startswith(b"["):
                self._call(line, line[at + len(mark) :], FAILED if mark is ERROR else 0)
                return True
        return False

    def _call(self, line: bytes, said: bytes, flags: int) -> None:
        raw = line[line.find(b"]") + 1 : line.find(b"|")].strip()
        at = said.find(b"params={")
        if at < 0:
            found = {name: value.decode("utf-8", "replace") for name, value in reversed(PAIR.findall(said))}
            called = Called(self.NAME, found.get(b"modelName", ""), channel=found.get(b"channelId", ""))
            self.count((self.tally.entry(called), flags), raw)
            return
        try:
            row = orjson.loads(said[at + len(b"params=") :])
            key = (
                flags,
                row.get("model_name"),
                row.get("channel_id"),
                row.get("group"),
                one_api.told(row.get("other")),
            )
            meaning = self.meanings[key]
        except ValueError:
            self.tally.trouble("a record of a call is cut short, or no JSON")
            return
        except (KeyError, TypeError):
            made, retried = one_api.meaning(row)
            meaning = (self.tally.entry(made), flags | retried) if made else None
            if made and all(isinstance(part, (str, int)) for part in key[:4]):
                self.meanings[key] = meaning
        self.count(meaning, raw)

    def _request(self, line: bytes) -> bool:
        parts = line.split(b"|")
        for status in parts[1:4]:
            if len(status) < SHORT and status.strip().isdigit():
                break
        else:
            return False
        key = (status, parts[-1])
        meaning = self.meanings.get(key, UNSEEN)
        if meaning is UNSEEN:
            request = exchanges.request_line(" ".join(parts[-1].decode("latin-1").replace('"', "").split()))
            own = ("localhost",) if b'"' in parts[-1] else ()
            called = exchanges.called_by(GATE, Exchange(*request, own)) if request else None
            meaning = self.keep(key, called, status.decode("latin-1"))
        self.count(meaning, parts[0][len(b"[GIN]") :].strip())
        return True
