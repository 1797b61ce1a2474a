import io
import socket

import pytest
from PIL import Image, ImageDraw
from sample_images import scene

from countermark.labels.defects import LabelError
from countermark.labels.explicit import font, ink, ocr, painting
from countermark.labels.explicit.image import Corner, Design, Style, place
from countermark.labels.explicit.image_detection import Position, Presence, Stage, find, find_in_image

needs_ocr = pytest.mark.skipif(not ocr.available(), reason="RapidOCR is not installed")


def written(picture, text, size, at):
    """A label as others draw it: plain white letters."""
    copy = picture.copy()
    ImageDraw.Draw(copy).text(at, text, fill="white", font=font.face(size))
    return copy


@pytest.mark.parametrize("style", [Style.OUTLINE, Style.PLATE])
@pytest.mark.parametrize("text", ["AI生成", "人工智能合成"])
@pytest.mark.parametrize("size", [(640, 480), (1600, 900), (300, 800)])
def test_our_own_label_is_found_and_measured(style, text, size):
    drawn, placement = place(scene(11, size), Design(text, style=style))
    found = find(drawn, read_text=False)
    assert (found.presence, found.text, found.stage) == (Presence.FOUND, text, Stage.TEMPLATES)
    assert found.wording.conforms
    assert found.position is Position.CORNER
    assert found.ink_height_px >= placement.ink_height_px - 1
    assert found.height_ratio >= 0.05 - 1.01 / min(size)
    assert found.contrast > 4.5


@pytest.mark.parametrize("corner", list(Corner))
def test_it_survives_a_jpeg_of_half_the_size(corner):
    drawn, _ = place(scene(12, (1200, 900)), Design(corner=corner))
    buffer = io.BytesIO()
    drawn.resize((600, 450)).save(buffer, "JPEG", quality=70)
    found = find(Image.open(buffer), read_text=False)
    assert found.presence is Presence.FOUND
    assert found.height_ratio == pytest.approx(0.05, abs=0.004)


@pytest.mark.parametrize("seed", range(20, 32))
def test_no_known_shape_is_seen_where_there_is_none(seed):
    assert find(scene(seed, (640, 480)), read_text=False).presence is Presence.UNKNOWN


@pytest.mark.parametrize("text", ["模型自动生成", "人工智能技术", "服务提供者平台", "机器合成"])
def test_half_of_a_prompt_is_none(text):
    size = 26
    picture = written(scene(15, (640, 480)), text, size, (600 - size * len(text), 440))
    assert find(picture, read_text=False).presence is Presence.UNKNOWN


def test_the_ink_is_measured_and_not_the_box():
    picture = written(Image.new("RGB", (800, 600), "#305080"), "AI生成", 40, (600, 520))
    rows = max(font.ink_height(letter, 40) for letter in "AI生成")
    letters = ink.measure(painting.grey(picture), (590, 515, 740, 575))
    assert letters
    assert letters.height_px == pytest.approx(rows, abs=1)
    assert letters.contrast > 4.5
    assert ink.measure(painting.grey(picture), (0, 0, 80, 60)) is None


def test_not_found_is_unknown():
    assert find(scene(), claims_generated=True, read_text=False).presence is Presence.UNKNOWN


@needs_ocr
def test_not_found_is_missing_only_where_the_file_claims_and_all_have_looked():
    plain = Image.new("RGB", (320, 240), "#446688")
    assert find(plain).presence is Presence.UNKNOWN
    found = find(plain, claims_generated=True)
    assert (found.presence, found.looked) == (Presence.MISSING, (Stage.TEMPLATES, Stage.STRIPS, Stage.WHOLE))


@needs_ocr
def test_text_in_the_middle_is_read_and_its_position_told():
    found = find(written(Image.new("RGB", (640, 480), "#305080"), "内容由AI生成", 30, (200, 220)))
    assert (found.presence, found.position, found.stage) == (Presence.FOUND, Position.INSIDE, Stage.WHOLE)
    assert found.text == "内容由AI生成"


@needs_ocr
def test_a_name_without_generation_does_not_conform():
    found = find(written(Image.new("RGB", (640, 480), "#305080"), "模型AI", 30, (470, 430)))
    assert (found.presence, found.wording.conforms) == (Presence.UNKNOWN, False)
    assert found.wording.has_ai


@needs_ocr
def test_the_reader_needs_no_network(monkeypatch):
    def refused(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    ocr._engine.cache_clear()
    assert find(written(Image.new("RGB", (640, 480), "#305080"), "图片由AI生成", 30, (40, 40))).presence


def test_a_broken_picture_is_a_named_error(tmp_path):
    path = tmp_path / "a.png"
    scene().save(path)
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(LabelError, match="cannot be decoded"):
        find_in_image(path)


def test_hardly_any_picture_has_no_label():
    for size in ((1, 1), (3, 400), (400, 3)):
        assert find(Image.new("RGB", size), read_text=False).presence is Presence.UNKNOWN
