"""What a start ends with: where to go, as whom, where the data lies, and how to stop."""

from rich.table import Table

from goldentax.kernel.node import NodeDescription
from goldentax.kernel.settings import Settings
from goldentax.kernel.text import Text
from goldentax.node.runtime.home import Home
from goldentax.node.runtime.ports import web_url
from goldentax.node.runtime.progress import Progress
from goldentax.node.runtime.state import read_demo_accounts


def print_summary(progress: Progress, *, settings: Settings, nodes: tuple[NodeDescription, ...]) -> None:
    """Print the table."""
    language = progress.language
    home = Home(settings.home)
    progress.console.print()
    table = Table(show_header=False, box=None, pad_edge=True, padding=(0, 2))
    for node in nodes:
        table.add_row(f"{node.code} {node.name.in_language(language)}", web_url(settings, node))
    province = next((one for one in nodes if not one.is_headquarters), nodes[0])
    url = web_url(settings, province)
    table.add_row(Text("接口", "API").in_language(language), f"{url}/api/openapi.json")
    table.add_row(Text("数据", "data").in_language(language), str(home.root))
    table.add_row(Text("日志", "logs").in_language(language), str(home.logs))
    how = Text("按 Ctrl-C，或在别处运行 goldentax stop", "press Ctrl-C here, or run goldentax stop elsewhere")
    table.add_row(Text("停止", "stop").in_language(language), how.in_language(language))
    progress.console.print(table)
    _print_accounts(progress, home)
    progress.say(Text("已就绪。", "Ready."), style="bold green")


def _print_accounts(progress: Progress, home: Home) -> None:
    accounts = read_demo_accounts(home.demo_accounts)
    if not accounts:
        return
    language = progress.language
    table = Table(box=None, pad_edge=True, padding=(0, 2), title_justify="left")
    for text in (Text("演示账号", "demo account"), Text("用户名", "user"), Text("密码", "password")):
        table.add_column(text.in_language(language), overflow="fold")
    table.add_column(Text("网址", "address").in_language(language), overflow="fold")
    for one in accounts:
        who = one.get(f"who_{language}", one.get("who_zh", ""))
        table.add_row(who, one.get("user", ""), one.get("password", ""), one.get("url", ""))
    progress.console.print()
    progress.console.print(table)
