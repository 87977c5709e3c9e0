"""
Sellers for a load, made inside the world by its own operations: registered, granted a limit, with a token each.

``python -m bench.sellers COUNT FILE`` works for the node of its environment, a demo world's; it may run again.
"""

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

ACTOR = "system:bench"
DIVISION = "450103"
LIMIT_FEN = 10**15  # ten thousand billion yuan a month: no measurement ends at its limit


def make_sellers(count: int) -> list[dict[str, str]]:
    """The sellers with their tokens; those that are there stay, their tokens are new."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldentax.node.settings")
    django.setup()
    from goldentax.identity import api as identity
    from goldentax.kernel import clock

    membership = identity.find_issuing_membership(on=clock.today(), login="demo-seller")
    assert membership is not None, "a demo world has its seller"
    return [_seller(number, person=membership.person, now=clock.now()) for number in range(count)]


def _seller(number: int, *, person: Any, now: Any) -> dict[str, str]:
    from goldentax.identity import api as identity
    from goldentax.invoicing import api as invoicing
    from goldentax.node.demo import offices, seeds
    from goldentax.registry import api as registry

    key = f"bench-{number}"
    tax_id = seeds.credit_code(key, division=DIVISION)
    taxpayer = registry.find_taxpayer(tax_id=tax_id)
    if taxpayer is None:
        taxpayer = registry.register_taxpayer(
            registration=registry.Registration(
                tax_id=tax_id,
                name=f"南宁测速商贸{number:04d}有限公司",
                kind="general",
                office_code=offices.local_office(DIVISION),
                registered_date=date(2020, 1, 1),
                industry_code="51",
                address=f"南宁市青秀区民族大道{number + 1}号",
                phone="0771-5550000",
                bank_name="桂邕银行南宁营业部",
                bank_account=f"62220000{number:08d}",
                representative="韦晓彤",
            ),
            actor=ACTOR,
            request_id=f"{key}-taxpayer",
            now=now,
        )
        invoicing.grant_limit(
            tax_id=tax_id,
            total_fen=LIMIT_FEN,
            valid_from=now.date().replace(day=1),
            valid_to=None,
            basis="测速",
            actor=ACTOR,
            now=now,
            request_id=f"{key}-limit",
        )
        identity.grant_membership(
            person_id=person.public_id,
            tax_id=tax_id,
            taxpayer_public_id=taxpayer.public_id,
            duty="03",
            valid_from=now.date(),
            actor=ACTOR,
            now=now,
            taxpayer_name=taxpayer.name,
            request_id=f"{key}-duty",
        )
    token, _ = identity.issue_token(
        person_id=person.public_id,
        tax_id=tax_id,
        label="bench",
        scopes=identity.TAXPAYER_SCOPES,
        days=30,
        actor=ACTOR,
        now=now,
    )
    return {"tax_id": tax_id, "name": taxpayer.name, "token": token}


def main() -> None:
    """Make them and write them down."""
    made = make_sellers(int(sys.argv[1]))
    file = Path(sys.argv[2])
    file.touch(mode=0o600)
    file.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
