CREATE TABLE sso_upstream_link (
	id UUID NOT NULL, 
	issuer VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	account_id UUID NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	used_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_sso_upstream_link PRIMARY KEY (id), 
	CONSTRAINT uq_sso_upstream_link_issuer_subject UNIQUE (issuer, subject), 
	CONSTRAINT uq_sso_upstream_link_account_id_issuer UNIQUE (account_id, issuer), 
	CONSTRAINT fk_sso_upstream_link_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
