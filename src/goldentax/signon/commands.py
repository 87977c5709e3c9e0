"""``goldentax signon``: register and stop clients, renew their secrets, rotate the keys of tokens."""

import json
from pathlib import Path

import click

from goldentax.kernel import clock
from goldentax.signon import api as signon

ACTOR = "cli:operator"

group = click.Group("signon", help="Single sign-on: clients and keys. 单点登录：接入应用与密钥")


@group.group("client")
def client() -> None:
    """Clients. 接入应用"""


@client.command("add")
@click.option("--name-zh", required=True, help="中文名称")
@click.option("--name-en", required=True, help="Name in English.")
@click.option(
    "--kind", type=click.Choice(["portal", "outside", "native"]), default="outside", show_default=True
)
@click.option(
    "--owner-kind", type=click.Choice(["taxpayer", "office"]), default="taxpayer", show_default=True
)
@click.option("--owner-code", required=True, help="纳税人识别号或税务机关代码")
@click.option("--owner-name", required=True, help="负责单位名称")
@click.option("--redirect-uri", "redirect_uris", multiple=True, required=True, help="Repeat for several.")
@click.option("--post-logout-uri", "post_logout_uris", multiple=True)
@click.option("--back-channel-uri", default="")
@click.option("--auth-method", default="client_secret_basic", show_default=True)
@click.option(
    "--public-keys", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A JWK set."
)
@click.option("--id-token-alg", default="ES256", show_default=True, help="ES256, RS256 or SM2SM3.")
@click.option("--scope", "scopes", default="openid profile", show_default=True)
@click.option("--sector", default="")
@click.option("--resource-uri", default="")
@click.option("--resource", "resources", multiple=True)
def add(public_keys: Path | None, scopes: str, **values: object) -> None:
    """Register a client; prints its id and, this once, its secret as JSON. 登记应用"""
    draft = signon.ClientDraft(
        scopes=tuple(scopes.split()),
        public_keys=json.loads(public_keys.read_text(encoding="utf-8")) if public_keys else {},
        **values,  # type: ignore[arg-type]
    )
    made, secret = signon.add_client(draft=draft, actor=ACTOR, now=clock.now())
    found = {"client_id": made.client_id} | ({"client_secret": secret} if secret else {})
    click.echo(json.dumps(found, ensure_ascii=False))


@client.command("list")
def list_() -> None:
    """List every client. 列出应用"""
    after = ""
    while True:
        rows, after, _ = signon.list_clients(signon.ClientFilter(after=after))
        for row in rows:
            state = "stopped" if row.stopped_at else "active"
            click.echo(
                f"{row.client_id}  {state:<8}{row.kind:<9}{row.name_zh}  {row.name_en}  ({row.owner_name})"
            )
        if not after:
            return


@client.command("disable")
@click.argument("client_id")
def disable(client_id: str) -> None:
    """Stop a client at once; every token it holds ends. 停用应用"""
    signon.stop_client(client_id=client_id, actor=ACTOR, now=clock.now())
    click.echo(f"{client_id} stopped 已停用")


@client.command("enable")
@click.argument("client_id")
def enable(client_id: str) -> None:
    """Let a stopped client be used again. 启用应用"""
    signon.start_client(client_id=client_id, actor=ACTOR, now=clock.now())
    click.echo(f"{client_id} active 已启用")


@client.command("secret")
@click.argument("client_id")
@click.option("--end-old", is_flag=True, help="End the old secrets now instead of in seven days.")
def secret(client_id: str, end_old: bool) -> None:
    """Give a client a new secret; prints it, this once. 更换密钥"""
    now = clock.now()
    _, text = signon.renew_secret(client_id=client_id, actor=ACTOR, now=now)
    if end_old:
        signon.end_old_secrets(client_id=client_id, actor=ACTOR, now=now)
    click.echo(text)


@group.group("keys")
def keys() -> None:
    """Keys that sign tokens. 令牌签名密钥"""


@keys.command("list")
def list_keys() -> None:
    """Print the published keys as a JWK set. 列出公钥"""
    signon.ensure_keys(clock.now())
    click.echo(json.dumps({"keys": [key.jwk() for key in signon.public_keys(clock.now())]}, indent=1))


@keys.command("rotate")
@click.option("--compromised", is_flag=True, help="The old keys verify nothing from now on.")
def rotate(compromised: bool) -> None:
    """Let new keys sign from now on. 轮换密钥"""
    made = signon.rotate_keys(actor=ACTOR, now=clock.now(), is_compromised=compromised)
    click.echo(f"{made} new keys 把新密钥")
