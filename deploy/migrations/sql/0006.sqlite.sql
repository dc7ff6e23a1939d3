ALTER TABLE unit_event RENAME TO unit_event_before
-->
CREATE TABLE unit_event (
	id CHAR(32) NOT NULL, 
	kind VARCHAR NOT NULL, 
	instant DATETIME NOT NULL, 
	decision_number VARCHAR, 
	decision_date DATE, 
	decision_issuer VARCHAR, 
	note VARCHAR, 
	example BOOLEAN NOT NULL, 
	documents VARCHAR, 
	archive_id CHAR(32), 
	readers VARCHAR, 
	row_id INTEGER NOT NULL, 
	withdrawn_by INTEGER, 
	change_id INTEGER NOT NULL, 
	CONSTRAINT pk_unit_event PRIMARY KEY (row_id), 
	CONSTRAINT ck_unit_event_kind CHECK (kind IN ('create', 'rename', 'recode', 'reparent', 'merge_into_existing', 'merge_into_new', 'split', 'dissolve', 'correct')), 
	CONSTRAINT ck_unit_event_documents CHECK (documents IN ('principal', 'all', 'archive')), 
	CONSTRAINT fk_unit_event_archive_id FOREIGN KEY(archive_id) REFERENCES unit (id), 
	CONSTRAINT fk_unit_event_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES change (id), 
	CONSTRAINT fk_unit_event_change_id FOREIGN KEY(change_id) REFERENCES change (id)
)
-->
INSERT INTO unit_event (id, kind, instant, decision_number, decision_date, decision_issuer, note, example, row_id, withdrawn_by, change_id) SELECT id, kind, instant, decision_number, decision_date, decision_issuer, note, example, row_id, withdrawn_by, change_id FROM unit_event_before
-->
DROP TABLE unit_event_before
-->
CREATE INDEX ix_unit_event_id ON unit_event (id)
-->
CREATE INDEX ix_unit_event_change_id ON unit_event (change_id)
-->
CREATE INDEX ix_unit_event_instant ON unit_event (instant)
-->
CREATE INDEX ix_unit_event_withdrawn_by ON unit_event (withdrawn_by)
-->
