"""What signon offers: the menu entry of officers, its work in the worker, and its ears at identity's door."""

from goldentax.identity import api as identity
from goldentax.kernel import access, registry
from goldentax.kernel.text import Text
from goldentax.signon import operations, queries
from goldentax.signon.rules import tokens

NOTICES_EVERY_S = 2
"""A sign-out is told within seconds; an idle look costs one query on a partial index."""

KEYS_EVERY_S = 3600
TIDY_EVERY_S = 6 * 3600


registry.menu_entry(
    key="signon.clients",
    label=Text("接入", "Clients"),
    url="/signon/clients",
    icon="plug-connected",
    order=60,
    roles=(access.OFFICER,),
    function="signon.client.read",
)
registry.job(
    key="signon.notices",
    label=Text("发送退出通知", "Send sign-out notices"),
    every_s=NOTICES_EVERY_S,
    run=operations.send_due,
)
registry.job(
    key="signon.keys",
    label=Text("轮换令牌签名密钥", "Rotate the keys of tokens"),
    every_s=KEYS_EVERY_S,
    run=operations.ensure_keys,
)
registry.job(
    key="signon.tidy",
    label=Text("清理过期令牌", "Clear old tokens"),
    every_s=TIDY_EVERY_S,
    run=operations.tidy,
)
identity.on_session_end(operations.end_sessions)
identity.accept_tokens(prefix=tokens.ACCESS, resolve=queries.actor_of_access_token)
