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
