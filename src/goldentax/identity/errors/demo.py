"""Refusals of what only a demo world does."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class DemoOnly(Refusal):
    """Only a demo world gives tokens away."""

    code = "IDN-DEMO-01"
    status = 403
    title = Text("只有演示环境可用此命令", "Only a demo world does this")
    way_out = Text("请登录后在账户页面创建令牌", "Sign in and make a token on your account page")


class NoDemoSeller(Refusal):
    """The demo world has nobody who could issue under these conditions."""

    code = "IDN-DEMO-02"
    status = 404
    title = Text("没有符合条件的演示开票人员", "No demo person with the duty to issue fits")
    way_out = Text(
        "请检查 --login 与 --taxpayer，并先运行 goldentax run 建立演示数据",
        "Check --login and --taxpayer, and start the world once so that it has its people",
    )
