"""Open a video, and make the container for its copy: the same streams, chapters and words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from countermark.labels.defects import LabelError, MissingPackageError

try:
    import av
except ImportError as absent:
    raise MissingPackageError("drawing on a video needs PyAV: pip install 'countermark[video]'") from absent

PLACED: Final = frozenset(
    {
        "title", "artist", "album_artist", "composer", "album", "date", "comment", "genre", "copyright",
        "grouping", "lyrics", "description", "synopsis", "show", "episode_id", "network", "keywords",
        "creation_time",
    }
)  # fmt: skip
"""What MP4 has places of its own for."""
OF_THE_MUXER: Final = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder"})
"""Words of the muxer about its own file; the next muxer writes others."""

CLOSED: Final = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,flv,avi",
}
"""A playlist is no video: it would have other files opened, and addresses."""


@contextmanager
def opened(path: Path) -> Iterator[av.container.InputContainer]:
    """Open a video.

    Raises:
        LabelError: FFmpeg does not know it, or it has no pictures.
    """
    try:
        container = av.open(f"file:{path}", metadata_errors="replace", options=CLOSED)
    except (av.FFmpegError, ValueError) as error:
        raise LabelError(f"is no video that can be read: {error}") from error
    with container:
        pictures(container)
        yield container


def pictures(container: av.container.InputContainer) -> av.video.stream.VideoStream:
    """The stream of pictures that is labelled: the first that is no cover.

    Raises:
        LabelError: there is none.
    """
    cover = av.stream.Disposition.attached_pic
    for stream in container.streams.video:
        if not stream.disposition & cover and stream.codec_context is not None:
            return stream
    raise LabelError("has no moving pictures")


@contextmanager
def created(
    source: av.container.InputContainer, origin: Path, copy: Path
) -> Iterator[av.container.OutputContainer]:
    """Make the container of the copy, of the same kind, with the same words and chapters.

    Raises:
        LabelError: it is none that is written.
    """
    words = {name: value for name, value in source.metadata.items() if name not in OF_THE_MUXER}
    kind = _kind(source, origin)
    options = {}
    if kind in {"mp4", "mov"}:
        flags = ["faststart"] if _begins_with_index(origin) else []
        if any(name not in PLACED for name in words):
            flags.append("use_metadata_tags")  # else what has no place of its own is dropped, silently
        options = {"movflags": "+".join(flags)} if flags else {}
    with av.open(str(copy), "w", format=kind, options=options) as target:
        target.metadata.update(words)
        target.set_chapters(source.chapters())
        yield target


def streams(source: av.container.InputContainer, target: av.container.OutputContainer) -> dict[int, Any]:
    """Add every stream of ``source`` to ``target``, by its index.

    Left out are the tracks that a muxer makes anew: of chapters, and of the time code that a stream tells.

    Raises:
        LabelError: one of them cannot be copied.
    """
    added = {}
    for stream in source.streams:
        if stream.type == "data" and (
            stream.discard == av.stream.Discard.all or "timecode" in stream.metadata
        ):
            continue
        try:
            new = target.add_stream_from_template(stream, opaque=True)
        except (av.FFmpegError, ValueError) as error:
            raise LabelError(f"stream {stream.index} ({stream.type}) cannot be copied: {error}") from error
        new.metadata.update(stream.metadata)
        new.disposition = stream.disposition
        if source.format.name == target.format.name or "mp4" in source.format.name.split(","):
            _keep_tag(stream, new)
        added[stream.index] = new
    return added


def _keep_tag(stream: Any, new: Any) -> None:
    """Keep hvc1 apart from hev1: some players know but one of them."""
    if stream.type == "video" and stream.codec_context is not None:
        new.codec_context.codec_tag = stream.codec_context.codec_tag


def _kind(source: av.container.InputContainer, origin: Path) -> str:
    names = source.format.name.split(",")
    if "mp4" in names:
        return "mov" if source.metadata.get("major_brand", "").strip() == "qt" else "mp4"
    if "matroska" in names:
        return "webm" if origin.suffix.lower() == ".webm" else "matroska"
    if names[0] in {"mpegts", "flv", "avi"}:
        return names[0]
    raise LabelError(f"a label is not drawn on {source.format.long_name}")


def _begins_with_index(path: Path) -> bool:
    """Whether ``moov`` stands before ``mdat``, for playing while it loads."""
    with path.open("rb") as stream:
        for _ in range(64):
            head = stream.read(16)
            if len(head) < 16 or head[4:8] in {b"moov", b"mdat"}:
                return head[4:8] == b"moov"
            length = int.from_bytes(head[:4], "big")
            length = int.from_bytes(head[8:16], "big") if length == 1 else length
            if length < 16:
                return False
            stream.seek(length - 16, 1)
    return False
