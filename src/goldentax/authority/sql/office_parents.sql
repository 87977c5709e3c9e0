-- Every office with the one above it.
SELECT code, parent_code FROM authority_office
