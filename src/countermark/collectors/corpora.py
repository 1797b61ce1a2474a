"""The files of a corpus against their manifest, and what its rows are like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from countermark import corpus
from countermark.collectors.site import Site, Task, TooLargeError, file_digest, read_bounded
from countermark.model import GapCause, Location, Record
from countermark.target import Corpus

MANIFEST_BYTES = 256 << 20


class Corpora:
    """One piece of evidence for each file, and one for the rows of each JSONL file."""

    name = "corpora"

    def plan(self, site: Site) -> Iterator[Task]:
        for declared in site.target.corpora:
            task = Task(self.name, "corpus.file", declared.name, declared=declared)
            present = self._files(site, task, declared)
            if declared.manifest is None:
                yield task.without(
                    GapCause.MISSING,
                    "the corpus has no manifest of digests: declare one under `manifest`",
                )
            else:
                yield from self._against_manifest(site, task, declared, present)
            for file in present:
                rows = replace(file, kind="corpus.rows")
                if file.gap or file.path is None or file.path.suffix in (".jsonl", ".ndjson"):
                    yield rows
                else:
                    kind = file.path.suffix or "no suffix"
                    yield rows.without(
                        GapCause.UNSUPPORTED, f"rows of this kind of file ({kind}) are not read yet"
                    )

    def _files(self, site: Site, task: Task, declared: Corpus) -> list[Task]:
        folder = site.root / declared.path
        patterns = (f"{declared.path.rstrip('/')}/**/*",) if folder.is_dir() else (declared.path,)
        return [
            file
            for file in site.files(task, patterns)
            if file.path is None or site.name(file.path) != declared.manifest
        ]

    def _against_manifest(
        self, site: Site, task: Task, declared: Corpus, present: list[Task]
    ) -> Iterator[Task]:
        assert declared.manifest is not None  # noqa: S101 - the caller has looked
        manifest = site.file(replace(task, subject=declared.manifest), declared.manifest)
        if manifest.gap or manifest.path is None:
            yield manifest
            return
        try:
            digests = corpus.read_manifest(read_bounded(manifest.path, MANIFEST_BYTES))
        except (corpus.ManifestError, TooLargeError) as error:
            yield manifest.without(GapCause.MALFORMED, str(error))
            return
        folder = manifest.path.parent
        names = {file.path: file for file in present if file.path}
        for path, file in names.items():
            listed = _relative(path, folder)
            yield replace(file, declared=(declared, digests.get(listed), True))
        for listed, digest in digests.items():
            path = folder / listed
            if path not in names:
                gone = replace(task, subject=_within(site, path, listed), path=None)
                yield replace(gone, declared=(declared, digest, False))
        yield from (file for file in present if file.gap)

    def collect(self, task: Task, site: Site) -> Iterator[Record]:
        if task.kind == "corpus.rows":
            yield from self._rows(task, site)
            return
        declared, digest, present = task.declared
        actual = file_digest(task.file) if present and task.path else None
        yield task.saw(
            {
                "corpus": declared.name,
                "size": task.size,
                "sha256": actual,
                "declared_sha256": digest,
            },
            digest=f"sha256:{actual}" if actual else None,
            location=Location(path=task.subject),
        )

    def _rows(self, task: Task, site: Site) -> Iterator[Record]:
        declared = task.declared
        assert isinstance(declared, Corpus)  # noqa: S101
        rows = corpus.read_rows(task.file, max_line_bytes=site.target.limits.line_bytes)
        yield task.saw(
            {"corpus": declared.name, "use": declared.use, **rows.to_fact()},
            digest=f"sha256:{rows.sha256}",
            location=Location(path=task.subject),
        )


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def _within(site: Site, path: Path, listed: str) -> str:
    return site.name(path) if path.is_relative_to(site.root) and ".." not in path.parts else listed
