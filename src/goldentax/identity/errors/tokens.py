"""Refusals about API tokens."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class UnknownToken(Refusal):
    """The Authorization header holds no token of this node."""

    code = "IDN-TOK-01"
    status = 401
    title = Text("令牌无效", "The token is not valid")
    way_out = Text(
        "请以“Authorization: Bearer gt_…”发送在账户页面创建的令牌",
        "Send a token made on your account page as “Authorization: Bearer gt_…”",
    )


class ExpiredToken(Refusal):
    """The token's time is over."""

    code = "IDN-TOK-02"
    status = 401
    title = Text("令牌已于 {at} 过期", "The token expired at {at}")
    way_out = Text("请在账户页面创建新令牌", "Make a new token on your account page")


class RevokedToken(Refusal):
    """The token was revoked by its holder."""

    code = "IDN-TOK-03"
    status = 401
    title = Text("令牌已撤销", "The token has been revoked")
    way_out = Text("请在账户页面创建新令牌", "Make a new token on your account page")


class TokenWithoutDuty(Refusal):
    """The person behind the token no longer acts for the taxpayer."""

    code = "IDN-TOK-04"
    status = 401
    title = Text(
        "令牌持有人已不再为 {tax_id} 办税",
        "The token's holder no longer acts for {tax_id}",
    )
    way_out = Text(
        "请由企业管理员重新授权，再创建新令牌",
        "Have the company's administrator grant the duty again, then make a new token",
    )


class TokenAlreadyShown(Refusal):
    """The same request already made a token; its text is shown once only."""

    code = "IDN-TOK-05"
    status = 409
    title = Text(
        "此请求已创建令牌 {prefix}…，令牌全文只显示一次",
        "This request has already made the token {prefix}…; its text is shown only once",
    )
    way_out = Text("如未保存，请撤销它并重新创建", "If you did not keep it, revoke it and make another")


class BadTokenLifetime(Refusal):
    """A token must live between a day and a year."""

    code = "IDN-TOK-06"
    title = Text("有效期应为 1 至 {days_max} 天", "A token lives between 1 and {days_max} days")
    way_out = Text("请更正有效期", "Choose another number of days")


class BadScope(Refusal):
    """A token needs at least one known scope."""

    code = "IDN-TOK-07"
    title = Text("权限范围“{scope}”无效", "“{scope}” is not something a token may do")
    way_out = Text("可选的权限范围：{known}", "Choose from: {known}")


class NoSuchToken(Refusal):
    """The person has no such token."""

    code = "IDN-TOK-08"
    status = 404
    title = Text("没有这个令牌", "You have no such token")
    way_out = Text("请在账户页面查看您的令牌", "See your tokens on your account page")


class NoLabel(Refusal):
    """A token needs a label."""

    code = "IDN-TOK-09"
    title = Text("请填写令牌用途", "Say what the token is for")
    way_out = Text("例如“ERP 开票接口”，不超过 60 字", "For instance “ERP invoicing”, up to 60 characters")
