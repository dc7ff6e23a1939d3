ALTER TABLE sso_client ADD COLUMN register_time TIMESTAMP WITH TIME ZONE
-->
ALTER TABLE sso_client ADD COLUMN unit_id UUID
-->
CREATE INDEX ix_sso_client_unit_id ON sso_client (unit_id)
