"""Countermark: point it at an AI deployment, and it establishes facts, judges them, leaves evidence.

    from pathlib import Path
    from countermark.audit import audit_folder

    report = audit_folder(Path("examples/lantern"))
    for assessment in report.assessments:
        print(assessment.rule, assessment.verdict, assessment.reason.en)

Each instrument also stands alone: :mod:`countermark.labels`, :mod:`countermark.weights`,
:mod:`countermark.corpus`, :mod:`countermark.inventory`.
"""

__version__ = "0.1.0"
