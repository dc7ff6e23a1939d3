ALTER TABLE sso_kept_request ADD COLUMN asked_near BLOB
-->
ALTER TABLE sso_kept_request ADD COLUMN opened_at DATETIME
-->
ALTER TABLE sso_device_code ADD COLUMN asked_near BLOB
-->
CREATE TABLE sso_certificate_session (
	session_id CHAR(32) NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	ends_at DATETIME NOT NULL, 
	CONSTRAINT pk_sso_certificate_session PRIMARY KEY (session_id)
)
-->
CREATE INDEX ix_sso_certificate_session_sha256 ON sso_certificate_session (sha256)
-->
CREATE INDEX ix_sso_certificate_session_ends_at ON sso_certificate_session (ends_at)
-->
CREATE TABLE sso_factor_review (
	account_id CHAR(32) NOT NULL, 
	since DATETIME NOT NULL, 
	CONSTRAINT pk_sso_factor_review PRIMARY KEY (account_id), 
	CONSTRAINT fk_sso_factor_review_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE TABLE sso_upstream_session (
	session_id CHAR(32) NOT NULL, 
	issuer VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	sid VARCHAR, 
	hint_sealed VARCHAR NOT NULL, 
	ends_at DATETIME NOT NULL, 
	CONSTRAINT pk_sso_upstream_session PRIMARY KEY (session_id)
)
-->
CREATE INDEX ix_sso_upstream_session_ends_at ON sso_upstream_session (ends_at)
-->
CREATE INDEX ix_sso_upstream_session_issuer_subject ON sso_upstream_session (issuer, subject)
