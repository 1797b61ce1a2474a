"""Impersonation: does the service pass for a person?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from countermark.checks.conclusions import conforms, undetermined, violates
from countermark.checks.facts import texts
from countermark.checks.parameters import Parameters
from countermark.model import Evidence, Finding


def ai_disclosed(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A page of the service tells its users that they deal with an AI."""
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in parameters.words("says_so")]
    denials = [re.compile(pattern, re.IGNORECASE) for pattern in parameters.words("denials")]
    pages = [piece for piece in evidence if piece.kind == "page"]
    for service in (piece for piece in evidence if piece.kind == "service"):
        own = tuple(page for page in pages if page.service == service.subject)
        saying = tuple(page for page in own if _says(page, patterns, denials))
        if not own:
            yield undetermined(
                service,
                "no public page was examined: list them under `pages`",
                "没有检查任何公开页面：请在 `pages` 中列出",
            )
        elif saying:
            yield conforms(
                service,
                f"{saying[0].subject} says that users deal with an AI",
                f"{saying[0].subject} 说明了用户正在与人工智能交互",
                beside=saying[:1],
            )
        elif any(page.fact["truncated"] for page in own):
            yield undetermined(
                service, "a page is longer than what was read", "页面过长，没有读完", beside=own
            )
        else:
            yield violates(
                service,
                "none of its public pages says that users deal with an AI",
                "公开页面均未说明用户正在与人工智能交互",
                beside=own,
            )


def _says(page: Evidence, patterns: list[re.Pattern[str]], denials: list[re.Pattern[str]]) -> bool:
    """Whether a line of the page says so, and does not deny or forbid it in the same breath."""
    return any(
        any(pattern.search(line) for pattern in patterns)
        and not any(denial.search(line) for denial in denials)
        for line in texts(page, "lines")
    )
