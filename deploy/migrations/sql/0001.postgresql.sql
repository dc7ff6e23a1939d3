CREATE EXTENSION IF NOT EXISTS btree_gist
-->
CREATE TABLE change (
	id BIGSERIAL NOT NULL, 
	kind VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	reason VARCHAR, 
	decision VARCHAR, 
	approved_by VARCHAR, 
	plan_digest VARCHAR, 
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	published_at TIMESTAMP WITH TIME ZONE, 
	abandoned_at TIMESTAMP WITH TIME ZONE, 
	undone_by BIGINT, 
	CONSTRAINT pk_change PRIMARY KEY (id), 
	CONSTRAINT fk_change_undone_by FOREIGN KEY(undone_by) REFERENCES change (id)
)
-->
CREATE INDEX ix_change_plan_digest ON change (plan_digest)
-->
CREATE INDEX ix_change_unpublished ON change (id) WHERE published_at IS NULL
-->
CREATE TABLE audit_row (
	id BIGSERIAL NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	event VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	subject VARCHAR, 
	outcome VARCHAR NOT NULL, 
	detail JSON NOT NULL, 
	request_id VARCHAR, 
	seal BIGINT, 
	CONSTRAINT pk_audit_row PRIMARY KEY (id)
)
-->
CREATE INDEX ix_audit_row_seal ON audit_row (seal)
-->
CREATE INDEX ix_audit_row_event ON audit_row (event)
-->
CREATE INDEX ix_audit_row_actor ON audit_row (actor)
-->
CREATE INDEX ix_audit_row_subject ON audit_row (subject)
-->
CREATE TABLE audit_seal (
	number BIGINT NOT NULL, 
	rows INTEGER NOT NULL, 
	head VARCHAR NOT NULL, 
	sealed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	signature BYTEA NOT NULL, 
	CONSTRAINT pk_audit_seal PRIMARY KEY (number)
)
-->
CREATE TABLE plan_approval (
	row_id BIGSERIAL NOT NULL, 
	digest VARCHAR NOT NULL, 
	plan_id UUID NOT NULL, 
	author VARCHAR NOT NULL, 
	approver VARCHAR NOT NULL, 
	reason VARCHAR, 
	said JSON NOT NULL, 
	approved_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_plan_approval PRIMARY KEY (row_id)
)
-->
CREATE INDEX ix_plan_approval_digest ON plan_approval (digest)
-->
CREATE TABLE certified_key (
	key_sha256 VARCHAR NOT NULL, 
	certificate_sha256 VARCHAR NOT NULL, 
	CONSTRAINT pk_certified_key PRIMARY KEY (key_sha256)
)
-->
CREATE TABLE revocation_list (
	number BIGSERIAL NOT NULL, 
	der BYTEA NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	next_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_revocation_list PRIMARY KEY (number)
)
-->
CREATE TABLE sso_client (
	client_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	secret_hash BYTEA, 
	former_secret_hash BYTEA, 
	former_secret_until TIMESTAMP WITH TIME ZONE, 
	redirect_uris JSON NOT NULL, 
	post_logout_redirect_uris JSON NOT NULL, 
	grant_types JSON NOT NULL, 
	scopes JSON NOT NULL, 
	pkce_required BOOLEAN NOT NULL, 
	own BOOLEAN NOT NULL, 
	id_token_alg VARCHAR NOT NULL, 
	access_token_format VARCHAR NOT NULL, 
	home_uri VARCHAR, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	removed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_sso_client PRIMARY KEY (client_id), 
	CONSTRAINT ck_sso_client_kind CHECK (kind IN ('confidential', 'public')), 
	CONSTRAINT ck_sso_client_secret CHECK ((kind = 'public') = (secret_hash IS NULL))
)
-->
CREATE TABLE sso_signing_key (
	kid VARCHAR NOT NULL, 
	alg VARCHAR NOT NULL, 
	private_sealed VARCHAR NOT NULL, 
	public JSON NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	signs_from TIMESTAMP WITH TIME ZONE NOT NULL, 
	retired_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_sso_signing_key PRIMARY KEY (kid)
)
-->
CREATE TABLE sso_guess (
	subject BYTEA NOT NULL, 
	failures INTEGER NOT NULL, 
	since TIMESTAMP WITH TIME ZONE NOT NULL, 
	shut_until TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_sso_guess PRIMARY KEY (subject)
)
-->
CREATE TABLE unit (
	id UUID NOT NULL, 
	level VARCHAR NOT NULL, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_unit PRIMARY KEY (id), 
	CONSTRAINT ck_unit_level CHECK (level IN ('central', 'province', 'district', 'commune', 'department', 'division')), 
	CONSTRAINT fk_unit_change_id FOREIGN KEY(change_id) REFERENCES change (id)
)
-->
CREATE INDEX ix_unit_change_id ON unit (change_id)
-->
CREATE TABLE unit_event (
	id UUID NOT NULL, 
	kind VARCHAR NOT NULL, 
	instant TIMESTAMP WITH TIME ZONE NOT NULL, 
	decision_number VARCHAR, 
	decision_date DATE, 
	decision_issuer VARCHAR, 
	note VARCHAR, 
	example BOOLEAN NOT NULL, 
	row_id BIGSERIAL NOT NULL, 
	withdrawn_by BIGINT, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_unit_event PRIMARY KEY (row_id), 
	CONSTRAINT ck_unit_event_kind CHECK (kind IN ('create', 'rename', 'recode', 'reparent', 'merge_into_existing', 'merge_into_new', 'split', 'dissolve')), 
	CONSTRAINT fk_unit_event_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_unit_event_change_id FOREIGN KEY(change_id) REFERENCES change (id)
)
-->
CREATE INDEX ix_unit_event_id ON unit_event (id)
-->
CREATE INDEX ix_unit_event_change_id ON unit_event (change_id)
-->
CREATE INDEX ix_unit_event_instant ON unit_event (instant)
-->
CREATE INDEX ix_unit_event_withdrawn_by ON unit_event (withdrawn_by)
-->
CREATE TABLE person (
	id UUID NOT NULL, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_person PRIMARY KEY (id), 
	CONSTRAINT fk_person_change_id FOREIGN KEY(change_id) REFERENCES change (id)
)
-->
CREATE INDEX ix_person_change_id ON person (change_id)
-->
CREATE TABLE outbox_job (
	id BIGSERIAL NOT NULL, 
	kind VARCHAR NOT NULL, 
	key VARCHAR NOT NULL, 
	payload JSON NOT NULL, 
	due TIMESTAMP WITH TIME ZONE NOT NULL, 
	state VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	leased_until TIMESTAMP WITH TIME ZONE, 
	last_error VARCHAR, 
	change_id BIGINT, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	done_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_outbox_job PRIMARY KEY (id), 
	CONSTRAINT ck_outbox_job_state CHECK (state IN ('waiting', 'done', 'parked', 'cancelled')), 
	CONSTRAINT fk_outbox_job_change_id FOREIGN KEY(change_id) REFERENCES change (id)
)
-->
CREATE INDEX ix_outbox_job_due ON outbox_job (state, due)
-->
CREATE UNIQUE INDEX uq_outbox_job_waiting ON outbox_job (kind, key, due) WHERE state = 'waiting' AND attempts = 0
-->
CREATE INDEX ix_outbox_job_change_id ON outbox_job (change_id)
-->
CREATE TABLE plan_run (
	digest VARCHAR NOT NULL, 
	plan_id UUID NOT NULL, 
	kind VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	file VARCHAR NOT NULL, 
	change_id BIGINT NOT NULL, 
	actor VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	lines INTEGER NOT NULL, 
	effective TIMESTAMP WITH TIME ZONE, 
	state VARCHAR NOT NULL, 
	started_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_plan_run PRIMARY KEY (digest), 
	CONSTRAINT fk_plan_run_change_id FOREIGN KEY(change_id) REFERENCES change (id)
)
-->
CREATE TABLE sso_code (
	code_hash BYTEA NOT NULL, 
	client_id VARCHAR NOT NULL, 
	grant_id UUID NOT NULL, 
	session_id UUID NOT NULL, 
	person_id UUID NOT NULL, 
	account_id UUID NOT NULL, 
	redirect_uri VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	nonce VARCHAR, 
	challenge VARCHAR, 
	auth_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	acr VARCHAR NOT NULL, 
	amr VARCHAR NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	used_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_sso_code PRIMARY KEY (code_hash), 
	CONSTRAINT fk_sso_code_client_id FOREIGN KEY(client_id) REFERENCES sso_client (client_id)
)
-->
CREATE INDEX ix_sso_code_ends_at ON sso_code (ends_at)
-->
CREATE TABLE unit_version (
	unit_id UUID NOT NULL, 
	name VARCHAR NOT NULL, 
	name_key VARCHAR NOT NULL, 
	short_name VARCHAR, 
	parent_id UUID, 
	kind VARCHAR NOT NULL, 
	address VARCHAR, 
	phone VARCHAR, 
	email VARCHAR, 
	hotline VARCHAR, 
	example BOOLEAN NOT NULL, 
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL, 
	valid_to TIMESTAMP WITH TIME ZONE, 
	row_id BIGSERIAL NOT NULL, 
	withdrawn_by BIGINT, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_unit_version PRIMARY KEY (row_id), 
	CONSTRAINT fk_unit_version_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id), 
	CONSTRAINT fk_unit_version_parent_id FOREIGN KEY(parent_id) REFERENCES unit (id), 
	CONSTRAINT fk_unit_version_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_unit_version_change_id FOREIGN KEY(change_id) REFERENCES change (id), 
	CONSTRAINT ck_unit_version_validity CHECK (valid_to IS NULL OR valid_from < valid_to)
)
-->
CREATE INDEX ix_unit_version_change_id ON unit_version (change_id)
-->
CREATE INDEX ix_unit_version_unit_id ON unit_version (unit_id)
-->
CREATE INDEX ix_unit_version_name_key ON unit_version (name_key)
-->
CREATE INDEX ix_unit_version_parent_id ON unit_version (parent_id)
-->
CREATE INDEX ix_unit_version_withdrawn_by ON unit_version (withdrawn_by)
-->
ALTER TABLE unit_version ADD CONSTRAINT one_version_in_force EXCLUDE USING gist (unit_id WITH =, tstzrange(valid_from, valid_to) WITH &&) WHERE (withdrawn_by IS NULL)
-->
CREATE TABLE unit_code (
	unit_id UUID NOT NULL, 
	scheme VARCHAR NOT NULL, 
	level VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	decision_number VARCHAR, 
	decision_date DATE, 
	decision_issuer VARCHAR, 
	continued_from UUID, 
	example BOOLEAN NOT NULL, 
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL, 
	valid_to TIMESTAMP WITH TIME ZONE, 
	row_id BIGSERIAL NOT NULL, 
	withdrawn_by BIGINT, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_unit_code PRIMARY KEY (row_id), 
	CONSTRAINT ck_unit_code_scheme CHECK (scheme IN ('agency', 'agency-legacy', 'admin', 'admin-2004')), 
	CONSTRAINT ck_unit_code_continued CHECK (continued_from IS NULL OR continued_from <> unit_id), 
	CONSTRAINT fk_unit_code_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id), 
	CONSTRAINT fk_unit_code_continued_from FOREIGN KEY(continued_from) REFERENCES unit (id), 
	CONSTRAINT fk_unit_code_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_unit_code_change_id FOREIGN KEY(change_id) REFERENCES change (id), 
	CONSTRAINT ck_unit_code_validity CHECK (valid_to IS NULL OR valid_from < valid_to)
)
-->
CREATE INDEX ix_unit_code_change_id ON unit_code (change_id)
-->
CREATE INDEX ix_unit_code_code ON unit_code (code)
-->
CREATE INDEX ix_unit_code_withdrawn_by ON unit_code (withdrawn_by)
-->
CREATE INDEX ix_unit_code_unit_id ON unit_code (unit_id)
-->
ALTER TABLE unit_code ADD CONSTRAINT one_bearer_of_a_code EXCLUDE USING gist (scheme WITH =, level WITH =, code WITH =, tstzrange(valid_from, valid_to) WITH &&) WHERE (withdrawn_by IS NULL)
-->
ALTER TABLE unit_code ADD CONSTRAINT code_never_given_twice EXCLUDE USING gist (scheme WITH =, level WITH =, code WITH =, unit_id WITH <>) WHERE (withdrawn_by IS NULL AND continued_from IS NULL)
-->
CREATE TABLE unit_event_link (
	event_id UUID NOT NULL, 
	predecessor_id UUID, 
	successor_id UUID, 
	share VARCHAR NOT NULL, 
	principal BOOLEAN NOT NULL, 
	row_id BIGSERIAL NOT NULL, 
	withdrawn_by BIGINT, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_unit_event_link PRIMARY KEY (row_id), 
	CONSTRAINT ck_unit_event_link_share CHECK (share IN ('whole', 'part')), 
	CONSTRAINT ck_unit_event_link_ends CHECK (predecessor_id IS NOT NULL OR successor_id IS NOT NULL), 
	CONSTRAINT fk_unit_event_link_predecessor_id FOREIGN KEY(predecessor_id) REFERENCES unit (id), 
	CONSTRAINT fk_unit_event_link_successor_id FOREIGN KEY(successor_id) REFERENCES unit (id), 
	CONSTRAINT fk_unit_event_link_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_unit_event_link_change_id FOREIGN KEY(change_id) REFERENCES change (id)
)
-->
CREATE INDEX ix_unit_event_link_event_id ON unit_event_link (event_id)
-->
CREATE INDEX ix_unit_event_link_successor_id ON unit_event_link (successor_id)
-->
CREATE INDEX ix_unit_event_link_withdrawn_by ON unit_event_link (withdrawn_by)
-->
CREATE INDEX ix_unit_event_link_change_id ON unit_event_link (change_id)
-->
CREATE INDEX ix_unit_event_link_predecessor_id ON unit_event_link (predecessor_id)
-->
CREATE TABLE person_detail (
	person_id UUID NOT NULL, 
	kind VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	name_key VARCHAR NOT NULL, 
	number_sealed VARCHAR, 
	number_index BYTEA, 
	staff_code VARCHAR, 
	birth_date DATE, 
	phone VARCHAR, 
	sponsor_id UUID, 
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL, 
	valid_to TIMESTAMP WITH TIME ZONE, 
	row_id BIGSERIAL NOT NULL, 
	withdrawn_by BIGINT, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_person_detail PRIMARY KEY (row_id), 
	CONSTRAINT ck_person_detail_kind CHECK (kind IN ('official', 'external')), 
	CONSTRAINT fk_person_detail_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_person_detail_sponsor_id FOREIGN KEY(sponsor_id) REFERENCES unit (id), 
	CONSTRAINT fk_person_detail_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_person_detail_change_id FOREIGN KEY(change_id) REFERENCES change (id), 
	CONSTRAINT ck_person_detail_validity CHECK (valid_to IS NULL OR valid_from < valid_to)
)
-->
CREATE INDEX ix_person_detail_name_key ON person_detail (name_key)
-->
CREATE INDEX ix_person_detail_change_id ON person_detail (change_id)
-->
CREATE INDEX ix_person_detail_number_index ON person_detail (number_index)
-->
CREATE INDEX ix_person_detail_person_id ON person_detail (person_id)
-->
CREATE INDEX ix_person_detail_withdrawn_by ON person_detail (withdrawn_by)
-->
ALTER TABLE person_detail ADD CONSTRAINT one_detail_in_force EXCLUDE USING gist (person_id WITH =, tstzrange(valid_from, valid_to) WITH &&) WHERE (withdrawn_by IS NULL)
-->
CREATE TABLE post (
	post_id UUID NOT NULL, 
	person_id UUID NOT NULL, 
	unit_id UUID NOT NULL, 
	title VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	duties VARCHAR NOT NULL, 
	main BOOLEAN NOT NULL, 
	acting BOOLEAN NOT NULL, 
	decision VARCHAR, 
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL, 
	valid_to TIMESTAMP WITH TIME ZONE, 
	row_id BIGSERIAL NOT NULL, 
	withdrawn_by BIGINT, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_post PRIMARY KEY (row_id), 
	CONSTRAINT ck_post_body CHECK (body IN ('party', 'council', 'committee', 'front', 'department')), 
	CONSTRAINT fk_post_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_post_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id), 
	CONSTRAINT fk_post_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_post_change_id FOREIGN KEY(change_id) REFERENCES change (id), 
	CONSTRAINT ck_post_validity CHECK (valid_to IS NULL OR valid_from < valid_to)
)
-->
CREATE INDEX ix_post_unit_id ON post (unit_id)
-->
CREATE INDEX ix_post_person_id ON post (person_id)
-->
CREATE INDEX ix_post_withdrawn_by ON post (withdrawn_by)
-->
CREATE INDEX ix_post_post_id ON post (post_id)
-->
CREATE INDEX ix_post_change_id ON post (change_id)
-->
ALTER TABLE post ADD CONSTRAINT one_period_of_a_post EXCLUDE USING gist (post_id WITH =, tstzrange(valid_from, valid_to) WITH &&) WHERE (withdrawn_by IS NULL)
-->
ALTER TABLE post ADD CONSTRAINT one_main_post EXCLUDE USING gist (person_id WITH =, tstzrange(valid_from, valid_to) WITH &&) WHERE (withdrawn_by IS NULL AND main)
-->
CREATE TABLE account (
	id UUID NOT NULL, 
	person_id UUID NOT NULL, 
	kind VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	state_since TIMESTAMP WITH TIME ZONE, 
	last_used_at TIMESTAMP WITH TIME ZONE, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (id), 
	CONSTRAINT ck_account_kind CHECK (kind IN ('business', 'administration', 'technical', 'service')), 
	CONSTRAINT ck_account_state CHECK (state IN ('issued', 'active', 'suspended', 'closed')), 
	CONSTRAINT uq_account_person_id_kind UNIQUE (person_id, kind), 
	CONSTRAINT fk_account_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_account_change_id FOREIGN KEY(change_id) REFERENCES change (id)
)
-->
CREATE INDEX ix_account_change_id ON account (change_id)
-->
CREATE INDEX ix_account_person_id ON account (person_id)
-->
CREATE TABLE mail_address (
	person_id UUID NOT NULL, 
	address VARCHAR NOT NULL, 
	address_key VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	verified BOOLEAN NOT NULL, 
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL, 
	valid_to TIMESTAMP WITH TIME ZONE, 
	row_id BIGSERIAL NOT NULL, 
	withdrawn_by BIGINT, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_mail_address PRIMARY KEY (row_id), 
	CONSTRAINT ck_mail_address_kind CHECK (kind IN ('own', 'alias')), 
	CONSTRAINT fk_mail_address_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_mail_address_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_mail_address_change_id FOREIGN KEY(change_id) REFERENCES change (id), 
	CONSTRAINT ck_mail_address_validity CHECK (valid_to IS NULL OR valid_from < valid_to)
)
-->
CREATE INDEX ix_mail_address_withdrawn_by ON mail_address (withdrawn_by)
-->
CREATE INDEX ix_mail_address_change_id ON mail_address (change_id)
-->
CREATE INDEX ix_mail_address_person_id ON mail_address (person_id)
-->
CREATE INDEX ix_mail_address_address_key ON mail_address (address_key)
-->
ALTER TABLE mail_address ADD CONSTRAINT one_own_address EXCLUDE USING gist (person_id WITH =, tstzrange(valid_from, valid_to) WITH &&) WHERE (withdrawn_by IS NULL AND kind = 'own')
-->
ALTER TABLE mail_address ADD CONSTRAINT address_never_reissued EXCLUDE USING gist (address_key WITH =, person_id WITH <>) WHERE (withdrawn_by IS NULL AND kind = 'own')
-->
CREATE TABLE foreign_account (
	person_id UUID NOT NULL, 
	application VARCHAR NOT NULL, 
	foreign_id VARCHAR NOT NULL, 
	foreign_login VARCHAR, 
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL, 
	valid_to TIMESTAMP WITH TIME ZONE, 
	row_id BIGSERIAL NOT NULL, 
	withdrawn_by BIGINT, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_foreign_account PRIMARY KEY (row_id), 
	CONSTRAINT fk_foreign_account_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_foreign_account_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_foreign_account_change_id FOREIGN KEY(change_id) REFERENCES change (id), 
	CONSTRAINT ck_foreign_account_validity CHECK (valid_to IS NULL OR valid_from < valid_to)
)
-->
CREATE INDEX ix_foreign_account_person_id ON foreign_account (person_id)
-->
CREATE INDEX ix_foreign_account_withdrawn_by ON foreign_account (withdrawn_by)
-->
CREATE INDEX ix_foreign_account_change_id ON foreign_account (change_id)
-->
ALTER TABLE foreign_account ADD CONSTRAINT one_foreign_account EXCLUDE USING gist (application WITH =, foreign_id WITH =, tstzrange(valid_from, valid_to) WITH &&) WHERE (withdrawn_by IS NULL)
-->
CREATE TABLE certificate (
	person_id UUID, 
	unit_id UUID, 
	der BYTEA NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	serial VARCHAR NOT NULL, 
	issuer VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	revoked_at TIMESTAMP WITH TIME ZONE, 
	reason VARCHAR, 
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL, 
	valid_to TIMESTAMP WITH TIME ZONE, 
	row_id BIGSERIAL NOT NULL, 
	withdrawn_by BIGINT, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_certificate PRIMARY KEY (row_id), 
	CONSTRAINT ck_certificate_subject CHECK ((person_id IS NULL) <> (unit_id IS NULL)), 
	CONSTRAINT fk_certificate_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_certificate_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id), 
	CONSTRAINT fk_certificate_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_certificate_change_id FOREIGN KEY(change_id) REFERENCES change (id), 
	CONSTRAINT ck_certificate_validity CHECK (valid_to IS NULL OR valid_from < valid_to)
)
-->
CREATE INDEX ix_certificate_sha256 ON certificate (sha256)
-->
CREATE INDEX ix_certificate_unit_id ON certificate (unit_id)
-->
CREATE INDEX ix_certificate_change_id ON certificate (change_id)
-->
CREATE INDEX ix_certificate_person_id ON certificate (person_id)
-->
CREATE INDEX ix_certificate_withdrawn_by ON certificate (withdrawn_by)
-->
CREATE TABLE dossier (
	id BIGSERIAL NOT NULL, 
	unit_id UUID NOT NULL, 
	trigger VARCHAR NOT NULL, 
	about VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	composed_by VARCHAR NOT NULL, 
	composed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	instant TIMESTAMP WITH TIME ZONE NOT NULL, 
	digest VARCHAR, 
	approved_by UUID, 
	approved_at TIMESTAMP WITH TIME ZONE, 
	approver_post VARCHAR, 
	logged_in_at TIMESTAMP WITH TIME ZONE, 
	sent_at TIMESTAMP WITH TIME ZONE, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	refusal VARCHAR, 
	CONSTRAINT pk_dossier PRIMARY KEY (id), 
	CONSTRAINT ck_dossier_state CHECK (state IN ('draft', 'approved', 'sent', 'done', 'refused')), 
	CONSTRAINT uq_dossier_unit_id_trigger_about UNIQUE (unit_id, trigger, about), 
	CONSTRAINT fk_dossier_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id), 
	CONSTRAINT fk_dossier_approved_by FOREIGN KEY(approved_by) REFERENCES person (id)
)
-->
CREATE INDEX ix_dossier_unit_id ON dossier (unit_id)
-->
CREATE TABLE signing_session (
	token_hash BYTEA NOT NULL, 
	person_id UUID NOT NULL, 
	sid VARCHAR, 
	logged_in_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	started_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_signing_session PRIMARY KEY (token_hash), 
	CONSTRAINT fk_signing_session_person_id FOREIGN KEY(person_id) REFERENCES person (id)
)
-->
CREATE INDEX ix_signing_session_sid ON signing_session (sid)
-->
CREATE INDEX ix_signing_session_person_id ON signing_session (person_id)
-->
CREATE TABLE sso_consent (
	person_id UUID NOT NULL, 
	client_id VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	given_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_sso_consent PRIMARY KEY (person_id, client_id), 
	CONSTRAINT fk_sso_consent_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_sso_consent_client_id FOREIGN KEY(client_id) REFERENCES sso_client (client_id)
)
-->
CREATE TABLE credential (
	account_id UUID NOT NULL, 
	password_hash VARCHAR, 
	password_set_at TIMESTAMP WITH TIME ZONE, 
	imported_hash VARCHAR, 
	imported_until TIMESTAMP WITH TIME ZONE, 
	code_hash BYTEA, 
	code_purpose VARCHAR, 
	code_until TIMESTAMP WITH TIME ZONE, 
	code_made_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_credential PRIMARY KEY (account_id), 
	CONSTRAINT fk_credential_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE TABLE login (
	account_id UUID NOT NULL, 
	login VARCHAR NOT NULL, 
	login_key VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	origin_id UUID, 
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL, 
	valid_to TIMESTAMP WITH TIME ZONE, 
	row_id BIGSERIAL NOT NULL, 
	withdrawn_by BIGINT, 
	change_id BIGINT NOT NULL, 
	CONSTRAINT pk_login PRIMARY KEY (row_id), 
	CONSTRAINT ck_login_kind CHECK (kind IN ('own', 'alias')), 
	CONSTRAINT fk_login_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_login_origin_id FOREIGN KEY(origin_id) REFERENCES unit (id), 
	CONSTRAINT fk_login_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_login_change_id FOREIGN KEY(change_id) REFERENCES change (id), 
	CONSTRAINT ck_login_validity CHECK (valid_to IS NULL OR valid_from < valid_to)
)
-->
CREATE INDEX ix_login_withdrawn_by ON login (withdrawn_by)
-->
CREATE INDEX ix_login_login_key ON login (login_key)
-->
CREATE INDEX ix_login_account_id ON login (account_id)
-->
CREATE INDEX ix_login_change_id ON login (change_id)
-->
ALTER TABLE login ADD CONSTRAINT one_own_login EXCLUDE USING gist (account_id WITH =, tstzrange(valid_from, valid_to) WITH &&) WHERE (withdrawn_by IS NULL AND kind = 'own')
-->
ALTER TABLE login ADD CONSTRAINT login_never_reissued EXCLUDE USING gist (login_key WITH =, account_id WITH <>) WHERE (withdrawn_by IS NULL AND kind = 'own')
-->
CREATE TABLE certificate_request (
	id BIGSERIAL NOT NULL, 
	dossier_id BIGINT NOT NULL, 
	kind VARCHAR NOT NULL, 
	ground VARCHAR NOT NULL, 
	alternative VARCHAR, 
	person_id UUID, 
	unit_id UUID, 
	content JSON NOT NULL, 
	replaces VARCHAR, 
	legal_basis VARCHAR, 
	event_id UUID, 
	requested_by VARCHAR NOT NULL, 
	chosen_by VARCHAR, 
	choice_reason VARCHAR, 
	state VARCHAR NOT NULL, 
	csr BYTEA, 
	issued_sha256 VARCHAR, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	refusal VARCHAR, 
	CONSTRAINT pk_certificate_request PRIMARY KEY (id), 
	CONSTRAINT ck_certificate_request_kind CHECK (kind IN ('new', 'renewal', 'change', 'revocation', 'recovery')), 
	CONSTRAINT ck_certificate_request_ground CHECK (ground IN ('none_yet', 'moved', 'unit_altered', 'address_altered', 'left', 'agency_passed_on', 'agency_altered', 'agency_ended', 'asked', 'key_lost')), 
	CONSTRAINT ck_certificate_request_state CHECK (state IN ('draft', 'approved', 'sent', 'done', 'refused')), 
	CONSTRAINT ck_certificate_request_subject CHECK ((person_id IS NULL) <> (unit_id IS NULL)), 
	CONSTRAINT ck_certificate_request_replaces CHECK (kind IN ('new', 'recovery') OR replaces IS NOT NULL), 
	CONSTRAINT fk_certificate_request_dossier_id FOREIGN KEY(dossier_id) REFERENCES dossier (id), 
	CONSTRAINT fk_certificate_request_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_certificate_request_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
)
-->
CREATE INDEX ix_certificate_request_person_id ON certificate_request (person_id)
-->
CREATE INDEX ix_certificate_request_dossier_id ON certificate_request (dossier_id)
-->
CREATE INDEX ix_certificate_request_unit_id ON certificate_request (unit_id)
-->
CREATE TABLE sso_session (
	id UUID NOT NULL, 
	cookie_hash BYTEA NOT NULL, 
	person_id UUID NOT NULL, 
	account_id UUID NOT NULL, 
	auth_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	acr VARCHAR NOT NULL, 
	amr VARCHAR NOT NULL, 
	caller VARCHAR NOT NULL, 
	agent VARCHAR NOT NULL, 
	CONSTRAINT pk_sso_session PRIMARY KEY (id), 
	CONSTRAINT uq_sso_session_cookie_hash UNIQUE (cookie_hash), 
	CONSTRAINT fk_sso_session_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_sso_session_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE INDEX ix_sso_session_person_id ON sso_session (person_id)
-->
CREATE INDEX ix_sso_session_ends_at ON sso_session (ends_at)
-->
CREATE INDEX ix_sso_session_account_id ON sso_session (account_id)
-->
CREATE TABLE sso_grant (
	id UUID NOT NULL, 
	client_id VARCHAR NOT NULL, 
	person_id UUID NOT NULL, 
	account_id UUID NOT NULL, 
	session_id UUID, 
	scope VARCHAR NOT NULL, 
	auth_time TIMESTAMP WITH TIME ZONE NOT NULL, 
	acr VARCHAR NOT NULL, 
	amr VARCHAR NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	ended_why VARCHAR, 
	CONSTRAINT pk_sso_grant PRIMARY KEY (id), 
	CONSTRAINT fk_sso_grant_client_id FOREIGN KEY(client_id) REFERENCES sso_client (client_id), 
	CONSTRAINT fk_sso_grant_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_sso_grant_account_id FOREIGN KEY(account_id) REFERENCES account (id)
)
-->
CREATE INDEX ix_sso_grant_account_id ON sso_grant (account_id)
-->
CREATE INDEX ix_sso_grant_ends_at ON sso_grant (ends_at)
-->
CREATE INDEX ix_sso_grant_client_id ON sso_grant (client_id)
-->
CREATE INDEX ix_sso_grant_person_id ON sso_grant (person_id)
-->
CREATE INDEX ix_sso_grant_session_id ON sso_grant (session_id)
-->
CREATE TABLE authority_certificate (
	serial VARCHAR NOT NULL, 
	request_id BIGINT NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	der BYTEA NOT NULL, 
	issued_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	not_after TIMESTAMP WITH TIME ZONE NOT NULL, 
	revoked_at TIMESTAMP WITH TIME ZONE, 
	reason VARCHAR, 
	CONSTRAINT pk_authority_certificate PRIMARY KEY (serial), 
	CONSTRAINT uq_authority_certificate_request_id UNIQUE (request_id), 
	CONSTRAINT fk_authority_certificate_request_id FOREIGN KEY(request_id) REFERENCES certificate_request (id), 
	CONSTRAINT uq_authority_certificate_sha256 UNIQUE (sha256)
)
-->
CREATE INDEX ix_authority_certificate_revoked_at ON authority_certificate (revoked_at)
-->
CREATE TABLE sso_access_token (
	token_hash BYTEA NOT NULL, 
	grant_id UUID, 
	client_id VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	revoked_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_sso_access_token PRIMARY KEY (token_hash), 
	CONSTRAINT fk_sso_access_token_grant_id FOREIGN KEY(grant_id) REFERENCES sso_grant (id), 
	CONSTRAINT fk_sso_access_token_client_id FOREIGN KEY(client_id) REFERENCES sso_client (client_id)
)
-->
CREATE INDEX ix_sso_access_token_ends_at ON sso_access_token (ends_at)
-->
CREATE INDEX ix_sso_access_token_grant_id ON sso_access_token (grant_id)
-->
CREATE TABLE sso_refresh_token (
	token_hash BYTEA NOT NULL, 
	grant_id UUID NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	used_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_sso_refresh_token PRIMARY KEY (token_hash), 
	CONSTRAINT fk_sso_refresh_token_grant_id FOREIGN KEY(grant_id) REFERENCES sso_grant (id)
)
-->
CREATE INDEX ix_sso_refresh_token_ends_at ON sso_refresh_token (ends_at)
-->
CREATE INDEX ix_sso_refresh_token_grant_id ON sso_refresh_token (grant_id)
-->
