CREATE TABLE sso_authenticator (
	account_id CHAR(32) NOT NULL, 
	secret_sealed VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	last_step BIGINT NOT NULL, 
	CONSTRAINT pk_sso_authenticator PRIMARY KEY (account_id), 
	CONSTRAINT fk_sso_authenticator_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE TABLE sso_recovery_code (
	account_id CHAR(32) NOT NULL, 
	code_hash BLOB NOT NULL, 
	made_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_sso_recovery_code PRIMARY KEY (account_id, code_hash), 
	CONSTRAINT fk_sso_recovery_code_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE TABLE sso_device (
	id CHAR(32) NOT NULL, 
	account_id CHAR(32) NOT NULL, 
	cookie_hash BLOB NOT NULL, 
	agent VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	remembered_until DATETIME, 
	ends_at DATETIME NOT NULL, 
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
	id CHAR(32) NOT NULL, 
	account_id CHAR(32) NOT NULL, 
	credential_id BLOB NOT NULL, 
	public_key BLOB NOT NULL, 
	sign_count BIGINT NOT NULL, 
	name VARCHAR NOT NULL, 
	transports JSON NOT NULL, 
	backed_up BOOLEAN NOT NULL, 
	made_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_sso_passkey PRIMARY KEY (id), 
	CONSTRAINT fk_sso_passkey_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT uq_sso_passkey_credential_id UNIQUE (credential_id)
)
-->
CREATE INDEX ix_sso_passkey_account_id ON sso_passkey (account_id)
-->
CREATE TABLE sso_former_password (
	id INTEGER NOT NULL, 
	account_id CHAR(32) NOT NULL, 
	password_hash VARCHAR NOT NULL, 
	ended_at DATETIME NOT NULL, 
	CONSTRAINT pk_sso_former_password PRIMARY KEY (id), 
	CONSTRAINT fk_sso_former_password_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE INDEX ix_sso_former_password_account_id ON sso_former_password (account_id)
-->
CREATE TABLE sso_help_request (
	id CHAR(32) NOT NULL, 
	account_id CHAR(32) NOT NULL, 
	asked_at DATETIME NOT NULL, 
	caller VARCHAR NOT NULL, 
	times INTEGER NOT NULL, 
	ends_at DATETIME NOT NULL, 
	answered_at DATETIME, 
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
