"""Name a browser for people, from what it says of itself; a courtesy, never a proof."""

from goldentax.kernel.text import Text

_BROWSERS = (
    ("MicroMessenger", Text("微信", "WeChat")),
    ("AlipayClient", Text("支付宝", "Alipay")),
    ("HarmonyOS", Text("华为浏览器", "Huawei browser")),
    ("Edg/", Text("Edge", "Edge")),
    ("Firefox/", Text("Firefox", "Firefox")),
    ("Chrome/", Text("Chrome", "Chrome")),
    ("Safari/", Text("Safari", "Safari")),
)
_SYSTEMS = (
    ("iPhone", Text("iPhone", "iPhone")),
    ("iPad", Text("iPad", "iPad")),
    ("Android", Text("安卓", "Android")),
    ("Windows", Text("Windows", "Windows")),
    ("Mac OS X", Text("Mac", "Mac")),
    ("Linux", Text("Linux", "Linux")),
)
UNKNOWN = Text("未知设备", "an unknown device")


def name_of(user_agent: str) -> Text:
    """Such as “Windows · Chrome”."""
    found = [
        next((text for mark, text in names if mark in user_agent), None) for names in (_SYSTEMS, _BROWSERS)
    ]
    known = [one for one in found if one is not None]
    if not known:
        return UNKNOWN
    return Text(" · ".join(one.zh for one in known), " · ".join(one.en for one in known))
