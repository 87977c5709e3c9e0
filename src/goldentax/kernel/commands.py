"""``goldentax vault``: the keys of the vault from the command line. Shows ids and times, never a key."""

import click

from goldentax.kernel import audit, clock
from goldentax.kernel.crypto import resealing, vault
from goldentax.kernel.crypto.errors import MasterKeyUnavailable
from goldentax.kernel.crypto.master import FileMasterKey, master_key
from goldentax.kernel.models import DataKey


@click.group(name="vault")
def group() -> None:
    """密钥库 · The keys that seal fields and key files."""


@group.command()
def status() -> None:
    """列出数据密钥 · List data keys by purpose, with their versions and states."""
    for key in DataKey.objects.order_by("purpose", "version"):
        state = "active" if key.retired_at is None else "empty" if key.emptied_at else "retired"
        key_id = bytes(key.key_id).hex()
        made = f"{key.created_at.astimezone(clock.CHINA):%Y-%m-%d %H:%M}"
        click.echo(f"{key.purpose:<48}  v{key.version:<3}  {key_id}  {state:<7}  {made}")


@group.command()
@click.option("--purpose", default="", help="只轮换这一用途，如 table.column · only this one")
def rotate(purpose: str) -> None:
    """轮换数据密钥 · Make new data keys; the worker seals old values anew by and by."""
    made = vault.rotate(purpose)
    _record("kernel.vault.rotate", purpose or "*", made)
    click.echo(str(made))


@group.command()
def reseal() -> None:
    """立即重新封装 · Seal every value under a retired key anew, now."""
    done = 0
    while piece := resealing.reseal(clock.now()):
        done += piece
    click.echo(str(done))


@group.command(name="new-master-key")
def new_master_key() -> None:
    """更换主密钥 · Add a master key to the file, and seal the data keys of this node under it."""
    key = master_key()
    if not isinstance(key, FileMasterKey):
        raise MasterKeyUnavailable(reason="vault_command")
    key_id = key.add_key()
    _record("kernel.vault.new-master-key", key_id, vault.rewrap())
    click.echo(key_id)


def _record(action: str, subject: str, count: int) -> None:
    audit.record(
        actor="cli:operator", action=action, subject=subject, now=clock.now(), detail={"count": count}
    )
