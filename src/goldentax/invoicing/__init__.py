"""Invoicing (电子发票服务平台): issue, number, sign, deliver and verify digital invoices (数电票)."""
