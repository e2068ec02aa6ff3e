-- What is old enough to be forgotten is found by its age.

CREATE INDEX sent_ledger_by_age ON sent_ledger (created_at);
