"""
Reading receiver instances (接收方) of the Ministry of Finance's accounting data standard (FACTS §8, einv).

Such a file travels inside a booked invoice and says how the buyer booked it. It is recognised so that
nobody takes it for the invoice itself.
"""

from goldentax.invoicing.forms.refusals import NotAnInvoiceXml
from goldentax.invoicing.forms.xml.delivered import AccountingEntry, ReceiverInstance
from goldentax.invoicing.forms.xml.nodes import Node
from goldentax.invoicing.rules.documents import Party

_PREFIX = "http://xbrl.mof.gov.cn/taxonomy/"
_CONFIGURATION = "einv"
_TAKEN = frozenset(
    {
        "InvoiceNumber",
        "SellerName",
        "SellerIdNum",
        "TotalAmWithoutTax",
        "TotalTaxAm",
        "TotalTax-includedAmount",
        "RequestTime",
        "WhetherEinvoiceIsRedEinvoice",
        "UnifiedSocialCreditCodeOfAccountingEntity",
        "NameOfAccountingEntity",
        "InformationOfAccountingDocumentsTuple",
    }
)


def read_receiver_instance(root: Node) -> ReceiverInstance:
    """
    Read the receiver instance of a 数电票.

    :raises NotAnInvoiceXml: if the instance is of another configuration, such as a bank receipt.
    :raises MissingInXml: if it names no invoice or no total.
    """
    taxonomy = _taxonomy(root)
    amount, tax = root.fen("TotalAmWithoutTax"), root.fen("TotalTaxAm")
    gross = root.fen("TotalTax-includedAmount")
    if gross is None:
        raise root.missing("TotalTax-includedAmount")
    return ReceiverInstance(
        number=root.needed("InvoiceNumber"),
        seller=Party(name=root.text("SellerName"), tax_id=root.text("SellerIdNum")),
        entity=Party(
            name=root.text("NameOfAccountingEntity"),
            tax_id=root.text("UnifiedSocialCreditCodeOfAccountingEntity"),
        ),
        amount_fen=amount if amount is not None else gross - (tax or 0),
        tax_fen=tax if tax is not None else 0,
        gross_fen=gross,
        request_time=root.text("RequestTime"),
        is_red=root.text("WhetherEinvoiceIsRedEinvoice") == "是",
        taxonomy=taxonomy,
        entries=tuple(_read_entry(one) for one in _entry_nodes(root)),
        facts=_other_facts(root),
    )


def _taxonomy(root: Node) -> str:
    for uri in root.element.nsmap.values():
        if uri and uri.startswith(_PREFIX):
            day, _, configuration = uri.removeprefix(_PREFIX).partition("/")
            if configuration == _CONFIGURATION:
                return day
    raise NotAnInvoiceXml(root=root.name)


def _entry_nodes(root: Node) -> list[Node]:
    return [
        entry
        for document in root.all("InformationOfAccountingDocumentsTuple")
        for entry in document.all("InformationOfDebitAndCreditEntryTuple")
    ]


def _read_entry(node: Node) -> AccountingEntry:
    amount = node.fen("RecordedAmount")
    if amount is None:
        raise node.missing("RecordedAmount")
    return AccountingEntry(
        side=node.text("DebitOrCredit"),
        general_subject=node.text("NameOfGeneralLedgerSubject"),
        subsidiary_subject=node.text("NameOfSubsidiaryLedgerSubject"),
        amount_fen=amount,
    )


def _other_facts(root: Node) -> dict[str, str]:
    documents = root.all("InformationOfAccountingDocumentsTuple")
    nodes = [*root.children(), *(one for document in documents for one in document.children())]
    return {
        node.name: (node.element.text or "").strip()
        for node in nodes
        if "contextRef" in node.element.attrib and node.name not in _TAKEN
    }
