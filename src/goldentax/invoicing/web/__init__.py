"""The pages of invoicing: issue, list, detail, statistics, limit, and the public verification."""
