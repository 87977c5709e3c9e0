"""What the certificates offer to the halls: the officers' menu entry, and the job that keeps lists fresh."""

from datetime import datetime

from goldentax.certificates import api as certificates
from goldentax.kernel import access, registry
from goldentax.kernel.text import Text


def keep_fresh(now: datetime) -> int:
    """Make authorities and services before they end, and lists before they are out of date."""
    return certificates.make_authorities(now=now) + certificates.publish_due(now=now)


registry.menu_entry(
    key="certificates",
    label=Text("证书", "Certificates"),
    url="/certificates/books/",
    icon="certificate",
    order=50,
    roles=(access.OFFICER,),
    function="certificates.certificate.read",
)
registry.job(
    key="certificates.keep-fresh",
    label=Text("更新证书机构与吊销列表", "keeping authorities and revocation lists fresh"),
    every_s=300,
    run=keep_fresh,
)
