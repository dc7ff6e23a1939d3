ALTER TABLE sso_client ADD COLUMN backchannel_logout_uri VARCHAR
-->
ALTER TABLE credential ADD COLUMN helped_at TIMESTAMP WITH TIME ZONE
-->
CREATE TABLE signing_sign_on_logout (
	jti_hash BYTEA NOT NULL, 
	sid VARCHAR, 
	person_id UUID, 
	told_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	kept_until TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_signing_sign_on_logout PRIMARY KEY (jti_hash)
)
-->
CREATE INDEX ix_signing_sign_on_logout_sid ON signing_sign_on_logout (sid)
-->
CREATE INDEX ix_signing_sign_on_logout_kept_until ON signing_sign_on_logout (kept_until)
-->
CREATE INDEX ix_signing_sign_on_logout_person_id ON signing_sign_on_logout (person_id)
-->
UPDATE sso_client SET backchannel_logout_uri = home_uri || 'logout/called' WHERE client_id = 'signing' AND home_uri LIKE '%/signing/'
-->
