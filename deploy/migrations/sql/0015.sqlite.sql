CREATE TABLE sso_upstream_link (
	id CHAR(32) NOT NULL, 
	issuer VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	account_id CHAR(32) NOT NULL, 
	made_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_sso_upstream_link PRIMARY KEY (id), 
	CONSTRAINT uq_sso_upstream_link_issuer_subject UNIQUE (issuer, subject), 
	CONSTRAINT uq_sso_upstream_link_account_id_issuer UNIQUE (account_id, issuer), 
	CONSTRAINT fk_sso_upstream_link_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
