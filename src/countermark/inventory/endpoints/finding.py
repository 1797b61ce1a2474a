"""Goes through what an endpoint offers: its list of models, its own pages, one question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult

from countermark.inventory import signatures
from countermark.inventory.endpoints.asking import OK, Answer, AskError, Caller
from countermark.inventory.endpoints.identity import Identity, Listed, Reply
from countermark.inventory.endpoints.marks import Mark, of_fields, of_headers
from countermark.inventory.usage import Route, Unread

MAX_MODELS = 5_000
MAX_ANSWER = 500
QUESTION = "Which model are you, with your version, and who made you? Answer in one short sentence."
SELF_DESCRIPTION = "what a model says of itself is a hint, no proof"


class Finding:
    """What has been found so far."""

    def __init__(self, caller: Caller, base: SplitResult) -> None:
        self.caller, self.base = caller, base
        self.host = signatures.host_of(base.geturl())
        self.api = base.path or "/v1"
        self.models: list[Listed] = []
        self.marks: list[Mark] = []
        self.replies: list[Reply] = []
        self.unread: list[Unread] = []
        self.software = self.version = ""

    def list_models(self) -> None:
        """``GET …/models``."""
        answer = self._ask(f"{self.api}/models")
        told = answer.json if answer is not None and answer.status == OK else None
        rows = _list(_dict(told).get("data")) if isinstance(told, dict) else _list(told)
        if answer is not None and not rows:
            self._note(f"{self.api}/models", f"answers {answer.status}, and lists no models")
        for row in rows[:MAX_MODELS]:
            if isinstance(row, dict) and isinstance(row.get("id"), str):
                self.models.append(Listed(row["id"], _text(row.get("owned_by")), _text(row.get("root"))))
                self._mark(of_fields({"owned_by": row.get("owned_by")}))
        if len(rows) > MAX_MODELS:
            self._note(f"{self.api}/models", f"lists {len(rows):,} models: {MAX_MODELS:,} were read")

    def probe(self) -> None:
        """The pages that only some servers have, where the address is not that of a known provider."""
        if signatures.host(self.host) is not None and not signatures.is_local(self.host):
            return
        for path, software, read in PROBES:
            if self.software in ("", software) or path == "/api/status":
                answer = self._ask(path, quiet=True)
                told = answer.json if answer is not None and answer.status == OK else None
                if isinstance(told, dict) and read(self, told):
                    self.software = self.software or software

    def question(self, model: str) -> None:
        """One short question."""
        body = {
            "model": model,
            "messages": [{"role": "user", "content": QUESTION}],
            "max_tokens": 80,
            "stream": False,
        }
        answer = self._ask(f"{self.api}/chat/completions", body)
        told = _dict(answer.json) if answer is not None else {}
        self._mark(of_fields(told))
        choices = _list(told.get("choices"))
        message = _dict(_dict(choices[0] if choices else None).get("message"))
        if answer is not None and not choices:
            self._note(f"{self.api}/chat/completions", f"{model}: answers {answer.status} without a reply")
            return
        fields = (
            _text(told.get("model")),
            _text(told.get("system_fingerprint")),
            _text(message.get("content")),
        )
        self.replies.append(Reply(model, fields[0], fields[1], fields[2][:MAX_ANSWER]))

    def identity(self) -> Identity:
        """What all of it comes to."""
        known = signatures.host(self.host)
        relay = any(mark.relay for mark in self.marks)
        software = (
            next((mark.software for mark in self.marks if mark.relay and mark.software), "") or self.software
        )
        software = software or next((mark.software for mark in self.marks if mark.software), "")
        told = next((mark.provider for mark in self.marks if mark.provider), "")
        route = Route.RELAY if relay else known.route if known else Route.UNKNOWN
        if route is Route.UNKNOWN and (signatures.is_local(self.host) or self.software):
            route = Route.SELF_HOSTED
        return Identity(
            url=self.base.geturl(),
            host=self.host,
            models=tuple(self.models),
            software=software,
            version=self.version,
            provider=known.provider if known else told,
            route=route,
            marks=tuple(dict.fromkeys(self.marks)),
            replies=tuple(self.replies),
            hints=tuple(
                f"{each.asked} says: {each.text} ({SELF_DESCRIPTION})" for each in self.replies if each.text
            ),
            unread=tuple(dict.fromkeys(self.unread)),
        )

    def _ask(self, path: str, body: dict[str, Any] | None = None, *, quiet: bool = False) -> Answer | None:
        try:
            answer = self.caller.ask(path, body)
        except AskError as error:
            if not quiet or "time" in str(error) or "long" in str(error):
                self._note(path, str(error))
            return None
        self._mark(of_headers(answer.headers))
        return answer

    def _mark(self, marks: Iterator[Mark]) -> None:
        self.marks += [mark for mark in marks if mark not in self.marks]

    def _note(self, path: str, why: str) -> None:
        self.unread.append(Unread(f"{self.host}{path}", why))

    def of_ollama(self, told: dict[str, Any]) -> bool:
        """``/api/tags``: each model with its parent and its family."""
        rows = told.get("models")
        if not isinstance(rows, list):
            return False
        known = {each.id: each for each in self.models}
        for row in rows[:MAX_MODELS]:
            name = _text(_dict(row).get("name")) or _text(_dict(row).get("model"))
            details = _dict(_dict(row).get("details"))
            if name:
                own = known.get(name, Listed(name))
                root = _text(details.get("parent_model")) or _text(row.get("remote_model"))
                remote = signatures.host_of(_text(row.get("remote_host")))
                known[name] = replace(own, root=root, family=_text(details.get("family")), remote=remote)
        self.models = list(known.values())
        return True

    def of_version(self, told: dict[str, Any]) -> bool:
        """``/version`` and ``/api/version``."""
        self.version = self.version or _text(told.get("version"))
        return bool(_text(told.get("version")))

    def of_loaded(self, told: dict[str, Any]) -> bool:
        """``/get_model_info`` of SGLang and ``/info`` of TGI and TEI: the one model that is loaded."""
        path = _text(told.get("model_path")) or _text(told.get("model_id"))
        if not path:
            return False
        self.version = self.version or _text(told.get("version"))
        if len(self.models) <= 1:
            self.models = [
                replace(each, root=each.root if each.root not in ("", each.id) else path)
                for each in self.models
            ]
            self.models = self.models or [Listed(path, root=path)]
        return True

    def of_relay(self, told: dict[str, Any]) -> bool:
        """``/api/status`` of one-api and new-api."""
        data = _dict(told.get("data"))
        if told.get("success") is not True or "system_name" not in data:
            return False
        self.version = self.version or _text(data.get("version"))
        self.marks.append(Mark("/api/status", _text(data.get("system_name")), "one-api", relay=True))
        return True


PROBES = (
    ("/api/status", "one-api", Finding.of_relay),
    ("/api/tags", "ollama", Finding.of_ollama),
    ("/api/version", "ollama", Finding.of_version),
    ("/get_model_info", "sglang", Finding.of_loaded),
    ("/info", "tgi", Finding.of_loaded),
    ("/version", "vllm", Finding.of_version),
)
"""Path, the server that has it, and what reads it."""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value[:300] if isinstance(value, str) else ""
