DROP INDEX ix_unit_event_withdrawn_by
-->
CREATE INDEX ix_unit_event_withdrawn_by ON unit_event (withdrawn_by) WHERE withdrawn_by IS NOT NULL
-->
DROP INDEX ix_unit_version_withdrawn_by
-->
CREATE INDEX ix_unit_version_withdrawn_by ON unit_version (withdrawn_by) WHERE withdrawn_by IS NOT NULL
-->
DROP INDEX ix_unit_code_withdrawn_by
-->
CREATE INDEX ix_unit_code_withdrawn_by ON unit_code (withdrawn_by) WHERE withdrawn_by IS NOT NULL
-->
DROP INDEX ix_unit_event_link_withdrawn_by
-->
CREATE INDEX ix_unit_event_link_withdrawn_by ON unit_event_link (withdrawn_by) WHERE withdrawn_by IS NOT NULL
-->
DROP INDEX ix_person_detail_withdrawn_by
-->
CREATE INDEX ix_person_detail_withdrawn_by ON person_detail (withdrawn_by) WHERE withdrawn_by IS NOT NULL
-->
DROP INDEX ix_post_withdrawn_by
-->
CREATE INDEX ix_post_withdrawn_by ON post (withdrawn_by) WHERE withdrawn_by IS NOT NULL
-->
DROP INDEX ix_mail_address_withdrawn_by
-->
CREATE INDEX ix_mail_address_withdrawn_by ON mail_address (withdrawn_by) WHERE withdrawn_by IS NOT NULL
-->
DROP INDEX ix_foreign_account_withdrawn_by
-->
CREATE INDEX ix_foreign_account_withdrawn_by ON foreign_account (withdrawn_by) WHERE withdrawn_by IS NOT NULL
-->
DROP INDEX ix_certificate_withdrawn_by
-->
CREATE INDEX ix_certificate_withdrawn_by ON certificate (withdrawn_by) WHERE withdrawn_by IS NOT NULL
-->
DROP INDEX ix_login_withdrawn_by
-->
CREATE INDEX ix_login_withdrawn_by ON login (withdrawn_by) WHERE withdrawn_by IS NOT NULL
-->
DROP INDEX ix_person_join_withdrawn_by
-->
CREATE INDEX ix_person_join_withdrawn_by ON person_join (withdrawn_by) WHERE withdrawn_by IS NOT NULL
-->
DROP INDEX ix_person_departure_withdrawn_by
-->
CREATE INDEX ix_person_departure_withdrawn_by ON person_departure (withdrawn_by) WHERE withdrawn_by IS NOT NULL
