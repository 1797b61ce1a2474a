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
CITIES = (
    "广州 深圳 珠海 佛山 东莞 中山 惠州 汕头 湛江 江门 杭州 宁波 温州 绍兴 "
    "嘉兴 湖州 金华 台州 南京 苏州 无锡 常州 南通 徐州 扬州 镇江 盐城 泰州 "
    "济南 青岛 烟台 潍坊 临沂 淄博 威海 成都 绵阳 武汉 宜昌 襄阳 长沙 株洲 "
    "湘潭 合肥 芜湖 福州 厦门 泉州 南昌 赣州 郑州 洛阳 石家庄 保定 唐山 邯郸 "
    "廊坊 太原 大同 西安 咸阳 兰州 西宁 银川 乌鲁木齐 呼和浩特 包头 沈阳 大连 "
    "长春 哈尔滨 大庆 贵阳 遵义 昆明 南宁 桂林 柳州 海口 三亚 拉萨 "
)
PLACES = tuple({*REGIONS, *CITIES.split()} - {"兵团", "国资委"})
"""What the name of a company often begins with."""
RANK = re.compile(r"(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)$")


def of(text: str) -> tuple[str, ...]:
    """How numbers write this region, in lower case; nothing where it is none."""
    return REGIONS.get(RANK.sub("", text), ())
