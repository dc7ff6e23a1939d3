ALTER TABLE sso_client ADD COLUMN particulars JSON
-->
ALTER TABLE sso_client ADD COLUMN registration_hash BYTEA
-->
CREATE TABLE sso_initial_token (
	token_hash BYTEA NOT NULL, 
	note VARCHAR NOT NULL, 
	uses_left INTEGER NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_sso_initial_token PRIMARY KEY (token_hash)
)
-->
CREATE INDEX ix_sso_initial_token_ends_at ON sso_initial_token (ends_at)
-->
CREATE TABLE sso_used_assertion (
	assertion_hash BYTEA NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_sso_used_assertion PRIMARY KEY (assertion_hash)
)
-->
CREATE INDEX ix_sso_used_assertion_ends_at ON sso_used_assertion (ends_at)
-->
CREATE TABLE sso_client_logo (
	client_id VARCHAR NOT NULL, 
	content BYTEA NOT NULL, 
	media_type VARCHAR NOT NULL, 
	CONSTRAINT pk_sso_client_logo PRIMARY KEY (client_id), 
	CONSTRAINT fk_sso_client_logo_client_id FOREIGN KEY(client_id) REFERENCES sso_client (client_id)
)
-->
ALTER TABLE sso_code ADD COLUMN wishes JSON
-->
ALTER TABLE sso_code ADD COLUMN resources JSON
-->
CREATE TABLE sso_device_code (
	device_hash BYTEA NOT NULL, 
	user_code_hash BYTEA NOT NULL, 
	client_id VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	resources JSON, 
	state VARCHAR NOT NULL, 
	interval INTEGER NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	polled_at TIMESTAMP WITH TIME ZONE, 
	session_id UUID, 
	CONSTRAINT pk_sso_device_code PRIMARY KEY (device_hash), 
	CONSTRAINT ck_sso_device_code_state CHECK (state IN ('waiting', 'allowed', 'refused', 'used')), 
	CONSTRAINT uq_sso_device_code_user_code_hash UNIQUE (user_code_hash), 
	CONSTRAINT fk_sso_device_code_client_id FOREIGN KEY(client_id) REFERENCES sso_client (client_id)
)
-->
CREATE INDEX ix_sso_device_code_ends_at ON sso_device_code (ends_at)
-->
CREATE TABLE sso_kept_request (
	reference_hash BYTEA NOT NULL, 
	client_id VARCHAR NOT NULL, 
	parameters JSON NOT NULL, 
	signed BOOLEAN NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	used_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_sso_kept_request PRIMARY KEY (reference_hash), 
	CONSTRAINT fk_sso_kept_request_client_id FOREIGN KEY(client_id) REFERENCES sso_client (client_id)
)
-->
CREATE INDEX ix_sso_kept_request_ends_at ON sso_kept_request (ends_at)
-->
CREATE TABLE sso_own_claims (
	person_id UUID NOT NULL, 
	claims JSON NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_sso_own_claims PRIMARY KEY (person_id), 
	CONSTRAINT fk_sso_own_claims_person_id FOREIGN KEY(person_id) REFERENCES person (id)
)
-->
ALTER TABLE sso_grant ADD COLUMN wishes JSON
-->
ALTER TABLE sso_grant ADD COLUMN resources JSON
-->
ALTER TABLE sso_access_token ADD COLUMN resources JSON
-->
