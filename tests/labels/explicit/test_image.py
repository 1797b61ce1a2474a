import io
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageSequence, PngImagePlugin
from sample_images import LABEL, XMP, scene

from countermark.labels.defects import LabelError, TooLargeError, UnknownContainerError
from countermark.labels.explicit import carrying, font, painting
from countermark.labels.explicit.image import DEFAULT, Corner, Design, Style, draw, place
from countermark.labels.explicit.image_file import label_image

PILLOW = Path(__file__).parents[4] / "shared/data/media/pillow"


def upright(path):
    with Image.open(path) as picture:
        picture.load()
        return ImageOps.exif_transpose(picture).convert("RGB")


def outside(first, second, box, margin=12):
    """The largest difference of two pictures beyond the label and its plate."""
    difference = ImageChops.difference(first, second).convert("L")
    grown = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    difference.paste(0, grown)
    return difference.getextrema()[1]


@pytest.mark.parametrize("colour", ["white", "black", "#808080", "#78aae6"])
@pytest.mark.parametrize("style", list(Style))
def test_the_ink_is_five_per_cent_and_stands_out(colour, style):
    drawn, placement = place(Image.new("RGB", (800, 600), colour), Design(style=style))
    assert 30 <= placement.ink_height_px <= 31
    assert placement.height_ratio >= 0.05
    assert placement.contrast >= 4.5
    letters = painting.grey(drawn.crop(placement.box))
    assert letters.getextrema()[1] - letters.getextrema()[0] > 200


@pytest.mark.parametrize("text", ["AI生成", "人工智能生成", "内容由AI合成"])
@pytest.mark.parametrize("ink_px", [8, 12, 15, 33, 54])
def test_the_lowest_letter_has_the_rows_that_were_asked_for(text, ink_px):
    lettering = font.letter(text, ink_px, 2000)
    assert ink_px <= lettering.ink_height_px <= ink_px + 1
    assert lettering.fill.point(lambda value: value >= 128 and 255).getbbox()[3] >= ink_px


@pytest.mark.parametrize("corner", list(Corner))
def test_the_label_stands_in_its_corner(corner):
    _, placement = place(scene(), Design(corner=corner))
    left, top, right, bottom = placement.box
    assert (left < 20, 480 - right < 20) == (corner.endswith("left"), corner.endswith("right"))
    assert (top < 20, 320 - bottom < 20) == (corner.startswith("top"), corner.startswith("bottom"))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "F"])
def test_every_mode_stays_what_it_is(mode):
    drawn, placement = place(scene(mode="RGB" if mode == "LAB" else mode) if mode != "LAB" else _lab())
    assert drawn.mode == mode
    assert placement.contrast >= 4.5


def _lab():
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    return ImageCms.applyTransform(scene(), transform)


def test_sixteen_bits_stay_sixteen():
    drawn, placement = place(Image.new("I;16", (300, 200), 9000))
    assert (drawn.mode, drawn.getextrema()[1]) == ("I;16", 65535)
    assert drawn.getpixel((0, 0)) == 9000
    assert placement.contrast >= 4.5


def test_a_label_is_opaque_on_a_transparent_picture():
    drawn, placement = place(Image.new("RGBA", (300, 200), (0, 0, 0, 0)))
    assert drawn.crop(placement.box).getchannel("A").getextrema()[1] == 255
    assert drawn.getpixel((0, 0)) == (0, 0, 0, 0)


def test_a_palette_without_contrast_is_refused():
    picture = Image.new("P", (300, 200))
    picture.putpalette([value for grey in range(256) for value in [100 + grey % 8] * 3])
    with pytest.raises(LabelError, match="differ too little"):
        draw(picture)


@pytest.mark.parametrize(
    ("size", "ink"),
    [((64, 64), 12), ((100, 20), 12), ((30, 3000), 12), ((3000, 30), 12), ((4000, 3000), 150)],
)
def test_small_and_long_pictures_hold_it(size, ink):
    _, placement = place(Image.new("RGB", size, "grey"))
    left, top, right, bottom = placement.box
    assert ink <= placement.ink_height_px <= ink + 1
    assert left >= 0
    assert top >= 0
    assert right <= size[0]
    assert bottom <= size[1]


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (9, 4000), (4000, 9)])
def test_what_cannot_hold_a_label_says_so(size):
    with pytest.raises(LabelError, match="holds no legible label"):
        draw(Image.new("RGB", size))


def test_a_long_text_is_set_in_lines():
    _, placement = place(
        Image.new("RGB", (300, 300)), Design("本图片内容由人工智能生成，请注意甄别", height_ratio=0.08)
    )
    assert placement.box[3] - placement.box[1] > 2 * placement.ink_height_px


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": "AI"}, "lacks"),
        ({"text": "豆包AI生成"}, "font lacks"),
        ({"text": "AI生成\n"}, "printable"),
        ({"height_ratio": 0.049}, "0.05"),
        ({"height_ratio": float("nan")}, "0.05"),
        ({"corner": "middle"}, "no corner"),
        ({"style": "neon"}, "no style"),
        ({"font_path": Path(__file__)}, "no font"),
    ],
)
def test_a_design_that_is_no_label_is_refused(change, message):
    with pytest.raises(LabelError, match=message):
        Design(**change)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_corner_is_that_of_the_picture_as_shown(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    scene().save(tmp_path / "a.png", exif=exif)
    placement = label_image(tmp_path / "a.png", tmp_path / "b.png")
    before, after = upright(tmp_path / "a.png"), upright(tmp_path / "b.png")
    assert outside(before, after, placement.box) == 0
    assert placement.box[2] > before.width - 20
    assert placement.box[3] > before.height - 20
    with Image.open(tmp_path / "b.png") as picture:
        assert picture.getexif().get(0x0112) == orientation


def test_a_jpeg_keeps_tables_and_what_stands_beside_the_pixels(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010E] = "a picture"
    options = {"exif": exif, "xmp": XMP, "icc_profile": profile, "comment": b"AIGC", "progressive": True}
    scene(1).save(tmp_path / "a.jpg", quality=83, subsampling="4:2:0", **options)
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[:2] + b"\xff\xeb\x00\x0eAIGC" + b'{"a":1}\0' + data[2:])
    label_image(tmp_path / "a.jpg", tmp_path / "b.jpg")
    with Image.open(tmp_path / "a.jpg") as old, Image.open(tmp_path / "b.jpg") as new:
        assert old.quantization == new.quantization
        assert old.layer == new.layer
        for name in ("exif", "xmp", "icc_profile", "comment", "progressive", "dpi", "jfif"):
            assert old.info.get(name) == new.info.get(name)
        assert sorted(old.applist) == sorted(new.applist)


def test_a_png_keeps_every_chunk_where_it_stood(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    info.add_text("AIGC", LABEL, zip=True)
    info.add(b"tEXt", b"late\0" + LABEL.encode(), after_idat=True)
    scene().quantize(64).save(tmp_path / "a.png", pnginfo=info, transparency=3, dpi=(72, 72))
    label_image(tmp_path / "a.png", tmp_path / "b.png")
    beside = {b"iTXt", b"zTXt", b"tEXt", b"pHYs"}
    files = [(tmp_path / name).read_bytes() for name in ("a.png", "b.png")]
    kept = [[chunk for chunk in carrying._chunks(data) if chunk[0] in beside] for data in files]
    assert kept[0] == kept[1]
    assert len(kept[0]) == 4
    with Image.open(tmp_path / "b.png") as new:
        new.load()
        assert new.info["transparency"] == 3


@pytest.mark.parametrize(
    ("name", "loss"), [("a.webp", 90), ("a.tif", 0), ("a.bmp", 0), ("a.gif", 0), ("a.avif", 90)]
)
def test_the_other_formats_keep_pixels_and_xmp(tmp_path, name, loss):
    options = {"tif": {"tiffinfo": {700: XMP}, "compression": "tiff_lzw"}, "bmp": {}, "gif": {}}
    picture = scene(2).quantize(32) if name == "a.gif" else scene(2)
    picture.save(tmp_path / name, **options.get(name[2:], {"xmp": XMP}))
    if name == "a.gif":
        data = (tmp_path / name).read_bytes()
        block = b"\x21\xff\x0bXMP DataXMP" + XMP + b"\x01" + bytes(range(255, -1, -1)) + b"\0"
        (tmp_path / name).write_bytes(b"GIF89a" + data[6:-1] + block + b";")
    placement = label_image(tmp_path / name, tmp_path / f"b{name}")
    assert outside(upright(tmp_path / name), upright(tmp_path / f"b{name}"), placement.box) <= loss
    if name != "a.bmp":
        assert XMP in (tmp_path / f"b{name}").read_bytes()


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp"])
def test_every_frame_is_labelled(tmp_path, name):
    frames = [scene(seed, (160, 120)) for seed in range(4)]
    times = [100, 200, 300, 400]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=times, loop=2)
    placement = label_image(tmp_path / name, tmp_path / f"b{name}")
    assert placement.frames == 4
    with Image.open(tmp_path / name) as old, Image.open(tmp_path / f"b{name}") as new:
        assert new.info["loop"] == old.info["loop"] == 2
        shown = [[_timed(f) for f in ImageSequence.Iterator(p)] for p in (old, new)]
    assert [time for time, _ in shown[1]] == times
    for (_, before), (_, after) in zip(*shown, strict=True):
        assert ImageChops.difference(before, after).crop(placement.box).getbbox() is not None


def _timed(frame):
    pixels = frame.convert("RGB")  # some decoders tell the time only then
    return frame.info["duration"], pixels


def test_a_signed_picture_is_drawn_on_only_when_asked(tmp_path):
    scene().save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    chunk = b"caBXjumdc2pa"
    (tmp_path / "a.png").write_bytes(
        data[:33] + b"\0\0\0\x08" + chunk + zlib.crc32(chunk).to_bytes(4, "big") + data[33:]
    )
    with pytest.raises(LabelError, match="C2PA"):
        label_image(tmp_path / "a.png", tmp_path / "b.png")
    assert not (tmp_path / "b.png").exists()
    placement = label_image(tmp_path / "a.png", tmp_path / "b.png", over_signature=True)
    assert "sign again" in placement.notes[0]


def test_a_file_is_labelled_in_its_own_place_with_its_permissions(tmp_path):
    path = tmp_path / "a.png"
    scene().save(path)
    path.chmod(0o640)
    label_image(path, path)
    assert (path.stat().st_mode & 0o777, [p.name for p in tmp_path.iterdir()]) == (0o640, ["a.png"])


def test_what_is_too_large_or_unknown_is_named(tmp_path):
    scene().save(tmp_path / "a.png")
    with pytest.raises(TooLargeError, match="more than 1,000"):
        label_image(tmp_path / "a.png", tmp_path / "b.png", max_pixels=1000)
    (tmp_path / "a.txt").write_text("AI")
    with pytest.raises(UnknownContainerError):
        label_image(tmp_path / "a.txt", tmp_path / "b.txt")
    scene().save(tmp_path / "a.ppm")
    with pytest.raises(UnknownContainerError, match="PPM"):
        label_image(tmp_path / "a.ppm", tmp_path / "b.ppm")


SAMPLES = {}
for kind in ("JPEG", "PNG", "GIF", "WEBP", "TIFF"):
    buffer = io.BytesIO()
    scene(5, (96, 64)).save(buffer, kind)
    SAMPLES[kind] = buffer.getvalue()


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6),
    st.integers(0, 4000),
)
def test_broken_bytes_give_a_copy_or_a_named_error(tmp_path, kind, changes, cut):
    data = bytearray(SAMPLES[kind])
    for at, value in changes:
        data[at % len(data)] = value
    (tmp_path / "a").write_bytes(data[: max(1, len(data) - cut % len(data))] if cut % 3 == 0 else data)
    try:
        placement = label_image(tmp_path / "a", tmp_path / "b", max_pixels=1_000_000)
    except LabelError:
        return
    assert placement.height_ratio >= DEFAULT.height_ratio


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not PILLOW.is_dir(), reason="the collection of odd pictures is not here")
def test_odd_pictures_give_a_copy_or_a_named_error(tmp_path):
    drawn = 0
    for path in sorted(p for p in PILLOW.rglob("*") if p.is_file())[::4]:
        try:
            label_image(path, tmp_path / "b", max_pixels=2_000_000)
        except LabelError:
            continue
        drawn += 1
        with Image.open(tmp_path / "b") as picture:
            picture.load()
    assert drawn > 5
