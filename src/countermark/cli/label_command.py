"""``countermark label``."""

from __future__ import annotations

import click

from countermark.cli import Commands

EPILOG = """\b
Files are named one by one, as folders (with all below them), as quoted patterns
('out/**/*.png'), or on standard input, one in a line (-).

No command removes a label: that is forbidden, and so is a tool for it.
"""


class LabelCommands(Commands):
    """The commands about labels."""

    table = {  # noqa: RUF012 - read only
        "verify": "Look at files: labelled, defective, absent or unreadable, and why.",
        "write": "Write a label into files; each is read back.",
        "update": "Add a propagation platform to the label of files.",
        "trace": "Find the step of a delivery that loses the label, and how to keep it.",
        "code": "Read, check or compose a provider code.",
        "containers": "List the kinds of files, and where each carries its label.",
        "recover": "Take back a write in place that was cut off.",
    }
    package = "countermark.cli.label"


@click.group("label", cls=LabelCommands, epilog=EPILOG)
def command() -> None:
    """Write, verify, update and trace the AIGC label of GB 45438-2025.

    \b
      countermark label verify out/
      countermark label write picture.png --producer 0011... --to labelled/
      countermark label trace picture.png downloaded.jpg
    """
