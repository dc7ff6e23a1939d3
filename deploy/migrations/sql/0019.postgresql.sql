ALTER TABLE sso_certificate_session ADD COLUMN authorities_between BYTEA
-->
