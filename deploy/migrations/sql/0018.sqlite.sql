CREATE TRIGGER change_stands_for_ever_delete BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'guard change_stands_for_ever'); END
-->
CREATE TRIGGER change_stands_for_ever_update BEFORE UPDATE OF id ON change BEGIN SELECT RAISE(ABORT, 'guard change_stands_for_ever'); END
-->
CREATE TRIGGER unit_stands_for_ever_delete BEFORE DELETE ON unit BEGIN SELECT RAISE(ABORT, 'guard unit_stands_for_ever'); END
-->
CREATE TRIGGER unit_stands_for_ever_update BEFORE UPDATE OF id ON unit BEGIN SELECT RAISE(ABORT, 'guard unit_stands_for_ever'); END
-->
CREATE TRIGGER person_stands_for_ever_delete BEFORE DELETE ON person BEGIN SELECT RAISE(ABORT, 'guard person_stands_for_ever'); END
-->
CREATE TRIGGER person_stands_for_ever_update BEFORE UPDATE OF id ON person BEGIN SELECT RAISE(ABORT, 'guard person_stands_for_ever'); END
-->
CREATE TRIGGER account_stands_for_ever_delete BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'guard account_stands_for_ever'); END
-->
CREATE TRIGGER account_stands_for_ever_update BEFORE UPDATE OF id ON account BEGIN SELECT RAISE(ABORT, 'guard account_stands_for_ever'); END
-->
