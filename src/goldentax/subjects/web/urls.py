"""Addresses of the pages of subjects."""

from django.urls import path

from goldentax.subjects.web import company, loads, officers, own, registering

app_name = "subjects"
urlpatterns = [
    path("register", registering.choose, name="register"),
    path("register/person", registering.person, name="register-person"),
    path("company/people", company.index, name="people"),
    path("company/people/invite", company.invite, name="invite"),
    path("company/people/<uuid:membership_id>", company.member, name="member"),
    path("company/people/<uuid:membership_id>/end", company.end, name="member-end"),
    path("company/people/<uuid:membership_id>/extend", company.extend, name="member-extend"),
    path("company/invitations/<uuid:invitation_id>/withdraw", company.withdraw, name="invitation-withdraw"),
    path("invitations", own.invitations, name="invitations"),
    path("invitations/<uuid:invitation_id>/decline", own.decline, name="invitation-decline"),
    path("account/relations", own.relations, name="own-relations"),
    path("account/relations/<uuid:membership_id>/end", own.lay_down, name="own-relation-end"),
    path("subjects/", officers.index, name="subjects"),
    path("subjects/loads/", loads.index, name="loads"),
    path("subjects/loads/<uuid:load_id>/", loads.show, name="load"),
    path("subjects/loads/<uuid:load_id>/result.csv", loads.result, name="load-result"),
    path("subjects/review/", loads.review, name="review"),
    path("subjects/review/<uuid:review_id>/", loads.decide, name="review-decide"),
    path("subjects/<uuid:subject_id>/", officers.show, name="subject"),
    path("subjects/<uuid:subject_id>/verify", officers.verify, name="subject-verify"),
    path("subjects/<uuid:subject_id>/numbers", officers.look, name="subject-numbers"),
]
