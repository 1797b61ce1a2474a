"""One way to put the explicit label on any file, and to look for it: by what the file is.

============  =====================================================  ==============================
medium        where the label goes                                   what it needs
============  =====================================================  ==============================
image         drawn in a corner of every frame                       ``countermark[vision]``
video         drawn on the first three seconds                       ``countermark[video]``
audio         a rhythm before the sound                              nothing for WAV, else ``video``
text          a line at the start                                    nothing
document      a line on the first page                               ``countermark[documents]`` for PDF
============  =====================================================  ==============================

Drawing encodes pixels anew; how much, each module says.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from countermark.labels.defects import LabelError, MissingPackageError, UnknownContainerError
from countermark.labels.reading import extension_of, known
from countermark.labels.source import DEFAULT_LIMITS, Limits, opened
from countermark.labels.splicing import to_file

MEDIA = {
    **dict.fromkeys(("jpeg", "png", "webp", "gif", "tiff", "bmp", "heif"), "image"),
    **dict.fromkeys(("mp4", "matroska", "avi", "flv", "mpegts"), "video"),
    **dict.fromkeys(("mp3", "wav", "flac", "ogg", "aac"), "audio"),
    **dict.fromkeys(("text", "markdown", "html"), "text"),
    **dict.fromkeys(("pdf", "ooxml"), "document"),
}
"""Container → how people meet it."""
SOUND_ONLY = frozenset({"m4a", "m4b", "mka", "oga"})
"""Extensions of video containers that hold sound alone."""
MAX_TEXT = 8 << 20


@dataclass(frozen=True, slots=True)
class ExplicitFinding:
    """What a person would see or hear of the label, as far as it was found."""

    medium: str
    """``image``, ``video``, ``audio``, ``text`` or ``document``."""
    found: bool
    """False says that nothing was found; it may have been missed."""
    text: str = ""
    conforms: bool = False
    """Both elements of the wording are there, or it is the rhythm, which needs none."""
    place: str = ""
    """``corner``, ``edge``, ``inside`` of a picture; ``opening`` or ``later`` in a video; else ``start``,
    ``middle``, ``end``, and ``whole`` of a sound that is nothing but the label."""
    height_ratio: float | None = None
    """Ink of the lowest full-width letter, in shares of the shortest side."""
    contrast: float | None = None
    shown_s: float | None = None
    """How long a video shows it without a break."""
    confidence: float | None = None
    """Of the detector, 0 to 1; no probability."""
    stage: str = ""
    """Which part of the detector found it."""

    def to_fact(self) -> dict[str, Any]:
        """As JSON, for evidence."""
        return {
            "medium": self.medium,
            "found": self.found,
            "text": self.text[:200],
            "wording_conforms": self.conforms,
            "place": self.place,
            "height_ratio": _rounded(self.height_ratio, 4),
            "contrast": _rounded(self.contrast, 1),
            "shown_s": self.shown_s,
            "confidence": self.confidence,
            "stage": self.stage,
        }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def medium_of(path: Path | str) -> str:
    """How people meet a file; empty where no explicit label is known for it.

    Raises:
        LabelError: the file is of no kind that is known, or broken.
        OSError: it cannot be read.
    """
    with opened(path) as source:
        return _medium(known(source, extension_of(os.fspath(path))).name, os.fspath(path))


def _medium(container: str, name: str) -> str:
    medium = MEDIA.get(container, "")
    return "audio" if medium == "video" and extension_of(name) in SOUND_ONLY else medium


@contextlib.contextmanager
def marked(path: Path | str, text: str) -> Iterator[Path]:
    """A copy of a file with the explicit label on it, for as long as it is needed.

    Args:
        path: the file; it stays as it is.
        text: what is drawn or written. Sound gets the rhythm, which has no words.

    Raises:
        LabelError: the wording lacks an element, there is no explicit label for such a file, or a package
            is missing; the message has the line that installs it.
        OSError: a file cannot be read or written.
    """
    origin = Path(path)
    medium = medium_of(origin)
    with tempfile.TemporaryDirectory(dir=origin.parent, prefix=".countermark-") as folder:
        copy = Path(folder) / origin.name
        _add(medium, origin, copy, text)
        yield copy


def find(path: Path | str, *, limits: Limits = DEFAULT_LIMITS) -> ExplicitFinding:
    """Look for the explicit label of a file.

    Raises:
        UnknownContainerError: no explicit label is known for such a file.
        LabelError: the file is broken, or a package is missing; the message has the line that installs it.
        OSError: the file cannot be read.
    """
    path = Path(path)
    medium = medium_of(path)
    if medium == "image":
        return _in_image(path)
    if medium == "video":
        return _in_video(path)
    if medium == "audio":
        return _in_audio(path)
    if medium:
        return _in_text(path, medium, limits)
    raise UnknownContainerError("no explicit label is known for such a file")


def _add(medium: str, origin: Path, copy: Path, text: str) -> None:
    if medium == "image":
        from countermark.labels.explicit import image, image_file  # noqa: PLC0415 - an extra

        image_file.label_image(origin, copy, image.Design(text=text))
    elif medium == "video":
        from countermark.labels.explicit import image, video  # noqa: PLC0415

        video.label_video(origin, copy, image.Design(text=text))
    elif medium == "audio":
        from countermark.labels.explicit import audio  # noqa: PLC0415

        audio.add(origin, copy)
    elif medium == "document":
        from countermark.labels.explicit import documents  # noqa: PLC0415

        documents.add(origin, copy, text)
    elif medium == "text":
        _add_to_text(origin, copy, text)
    else:
        raise LabelError("no explicit label is known for such a file: label it without --explicit")


def _add_to_text(origin: Path, copy: Path, text: str) -> None:
    from countermark.labels.explicit import text as texts  # noqa: PLC0415
    from countermark.labels.splicing import Edit  # noqa: PLC0415

    with opened(origin) as source:
        old = source.take(0, source.size, Limits(metadata_bytes=MAX_TEXT))
        new = texts.add(_decoded(old), text, kind=_kind(origin)).encode()
        to_file(source, [Edit(0, source.size, new)], copy)


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise LabelError(f"is no UTF-8 at byte {error.start:,}: convert the text first") from None


def _kind(path: Path) -> Any:
    from countermark.labels.explicit.text import Kind  # noqa: PLC0415

    with opened(path) as source:
        container = known(source, extension_of(path.name)).name
    return {"markdown": Kind.MARKDOWN, "html": Kind.HTML}.get(container, Kind.PLAIN)


def _in_image(path: Path) -> ExplicitFinding:
    from countermark.labels.explicit import image_detection, image_file  # noqa: PLC0415

    with image_file.opened(path) as picture:
        seen = image_detection.find(picture, claims_generated=True)
    if seen.presence is image_detection.Presence.UNKNOWN and not seen.text:
        raise MissingPackageError(
            "no label of a known shape; to read others: pip install 'countermark[vision]'"
        )
    return ExplicitFinding(
        "image",
        bool(seen.text),
        seen.text,
        seen.wording.conforms,
        str(seen.position) if seen.text else "",
        seen.height_ratio or None,
        seen.contrast or None,
        None,
        round(seen.confidence, 3),
        str(seen.stage or ""),
    )


def _in_video(path: Path) -> ExplicitFinding:
    from countermark.labels.explicit import image_detection, video_detection  # noqa: PLC0415

    seen = video_detection.find_in_video(path, claims_generated=True)
    if seen.presence is image_detection.Presence.UNKNOWN and not seen.label.text:
        raise MissingPackageError(
            "no label of a known shape; to read others: pip install 'countermark[vision]'"
        )
    place = "opening" if seen.from_first_frame else "later"
    return ExplicitFinding(
        "video",
        bool(seen.label.text),
        seen.label.text,
        seen.label.wording.conforms,
        place if seen.label.text else "",
        seen.label.height_ratio or None,
        seen.label.contrast or None,
        round(seen.shown_s, 3),
        round(seen.label.confidence, 3),
        str(seen.label.stage or ""),
    )


def _in_audio(path: Path) -> ExplicitFinding:
    from countermark.labels.explicit import audio_listening  # noqa: PLC0415

    heard = audio_listening.listen(path).labels
    if not heard:
        return ExplicitFinding("audio", found=False)
    best = max(heard, key=lambda label: label.confidence)
    return ExplicitFinding(
        "audio",
        found=True,
        text=best.detail,
        conforms=True,
        place=best.place,
        confidence=round(best.confidence, 3),
        stage=best.kind,
    )


def _in_text(path: Path, medium: str, limits: Limits) -> ExplicitFinding:
    from countermark.labels.explicit import documents  # noqa: PLC0415
    from countermark.labels.explicit import text as texts  # noqa: PLC0415

    if medium == "document":
        seen = documents.find(path, limits=limits)
    else:
        with opened(path) as source:
            data = source.take(0, source.size, Limits(metadata_bytes=MAX_TEXT))
        seen = texts.find(_decoded(data), _kind(path))
    order = {"line": 0, "phrase": 1, "corner": 2}
    best = min(seen.labels, key=lambda label: order[label.form], default=None)
    if best is None:
        return ExplicitFinding(medium, found=False)
    conforms = best.form in ("line", "phrase")
    return ExplicitFinding(medium, True, best.text, conforms, best.place, stage=best.form)  # noqa: FBT003
