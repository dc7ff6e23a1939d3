CREATE INDEX IF NOT EXISTS ix_audit_row_unsealed ON audit_row (id) WHERE seal IS NULL
-->
