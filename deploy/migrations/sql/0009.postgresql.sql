CREATE TABLE sso_authenticator (
	account_id UUID NOT NULL, 
	secret_sealed VARCHAR NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	last_step BIGINT NOT NULL, 
	CONSTRAINT pk_sso_authenticator PRIMARY KEY (account_id), 
	CONSTRAINT fk_sso_authenticator_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE TABLE sso_recovery_code (
	account_id UUID NOT NULL, 
	code_hash BYTEA NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	used_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_sso_recovery_code PRIMARY KEY (account_id, code_hash), 
	CONSTRAINT fk_sso_recovery_code_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE TABLE sso_device (
	id UUID NOT NULL, 
	account_id UUID NOT NULL, 
	cookie_hash BYTEA NOT NULL, 
	agent VARCHAR NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	remembered_until TIMESTAMP WITH TIME ZONE, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_sso_device PRIMARY KEY (id), 
	CONSTRAINT uq_sso_device_cookie_hash_account_id UNIQUE (cookie_hash, account_id), 
	CONSTRAINT fk_sso_device_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE INDEX ix_sso_device_account_id ON sso_device (account_id)
-->
CREATE INDEX ix_sso_device_ends_at ON sso_device (ends_at)
-->
CREATE TABLE sso_passkey (
	id UUID NOT NULL, 
	account_id UUID NOT NULL, 
	credential_id BYTEA NOT NULL, 
	public_key BYTEA NOT NULL, 
	sign_count BIGINT NOT NULL, 
	name VARCHAR NOT NULL, 
	transports JSON NOT NULL, 
	backed_up BOOLEAN NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	used_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_sso_passkey PRIMARY KEY (id), 
	CONSTRAINT fk_sso_passkey_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT uq_sso_passkey_credential_id UNIQUE (credential_id)
)
-->
CREATE INDEX ix_sso_passkey_account_id ON sso_passkey (account_id)
-->
CREATE TABLE sso_former_password (
	id BIGSERIAL NOT NULL, 
	account_id UUID NOT NULL, 
	password_hash VARCHAR NOT NULL, 
	ended_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_sso_former_password PRIMARY KEY (id), 
	CONSTRAINT fk_sso_former_password_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE INDEX ix_sso_former_password_account_id ON sso_former_password (account_id)
-->
CREATE TABLE sso_help_request (
	id UUID NOT NULL, 
	account_id UUID NOT NULL, 
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	caller VARCHAR NOT NULL, 
	times INTEGER NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	answered_at TIMESTAMP WITH TIME ZONE, 
	answered_by VARCHAR, 
	CONSTRAINT pk_sso_help_request PRIMARY KEY (id), 
	CONSTRAINT fk_sso_help_request_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE INDEX ix_sso_help_request_account_id ON sso_help_request (account_id)
-->
CREATE INDEX ix_sso_help_request_ends_at ON sso_help_request (ends_at)
-->
CREATE UNIQUE INDEX uq_sso_help_request_open ON sso_help_request (account_id) WHERE answered_at IS NULL
-->
