"""The settings that a service really reads, from its own configuration files."""

from __future__ import annotations

from collections.abc import Iterator

from countermark.collectors.site import Site, Task, TooLargeError, read_bounded
from countermark.inventory import settings
from countermark.model import GapCause, Location, Record, digest_of
from countermark.target import Service


class Settings:
    """The values under the names that rules use, with their lines."""

    name = "settings"

    def plan(self, site: Site) -> Iterator[Task]:
        for service in site.target.services:
            task = Task(self.name, "service.settings", service.name, service.name, declared=service)
            if service.settings is None:
                yield task.without(
                    GapCause.MISSING,
                    "no settings file is declared: name it under `settings` of the service",
                )
            else:
                yield site.file(task, service.settings.file)

    def collect(self, task: Task, site: Site) -> Iterator[Record]:
        service = task.declared
        assert isinstance(service, Service)  # noqa: S101
        assert service.settings is not None  # noqa: S101
        try:
            data = read_bounded(task.file, site.target.limits.page_bytes)
            found = settings.read(data, task.file.suffix, service.settings.keys)
        except TooLargeError as error:
            yield task.missed(GapCause.TOO_LARGE, str(error))
        except settings.SettingsError as error:
            yield task.missed(GapCause.MALFORMED, str(error))
        else:
            yield task.saw(
                {"values": found.values, "lines": found.lines},
                digest=digest_of(data),
                location=Location(path=task.subject),
            )
