"""Addresses of oversight's pages."""

from django.urls import path

from goldentax.oversight.web import cases, chain, reports, trail

app_name = "oversight"
urlpatterns = [
    path("oversight/", trail.home, name="home"),
    path("oversight/trail/", trail.index, name="trail"),
    path("oversight/trail/export.csv", trail.export, name="trail-export"),
    path("oversight/trail/<int:entry_id>/", trail.show, name="entry"),
    path("oversight/trail/<int:entry_id>/proof.json", trail.proof, name="proof"),
    path("oversight/cases/", cases.index, name="cases"),
    path("oversight/cases/<uuid:public_id>/", cases.show, name="case"),
    path("oversight/reports/", reports.index, name="reports"),
    path("oversight/reports/<slug:key>/", reports.show, name="report"),
    path("oversight/reports/<slug:key>/export.csv", reports.export, name="report-export"),
    path("oversight/chain/", chain.show, name="chain"),
    path("oversight/chain/heads.jsonl", chain.heads, name="heads"),
]
