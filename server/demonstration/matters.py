"""Fictitious matters: what was asked, said and promised. Units are indexes into ``names.UNITS``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """One matter as it was told and answered; a promise is what, and by whom."""

    purpose: str
    content: str
    unit: int
    summary: str
    lines: tuple[tuple[str, str], ...]
    promises: tuple[tuple[str, str], ...]


MATTERS = (
    Told(
        "request",
        "housing",
        1,
        "屋顶漏雨,找物业三次没人管。家里有八十岁的老人。",
        (
            ("petitioner", "去年夏天起屋顶就漏,一下雨床上都是水。"),
            ("official", "物业来看过没有?有没有留下单子?"),
            ("petitioner", "来过三次,每次都说登记了,单子我拍下来了。"),
            ("official", "我让物业科这周上门,先把漏的地方盖住,再定修的办法。"),
        ),
        (("上门查看屋顶,先临时防漏", "物业科 周立新"), ("书面答复维修方案和工期", "物业科 周立新")),
    ),
    Told(
        "request",
        "labour",
        2,
        "在工地干了五个月,工钱还差一万二千元没给。",
        (
            ("petitioner", "我们一共六个人,工头说上面没拨钱。"),
            ("official", "有没有合同,或者记工的本子?"),
            ("petitioner", "合同没有,记工的本子在我这里。"),
            ("official", "劳动监察大队明天找总包核对,您把本子复印一份交给代理员。"),
        ),
        (("向总包核对六名工人的工资", "劳动监察大队 何守田"),),
    ),
    Told(
        "appeal",
        "land",
        3,
        "修路占了三分承包地,补偿的亩数和我家的本子对不上。",
        (
            ("petitioner", "本子上是一亩二,补偿表上只写了九分。"),
            ("official", "量地那天您在不在场,签过字吗?"),
            ("petitioner", "我在外面打工,是别人替我签的。"),
            ("official", "这一块重新量,您和村里都到场。"),
        ),
        (("双方到场复测地块", "测绘队 罗存良"), ("按复测结果重新核算补偿", "征地科 梁晓燕")),
    ),
    Told(
        "inquiry",
        "welfare",
        5,
        "想问低保怎么申请,老伴去年瘫痪了。",
        (
            ("petitioner", "家里就我一个人种点菜,药钱一个月八百多。"),
            ("official", "您这种情况可以申请,要户口本、病历和收入说明。"),
            ("petitioner", "我腿脚不好,跑不了几趟。"),
            ("official", "不用跑,民政上门收材料。"),
        ),
        (("上门收低保申请材料", "低保中心 宋彩霞"),),
    ),
    Told(
        "request",
        "environment",
        6,
        "村口砖厂夜里开工,机器声太大,睡不着觉。",
        (
            ("petitioner", "每天晚上十点以后才开工,一直响到天亮。"),
            ("official", "除了声音,还有灰尘吗?"),
            ("petitioner", "有,衣服晾在外面全是灰。"),
            ("official", "我们夜里去测一次,超标就让它停。"),
        ),
        (("夜间监测噪声并公布结果", "监测站 冯卫东"),),
    ),
    Told(
        "suggestion",
        "traffic",
        7,
        "学校门口没有斑马线,孩子过马路危险。",
        (
            ("petitioner", "放学的时候大车多,前天差点出事。"),
            ("official", "这个建议好,斑马线和减速带一起做。"),
            ("petitioner", "最好在开学前做好。"),
        ),
        (("在校门口划斑马线、装减速带", "公路段 袁大山"),),
    ),
    Told(
        "appeal",
        "farming",
        4,
        "种粮补贴少算了两年,村里说是名册漏了。",
        (
            ("petitioner", "前年、去年都没有,今年才有。"),
            ("official", "补贴的卡是哪家银行的?换过卡没有?"),
            ("petitioner", "前年换过一次卡。"),
            ("official", "可能打到旧卡上退回了,我们查流水。"),
        ),
        (("查两年补贴的发放流水", "财务科 谢丽华"), ("应补的按程序补发", "财务科 谢丽华")),
    ),
    Told(
        "inquiry",
        "health",
        8,
        "慢性病的药在村卫生室开不到,要到镇上去买。",
        (
            ("petitioner", "来回一趟要半天,一次只给开七天。"),
            ("official", "慢性病可以开长处方,一次最多三个月。"),
            ("petitioner", "那太好了,村里说不知道这个。"),
        ),
        (("给村卫生室配齐慢性病常用药", "基层卫生科 唐志明"),),
    ),
    Told(
        "request",
        "housing",
        1,
        "交房晚了一年多,过渡费也停了。",
        (
            ("petitioner", "合同写的是去年六月交房。"),
            ("official", "过渡费停了几个月?"),
            ("petitioner", "四个月,房租都是借的钱。"),
            ("official", "过渡费先补上,交房日期让开发商书面承诺。"),
        ),
        (("补发四个月过渡费", "征收办 程海涛"), ("要求开发商书面承诺交房日期", "房产科 曹东升")),
    ),
    Told(
        "suggestion",
        "education",
        9,
        "村小学的冬天没有暖气,孩子手上都是冻疮。",
        (
            ("petitioner", "教室里早上只有三四度。"),
            ("official", "今年的改造名单里有没有你们学校?"),
            ("agent", "名单上没有,村里报过一次。"),
            ("official", "我们先送电暖器过去,再补进改造名单。"),
        ),
        (("送电暖器到村小学", "后勤中心 沈玉柱"), ("把村小学补进取暖改造名单", "基建科 曾思远")),
    ),
)
