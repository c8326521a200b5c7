//! Conditions that are part of a statement's text. A partial index serves only a statement that says its
//! condition literally: the planner cannot know what a bound value will be.

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::Bool,
    sqlite::Sqlite,
};

/// Declares a condition by its texts for both databases.
macro_rules! condition {
    ($(#[$meta:meta])* $name:ident, $sqlite:literal, $postgres:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, QueryId)]
        pub(super) struct $name;

        impl Expression for $name {
            type SqlType = Bool;
        }

        impl<T> SelectableExpression<T> for $name {}
        impl<T> AppearsOnTable<T> for $name {}

        impl<T> ValidGrouping<T> for $name {
            type IsAggregate = is_aggregate::Never;
        }

        impl QueryFragment<Sqlite> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                out.push_sql($sqlite);
                Ok(())
            }
        }

        impl QueryFragment<Pg> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                out.push_sql($postgres);
                Ok(())
            }
        }
    };
}

condition!(
    /// The build recorded a parent: index `builds_by_parent`.
    HasParent,
    "builds.parent_version_id <> ''",
    "builds.parent_version_id <> ''"
);
condition!(
    /// The build is running: index `builds_running`.
    IsRunning,
    "builds.status = 'RUNNING'",
    "builds.status = 'RUNNING'"
);
condition!(
    /// What the revocation brings about is still to come: index `revocations_due`.
    IsUnsettled,
    "revocations.settled = 0",
    "NOT revocations.settled"
);
