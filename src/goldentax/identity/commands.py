"""``goldentax token``: a bearer token of a demo seller, for a first try of the API."""

import click

from goldentax.identity import api as identity
from goldentax.identity.errors import DemoOnly, NoDemoSeller
from goldentax.kernel import clock
from goldentax.kernel.settings import settings

DAYS_DEFAULT = 30

group = click.Group("identity", help="People and tokens. 身份与令牌")


@group.command("token")
@click.option("--login", default="", help="Whose token; any person who may issue by default.")
@click.option(
    "--taxpayer", "tax_id", default="", help="纳税人识别号 it acts for; the person's first by default."
)
@click.option("--days", default=DAYS_DEFAULT, show_default=True, help="How long it lives.")
@click.option("--label", default="goldentax token", show_default=True, help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(list(identity.TAXPAYER_SCOPES)),
    default=identity.USUAL_SCOPES,
    show_default=True,
    help="What it may do; may be given more than once.",
)
def token(login: str, tax_id: str, days: int, label: str, scopes: tuple[str, ...]) -> None:
    """Print a bearer token of a demo seller on the last line. 演示令牌"""
    if not settings().demo:
        raise DemoOnly()
    now = clock.now()
    membership = identity.find_issuing_membership(on=now.date(), login=login, tax_id=tax_id)
    if membership is None:
        raise NoDemoSeller("login" if login else "")
    text, made = identity.issue_token(
        person_id=membership.person.public_id,
        tax_id=membership.tax_id,
        label=label,
        scopes=scopes,
        days=days,
        actor=f"cli:{membership.person.public_id}@{membership.tax_id}",
        now=now,
    )
    who = f"{membership.person.name} · {membership.taxpayer_name or membership.tax_id} · {membership.tax_id}"
    click.echo(f"{who} · → {made.expires_at:%Y-%m-%d}", err=True)
    click.echo(text)


more = (token,)
