CREATE INDEX ix_foreign_account_foreign_id ON foreign_account (application, foreign_id)
