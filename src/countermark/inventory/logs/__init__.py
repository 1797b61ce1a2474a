"""Which models were really called: logs of gateways and proxies, read as streams.

    >>> detect(b'{"call_type": "acompletion", "model": "gpt-4o", "api_base": "https://api.openai.com"}')
    'litellm'

Nothing of what was said to a model is kept, and no key and no name of a user: models, hosts, counts,
times and line numbers.
"""

from countermark.inventory.logs.detection import detect
from countermark.inventory.logs.scanning import scan

__all__ = ["detect", "scan"]
