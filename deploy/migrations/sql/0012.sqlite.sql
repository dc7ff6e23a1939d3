ALTER TABLE sso_kept_request ADD COLUMN asked_from BLOB
-->
ALTER TABLE sso_device_code ADD COLUMN asked_from BLOB
-->
CREATE INDEX ix_sso_kept_request_client_id_asked_from ON sso_kept_request (client_id, asked_from)
-->
CREATE INDEX ix_sso_device_code_client_id_asked_from ON sso_device_code (client_id, asked_from)
