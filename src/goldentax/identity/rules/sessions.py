"""How long a person stays signed in on the web, and why a session ends."""

import hashlib
import secrets
from datetime import datetime, timedelta

from goldentax.kernel.text import Text

IDLE_MAX = timedelta(minutes=30)
"""A desk that nobody uses for half an hour is taken for a desk somebody left."""

AGE_MAX = timedelta(hours=8)
"""One working day; after it everybody shows their password again."""

NOTE_AFTER = timedelta(minutes=1)
"""Use is noted at most this often, so that reading pages does not write a session each time."""

KEPT = timedelta(days=400)
"""Ended sessions are kept this long: a device that signed in within a year is known."""

SIGNED_OUT, IDLE, AGE, ELSEWHERE, OFFICER, PASSWORD, CLOSED, DEVICE, SINGLE = (
    "signed-out",
    "idle",
    "age",
    "elsewhere",
    "officer",
    "password",
    "closed",
    "device",
    "single-sign-out",
)
END_REASONS: dict[str, Text] = {
    SIGNED_OUT: Text("已退出", "Signed out"),
    IDLE: Text("长时间未操作", "Idle too long"),
    AGE: Text("达到最长时限", "A working day old"),
    ELSEWHERE: Text("在其他设备上结束", "Ended from another device"),
    OFFICER: Text("由税务人员结束", "Ended by an officer"),
    PASSWORD: Text("密码已修改", "The password was changed"),
    CLOSED: Text("账户已停用", "The account was closed"),
    DEVICE: Text("设备已移除", "The device was forgotten"),
    SINGLE: Text("单点退出", "Single sign-out"),
}


def why_over(*, started_at: datetime, seen_at: datetime, now: datetime) -> str:
    """Why a session that nobody ended is over: by idleness, by age, or "" for not at all."""
    if now - started_at >= AGE_MAX:
        return AGE
    return IDLE if now - seen_at >= IDLE_MAX else ""


def new_secret() -> str:
    """A new session's or device's secret: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a session's or a device's secret: both are random, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
