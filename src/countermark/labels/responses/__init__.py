"""Label what an application answers: a middleware for ASGI, and a decorator for functions.

from countermark.labels.responses import LabelMiddleware, labelled

app = LabelMiddleware(app, producer="001191…")
"""

from countermark.labels.responses.asgi import LabelMiddleware, Policy, fields_of
from countermark.labels.responses.decorator import labelled
from countermark.labels.responses.texts import COMPLETION, Provider

__all__ = ["COMPLETION", "LabelMiddleware", "Policy", "Provider", "fields_of", "labelled"]
