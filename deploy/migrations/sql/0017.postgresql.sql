DELETE FROM plan_approval WHERE row_id NOT IN (SELECT min(row_id) FROM plan_approval GROUP BY digest, approver)
-->
CREATE UNIQUE INDEX uq_plan_approval_digest ON plan_approval (digest, approver)
-->
DROP INDEX ix_plan_approval_digest
