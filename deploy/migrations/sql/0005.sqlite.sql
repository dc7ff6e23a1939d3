CREATE TABLE person_join (
	person_id CHAR(32) NOT NULL, 
	survivor_id CHAR(32) NOT NULL, 
	joined_at DATETIME NOT NULL, 
	account_was VARCHAR, 
	survivor_was VARCHAR, 
	row_id INTEGER NOT NULL, 
	withdrawn_by INTEGER, 
	change_id INTEGER NOT NULL, 
	CONSTRAINT pk_person_join PRIMARY KEY (row_id), 
	CONSTRAINT ck_person_join_two CHECK (person_id <> survivor_id), 
	CONSTRAINT fk_person_join_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_person_join_survivor_id FOREIGN KEY(survivor_id) REFERENCES person (id), 
	CONSTRAINT fk_person_join_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_person_join_change_id FOREIGN KEY(change_id) REFERENCES change (id)
)
-->
CREATE INDEX ix_person_join_change_id ON person_join (change_id)
-->
CREATE INDEX ix_person_join_person ON person_join (person_id)
-->
CREATE INDEX ix_person_join_survivor_id ON person_join (survivor_id)
-->
CREATE INDEX ix_person_join_withdrawn_by ON person_join (withdrawn_by)
-->
CREATE UNIQUE INDEX uq_person_join_person_id ON person_join (person_id) WHERE withdrawn_by IS NULL
-->
CREATE TABLE person_departure (
	person_id CHAR(32) NOT NULL, 
	why VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	decision VARCHAR, 
	row_id INTEGER NOT NULL, 
	withdrawn_by INTEGER, 
	change_id INTEGER NOT NULL, 
	CONSTRAINT pk_person_departure PRIMARY KEY (row_id), 
	CONSTRAINT ck_person_departure_why CHECK (why IN ('retired', 'resigned', 'dismissed', 'died', 'transferred', 'ended')), 
	CONSTRAINT fk_person_departure_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_person_departure_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_person_departure_change_id FOREIGN KEY(change_id) REFERENCES change (id)
)
-->
CREATE INDEX ix_person_departure_at ON person_departure (at)
-->
CREATE INDEX ix_person_departure_change_id ON person_departure (change_id)
-->
CREATE INDEX ix_person_departure_person_id ON person_departure (person_id)
-->
CREATE INDEX ix_person_departure_withdrawn_by ON person_departure (withdrawn_by)
-->
CREATE TABLE match_case (
	id INTEGER NOT NULL, 
	left_id CHAR(32) NOT NULL, 
	right_id CHAR(32) NOT NULL, 
	score INTEGER NOT NULL, 
	reasons JSON NOT NULL, 
	source VARCHAR, 
	state VARCHAR NOT NULL, 
	found_at DATETIME NOT NULL, 
	answered_at DATETIME, 
	answered_by VARCHAR, 
	CONSTRAINT pk_match_case PRIMARY KEY (id), 
	CONSTRAINT uq_match_case_left_id_right_id UNIQUE (left_id, right_id), 
	CONSTRAINT ck_match_case_two CHECK (left_id <> right_id), 
	CONSTRAINT ck_match_case_state CHECK (state IN ('open', 'same', 'different', 'gone')), 
	CONSTRAINT fk_match_case_left_id FOREIGN KEY(left_id) REFERENCES person (id), 
	CONSTRAINT fk_match_case_right_id FOREIGN KEY(right_id) REFERENCES person (id)
)
-->
CREATE INDEX ix_match_case_right_id ON match_case (right_id)
-->
CREATE INDEX ix_match_case_state ON match_case (state)
-->
