"""Addresses of the pages of invoicing."""

from django.urls import path, re_path

from goldentax.invoicing.web import bulk, drafts, invoices, issuing, limits, lists, log, verifying

_NUMBER = r"^invoices/(?P<number>[0-9]{1,40})"

urlpatterns = [
    path("invoices/", lists.index, name="list"),
    path("invoices/new/", issuing.new, name="new"),
    path("invoices/new/confirm/", issuing.confirm, name="confirm"),
    path("invoices/new/lines/", issuing.lines, name="lines"),
    path("invoices/new/buyers/", issuing.find_buyers, name="find-buyers"),
    path("invoices/new/goods/", issuing.find_goods, name="find-goods"),
    path("invoices/preview/", issuing.preview, name="preview"),
    path("invoices/drafts/", drafts.index, name="drafts"),
    path("invoices/drafts/save/", drafts.save, name="draft-save"),
    path("invoices/drafts/<str:draft_id>/delete/", drafts.delete, name="draft-delete"),
    path("invoices/bulk/", bulk.index, name="bulk"),
    path("invoices/bulk/template.xlsx", bulk.template, name="bulk-template"),
    path("invoices/bulk/<str:job_id>/", bulk.show, name="bulk-job"),
    path("invoices/bulk/<str:job_id>/result.<str:form>", bulk.result, name="bulk-result"),
    path("invoices/statistics/", lists.statistics, name="statistics"),
    re_path(r"^invoices/export\.(?P<form>csv|xlsx)$", lists.export, name="export"),
    re_path(rf"{_NUMBER}\.(?P<form>xml|pdf|ofd)$", invoices.file, name="file"),
    re_path(rf"{_NUMBER}/$", invoices.show, name="show"),
    re_path(rf"{_NUMBER}/issued/$", invoices.issued, name="issued"),
    re_path(rf"{_NUMBER}/receipt\.json$", invoices.receipt, name="receipt"),
    re_path(rf"{_NUMBER}/qr\.svg$", invoices.qr_picture, name="qr"),
    re_path(rf"{_NUMBER}/document\.json$", log.document, name="document"),
    path("log/", log.index, name="log"),
    path("verify/", verifying.verify, name="verify"),
    path("limit/", limits.show, name="limit"),
]
