"""Files of a delivery, compared."""

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from delivery_samples import FIELDS, changes, sample, traced
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from countermark import labels
from countermark.labels import delivery
from countermark.labels.delivery import Change, archive
from countermark.labels.delivery.marks import Mark, Presence, look
from countermark.labels.security.trust import SigningKey


def test_each_file_is_compared_with_the_first(tmp_path) -> None:
    first = sample(tmp_path)
    same = Path(shutil.copy(first, tmp_path / "same.jpg"))
    added = tmp_path / "added.jpg"
    labels.update(first, "platform", "p-1", to=added)
    bare = tmp_path / "bare.png"
    Image.open(first).save(bare)
    other = tmp_path / "other.jpg"
    Image.open(first).save(other)
    labels.write(other, labels.Fields.generated("somebody", "2"))
    trace = traced([first, same, added, bare, other, added])
    assert changes(trace) == [Change.KEPT, Change.ADDED_TO, Change.LOST, Change.CHANGED, Change.ADDED_TO]
    assert [(loss.mark, loss.stage, loss.change) for loss in trace.losses] == [("label", 3, Change.LOST)]
    assert trace.carried == ("label",)
    assert trace.lost == ()
    assert trace.losses[0].detail == "it stood in: XMP TC260:AIGC"
    assert trace.stages[3].look.container == "png"
    assert trace.to_dict()["losses"][0]["step"] == "bare.png"


def test_a_label_that_moved_is_not_lost(tmp_path) -> None:
    first = sample(tmp_path, "a.png")
    moved = tmp_path / "b.jpg"
    with Image.open(first) as picture:
        picture.save(moved, xmp=picture.info["XML:com.adobe.xmp"].encode())
    trace = traced([first, moved])
    assert changes(trace) == [Change.MOVED]
    assert (trace.lost, trace.losses) == ((), ())
    assert changes(trace, "content") == [Change.CHANGED]


def test_pixels_and_other_metadata(tmp_path) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    exif = Image.Exif()
    exif[0x010E] = "a garden"
    picture = Image.linear_gradient("L").convert("RGB")
    picture.save(first, exif=exif)
    picture.save(second, compress_level=1)
    labels.write(first, FIELDS)
    trace = traced([first, second])
    assert changes(trace, "content") == [Change.KEPT]
    assert changes(trace, "metadata") == [Change.LOST]
    assert trace.stages[0].look.marks["metadata"].value == ("EXIF 0x010e",)


def test_a_broken_label_is_a_loss(tmp_path) -> None:
    first = sample(tmp_path)
    second = tmp_path / "b.jpg"
    second.write_bytes(first.read_bytes().replace(b"ContentProducer", b"ContentProduced"))
    (loss,) = traced([first, second]).losses
    assert (loss.mark, loss.change) == ("label", Change.BROKEN)
    again = traced([second, second])
    assert (again.carried, again.lost) == (("label",), ())


@pytest.mark.parametrize("body", [b"", b"what?\0", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04 broken"])
def test_a_file_that_cannot_be_looked_at_is_open_and_no_loss(tmp_path, body) -> None:
    first = sample(tmp_path)
    second = tmp_path / "b.png"
    second.write_bytes(body)
    trace = traced([first, second])
    if trace.stages[1].look.trouble:
        assert (trace.open, trace.lost, trace.losses) == (True, (), ())
    else:
        assert trace.lost == ("label",)


def test_a_missing_file_and_a_lonely_one(tmp_path) -> None:
    first = sample(tmp_path)
    assert traced([first, tmp_path / "none.jpg"]).open
    with pytest.raises(labels.LabelError, match="at least one"):
        traced([first])
    bare = tmp_path / "bare.png"
    Image.new("L", (8, 8)).save(bare)
    nothing = traced([bare, bare])
    assert nothing.open
    assert nothing.carried == ()


def test_a_signature_goes_with_the_label_and_its_binding_with_the_pixels(tmp_path) -> None:
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    first = tmp_path / "a.png"
    Image.effect_noise((64, 48), 40).save(first)
    labels.write(first, FIELDS, options=labels.Options(key=SigningKey.from_pem(key)))
    changed = tmp_path / "b.png"
    with Image.open(first) as picture:
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", picture.info["XML:com.adobe.xmp"])
        picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(changed, pnginfo=info)
    bare = tmp_path / "c.png"
    Image.open(first).save(bare)
    trace = traced([first, changed, bare])
    assert trace.carried == ("label", "signature", "binding")
    assert changes(trace, "label") == [Change.KEPT, Change.LOST]
    assert changes(trace, "signature") == [Change.KEPT, Change.LOST]
    assert changes(trace, "binding") == [Change.BROKEN, Change.LOST]
    assert [(loss.mark, loss.stage) for loss in trace.losses] == [
        ("binding", 1), ("label", 2), ("signature", 2),
    ]  # fmt: skip


def test_a_manifest_that_is_broken_and_lost(tmp_path) -> None:
    pytest.importorskip("c2pa", reason="the extra c2pa is not installed")
    from countermark.labels.c2pa import certificates, signing  # noqa: PLC0415 - needs the extra

    plain, first = sample(tmp_path), tmp_path / "signed.jpg"
    signing.sign(plain, first, FIELDS.to_dict(), certificates.make_test_key()[0])
    broken = tmp_path / "broken.jpg"
    data = bytearray(first.read_bytes())
    data[-9] ^= 1
    broken.write_bytes(data)
    trace = traced([first, broken, plain])
    assert trace.stages[0].look.marks["c2pa"] == Mark(Presence.THERE, "valid")
    assert changes(trace, "c2pa") == [Change.BROKEN, Change.LOST]
    assert changes(trace) == [Change.KEPT, Change.KEPT]
    (loss,) = trace.losses
    assert (loss.mark, loss.stage) == ("c2pa", 1)
    again = traced([broken, broken])
    assert again.carried == ("label",)
    assert (again.lost, again.open) == ((), False)


def test_text_that_loses_its_sentence(tmp_path) -> None:
    first, second = tmp_path / "a.md", tmp_path / "b.md"
    first.write_text("> 本内容由AI生成\n\n# x\n\n" + "y " * 200)
    second.write_text("# x\n")
    labels.write(first, FIELDS)
    trace = delivery.trace([first, second])
    assert trace.lost == ("label", "explicit")


# --- archives -------------------------------------------------------------------------------------------


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_an_archive_is_looked_into(tmp_path) -> None:
    first = sample(tmp_path)
    one = packed(tmp_path / "one.zip", {"x/anything.jpg": first.read_bytes()})
    several = packed(tmp_path / "many.zip", {"readme.txt": b"hi", "x/a.jpg": first.read_bytes()})
    unclear = packed(tmp_path / "unclear.zip", {"b.txt": b"hi", "c.txt": b"hi"})
    trace = traced([first, one, several, unclear])
    assert changes(trace) == [Change.KEPT, Change.KEPT, None]
    assert trace.stages[1].look.title == "JPEG in ZIP"


def test_archives_have_limits(tmp_path, monkeypatch) -> None:
    bomb = packed(tmp_path / "bomb.zip", {"a.jpg": bytes(4 << 20)})
    monkeypatch.setattr(archive, "MAX_BYTES", 1 << 20)
    with pytest.raises(labels.TooLargeError):
        archive.extract(bomb, "a", tmp_path)
    lying = bytearray(bomb.read_bytes())
    at = lying.index(b"PK\x01\x02")
    lying[at + 24 : at + 28] = (100).to_bytes(4, "little")
    bomb.write_bytes(lying)
    with pytest.raises(labels.LabelError):
        archive.extract(bomb, "a", tmp_path)
    assert (tmp_path / "member.jpg").stat().st_size <= 1 << 20


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6), st.integers(0, 400))
def test_any_archive_gives_a_value(tmp_path, flips, cut) -> None:
    data = bytearray(packed(tmp_path / "f.zip", {"a.txt": b"hello" * 20, "b.txt": b"x"}).read_bytes())
    for at, byte in flips:
        data[at % len(data)] = byte
    path = tmp_path / "g.zip"
    path.write_bytes(data[: max(len(data) - cut, 0)])
    with archive.opened(path, "a") as (inner, _):
        look(inner, explicit=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.integers(0, 3000))
def test_any_file_gives_a_look(tmp_path, junk, at) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    data = out.getvalue()
    path = tmp_path / "f.png"
    path.write_bytes(data[: at % len(data)] + junk)
    assert look(path, explicit=False).size == path.stat().st_size
