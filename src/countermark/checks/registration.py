"""Registration: is what runs filed, and is the number shown where it must be?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from urllib.parse import urlsplit

from countermark.checks.conclusions import conforms, not_applicable, undetermined, violates
from countermark.checks.facts import entries, texts
from countermark.checks.parameters import Parameters
from countermark.model import Evidence, Finding


def number_well_formed(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """Every declared number has the shape, and where there is one the check digit, of its track."""
    shapes = parameters.words("shapes")
    for piece in evidence:
        shape, defect = str(piece.fact["shape"]), piece.fact["defect"]
        if defect:
            yield violates(
                piece,
                f"is malformed ({defect}): probably a typo, or invented",
                f"格式不正确（{defect}）：可能是笔误，也可能是虚构的编号",
            )
        elif shape not in shapes or piece.fact["kind"] != shape.removeprefix("genai-"):
            yield violates(
                piece,
                f"has the shape of another track ({shape})",
                f"格式属于另一类备案或登记（{shape}）",
            )
        else:
            yield conforms(piece, "is well-formed", "格式正确")


def disclosed(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """The service's public pages show the filed name and the number, as visible text."""
    kinds = parameters.words("filings")
    pages = [piece for piece in evidence if piece.kind == "page"]
    for filing in (piece for piece in evidence if piece.kind in kinds):
        own = tuple(page for page in pages if page.service == filing.service)
        name, number = str(filing.fact["name"]), str(filing.fact["number"])
        missing = [text for text in (name, number) if not any(_shows(page, text) for page in own)]
        if not own:
            yield undetermined(
                filing,
                f"no public page of {filing.service} was examined: list them under `pages`",
                f"没有检查 {filing.service} 的任何公开页面：请在 `pages` 中列出",
            )
        elif missing and any(page.fact["truncated"] for page in own):
            yield undetermined(
                filing,
                f"a page of {filing.service} is longer than what was read",
                f"{filing.service} 的页面过长，没有读完",
                beside=own,
            )
        elif missing:
            yield violates(
                filing,
                f"no public page of {filing.service} shows {' nor '.join(missing)}",
                f"{filing.service} 的公开页面没有公示：{'、'.join(missing)}",
                beside=own,
            )
        else:
            yield conforms(
                filing,
                f"the pages of {filing.service} show {name} and {number}",
                f"{filing.service} 的页面公示了 {name} 与 {number}",
                beside=own,
            )


def number_linked(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A public page shows the algorithm number and links to the public notice."""
    hosts = parameters.words("notice_hosts")
    pages = [piece for piece in evidence if piece.kind == "page"]
    for filing in (piece for piece in evidence if piece.kind == "filing.algorithm"):
        own = tuple(page for page in pages if page.service == filing.service)
        number = str(filing.fact["number"])
        showing = tuple(page for page in own if _shows(page, number))
        if not own:
            yield undetermined(
                filing,
                f"no public page of {filing.service} was examined: list them under `pages`",
                f"没有检查 {filing.service} 的任何公开页面：请在 `pages` 中列出",
            )
        elif not showing and any(page.fact["truncated"] for page in own):
            yield undetermined(
                filing,
                f"a page of {filing.service} is longer than what was read",
                f"{filing.service} 的页面过长，没有读完",
                beside=own,
            )
        elif not showing:
            yield violates(
                filing,
                f"is shown on no public page of {filing.service}",
                f"没有在 {filing.service} 的公开页面公示",
                beside=own,
            )
        elif not any(_links(page, hosts) for page in showing):
            yield violates(
                filing,
                f"is shown without a link to the public notice ({', '.join(hosts)})",
                f"已公示，但没有链接到公示信息（{'、'.join(hosts)}）",
                beside=showing,
            )
        else:
            yield conforms(
                filing,
                "is shown and linked to the public notice",
                "已公示并链接到公示信息",
                beside=showing,
            )


def model_covered(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """Every model that answers the public names the filing that covers it."""
    tracks = parameters.words("tracks")
    for piece in evidence:
        service = piece.service or next(iter(texts(piece, "services")), "")
        if not piece.fact["services"]:
            yield not_applicable(
                piece,
                "answers no public service, as declared",
                "据申报不对公众提供服务",
            )
        elif piece.fact["filing"] and piece.fact["filed_for"] != service:
            yield violates(
                piece,
                f"answers {service}, and {piece.fact['filing']} was filed for {piece.fact['filed_for']}",
                f"用于 {service}，而 {piece.fact['filing']} 是为 {piece.fact['filed_for']} 办理的",
            )
        elif piece.fact["track"] in tracks:
            yield conforms(
                piece,
                f"is covered by {piece.fact['filing']}",
                f"对应的备案（登记）号为 {piece.fact['filing']}",
            )
        else:
            services = ", ".join(texts(piece, "services"))
            yield violates(
                piece,
                f"answers {services}, and no filing is named for it",
                f"用于 {services}，但没有对应的备案或登记号",
            )


def reconciled(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """No model that runs, and no number, stands to the filings in one of the states that the rule names."""
    wrong, open_, right = (parameters.words(name) for name in ("violating", "open", "conforming"))
    for piece in evidence:
        state = str(piece.fact["state"])
        title = {lang: _within(piece, "title", lang) for lang in ("en", "zh")}
        details = "; ".join(texts(piece, "details"))
        said = f": {details}" if details else ""
        if state in wrong:
            yield violates(piece, f"{title['en']}{said}", f"{title['zh']}{said}")
        elif state in open_:
            yield undetermined(piece, f"{title['en']}{said}", f"{title['zh']}{said}")
        elif state in right:
            yield conforms(piece, title["en"], title["zh"])
        else:
            yield not_applicable(
                piece, f"{title['en']}, of which this rule says nothing", f"{title['zh']}，本规则不涉及"
            )


def acted_in_time(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """The period that began with a change, or with the end of a service, has not run out."""
    states, right = parameters.words("states"), parameters.words("conforming")
    for piece in evidence:
        due = str(piece.fact["due"])
        title = {lang: _within(piece, "title", lang) for lang in ("en", "zh")}
        if piece.fact["state"] in right:
            yield conforms(piece, title["en"], title["zh"])
        elif piece.fact["state"] not in states:
            yield not_applicable(
                piece, "runs as it was filed, or another rule speaks of it", "与备案一致，或者由其他规则判断"
            )
        elif not due:
            yield undetermined(
                piece, f"{title['en']}: since when is not known", f"{title['zh']}：开始时间未知"
            )
        elif date.fromisoformat(due) < parameters.as_of and piece.fact["due_is_exact"]:
            yield violates(
                piece,
                f"{title['en']}, and the period ended on {due}",
                f"{title['zh']}，期限已于 {due} 届满",
            )
        else:
            yield undetermined(
                piece, f"{title['en']}: to be filed by {due}", f"{title['zh']}：应于 {due} 前办理"
            )


def identity_as_declared(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """What a live endpoint tells of itself does not contradict the models that are declared for it."""
    for piece in evidence:
        conflicts = entries(piece, "conflicts")
        first = conflicts[0] if conflicts else {}
        if not piece.fact["declared"]:
            yield undetermined(
                piece,
                f"no model is declared for {piece.service}: name them under `models`",
                f"{piece.service} 没有申报模型：请在 `models` 中列出",
            )
        elif conflicts:
            more = f", and {len(conflicts) - 1} more" if len(conflicts) > 1 else ""
            rest = f"，另有 {len(conflicts) - 1} 处" if len(conflicts) > 1 else ""
            yield violates(
                piece,
                f"contradicts what is declared: {first['says']} is {first['value']} ({first['what']}){more}",
                f"与申报不符：{first['says']} 实际为 {first['value']}（{first['what']}）{rest}",
            )
        else:
            yield conforms(piece, "lists the models that are declared for it", "列出的模型与申报一致")


def _within(piece: Evidence, name: str, lang: str) -> str:
    value = piece.fact[name]
    return str(value.get(lang, "")) if isinstance(value, dict) else ""


def _shows(page: Evidence, text: str) -> bool:
    """Whether the page has the text by itself, not as a part of a longer word or number.

    Spaces and line breaks within it do not count: pages mark up parts of a number.
    """
    letters = "".join(text.split())
    if not letters:
        return False
    spread = r"\s*".join(map(re.escape, letters))
    alone = rf"(?<![A-Za-z0-9_-]){spread}(?![A-Za-z0-9_-])" if letters.isascii() else spread
    return re.search(alone, "\n".join(texts(page, "lines")), re.IGNORECASE) is not None


def _links(page: Evidence, hosts: tuple[str, ...]) -> bool:
    found = [_host(link) for link in texts(page, "links")]
    return any(name == host or name.endswith(f".{host}") for name in found for host in hosts)


def _host(link: str) -> str:
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""
