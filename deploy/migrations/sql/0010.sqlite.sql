ALTER TABLE sso_client ADD COLUMN register_time DATETIME
-->
ALTER TABLE sso_client ADD COLUMN unit_id CHAR(32)
-->
CREATE INDEX ix_sso_client_unit_id ON sso_client (unit_id)
