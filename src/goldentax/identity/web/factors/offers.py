"""The work of factors that the node's worker does."""

from goldentax.identity.operations import factors
from goldentax.kernel import registry
from goldentax.kernel.text import Text

registry.job(
    key="identity.sms",
    label=Text("发送短信", "Send messages"),
    every_s=1,
    run=factors.deliver_messages,
)
registry.job(
    key="identity.factors.tidy",
    label=Text("清理过期的验证记录", "Delete proofs that are over"),
    every_s=3600,
    run=factors.forget_what_is_over,
)
