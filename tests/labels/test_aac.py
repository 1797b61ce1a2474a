"""Labels in AAC (ADTS): our own convention, an ID3v2 tag in front."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from audio_oracles import MEDIA, PRODUCED, edits_of, made, one_label_or_refused, streams, tags, without_label
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark import labels


def samples() -> dict[str, bytes]:
    plain = made("adts", "-c:a", "aac", "-b:a", "32k")
    return {"plain": plain, "with a tag": made("adts", "-c", "copy", "-write_id3v2", "1", *TITLE)}


TITLE = ("-c:a", "aac", "-metadata", "title=标题")


@pytest.mark.parametrize("sample", ["plain", "with a tag"])
def test_a_written_label_reads_back_and_decoders_skip_it(tmp_path: Path, sample: str) -> None:
    old, new = tmp_path / "old.aac", tmp_path / "new.aac"
    old.write_bytes(samples()[sample])
    written = labels.write(old, PRODUCED, to=new)
    assert (written.container, written.label.place, written.label.normative) == (
        "aac",
        "ID3v2.4 TXXX AIGC",
        False,
    )
    assert streams(new) == streams(old)
    assert without_label(new.read_bytes(), "aac") == old.read_bytes()
    after = tags(new)
    assert json.loads(after.pop("AIGC")) == PRODUCED.to_dict()
    assert after == tags(old)
    updated = labels.update(new, "platform", "p-1", options=labels.Options(in_place=True))
    assert updated.way is labels.Way.OVER
    assert without_label(new.read_bytes(), "aac") == old.read_bytes()


def test_whole_blocks_can_be_inserted() -> None:
    data = samples()["plain"]
    assert sum(edit.growth for edit in edits_of(data, "aac", room=labels.Room(block=4096))) % 4096 == 0


@settings(deadline=None, max_examples=40)
@given(junk=st.binary(max_size=40))
def test_any_bytes_give_a_value_or_the_named_error(junk: bytes) -> None:
    one_label_or_refused(b"\xff\xf1" + junk, "aac")
    one_label_or_refused(b"ID3" + junk, "aac")


@pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")
@pytest.mark.parametrize("path", sorted(MEDIA.rglob("*.aac")), ids=lambda path: path.name)
def test_real_files_are_labelled_and_stay_what_they_are(path: Path, tmp_path: Path) -> None:
    new = tmp_path / path.name
    labels.write(path, PRODUCED, to=new)
    assert without_label(new.read_bytes(), "aac") == path.read_bytes()
