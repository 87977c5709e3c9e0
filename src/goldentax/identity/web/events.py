"""How the events of an account are called for its person."""

from collections.abc import Iterable
from typing import Any

from goldentax.kernel.text import Text
from goldentax.oversight import api as oversight

_NAMES: dict[str, Text] = {
    "identity.person.register": Text("账户已注册", "Account registered"),
    "identity.person.sign-in": Text("登录", "Signed in"),
    "identity.person.sign-in-refused": Text("登录失败", "A sign-in failed"),
    "identity.person.sign-in-stopped": Text("登录被拦截", "A sign-in was stopped"),
    "identity.person.set-password": Text("密码已修改", "Password changed"),
    "identity.person.reset": Text("签发激活码", "Activation code issued"),
    "identity.person.close": Text("账户已停用", "Account closed"),
    "identity.person.reopen": Text("账户已启用", "Account reopened"),
    "identity.person.take-identity": Text("切换办税身份", "Acted for another"),
    "identity.person.set-language": Text("修改语言", "Language changed"),
    "identity.person.choose-second-factor": Text("修改第二因子设置", "Second factor setting changed"),
    "identity.session.end": Text("会话已结束", "Session ended"),
    "identity.session.step-up": Text("加强认证", "Proved more"),
    "identity.device.forget": Text("设备已移除", "Device forgotten"),
    "identity.token.issue": Text("创建接口令牌", "API token made"),
    "identity.token.revoke": Text("撤销接口令牌", "API token revoked"),
    "identity.membership.grant": Text("获得办税授权", "Given a duty"),
    "identity.membership.end": Text("办税授权终止", "A duty ended"),
    "identity.factor.prove": Text("验证因子通过", "Proved a factor"),
    "identity.factor.refuse": Text("验证因子失败", "A factor failed"),
    "kernel.personal-data.look": Text("个人信息被查看", "Somebody looked at your personal data"),
}
_PARTS: tuple[tuple[str, Text], ...] = (
    ("identity.factor.", Text("认证因子变更", "A factor changed")),
    ("authority.", Text("岗位或授权变更", "A post or grant changed")),
    ("signon.", Text("应用登录", "Signed in to an application")),
)


def event_name(action: str, *, language: str) -> str:
    """What a record of the audit trail is called for people; its own name where nobody gave it one."""
    known = _NAMES.get(action) or next((text for part, text in _PARTS if action.startswith(part)), None)
    return known.in_language(language) if known else action


def event_rows(events: Iterable[oversight.OwnEvent], *, language: str) -> list[dict[str, Any]]:
    """Events as a page shows them."""
    return [
        {
            "at": one.at,
            "name": event_name(one.action, language=language),
            "network": one.network,
            "by_self": one.by_self,
            "tone": _tone(one.action),
        }
        for one in events
    ]


def _tone(action: str) -> str:
    if action.endswith(("sign-in-refused", "sign-in-stopped", "factor.refuse")):
        return "wrong"
    return "wait" if action in ("kernel.personal-data.look", "identity.person.reset") else "plain"
