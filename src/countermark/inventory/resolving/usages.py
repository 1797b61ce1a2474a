"""Usages out of a tree that was read: calls first, then settings, then whatever else names a model."""

from __future__ import annotations

from countermark.inventory import names, signatures
from countermark.inventory.resolving.elsewhere import Elsewhere
from countermark.inventory.resolving.finds import Finds
from countermark.inventory.resolving.from_bindings import Bound
from countermark.inventory.resolving.from_calls import Calls
from countermark.inventory.resolving.from_commands import Commands
from countermark.inventory.resolving.from_entries import Entries
from countermark.inventory.resolving.from_literals import Literals
from countermark.inventory.resolving.from_variables import Variables
from countermark.inventory.resolving.index import Index
from countermark.inventory.resolving.roles import Role, hinted, role
from countermark.inventory.resolving.uses import Use
from countermark.inventory.usage import Route, Usage


def collect(index: Index) -> list[Usage]:
    """All usages of a tree, unmerged.

    What calls lead to comes first: the rest is what they do not explain.
    """
    finds = Finds(index)
    _from_code(index, finds)
    _from_documents(index, finds)
    _from_the_rest(index, finds)
    if not finds.found or not speaks_of_ai(index, finds):
        return []
    return Elsewhere(finds).placed()


def _from_code(index: Index, finds: Finds) -> None:
    """Calls; those first that have to do with models by all appearance."""
    calls = Calls(finds)
    weak: list[Use] = []
    for module in index.modules.values():
        for use in finds.uses.of(module):
            if use.strong:
                finds.certain.append(use)
                calls.use(use)
            else:
                weak.append(use)
    for use in weak:
        calls.use(use)


def _from_documents(index: Index, finds: Finds) -> None:
    """Command lines, then variables and entries."""
    commands, variables, entries = Commands(finds), Variables(finds), Entries(finds)
    literals = Literals(finds)
    for document, command in index.commands:
        commands.command(document, command)
    for document in index.documents:
        variables.document(document)
        entries.document(document)
        literals.loose(document.path, document.loose)


def _from_the_rest(index: Index, finds: Finds) -> None:
    """Constants, tables and strings that nothing led to."""
    bindings, literals = Bound(finds), Literals(finds)
    for module in index.modules.values():
        bindings.module(module)
        literals.loose(module.path, module.loose)
        literals.bodies(module)


def speaks_of_ai(index: Index, finds: Finds) -> bool:
    """Whether a tree has to do with AI at all.

    In one that has not, ``mistral-large`` is the size of a shoe: words that look like model ids count only
    beside a library, a host, a served model or a setting that has no other meaning.
    """
    if any(usage.route is Route.SELF_HOSTED or signatures.host(usage.host) for usage in finds.found):
        return True
    if any("/" in usage.model and names.parse(usage.model) for usage in finds.found):
        return True  # the name of a repository of models has no other meaning
    if any(use.sdk is not None or use.certain for use in finds.certain):
        return True
    if any(
        signatures.sdk_by_import(module.language, each.module)
        for module in index.modules.values()
        for each in module.imports
    ):
        return True
    keys = [*index.variables, *index.entries]
    return any(hinted(name) and role(name) in (Role.MODEL, Role.HOST) for name in keys)
