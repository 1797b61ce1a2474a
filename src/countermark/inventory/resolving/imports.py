"""Which files of the tree an import means."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping

from countermark.inventory.reading.expressions import Import, Module

MAX_CANDIDATES = 40
SUFFIXES = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".vue", ".svelte", ".py")
PACKAGES = ("__init__", "index", "mod", "lib", "main")
"""Files that are imported by the name of their folder."""
Target = tuple[Module, tuple[str, ...]]
"""A file, and the path of a name within it."""


class Imports:
    """Finds the files behind imported names."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.modules = modules
        self._names: dict[str, list[str]] = defaultdict(list)
        """Files by the last part of the name under which code imports them."""
        self._go: dict[str, list[Module]] = defaultdict(list)
        """Files of Go by the last part of their folder: there that is what is imported."""
        self._by_name: dict[str, dict[str, list[Import]]] = {}
        for module in modules.values():
            self._add(module)

    def _add(self, module: Module) -> None:
        folder, _, last = posixpath.splitext(module.path)[0].rpartition("/")
        parent = folder.rpartition("/")[2]
        self._names[last].append(module.path)
        if last in PACKAGES:
            self._names[parent].append(module.path)
        if module.language == "go":
            self._go[parent].append(module)

    def beginning(self, module: Module, name: str) -> Iterable[Import]:
        """The imports of a file which make a name known, whole or as the first part of a dotted one."""
        return (e for e in self._like(module, name) if e.name == name or e.name.split(".")[0] == name)

    def of(self, module: Module, name: str) -> list[Target]:
        """What an imported name is: the file, and the path within it; several where it is not certain."""
        found: list[Target] = []
        for each in self._like(module, name):
            if each.item == "*":
                found += [(source, (name,)) for source in self._sources(module, each)]
            elif each.name == name or (not each.item and each.name.split(".")[-1] == name):
                inner = (each.item,) if each.item and each.item != "default" else ()
                found += [(source, inner) for source in self._sources(module, each)]
                if each.item and not found:  # `from app import config`: a module of a package
                    nested = Import(each.name, f"{each.module}.{each.item}".replace("..", "."), "", each.line)
                    found += [(source, ()) for source in self._sources(module, nested)]
        return found[:MAX_CANDIDATES]

    def _like(self, module: Module, name: str) -> list[Import]:
        """The imports of a file that may have to do with a name, as they stand there."""
        known = self._by_name.get(module.path)
        if known is None:
            known = self._by_name[module.path] = defaultdict(list)
            spread = [each for each in module.imports if each.item == "*"]
            known["*"] = spread
            for each in module.imports:
                parts = each.name.split(".")
                for part in {each.name, parts[0], parts[-1]} - {"*"}:
                    known[part].append(each)
            for part, those in known.items():
                if spread and part != "*":
                    here = {id(each) for each in (*those, *spread)}
                    known[part] = [each for each in module.imports if id(each) in here]
        return known.get(name, known["*"])

    def _sources(self, module: Module, each: Import) -> list[Module]:
        if module.language == "python":
            return self._python(module, each)
        if each.module.startswith((".", "@/", "~/", "src/")):
            return self._relative(module, each.module)
        if module.language == "go":
            return self._go.get(each.module.rpartition("/")[2], [])[:MAX_CANDIDATES]
        last = each.item or each.module.replace("::", ".").rpartition(".")[2]
        return [self.modules[path] for path in self._names.get(last, [])][:MAX_CANDIDATES]

    def _python(self, module: Module, each: Import) -> list[Module]:
        dots = len(each.module) - len(each.module.lstrip("."))
        parts = [part for part in each.module.lstrip(".").split(".") if part]
        if dots:
            return self._beside([*module.path.split("/")[:-dots], *parts], each.item)
        if not parts:
            return []
        paths = [
            path
            for path in self._names.get(parts[-1], [])
            if posixpath.splitext(path)[0].removesuffix("/__init__").split("/")[-len(parts) :] == parts
        ]
        paths.sort(key=lambda path: -len(posixpath.commonprefix([path, module.path])))
        return [self.modules[path] for path in paths[:1]]

    def _beside(self, wanted: list[str], item: str) -> list[Module]:
        """A module of Python by its path, a package, or an item that is itself a module."""
        exact = ["/".join(wanted) + ".py", "/".join([*wanted, "__init__"]) + ".py"]
        found = [self.modules[path] for path in exact if path in self.modules]
        nested = "/".join([*wanted, item]) + ".py"
        return found or ([self.modules[nested]] if item and nested in self.modules else [])

    def _relative(self, module: Module, wanted: str) -> list[Module]:
        if wanted.startswith("."):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(module.path), wanted))
        else:
            path = wanted.split("/", 1)[1] if "/" in wanted else wanted
        plain = posixpath.splitext(path)[0] if path.endswith(SUFFIXES) else path
        ends = {plain + suffix for suffix in SUFFIXES} | {f"{plain}/index{suffix}" for suffix in SUFFIXES}
        known = self._names.get(plain.rpartition("/")[2], [])
        exact = [self.modules[path] for path in known if path in ends]
        if exact or wanted.startswith("."):
            return exact
        return [self.modules[path] for path in known if path.endswith(tuple(ends))]
