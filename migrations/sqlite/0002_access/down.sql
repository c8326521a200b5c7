DROP TABLE run_tasks;
DROP INDEX role_bindings_by_scope;
DROP TABLE iam_policies;
