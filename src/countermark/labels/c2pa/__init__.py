"""C2PA beside the label: read a manifest without a network, and sign a file that is labelled already.

    labels.write("picture.jpg", fields, to="labelled.jpg")
    c2pa.sign("labelled.jpg", "signed.jpg", fields.to_dict(), certificates.SigningKey.from_environment())
    c2pa.read("signed.jpg").state

Label first, sign last: whoever labels a signed file breaks its signature. Where one must, sign anew and name
the file as it was before as the parent. A manifest does not replace the label.

The C2PA library is not safe across threads (c2pa-python #314). No settings or handles outlive a call here,
but use processes, not threads, for many files. It comes with the extra ``countermark[c2pa]``, which the
module ``certificates`` needs to be imported, and the others when they are called.

Source: C2PA 2.2; settings, limits and containers as tried with c2pa-python 0.38.1 (c2pa-rs 0.91.3).
"""

from countermark.labels.c2pa.containers import CONTAINERS, UnsupportedContainerError
from countermark.labels.c2pa.manifests import (
    ASSERTION,
    Action,
    Ingredient,
    ManifestReport,
    Signer,
    State,
)
from countermark.labels.c2pa.reading import has_manifest, read
from countermark.labels.c2pa.signing import GENERATED, Options, ParentError, SignedAlreadyError, sign

__all__ = [
    "ASSERTION",
    "CONTAINERS",
    "GENERATED",
    "Action",
    "Ingredient",
    "ManifestReport",
    "Options",
    "ParentError",
    "SignedAlreadyError",
    "Signer",
    "State",
    "UnsupportedContainerError",
    "has_manifest",
    "read",
    "sign",
]
