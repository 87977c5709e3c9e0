"""How safe an account is (账户安全评分), and what its person can do next: a few steps, each worth something."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from goldentax.kernel.text import Text

OLD_PASSWORD = timedelta(days=365)
"""Nobody must change a password for its age alone; one that is a year old is worth a thought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What an account has, as far as its safety goes."""

    password_changed_at: datetime | None
    has_password: bool
    has_second_factor: bool
    has_passkey: bool
    recovery_codes: int
    is_asked_always: bool  # the second factor at every sign-in
    tokens_without_use: int  # valid, and unused for long


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that makes an account safer."""

    key: str
    worth: int  # of a hundred
    is_done: bool
    label: Text
    url_name: str  # where it is done


def steps(held: Holdings, *, now: datetime) -> list[Step]:
    """Every step, those that bring most first; what they are worth adds up to a hundred."""
    changed = held.password_changed_at
    is_young = not held.has_password or (changed is not None and now - changed < OLD_PASSWORD)
    found = (
        Step(
            key="second-factor",
            worth=40,
            is_done=held.has_second_factor,
            label=Text("设置第二验证方式", "Add a second factor"),
            url_name="factors",
        ),
        Step(
            key="passkey",
            worth=20,
            is_done=held.has_passkey,
            label=Text("添加通行密钥（防钓鱼）", "Add a passkey; it cannot be phished"),
            url_name="factors",
        ),
        Step(
            key="recovery",
            worth=15,
            is_done=held.recovery_codes > 2,
            label=Text("生成并保存恢复码", "Make recovery codes and keep them"),
            url_name="factors",
        ),
        Step(
            key="always",
            worth=10,
            is_done=held.has_second_factor and held.is_asked_always,
            label=Text("每次登录都验证第二因子", "Be asked for the second factor at every sign-in"),
            url_name="security",
        ),
        Step(
            key="password",
            worth=10,
            is_done=is_young,
            label=Text("更换使用超过一年的密码", "Change a password that is more than a year old"),
            url_name="password",
        ),
        Step(
            key="tokens",
            worth=5,
            is_done=held.tokens_without_use == 0,
            label=Text("撤销长期未使用的接口令牌", "Revoke API tokens that nobody uses"),
            url_name="account",
        ),
    )
    return sorted(found, key=lambda step: (step.is_done, -step.worth))


def score(found: list[Step]) -> int:
    """How safe the account is, of a hundred."""
    return sum(step.worth for step in found if step.is_done)
