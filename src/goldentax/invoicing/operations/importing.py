"""
Import of delivered files: read, check, match the parties, and, in a demo world, issue again.

Delivered samples are anonymised, so some identifiers fail their check and some are masked. The import says so. In a
demo world only, such a party is registered as a flagged test taxpayer, so that the invoice written for it equals the
source in every business field.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

import msgspec

from goldentax.invoicing import errors
from goldentax.invoicing.forms import ofd, xml
from goldentax.invoicing.operations import delivering, issuing, limits
from goldentax.invoicing.queries.places import by_number
from goldentax.invoicing.rules.documents import Party
from goldentax.kernel.access import ISSUER, PERSON, TAXPAYER, Actor
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.crypto.sm import sm3, verify
from goldentax.kernel.node import this_node
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text
from goldentax.kernel.values.identifiers import classify_taxpayer_id
from goldentax.registry import api as registry

TEST_LIMIT_FEN = 1_000_000_00
"""The monthly limit of a seller that an import registers: a million yuan, enough for samples."""


class PartyState(StrEnum):
    """How a party of a file stands to the register."""

    MATCHED = "matched"  # on the register under the same number
    EXTERNAL = "external"  # valid number, registered elsewhere
    TEST = "test"  # number anonymised or masked: a flagged test taxpayer
    NAMELESS = "nameless"  # no number: nothing to register


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyOutcome:
    """What became of one party."""

    side: str  # seller, buyer
    name: str
    tax_id: str
    state: PartyState
    registered: bool  # by this very import


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What an import found and did."""

    kind_of_file: Text
    delivered: xml.DeliveredInvoice | None
    receiver: xml.ReceiverInstance | None = None
    fields: ofd.OfdFields | None = None
    findings: tuple[xml.Finding, ...] = ()
    parties: tuple[PartyOutcome, ...] = ()
    issued: issuing.Issued | None = None
    not_reissued: Text | None = None  # why it was only read
    differences: tuple[str, ...] = ()  # business fields in which the new XML differs from the source

    @property
    def is_equal(self) -> bool:
        """Whether it was issued again and every business field came back the same."""
        return self.issued is not None and not self.differences


def import_file(*, data: bytes, reissue: bool, actor: Actor, now: datetime) -> ImportOutcome:
    """
    Read a delivered XML or OFD, check it, and issue it again where asked for.

    The same file again gives the first answer: its request id is made from its bytes.

    :raises goldentax.invoicing.errors.DemoOnly: if issuing again is asked for outside a demo world.
    :raises Refusal: if the file is broken (it says where), or if the rules refuse to issue what it says.
    """
    if reissue and not settings().demo:
        raise errors.DemoOnly("reissue")
    found = ofd.read(data) if data[:2] == b"PK" else xml.parse(data)
    if isinstance(found, xml.ReceiverInstance):
        return ImportOutcome(
            kind_of_file=Text("接收方入账信息（XBRL）", "receiver's accounting instance (XBRL)"),
            delivered=None,
            receiver=found,
            not_reissued=Text(
                "这是关于一张发票的入账记录，没有明细行，不能据以开票",
                "it is an accounting record about an invoice, without lines: nothing to issue from",
            ),
        )
    if isinstance(found, ofd.OfdFields):
        return ImportOutcome(
            kind_of_file=Text("不带数据的 OFD 版式文件", "OFD file without data inside"),
            delivered=None,
            fields=found,
            not_reissued=Text(
                "文件内没有发票数据（只有版面标引），可据此查验，不能据以开票",
                "it holds tags of the page but no invoice data: enough to verify, not to issue from",
            ),
        )
    _refuse_forged(found, data)
    obstacle = _obstacle(found)
    outcome = ImportOutcome(
        kind_of_file=Text("OFD 版式文件", "OFD file")
        if data[:2] == b"PK"
        else Text("交付 XML", "delivered XML"),
        delivered=found,
        findings=tuple(xml.check(found)),
        parties=_look_up(found),
        not_reissued=obstacle,
    )
    if not reissue or obstacle is not None:
        return outcome
    return _reissue(outcome, found, request_id=f"import-{sm3(data).hex()[:48]}", actor=actor, now=now)


def _refuse_forged(found: xml.DeliveredInvoice, data: bytes) -> None:
    """
    Hold a file that claims to be ours against our signature; of other bureaus' files the keys are not known here.

    A file is ours by its key, or by a number that this node issued. The XML inside an OFD is signed like any other.
    """
    signer = node_signer()
    is_ours = found.signature is not None and found.signature.key_info == signer.key_id
    if not is_ours and not by_number(found.number).exists():
        return
    signed = ofd.invoice_xml(data) if data[:2] == b"PK" else data
    outcome = xml.verify_signature(
        signed or b"",
        verify=lambda content, signature: verify(
            public_key_hex=signer.public_key_hex, data=content, signature=signature
        ),
    )
    if not outcome.is_valid:
        raise errors.ForgedFile("signature", number=found.number)


def _obstacle(found: xml.DeliveredInvoice) -> Text | None:
    """Why a file is read only: it is not a blue digital invoice of a kind issued here."""
    if found.kind not in ("81", "82"):
        return Text(
            f"票种 {found.kind} 不是数电票，本平台只读取",
            f"kind {found.kind} is no digital invoice; it is only read",
        )
    if found.is_red:
        return Text("红字发票须走红字流程", "a red invoice needs the red-letter procedure")
    return None


def _look_up(found: xml.DeliveredInvoice) -> tuple[PartyOutcome, ...]:
    return tuple(
        PartyOutcome(side=side, name=party.name, tax_id=party.tax_id, state=_state(party), registered=False)
        for side, party in (("seller", found.seller), ("buyer", found.buyer))
    )


def _state(party: Party) -> PartyState:
    if not party.tax_id:
        return PartyState.NAMELESS
    known = registry.find_taxpayer(tax_id=party.tax_id)
    if known is not None:
        return PartyState.TEST if known.is_test else PartyState.MATCHED
    return PartyState.EXTERNAL if classify_taxpayer_id(party.tax_id) else PartyState.TEST


def _reissue(
    outcome: ImportOutcome, found: xml.DeliveredInvoice, *, request_id: str, actor: Actor, now: datetime
) -> ImportOutcome:
    parties = tuple(_register(one, found, actor=actor, now=now) for one in outcome.parties)
    if parties[0].registered:
        limits.grant_limit(
            tax_id=found.seller.tax_id,
            total_fen=max(TEST_LIMIT_FEN, 10 * abs(found.amount_fen)),
            valid_from=date(now.year, 1, 1),
            valid_to=None,
            basis="demo: imported sample",
            actor=actor.label,
            now=now,
            request_id=f"import-{found.seller.tax_id}",
        )
    seller_actor = replace(
        actor,
        taxpayer_id=found.seller.tax_id,
        taxpayer_name=found.seller.name,
        roles=frozenset({PERSON, TAXPAYER, ISSUER}),
    )
    issued = issuing.issue_invoice(
        draft=xml.to_draft(found, request_id=request_id), actor=seller_actor, now=now
    )
    again = xml.parse(
        delivering.render_form(number=issued.number, form="xml", actor=seller_actor, now=now).data
    )
    assert isinstance(again, xml.DeliveredInvoice)
    return replace(outcome, parties=parties, issued=issued, differences=_differences(found, again))


def _register(one: PartyOutcome, found: xml.DeliveredInvoice, *, actor: Actor, now: datetime) -> PartyOutcome:
    """Put a party on the register where it is not there yet: as external, or as a flagged test taxpayer."""
    if one.state in (PartyState.MATCHED, PartyState.NAMELESS) or registry.find_taxpayer(tax_id=one.tax_id):
        return one
    party = found.seller if one.side == "seller" else found.buyer
    registry.register_taxpayer(
        registration=registry.Registration(
            tax_id=party.tax_id,
            name=party.name,
            kind=_kind(one.side, party, found),
            office_code=this_node().bureau_code,
            registered_date=date(now.year, 1, 1),
            address=party.address,
            phone=party.phone,
            bank_name=party.bank_name,
            bank_account=party.bank_account,
            is_test=one.state is PartyState.TEST,
            is_external=True,
        ),
        actor=actor.label,
        request_id=f"import-{one.tax_id}",
        now=now,
    )
    return replace(one, registered=True)


def _kind(side: str, party: Party, found: xml.DeliveredInvoice) -> str:
    """
    General or small-scale: as the file says, else by the rates it uses; of a buyer nothing is known.

    A file without the label (ride-hailing platforms leave it empty) that charges a levy rate is taken for a
    small-scale taxpayer's: only they use levy rates without a mark.
    """
    if party.is_person:
        return "person"
    if side == "seller" and found.taxpayer_type in ("", "2"):
        levy = all(line.rate in ("0.03", "0.01", "0.05", "0.015", "0") for line in found.lines)
        return "small" if found.taxpayer_type == "2" or levy else "general"
    return "general"


def _differences(source: xml.DeliveredInvoice, again: xml.DeliveredInvoice) -> tuple[str, ...]:
    left, right = xml.business_fields(source), xml.business_fields(again)
    return tuple(
        f"{name}: {msgspec.json.encode(left[name]).decode()} ≠ {msgspec.json.encode(right.get(name)).decode()}"
        for name in left
        if left[name] != right.get(name)
    )
