"""What a reading becomes as evidence."""

from __future__ import annotations

from countermark.labels import Label, Reading

PERSON = "0021" + "9" * 18 + "10001"
COMPANY = "0011" + "91330106MA00000000" + "10002"


def test_the_identity_number_in_the_code_of_a_person_is_masked() -> None:
    labels = tuple(Label("p", normative=True, fields={"ContentProducer": code}) for code in (PERSON, COMPANY))
    fact = Reading("png", labels, ("aigc-label",), {"provider": PERSON}).to_fact()
    masked = "0021" + "*" * 18 + "10001"
    assert [label["fields"]["ContentProducer"] for label in fact["labels"]] == [masked, COMPANY]
    assert fact["provenance"]["provider"] == masked
