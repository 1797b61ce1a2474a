"""What the public pages of a service show."""

from __future__ import annotations

from collections.abc import Iterator

from countermark.collectors.site import Site, Task, TooLargeError, read_bounded
from countermark.inventory import pages
from countermark.model import GapCause, Location, Record, digest_of


class Pages:
    """The visible text and the links of each page."""

    name = "pages"

    def plan(self, site: Site) -> Iterator[Task]:
        for service in site.target.services:
            yield from site.files(Task(self.name, "page", "", service.name), service.pages)

    def collect(self, task: Task, site: Site) -> Iterator[Record]:
        try:
            data = read_bounded(task.file, site.target.limits.page_bytes)
        except TooLargeError as error:
            yield task.missed(GapCause.TOO_LARGE, str(error))
            return
        page = pages.read(data)
        yield task.saw(
            {
                "title": page.title,
                "lines": list(page.lines),
                "links": list(page.links),
                "truncated": page.truncated,
            },
            digest=digest_of(data),
            location=Location(path=task.subject),
        )
