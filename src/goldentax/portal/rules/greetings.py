"""The words a home page opens with."""

from datetime import date, datetime

from goldentax.kernel.text import Text

_WEEKDAYS = (
    Text("星期一", "Monday"),
    Text("星期二", "Tuesday"),
    Text("星期三", "Wednesday"),
    Text("星期四", "Thursday"),
    Text("星期五", "Friday"),
    Text("星期六", "Saturday"),
    Text("星期日", "Sunday"),
)

ZONE_TITLES = {
    "today": Text("今天要做什么", "What to do today"),
    "money": Text("我的金额", "My money"),
    "changes": Text("最近变化", "What changed"),
}


def greeting(at: datetime) -> Text:
    """Greet by the time of day in China."""
    if at.hour < 11:
        return Text("上午好", "Good morning")
    if at.hour < 13:
        return Text("中午好", "Good day")
    if at.hour < 18:
        return Text("下午好", "Good afternoon")
    return Text("晚上好", "Good evening")


def weekday(day: date) -> Text:
    """Name the day of the week."""
    return _WEEKDAYS[day.weekday()]
