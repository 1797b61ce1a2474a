"""What a live endpoint says of itself, against the models that are declared for its service."""

from __future__ import annotations

import os
from collections.abc import Iterator

from countermark.collectors.site import Action, Site, Task
from countermark.inventory import endpoints
from countermark.model import GapCause, Record
from countermark.target import Endpoint

TIMEOUT_S = 20.0
MOST_MODELS = 200


class Identities:
    """Lists of models, headers and pages of each declared endpoint; no question is asked of a model."""

    name = "identities"

    def plan(self, site: Site) -> Iterator[Task]:
        for endpoint in site.target.endpoints:
            yield Task(
                self.name,
                "endpoint.identity",
                endpoint.url,
                endpoint.service,
                declared=endpoint,
                action=Action.SEND,
            )

    def collect(self, task: Task, site: Site) -> Iterator[Record]:
        endpoint = task.declared
        assert isinstance(endpoint, Endpoint)  # noqa: S101
        key = os.environ.get(endpoint.key_env) if endpoint.key_env else None
        if endpoint.key_env and key is None:
            yield task.missed(
                GapCause.MISSING, f"the environment has no {endpoint.key_env}: set it, or drop `key_env`"
            )
            return
        try:
            identity = endpoints.identify(endpoint.url, key, timeout_s=TIMEOUT_S)
        except endpoints.EndpointError as error:
            yield task.missed(GapCause.UNREADABLE, str(error))
            return
        declared = [model.name for model in site.target.models if endpoint.service in model.services]
        if not (identity.models or identity.marks):
            why = "; ".join(each.why for each in identity.unread) or "it tells nothing of what it is"
            yield task.missed(GapCause.UNREADABLE, why)
            return
        conflicts = endpoints.compare(identity, declared)
        yield task.saw(
            {
                "models": [each.id for each in identity.models][:MOST_MODELS],
                "software": identity.software,
                "version": identity.version,
                "provider": identity.provider,
                "route": str(identity.route),
                "declared": declared,
                "conflicts": [
                    {"says": each.says, "value": each.value, "what": each.place.what} for each in conflicts
                ],
            }
        )
