"""Decisions of oversight, without a database: the chain over the trail, and the judgement of behaviour."""
