import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countermark.labels.defects import LabelError
from countermark.labels.explicit import avc
from countermark.labels.explicit.image import Corner, Design
from countermark.labels.explicit.image_detection import Presence
from countermark.labels.explicit.video import Method, label_video
from countermark.labels.explicit.video_detection import find_in_video

pytestmark = pytest.mark.skipif(
    not shutil.which("ffmpeg"), reason="ffmpeg, which makes and judges the videos, is absent"
)
LABEL = '{"Label":"1","ContentProducer":"maker"}'
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p"]


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert not done.stderr, done.stderr
    return done.stdout


def film(path, *options, seconds=4.0, size="320x240"):
    source = f"testsrc2=s={size}:r=25:d={seconds}"
    sound = (
        ["-f", "lavfi", "-i", f"sine=d={seconds}", "-c:a", "aac"] if path.suffix in {".mp4", ".mov"} else []
    )
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, *sound, *options, str(path))
    return path


def packets(path, stream="v:0"):
    listed = run(
        "ffprobe", "-v", "error", "-select_streams", stream, "-show_packets", "-show_data_hash", "sha256",
        "-show_entries", "packet=pts,dts,data_hash", "-of", "json", str(path),
    )  # fmt: skip
    return [(p["pts"], p.get("dts"), p["data_hash"]) for p in json.loads(listed)["packets"]]


def decoded(path):
    lines = run(
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(path),
        "-map",
        "0:v:0",
        "-fps_mode",
        "passthrough",
        "-f",
        "framemd5",
        "-",
    )
    return [line.split(",")[2::3] for line in lines.splitlines() if not line.startswith("#")]


def form(path):
    return json.loads(
        run("ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path))
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("b-frames.mp4", [*H264, "-bf", "2"]),
        ("baseline.mov", [*H264, "-profile:v", "baseline"]),
        ("ten-bit.mkv", [*H264[:-1], "yuv420p10le"]),
        ("matroska.mkv", [*H264, "-bf", "2"]),
        ("stream.ts", [*H264, "-bf", "2"]),
        ("flash.flv", H264),
        ("fragments.mp4", [*H264, "-movflags", "frag_keyframe+empty_moov"]),
        ("vp9.webm", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25"]),
    ],
)
def test_the_opening_is_replaced_and_the_rest_is_the_same(tmp_path, name, options):
    source, target = film(tmp_path / name, *options), tmp_path / f"labelled-{name}"
    showing = label_video(source, target, seconds=2)
    assert showing.method is Method.SPLICED, showing.reason
    assert (showing.encoded_frames, showing.copied_packets) == (50, 50)
    assert showing.shown_s == pytest.approx(2.0, abs=0.03)
    assert showing.placement.contrast > 4.5
    old, new = packets(source), packets(target)
    assert [(pts, digest) for pts, _, digest in old[50:]] == [
        (pts, digest) for pts, _, digest in new[50:]
    ] or (
        source.suffix == ".ts"  # its packets are compared by what they decode to
    )
    before, after = decoded(source), decoded(target)
    assert [at for at, _ in before] == [at for at, _ in after]
    assert before[50:] == after[50:]
    assert not any(one == other for one, other in zip(before[:50], after[:50], strict=True))
    found = find_in_video(target, read_text=False)
    assert (found.presence, found.from_first_frame, found.until_looked) == (Presence.FOUND, True, False)
    assert found.shown_s == pytest.approx(2.0, abs=0.045)
    assert found.label.height_ratio >= 0.05 - 1.01 / 240


def test_sound_words_and_duration_stay(tmp_path):
    words = [
        "-metadata",
        f"AIGC={LABEL}",
        "-metadata",
        "title=a film",
        "-movflags",
        "use_metadata_tags+faststart",
    ]
    source, target = film(tmp_path / "a.mp4", *H264, *words), tmp_path / "b.mp4"
    label_video(source, target, seconds=2)
    assert packets(source, "a:0") == packets(target, "a:0")
    old, new = form(source)["format"], form(target)["format"]
    assert new["tags"]["AIGC"] == LABEL
    assert new["tags"]["title"] == "a film"
    assert new["duration"] == old["duration"]
    assert target.read_bytes().find(b"moov") < target.read_bytes().find(b"mdat")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([*H264, "-g", "500"], "needs none before it"),
        (["-c:v", "mpeg4"], "mpeg4 cannot be replaced"),
        (
            ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"],
            "hevc cannot be replaced",
        ),
    ],
)
def test_what_cannot_be_spliced_is_encoded_anew_and_says_so(tmp_path, options, reason):
    source, target = film(tmp_path / "a.mp4", *options), tmp_path / "b.mp4"
    showing = label_video(source, target, seconds=2)
    assert (showing.method, showing.encoded_frames) == (Method.REENCODED, 100)
    assert reason in showing.reason
    assert len(decoded(target)) == 100
    assert find_in_video(target, read_text=False).shown_s == pytest.approx(2.0, abs=0.045)
    assert form(target)["format"]["duration"] == form(source)["format"]["duration"]


def test_the_label_can_stay(tmp_path):
    source, target = film(tmp_path / "a.mp4", *H264), tmp_path / "b.mp4"
    showing = label_video(source, target, Design(corner=Corner.TOP_LEFT), seconds=None)
    assert showing.shown_s == pytest.approx(4.0)
    found = find_in_video(target, read_text=False)
    assert (found.until_looked, found.from_first_frame) == (True, True)
    assert found.label.box[0] < 20
    assert found.label.box[1] < 20


def test_a_turned_film_is_labelled_as_it_is_shown(tmp_path):
    film(tmp_path / "a.mp4", *H264)
    run(
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(tmp_path / "a.mp4"),
        "-c",
        "copy",
        "-metadata:s:v",
        "rotate=90",
        str(tmp_path / "t.mp4"),
    )
    showing = label_video(tmp_path / "t.mp4", tmp_path / "b.mp4", seconds=2)
    assert showing.placement.box[3] > 300  # of 240 x 320
    run("ffmpeg", "-v", "error", "-i", str(tmp_path / "b.mp4"), "-frames:v", "1", str(tmp_path / "b.png"))
    left, top, right, bottom = find_in_video(tmp_path / "b.mp4", read_text=False).label.box
    assert left > 140
    assert top > 280
    assert right <= 240
    assert bottom <= 320


def test_a_short_film_says_how_long_it_is(tmp_path):
    showing = label_video(film(tmp_path / "a.mp4", *H264, seconds=1), tmp_path / "b.mp4")
    assert showing.shown_s == pytest.approx(1.0)
    assert "ends after 1.00 seconds" in showing.notes[0]


def test_a_film_without_a_label_is_unknown(tmp_path):
    found = find_in_video(film(tmp_path / "a.mp4", *H264), read_text=False)
    assert found.presence is Presence.UNKNOWN


def test_refusals_leave_no_file(tmp_path):
    source, target = film(tmp_path / "a.mp4", *H264), tmp_path / "b.mp4"
    with pytest.raises(LabelError, match="at least 2 seconds"):
        label_video(source, target, seconds=1.9)
    xmp = b"\0\0\0\x30uuid" + b"jumdc2pa".ljust(40, b"\0")
    (tmp_path / "signed.mp4").write_bytes(source.read_bytes() + xmp)
    with pytest.raises(LabelError, match="C2PA"):
        label_video(tmp_path / "signed.mp4", target)
    lost = b"\0\0\0\x30uuid" + b'TC260:AIGC={"Label":"1"}'.ljust(40, b"\0")
    (tmp_path / "uuid.mp4").write_bytes(source.read_bytes() + lost)
    with pytest.raises(LabelError, match="lose its implicit label"):
        label_video(tmp_path / "uuid.mp4", target)
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\na.mp4\n")
    with pytest.raises(LabelError, match="no video"):
        label_video(tmp_path / "list.mp4", target)
    assert not target.exists()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_half_a_film_is_a_named_error_or_a_copy(tmp_path, share):
    data = film(tmp_path / "a.ts", *H264, seconds=3).read_bytes()
    for path, start in ((tmp_path / "cut.ts", 0), (tmp_path / "late.ts", int(len(data) * (1 - share)))):
        path.write_bytes(data[start : start + int(len(data) * share)])
        try:
            label_video(path, tmp_path / "b.ts")
        except LabelError:
            continue
        assert (tmp_path / "b.ts").exists()


@given(st.binary(max_size=80))
def test_any_parameter_sets_are_read_or_refused(data):
    for record in (data, b"\x01\x64\0\x1f\xff" + data):
        try:
            avc.read(record).free_id()
        except LabelError:
            continue


def test_parameter_sets_of_two_encoders_stand_in_one_record():
    sps, pps = bytes.fromhex("67640015acd9"), bytes.fromhex("68ebe3cb")
    own = b"\x01\x64\0\x15\xff\xe1" + b"\0\x06" + sps + b"\x01\0\x04" + pps + b"\xfd\xf8\xf8\0"
    sets = avc.read(own)
    assert (sets.sps, sets.pps, sets.length_size, sets.rest) == ((sps,), (pps,), 4, b"\xfd\xf8\xf8\0")
    assert sets.free_id() == 1
    higher = avc.ParameterSets((bytes.fromhex("67640028acd9"),), (pps,))
    joined = avc.read(avc.joined(sets, higher))
    assert (joined.sps, joined.head) == ((*sets.sps, *higher.sps), b"\x01\x64\0\x28")


def test_the_source_may_be_the_target(tmp_path):
    path = film(tmp_path / "a.mp4", *H264)
    label_video(path, str(path), seconds=2)
    assert find_in_video(Path(path), read_text=False).presence is Presence.FOUND
