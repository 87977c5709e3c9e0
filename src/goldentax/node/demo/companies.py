"""
The taxpayers of the demo world. Every name is invented; likeness to a real company is chance.

One row each: key, name, kind, division, industry (GB/T 4754), trade (of :mod:`goods`), registration type,
and what is special about it.
"""

from dataclasses import dataclass

LIMITED = "有限责任公司"
SOLE = "个人独资企业"
COOPERATIVE = "农民专业合作社"
HOUSEHOLD = "个体工商户"
PERSON = "自然人"


@dataclass(frozen=True, slots=True)
class Company:
    """One taxpayer of the demo world."""

    key: str
    name: str
    kind: str  # general, small, person
    division: str
    industry: str
    trade: str = ""
    type: str = LIMITED
    status: str = "03"
    special: str = ""  # one of SPECIALS


SPECIALS = (
    "no-limit",  # never granted a limit
    "expired-limit",  # its grant is over
    "tiny-limit",  # 1,000 yuan a month
    "new",  # registered shortly before the world began
    "became-general",  # was small-scale at first
    "external",  # registered in another province, known here as a buyer
)

GENERAL = (
    Company("sugar", "广西桂岭糖业有限公司", "general", "451421", "13", "sugar"),
    Company("machines", "柳州龙壁机械制造有限公司", "general", "450205", "35", "machines"),
    Company("travel", "桂林象岩旅游发展有限公司", "general", "450304", "72", "travel"),
    Company("software", "南宁青禾软件科技有限公司", "general", "450103", "65", "software"),
    Company("logistics", "广西北湾港航物流有限公司", "general", "450602", "58", "logistics"),
    Company("herbs", "玉林岭南草堂中药饮片有限公司", "general", "450902", "27", "herbs"),
    Company("tea", "梧州西江茶厂有限公司", "general", "450403", "15", "tea"),
    Company("mango", "百色右江芒果贸易有限公司", "general", "451002", "51", "fruit"),
    Company("pottery", "钦州坭兴古窑陶艺有限公司", "general", "450702", "30", "ceramics"),
    Company("seafood", "北海银沙海产有限公司", "general", "450502", "13", "seafood"),
    Company("stone", "贺州八步石材建材有限公司", "general", "451102", "30", "building"),
    Company("water", "河池龙江源饮料有限公司", "general", "451202", "15", "drinks"),
    Company("paper", "来宾红水河纸业有限公司", "general", "451302", "22", "paper"),
    Company("clothes", "贵港荷城服饰有限公司", "general", "450802", "18", "clothes"),
    Company("office", "南宁邕江办公用品有限公司", "general", "450105", "51", "office"),
    Company("drugs", "广西绿洲医药有限公司", "general", "450107", "51", "drugs"),
    Company("auto-parts", "柳州壶东汽车零部件有限公司", "general", "450206", "36", "auto-parts"),
    Company("hotel", "桂林漓水酒店管理有限公司", "general", "450302", "61", "hotel"),
    Company("advertising", "南宁邕城传媒广告有限公司", "general", "450103", "72", "advertising"),
    Company("people", "广西八桂人力资源服务有限公司", "general", "450108", "72", "people"),
    Company("property", "南宁五象物业服务有限公司", "general", "450108", "70", "property"),
    Company("electrical", "广西南疆电力设备有限公司", "general", "450107", "38", "electrical"),
    Company("border", "凭祥友谊跨境贸易有限公司", "general", "451481", "51", "fruit"),
    Company("prawns", "东兴京岛水产有限公司", "general", "450681", "13", "seafood"),
    Company("pomelo", "容县都峤柚业有限公司", "general", "450921", "51", "fruit"),
    Company("porcelain", "北流圭江日用陶瓷有限公司", "general", "450981", "30", "ceramics"),
    Company("cement", "平南畅岩建材有限公司", "general", "450821", "30", "building"),
    Company("silk", "鹿寨桂中丝业有限公司", "general", "450223", "17", "silk"),
    Company("data", "南宁云桂数据服务有限公司", "general", "450103", "64", "data"),
    Company("accounting", "广西瑞衡会计服务有限公司", "general", "450103", "72", "accounting"),
    Company("plastics", "桂平浔州塑料制品有限公司", "general", "450881", "29", "plastics"),
    Company("jewels", "合浦还珠首饰有限公司", "general", "450521", "24", "jewellery"),
)

SMALL = (
    Company("meals", "南宁南湖小馆餐饮管理有限公司", "small", "450103", "62", "meals"),
    Company("garage", "柳州阿旺汽车维修有限公司", "small", "450203", "81", "cars"),
    Company("print", "桂林七星印象图文工作室", "small", "450305", "23", "print", SOLE),
    Company("cleaning", "南宁佳洁家政服务有限公司", "small", "450105", "80", "household"),
    Company("tea-shop", "梧州骑楼茶行有限公司", "small", "450403", "52", "tea"),
    Company("pharmacy", "玉林福康大药房有限公司", "small", "450902", "52", "drugs"),
    Company("haulage", "钦州顺达货运有限公司", "small", "450702", "54", "logistics"),
    Company("inn", "北海海之韵民宿有限公司", "small", "450502", "61", "hotel"),
    Company("farm", "上思县十万大山种养农民专业合作社", "small", "450621", "01", "farm", COOPERATIVE),
    Company("school", "贵港小博士教育培训有限公司", "small", "450802", "83", "teaching"),
    Company("orchard", "贺州平桂鲜果园农民专业合作社", "small", "451103", "01", "farm", COOPERATIVE),
    Company("songs", "河池三月三文化传播有限公司", "small", "451203", "88", "culture"),
    Company("market", "来宾惠邻超市有限公司", "small", "451302", "52", "grocery"),
    Company("computers", "崇左左江电脑科技有限公司", "small", "451402", "52", "computers"),
    Company("cafe", "阳朔西街咖啡餐饮有限公司", "small", "450321", "62", "meals"),
    Company("crafts", "靖西绣球工艺品有限公司", "small", "451081", "24", "crafts"),
    Company("noodles", "南宁市青秀区老友缘粉店", "small", "450103", "62", "meals", HOUSEHOLD),
    Company("snails", "柳州市柳北区阿芳螺蛳粉店", "small", "450205", "62", "meals", HOUSEHOLD),
    Company("copies", "桂林市叠彩区小马图文店", "small", "450303", "23", "print", HOUSEHOLD),
    Company("grains", "宾阳县李记粮油店", "small", "450126", "52", "grocery", HOUSEHOLD),
    Company("ironware", "全州县唐家五金店", "small", "450324", "52", "hardware", HOUSEHOLD),
)

PERSONS = (
    Company("wei", "韦晓彤", "person", "450103", "", "", PERSON),
    Company("liang", "梁志远", "person", "450203", "", "", PERSON),
    Company("qin", "覃雅琴", "person", "450302", "", "", PERSON),
    Company("huang", "黄启明", "person", "450902", "", "", PERSON),
)

UNUSUAL = (
    Company("cancelled", "南宁远航商贸有限公司", "general", "450107", "51", "office", status="07"),
    Company("abnormal", "柳州宏运建材有限公司", "general", "450206", "51", "building", status="05"),
    Company("suspended", "百色市右江区阿明烧烤店", "small", "451002", "62", "meals", HOUSEHOLD, status="04"),
    Company(
        "expired", "桂林云峰电子有限公司", "general", "450305", "39", "computers", special="expired-limit"
    ),
    Company("tiny", "梧州小满文具有限公司", "small", "450403", "52", "office", special="tiny-limit"),
    Company("unlimited", "防城港白浪酒店有限公司", "general", "450602", "61", "hotel", special="no-limit"),
    Company("new", "南宁启明星科技有限公司", "general", "450108", "65", "software", special="new"),
    Company("grown", "玉林大容山食品有限公司", "general", "450902", "14", "drinks", special="became-general"),
)
"""For refusals and for what changes over time."""

EXTERNAL = (
    Company("changsha", "长沙湘岳食品有限公司", "general", "430104", "14", special="external"),
    Company("hengyang", "衡阳雁峰机电有限公司", "general", "430406", "51", special="external"),
    Company("yongzhou", "永州潇湘商贸有限公司", "general", "431103", "51", special="external"),
    Company("chenzhou", "郴州北湖建设工程有限公司", "general", "431002", "47", special="external"),
)
"""Registered in Hunan; here they only buy."""

ALL = GENERAL + SMALL + PERSONS + UNUSUAL + EXTERNAL
