"""Make the font that explicit labels are drawn with: a subset of Noto Sans SC, under a name of its own.

    pip install fonttools brotli
    npm pack @fontsource/noto-sans-sc@5.3.0 && tar xzf fontsource-noto-sans-sc-5.3.0.tgz
    python tools/font_subset.py package/files/noto-sans-sc-chinese-simplified-500-normal.woff2

fontTools is asked for here only: what reads the font at run time is FreeType, within Pillow.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).resolve().parents[1] / "src/countermark/labels/explicit/fonts"
TARGET = FOLDER / "CountermarkLabel-Medium.ttf"
FAMILY = "Countermark Label"
"""Neither 'Source', which the licence reserves, nor 'Noto', which is a trademark."""
PROMPTS = "本内容由为图片视频音频文字人工智能生成合成服务提供者平台疑似可能"
NEIGHBOURS = "标识该作品部分含有辅助创作技术使用仅供参考请注意甄别虚拟人物场景换脸模型机器语音自动"
MARKS = "（）·。，、：；！？【】「」《》“”—…ＡＩ０１２３４５６７８９"
ASCII = "".join(map(chr, range(0x20, 0x7F)))


def cut(source: Path) -> TTFont:
    """The glyphs of the prompts and ASCII, without layout tables that a line of text does not use."""
    options = subset.Options()
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx", "DSIG", "gasp"]
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.recalc_timestamp = False
    font = TTFont(source, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=PROMPTS + NEIGHBOURS + MARKS + ASCII)
    subsetter.subset(font)
    font.flavor = None
    return font


def rename(font: TTFont) -> None:
    """Give the derived font a name of its own; the copyright and the licence stay."""
    compact = FAMILY.replace(" ", "")
    names = {
        1: f"{FAMILY} Medium",
        2: "Regular",
        3: f"{compact}-Medium; subset of Noto Sans SC 2.004",
        4: f"{FAMILY} Medium",
        6: f"{compact}-Medium",
        13: "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
    }
    for number, value in names.items():
        font["name"].setName(value, number, 3, 1, 0x409)


def main() -> None:
    """Write the subset beside its licence."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - one argument
        raise SystemExit(__doc__)
    font = cut(Path(sys.argv[1]))
    rename(font)
    font.save(TARGET)
    print(f"{TARGET.name}: {len(font.getBestCmap())} characters, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
