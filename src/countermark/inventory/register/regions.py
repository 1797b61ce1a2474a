"""The regions of the lists, in Chinese and as numbers write them."""

from __future__ import annotations

import re

REGIONS = {
    "北京": ("beijing",),
    "天津": ("tianjin",),
    "河北": ("hebei",),
    "山西": ("shanxi",),
    "内蒙古": ("neimenggu",),
    "辽宁": ("liaoning",),
    "吉林": ("jilin",),
    "黑龙江": ("heilongjiang",),
    "上海": ("shanghai",),
    "江苏": ("jiangsu",),
    "浙江": ("zhejiang",),
    "安徽": ("anhui",),
    "福建": ("fujian",),
    "江西": ("jiangxi",),
    "山东": ("shandong",),
    "河南": ("henan",),
    "湖北": ("hubei",),
    "湖南": ("hunan",),
    "广东": ("guangdong",),
    "广西": ("guangxi",),
    "海南": ("hainan",),
    "重庆": ("chongqing",),
    "四川": ("sichuan",),
    "贵州": ("guizhou",),
    "云南": ("yunnan",),
    "西藏": ("xizang",),
    "陕西": ("shaanxi", "shanxi"),  # published as ShanXi too
    "甘肃": ("gansu",),
    "青海": ("qinghai",),
    "宁夏": ("ningxia",),
    "新疆": ("xinjiang", "bingtuan"),
    "兵团": ("bingtuan",),
    "新疆生产建设兵团": ("bingtuan",),
    "国资委": ("zhongyangqiye",),
    "国务院国资委": ("zhongyangqiye",),
    "中央企业": ("zhongyangqiye",),
}
"""What stands under 属地, without its rank, and the region of a number that goes with it."""
RANK = re.compile(r"(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)$")


def of(text: str) -> tuple[str, ...]:
    """How numbers write this region, in lower case; nothing where it is none."""
    return REGIONS.get(RANK.sub("", text), ())
