"""What the register of taxpayers tells the others."""

from datetime import date, datetime

from goldentax.contracts.events import Event


class TaxpayerRegisteredV1(Event, frozen=True):
    """A taxpayer (纳税人) is on the register of an office."""

    public_id: str
    tax_id: str
    name: str
    kind: str
    office_code: str
    registered_date: date
    at: datetime
