"""The devices people sign in from: the secret that tells them apart, and how they are called."""

COOKIE_AGE_S = 400 * 24 * 3600
"""The longest that browsers keep a cookie."""
_SECRET_LENGTH = 43  # of 32 bytes in base 64

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("QQBrowser", "QQ Browser"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def is_secret(text: str) -> bool:
    """Whether a cookie has the form of a device's secret."""
    return len(text) == _SECRET_LENGTH and text.isascii()


def summary_of(user_agent: str) -> str:
    """What a browser calls itself, as far as a person can use it: ``Chrome · Windows``. It may lie."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part)
