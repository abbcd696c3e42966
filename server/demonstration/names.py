"""Fictitious names: a district, its villages, its people. None of them is anybody."""

from collections.abc import Iterator
from itertools import product
from random import Random

from stdnum.cn import ric

AREA = "990101"
DISTRICT = "云川区"
TOWNSHIPS = (
    "青溪镇",
    "云岭乡",
    "石桥镇",
    "东湖街道",
    "柳林镇",
    "望山乡",
    "白鹭镇",
    "城南街道",
    "松坪乡",
    "河口镇",
    "竹海乡",
    "北塘镇",
)
POINTS_OF_TOWNSHIP = (8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 6, 6)
VIDEO_OF_TOWNSHIP = (7, 7, 6, 6, 6, 6, 6, 6, 0, 0, 0, 0)
UNITS = (
    "区信访局",
    "区住房和城乡建设局",
    "区人力资源和社会保障局",
    "区自然资源和规划局",
    "区农业农村局",
    "区民政局",
    "区生态环境分局",
    "区交通运输局",
    "区卫生健康局",
    "区教育局",
    "区公安分局",
    "区司法局",
    "区市场监督管理局",
    "区水利局",
    "区城市管理局",
    "区应急管理局",
    "区退役军人事务局",
    "区税务局",
    "区医疗保障局",
    "区文化和旅游局",
)
OFFICIALS = (
    ("副区长", 0),
    ("区信访局局长", 0),
    ("区住房和城乡建设局局长", 1),
    ("区住房和城乡建设局副局长", 1),
    ("区人力资源和社会保障局局长", 2),
    ("区自然资源和规划局局长", 3),
    ("区农业农村局局长", 4),
    ("区民政局局长", 5),
    ("区生态环境分局局长", 6),
    ("区交通运输局局长", 7),
    ("区卫生健康局局长", 8),
    ("区教育局局长", 9),
    ("区公安分局副局长", 10),
    ("区司法局局长", 11),
)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN_NAMES = (
    "秀英桂兰玉珍淑芬凤英国强建国志明永福德旺长林春生金花月娥世昌明德文海立新卫东红梅"
    "小满雨晴思远子涵海涛晓燕丽华玉柱守田存良大山来福银凤彩霞东升友谅克勤宝根水生广田"
)
FIRST = "柳杨石松梅竹桃李枫桂兰荷"
SECOND = ("湾", "坪", "塘", "岭", "桥", "溪", "坡", "庄")


def place_names() -> Iterator[str]:
    """Village names without their last word, each once."""
    for second, first in product(SECOND, FIRST):
        yield first + second


def person_name(dice: Random) -> str:
    """A name like many."""
    start = 2 * dice.randrange(len(GIVEN_NAMES) // 2)
    return dice.choice(SURNAMES) + GIVEN_NAMES[start : start + 2]


def id_number(dice: Random, serial: int) -> str:
    """A number with a right check digit in an area that does not exist."""
    birth = f"{dice.randint(1944, 2002)}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}"
    body = f"{AREA}{birth}{serial % 1000:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def phone_number(serial: int) -> str:
    """A number of the right shape."""
    return f"+861380000{serial:04d}"
