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
    if settings.demo:
        _print_accounts(progress, home)
    progress.say(Text("已就绪。", "Ready."), style="bold green")


def _print_accounts(progress: Progress, home: Home) -> None:
    accounts = read_demo_accounts(home.demo_accounts)
    for url in dict.fromkeys(one.get("url", "") for one in accounts):
        title = Text(f"演示账号（{url}）", f"Demo accounts ({url})")
        progress.console.print()
        progress.say(title, style="bold")
        # Names and passwords are copied from here: they are never broken, the description may be.
        table = Table(show_header=False, box=None, padding=(0, 1))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for one in accounts:
            if one.get("url", "") == url:
                who = one.get(f"who_{progress.language}") or one.get("who_zh", "")
                table.add_row(one.get("user", ""), one.get("password", ""), who)
        progress.console.print(table)
    if accounts:
        progress.console.print()
