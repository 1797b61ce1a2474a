"""Usages out of entries of configuration files that no call was followed to."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from countermark.inventory import areas, names
from countermark.inventory.reading.config import is_template
from countermark.inventory.reading.expressions import Document, Entry, Text
from countermark.inventory.resolving.finds import Find, Finds, is_id, names_a_model, several
from countermark.inventory.resolving.hosts import NOWHERE, Address
from countermark.inventory.resolving.keys import Keys
from countermark.inventory.resolving.known import SO, At, Known, Standing
from countermark.inventory.resolving.roles import Role, hinted, role, snake
from countermark.inventory.resolving.settings import state_of_off
from countermark.inventory.resolving.vocabulary import FALLBACKS, LISTS, SHOWN, TITLES
from countermark.inventory.usage import Conflict, Place, State

NAMED = frozenset(["compose", "kubernetes", "helm"])
"""Formats whose keys are names that somebody gave."""
LISTED = re.compile(
    r"(?:model|provider|factor|catalog|pric|llms?|registry|options)[\w-]*\.\w+$", re.IGNORECASE
)
"""Files of such lists; in other files a list of models is what is configured."""


@dataclass(frozen=True, slots=True)
class Spot:
    """An entry in its document."""

    document: Document
    keys: Keys
    """Those of the document."""
    entry: Entry
    area: State | None
    names: tuple[str, ...]
    """The keys from the root to the entry, as it is meant."""

    @property
    def last(self) -> str:
        """What the entry is called."""
        return self.names[-1]

    @property
    def role(self) -> Role:
        """What its name says of its value."""
        return role(self.last)


class Entries:
    """Looks at every entry of a document."""

    def __init__(self, finds: Finds) -> None:
        self.finds = finds
        self.index = finds.index
        self.spare = frozenset(
            entry.value.value
            for document in self.index.documents
            for entry in document.entries
            if isinstance(entry.value, Text) and any(FALLBACKS.search(snake(key)) for key in entry.path)
        )
        """Names that stand below ``fallbacks`` somewhere."""

    def document(self, document: Document) -> None:
        """Each entry that names a model, and each key that is one."""
        area = areas.of(document.path)
        keys = Keys(document)
        for entry in document.entries:
            if (document.path, entry.line) in self.finds.sources:
                continue
            called = _names(entry, keys)
            if called:
                self._entry(Spot(document, keys, entry, area, called))

    def _entry(self, spot: Spot) -> None:
        if snake(spot.last) in TITLES and Role.MODEL in spot.keys.roles(spot.entry.path[:-1]):
            return  # what stands beside a title decides
        at = At(spot.document.path, None, (), spot.document)
        for value in self.finds.resolver.values(spot.entry.value, at):
            if not value.known:
                self._unknown(spot, value)
            elif snake(spot.last) == "model_mapping":
                self._mapped(spot, value.text)
            else:
                self._value(spot, value)
        if spot.document.format not in NAMED:
            self._keys(spot)

    def _value(self, spot: Spot, value: Known) -> None:
        """The models that the value of an entry names."""
        for text in several(value.text):
            if not names_a_model(text, "_".join(spot.names), spot.role):
                continue
            state, why = self._standing(spot)
            origin = replace(value, text=text, source=value.source or (spot.document, spot.entry))
            where = self.finds.beside(text, self._address(spot))
            self.finds.add(Find(origin, where, state=state, why=(why,), hint=" ".join(spot.names)))

    def _unknown(self, spot: Spot, value: Known) -> None:
        """A model that the tree does not give, where the address is there to which it goes."""
        if spot.role is not Role.MODEL or not hinted("_".join(spot.names)):
            return
        if spot.area is not None or spot.entry.off or is_template(spot.document.path):
            return
        where = self._address(spot)
        if where is not NOWHERE:
            self.finds.add(Find(value, where, hint=" ".join(spot.names)))

    def _mapped(self, spot: Spot, text: str) -> None:
        """``model_mapping``: what is asked for, and what is called in its place."""
        try:
            mapping = json.loads(text)
        except (ValueError, RecursionError):
            return
        where = replace(self._address(spot), why="")
        state = State.OFF if spot.entry.off else State.EFFECTIVE
        for asked, called in mapping.items() if isinstance(mapping, dict) else ():
            if isinstance(called, str) and is_id(called):
                place = Place(spot.document.path, spot.entry.line, what=f"in place of {asked}")
                find = Find(Known(called, place), where, why=(spot.entry.off, "a model mapping"))
                conflict = Conflict(asked, called, place)
                self.finds.found.append(replace(find.usage(state), conflicts=(conflict,)))

    def _keys(self, spot: Spot) -> None:
        """Ids as keys: price lists, mappings."""
        path = spot.document.path
        for part in spot.names:
            if part == spot.last and spot.role is not Role.NONE:
                continue
            parsed = names.parse(part)
            is_marked = any(letter.isdigit() or letter in "-:/" for letter in part)
            if parsed is None or not is_marked or (path, 0, part) in self.finds.taken:
                continue
            self.finds.taken.add((path, 0, part))
            value = Known(part, Place(path, spot.entry.line))
            state, why = spot.area or State.CATALOGUE, "the key of an entry"
            hint = " ".join(spot.names)
            self.finds.add(Find(value, kind=parsed.kind, state=state, why=(why,), hint=hint))

    def _address(self, spot: Spot) -> Address:
        return self.finds.neighbours.of_entry(spot.document, spot.entry)

    def _standing(self, spot: Spot) -> Standing:
        """What the place of an entry, and its names, say of it."""
        if spot.area is not None:
            return spot.area, f"in {spot.document.path}"
        if spot.entry.off:
            return state_of_off(spot.entry.off), spot.entry.off
        return self._of_files(spot)

    def _of_files(self, spot: Spot) -> Standing:
        """What other files say of an entry; else its names."""
        state, why = self.finds.resolver.settings.standing(spot.document, spot.entry)
        if state is not None:
            return state, why
        if is_template(spot.document.path):
            if self._has_twin(spot):
                return State.DOCUMENTED, "a template whose copy is there"
            return None, "as the template sets it"
        if any(FALLBACKS.search(snake(name)) for name in spot.names):
            return State.FALLBACK, f"below {spot.last}"
        if spot.keys.title(spot.entry.path) in self.spare:
            return State.FALLBACK, "others fall back on its name"
        why = _why_offered(spot)
        return (State.CATALOGUE, why) if why else SO

    def _has_twin(self, spot: Spot) -> bool:
        """Whether a file that is no template gives the same setting."""
        return any(
            other is not spot.document and not is_template(other.path) and areas.of(other.path) is None
            for other, _ in self.index.paths.get(spot.entry.path, ())
        )


def _names(entry: Entry, keys: Keys) -> tuple[str, ...]:
    """The keys of an entry, without places in lists, as they are meant."""
    found = [part for part in entry.path if not part.startswith("[")]
    if found and found[-1] == "value" and (named := keys.named.get(entry.path[:-1])):
        found[-1] = named  # `- name: pretrained_model` above `value: x`
    if len(found) > 1 and found[-1] in ("name", "id", "default") and role(found[-2]) is Role.MODEL:
        found.pop()  # `model: {name: x}`
    return tuple(found)


def _why_offered(spot: Spot) -> str:
    """Why an entry is one of several to choose from; empty where it is what is used."""
    if any(LISTS.search(snake(name)) for name in spot.names):
        return f"below {'.'.join(spot.names)}"
    if other := spot.keys.other_choice(spot.entry.path):
        return f"{other} is chosen"
    is_listed = spot.entry.path[-1].startswith("[")
    if is_listed and (spot.keys.siblings[spot.entry.path[:-1]] > 1 or spot.role is not Role.MODEL):
        return f"one of those below {spot.last}"
    if _is_shown(spot):
        return f"one of several with what is shown of each, in {'.'.join(spot.names[:-1])}"
    if spot.role is Role.NONE and not _is_called(spot):
        return f"the value of {spot.last}"
    return ""


def _is_shown(spot: Spot) -> bool:
    """Whether an entry is one of a list that says what there is to choose from, not what is used."""
    path = spot.entry.path
    place = next((n for n in range(len(path) - 1, -1, -1) if path[n].startswith("[")), None)
    if place is None or not LISTED.search(spot.document.path):
        return False
    if path[place] == "[0]" and not spot.keys.has((*path[:place], "[1]")):
        return False
    beside = spot.keys.below(path[: place + 1])
    is_called = any(
        role(key) in (Role.HOST, Role.PROVIDER) or key.endswith(("api_key", "apikey")) for key in beside
    )
    return not is_called and bool(beside & SHOWN)


def _is_called(spot: Spot) -> bool:
    """Whether an address or a key for access stands beside an entry: then it is used, whatever its name."""
    parent = spot.entry.path[:-1]
    return Role.HOST in spot.keys.roles(parent) or spot.keys.has_access(parent)
