"""Security data in ReservedCode1 and ReservedCode2: read, verify, write.

What is claimed differs from file to file, so four claims are kept apart: the label is as it was signed, the
content is, a perceptual hash fits, the key is known. A key inside the file proves integrity, never identity.

    fields = security.sign(fields, key, content=digest_without_label)
    report = security.verify(fields, content=digest_without_label, trust=trust.TrustStore.load("keys.toml"))

Import it where it is needed: it loads ``cryptography``, and few labels are signed.

Source: TC260-PG-202511A, as reported by public texts and measured on files.
"""

from countermark.labels.security.forms import Form, SecurityData, parse
from countermark.labels.security.messages import (
    DIGEST_OF,
    DIGESTS,
    RESERVED,
    SIGNED,
    Content,
    Hasher,
    Side,
    hasher,
    label_message,
)
from countermark.labels.security.signing import sign
from countermark.labels.security.trust import Algorithm, Pin, SigningKey, TrustStore, VerifyingKey
from countermark.labels.security.verdicts import Claim, SecurityReport, Verdict
from countermark.labels.security.verifying import PHASH_LIMIT, PerceptualHash, verify

__all__ = [
    "DIGESTS",
    "DIGEST_OF",
    "PHASH_LIMIT",
    "RESERVED",
    "SIGNED",
    "Algorithm",
    "Claim",
    "Content",
    "Form",
    "Hasher",
    "PerceptualHash",
    "Pin",
    "SecurityData",
    "SecurityReport",
    "Side",
    "SigningKey",
    "TrustStore",
    "Verdict",
    "VerifyingKey",
    "hasher",
    "label_message",
    "parse",
    "sign",
    "verify",
]
