"""
How often somebody may ask on the pages that answer about others.

Registration and look-ups tell, one question at a time, what is on record. Counted by network for people who are
not signed in, by person for those who are; refusals say how long to wait.
"""

from datetime import timedelta

WINDOW = timedelta(hours=1)

REGISTER_PERSON = "register-person"
REGISTER_COMPANY = "register-company"
ACCEPT_INVITATION = "accept-invitation"
VERIFY_PARTY = "verify-party"

LIMITS = {
    REGISTER_PERSON: 30,  # one network: the counter hall of a county on a busy morning
    REGISTER_COMPANY: 20,  # one person: an agency's clerk sets up a handful of companies a day
    ACCEPT_INVITATION: 10,  # one person: a code is typed wrong once or twice
    VERIFY_PARTY: 600,  # one taxpayer: an ERP verifies its new customers, ten a minute
}
