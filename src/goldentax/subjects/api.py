"""The front door of subjects."""

from goldentax.subjects.errors import (
    AlreadyOnRecord,
    AlreadyRegisteredHere,
    BadCredential,
    CannotAccept,
    CannotRegister,
    MayNotGive,
    NotItsRepresentative,
    NotVerified,
    SourceAway,
    SourceDisagrees,
    TooManyQuestions,
    UnknownSubject,
)
from goldentax.subjects.operations.desk import COMPANY, drop_draft, save_draft
from goldentax.subjects.operations.life import cancel_subject, change_subject, collect_subject
from goldentax.subjects.operations.loading import receive_load, run_load
from goldentax.subjects.operations.people import (
    Company,
    Wish,
    accept_invitation,
    end_duty,
    extend_duty,
    invite,
    withdraw_invitation,
)
from goldentax.subjects.operations.registering import (
    Claim,
    NewPerson,
    ask_company,
    claim_company,
    ensure_company,
    ensure_person,
    register_person,
    relate_representative,
    settle_company,
)
from goldentax.subjects.operations.relating import adopt_membership, end_relation, relate
from goldentax.subjects.operations.reviewing import decide_review
from goldentax.subjects.operations.sources.local import seed_local_source, switch_local_source
from goldentax.subjects.operations.verifying import verify_subject
from goldentax.subjects.queries.people import (
    DemoNewcomer,
    find_draft,
    list_demo_newcomers,
    list_people,
    masked_name,
)
from goldentax.subjects.queries.subjects import (
    find_subject,
    find_subject_of_person,
    get_subject,
    search_subjects,
    version_on,
)
from goldentax.subjects.rules.sample_records import (
    KnownCompany,
    KnownPerson,
    company_record,
    person_record,
    records_of,
)
from goldentax.subjects.rules.views import SourceRecord, SubjectView

__all__ = [
    "COMPANY",
    "AlreadyOnRecord",
    "AlreadyRegisteredHere",
    "BadCredential",
    "CannotAccept",
    "CannotRegister",
    "Claim",
    "Company",
    "DemoNewcomer",
    "KnownCompany",
    "KnownPerson",
    "MayNotGive",
    "NewPerson",
    "NotItsRepresentative",
    "NotVerified",
    "SourceAway",
    "SourceDisagrees",
    "SourceRecord",
    "SubjectView",
    "TooManyQuestions",
    "UnknownSubject",
    "Wish",
    "accept_invitation",
    "adopt_membership",
    "ask_company",
    "cancel_subject",
    "change_subject",
    "claim_company",
    "collect_subject",
    "company_record",
    "decide_review",
    "drop_draft",
    "end_duty",
    "end_relation",
    "ensure_company",
    "ensure_person",
    "extend_duty",
    "find_draft",
    "find_subject",
    "find_subject_of_person",
    "get_subject",
    "invite",
    "list_demo_newcomers",
    "list_people",
    "masked_name",
    "person_record",
    "receive_load",
    "records_of",
    "register_person",
    "relate",
    "relate_representative",
    "run_load",
    "save_draft",
    "search_subjects",
    "seed_local_source",
    "settle_company",
    "switch_local_source",
    "verify_subject",
    "version_on",
    "withdraw_invitation",
]
