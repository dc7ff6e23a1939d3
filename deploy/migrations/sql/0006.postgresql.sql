ALTER TABLE unit_event ADD COLUMN documents VARCHAR, ADD COLUMN archive_id UUID, ADD COLUMN readers VARCHAR
-->
ALTER TABLE unit_event DROP CONSTRAINT ck_unit_event_kind
-->
ALTER TABLE unit_event ADD CONSTRAINT ck_unit_event_kind CHECK (kind IN ('create', 'rename', 'recode', 'reparent', 'merge_into_existing', 'merge_into_new', 'split', 'dissolve', 'correct'))
-->
ALTER TABLE unit_event ADD CONSTRAINT ck_unit_event_documents CHECK (documents IN ('principal', 'all', 'archive'))
-->
ALTER TABLE unit_event ADD CONSTRAINT fk_unit_event_archive_id FOREIGN KEY(archive_id) REFERENCES unit (id)
-->
