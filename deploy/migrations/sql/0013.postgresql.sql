ALTER TABLE login DROP CONSTRAINT login_never_reissued
-->
ALTER TABLE login ADD CONSTRAINT login_never_reissued EXCLUDE USING gist (hashtextextended(login_key, 0) WITH =, account_id WITH <>) WHERE (withdrawn_by IS NULL AND kind = 'own')
-->
ALTER TABLE mail_address DROP CONSTRAINT address_never_reissued
-->
ALTER TABLE mail_address ADD CONSTRAINT address_never_reissued EXCLUDE USING gist (hashtextextended(address_key, 0) WITH =, person_id WITH <>) WHERE (withdrawn_by IS NULL AND kind = 'own')
