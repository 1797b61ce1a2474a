"""``countermark register``."""

from __future__ import annotations

import click

from countermark.cli import Commands

EPILOG = """\b
The register holds the public lists that you import; none is downloaded. A number that is on none of them is
not known, which does not say that it is not registered: only beian.cac.gov.cn and the lists prove that a
number is live.
"""


class RegisterCommands(Commands):
    """The commands about the register."""

    table = {  # noqa: RUF012 - read only
        "import": "Read the regulator's public lists: xlsx, csv, HTML, PDF, JSON.",
        "list": "What was imported: entries, lists, defects, gaps.",
        "check": "Say of numbers whether they are well-formed, on a list, cancelled, and whose.",
        "draft": "Draft what to file, with the day by which it is due.",
    }
    package = "countermark.cli.register"


@click.group("register", cls=RegisterCommands, epilog=EPILOG)
def command() -> None:
    """What is filed with the CAC, by whom, under which number.

    \b
      countermark register import lists/*.xlsx cancelled.html
      countermark register check Beijing-WenXinYiYan-20230821
      countermark register draft --track registration --product 示例助手 --since 2026-11-20
    """
