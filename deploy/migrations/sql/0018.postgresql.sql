CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE restrict_violation USING CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, MESSAGE = 'guard ' || TG_NAME;
END $$
-->
CREATE TRIGGER change_stands_for_ever BEFORE DELETE OR UPDATE OF id ON change FOR EACH ROW EXECUTE FUNCTION refuse_change()
-->
CREATE TRIGGER change_is_never_emptied BEFORE TRUNCATE ON change EXECUTE FUNCTION refuse_change()
-->
CREATE TRIGGER unit_stands_for_ever BEFORE DELETE OR UPDATE OF id ON unit FOR EACH ROW EXECUTE FUNCTION refuse_change()
-->
CREATE TRIGGER unit_is_never_emptied BEFORE TRUNCATE ON unit EXECUTE FUNCTION refuse_change()
-->
CREATE TRIGGER person_stands_for_ever BEFORE DELETE OR UPDATE OF id ON person FOR EACH ROW EXECUTE FUNCTION refuse_change()
-->
CREATE TRIGGER person_is_never_emptied BEFORE TRUNCATE ON person EXECUTE FUNCTION refuse_change()
-->
CREATE TRIGGER account_stands_for_ever BEFORE DELETE OR UPDATE OF id ON account FOR EACH ROW EXECUTE FUNCTION refuse_change()
-->
CREATE TRIGGER account_is_never_emptied BEFORE TRUNCATE ON account EXECUTE FUNCTION refuse_change()
-->
CREATE OR REPLACE FUNCTION person_points_to_what_is_there() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT change_id AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT change.id FROM change WHERE change.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_person_change_id', TABLE = TG_TABLE_NAME,
      MESSAGE = 'person.change_id names no row of change';
  END IF;
  RETURN NULL;
END $$
-->
CREATE TRIGGER person_points_to_what_is_there_insert AFTER INSERT ON person REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION person_points_to_what_is_there()
-->
CREATE TRIGGER person_points_as_before BEFORE UPDATE OF change_id ON person FOR EACH ROW EXECUTE FUNCTION refuse_change()
-->
CREATE OR REPLACE FUNCTION person_detail_points_to_what_is_there() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT sponsor_id AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT unit.id FROM unit WHERE unit.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_person_detail_sponsor_id', TABLE = TG_TABLE_NAME,
      MESSAGE = 'person_detail.sponsor_id names no row of unit';
  END IF;
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT withdrawn_by AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT change.id FROM change WHERE change.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_person_detail_withdrawn_by', TABLE = TG_TABLE_NAME,
      MESSAGE = 'person_detail.withdrawn_by names no row of change';
  END IF;
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT change_id AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT change.id FROM change WHERE change.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_person_detail_change_id', TABLE = TG_TABLE_NAME,
      MESSAGE = 'person_detail.change_id names no row of change';
  END IF;
  RETURN NULL;
END $$
-->
CREATE TRIGGER person_detail_points_to_what_is_there_insert AFTER INSERT ON person_detail REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION person_detail_points_to_what_is_there()
-->
CREATE TRIGGER person_detail_points_to_what_is_there_update AFTER UPDATE ON person_detail REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION person_detail_points_to_what_is_there()
-->
CREATE OR REPLACE FUNCTION post_points_to_what_is_there() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT unit_id AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT unit.id FROM unit WHERE unit.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_post_unit_id', TABLE = TG_TABLE_NAME,
      MESSAGE = 'post.unit_id names no row of unit';
  END IF;
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT withdrawn_by AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT change.id FROM change WHERE change.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_post_withdrawn_by', TABLE = TG_TABLE_NAME,
      MESSAGE = 'post.withdrawn_by names no row of change';
  END IF;
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT change_id AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT change.id FROM change WHERE change.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_post_change_id', TABLE = TG_TABLE_NAME,
      MESSAGE = 'post.change_id names no row of change';
  END IF;
  RETURN NULL;
END $$
-->
CREATE TRIGGER post_points_to_what_is_there_insert AFTER INSERT ON post REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION post_points_to_what_is_there()
-->
CREATE TRIGGER post_points_to_what_is_there_update AFTER UPDATE ON post REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION post_points_to_what_is_there()
-->
CREATE OR REPLACE FUNCTION account_points_to_what_is_there() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT change_id AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT change.id FROM change WHERE change.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_account_change_id', TABLE = TG_TABLE_NAME,
      MESSAGE = 'account.change_id names no row of change';
  END IF;
  RETURN NULL;
END $$
-->
CREATE TRIGGER account_points_to_what_is_there_insert AFTER INSERT ON account REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION account_points_to_what_is_there()
-->
CREATE TRIGGER account_points_as_before BEFORE UPDATE OF change_id ON account FOR EACH ROW EXECUTE FUNCTION refuse_change()
-->
CREATE OR REPLACE FUNCTION mail_address_points_to_what_is_there() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT withdrawn_by AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT change.id FROM change WHERE change.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_mail_address_withdrawn_by', TABLE = TG_TABLE_NAME,
      MESSAGE = 'mail_address.withdrawn_by names no row of change';
  END IF;
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT change_id AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT change.id FROM change WHERE change.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_mail_address_change_id', TABLE = TG_TABLE_NAME,
      MESSAGE = 'mail_address.change_id names no row of change';
  END IF;
  RETURN NULL;
END $$
-->
CREATE TRIGGER mail_address_points_to_what_is_there_insert AFTER INSERT ON mail_address REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION mail_address_points_to_what_is_there()
-->
CREATE TRIGGER mail_address_points_to_what_is_there_update AFTER UPDATE ON mail_address REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION mail_address_points_to_what_is_there()
-->
CREATE OR REPLACE FUNCTION credential_points_to_what_is_there() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT account_id AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT account.id FROM account WHERE account.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_credential_account_id', TABLE = TG_TABLE_NAME,
      MESSAGE = 'credential.account_id names no row of account';
  END IF;
  RETURN NULL;
END $$
-->
CREATE TRIGGER credential_points_to_what_is_there_insert AFTER INSERT ON credential REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION credential_points_to_what_is_there()
-->
CREATE TRIGGER credential_points_as_before BEFORE UPDATE OF account_id ON credential FOR EACH ROW EXECUTE FUNCTION refuse_change()
-->
CREATE OR REPLACE FUNCTION login_points_to_what_is_there() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT account_id AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT account.id FROM account WHERE account.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_login_account_id', TABLE = TG_TABLE_NAME,
      MESSAGE = 'login.account_id names no row of account';
  END IF;
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT origin_id AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT unit.id FROM unit WHERE unit.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_login_origin_id', TABLE = TG_TABLE_NAME,
      MESSAGE = 'login.origin_id names no row of unit';
  END IF;
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT withdrawn_by AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT change.id FROM change WHERE change.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_login_withdrawn_by', TABLE = TG_TABLE_NAME,
      MESSAGE = 'login.withdrawn_by names no row of change';
  END IF;
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT change_id AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT change.id FROM change WHERE change.id = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_login_change_id', TABLE = TG_TABLE_NAME,
      MESSAGE = 'login.change_id names no row of change';
  END IF;
  RETURN NULL;
END $$
-->
CREATE TRIGGER login_points_to_what_is_there_insert AFTER INSERT ON login REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION login_points_to_what_is_there()
-->
CREATE TRIGGER login_points_to_what_is_there_update AFTER UPDATE ON login REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION login_points_to_what_is_there()
-->
ALTER TABLE person DROP CONSTRAINT fk_person_change_id
-->
ALTER TABLE account DROP CONSTRAINT fk_account_change_id
-->
ALTER TABLE credential DROP CONSTRAINT fk_credential_account_id
-->
ALTER TABLE person_detail DROP CONSTRAINT fk_person_detail_sponsor_id
-->
ALTER TABLE person_detail DROP CONSTRAINT fk_person_detail_withdrawn_by
-->
ALTER TABLE person_detail DROP CONSTRAINT fk_person_detail_change_id
-->
ALTER TABLE post DROP CONSTRAINT fk_post_unit_id
-->
ALTER TABLE post DROP CONSTRAINT fk_post_withdrawn_by
-->
ALTER TABLE post DROP CONSTRAINT fk_post_change_id
-->
ALTER TABLE login DROP CONSTRAINT fk_login_account_id
-->
ALTER TABLE login DROP CONSTRAINT fk_login_origin_id
-->
ALTER TABLE login DROP CONSTRAINT fk_login_withdrawn_by
-->
ALTER TABLE login DROP CONSTRAINT fk_login_change_id
-->
ALTER TABLE mail_address DROP CONSTRAINT fk_mail_address_withdrawn_by
-->
ALTER TABLE mail_address DROP CONSTRAINT fk_mail_address_change_id
-->
