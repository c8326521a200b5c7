//! Conditions that tell the planner what it cannot know. A partial index serves only a statement that says its
//! condition literally, since a bound value may be anything; and `SQLite` takes a long list of ids for more rows
//! than all buckets of a project have.

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{Bool, Text},
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

/// A text column that rows are checked by which are found otherwise. Else `SQLite` looks through all that a
/// project has, when it knows a handful of ids of it.
#[derive(Debug, Clone, Copy, QueryId)]
pub(super) struct Checked<C>(C);

/// The column, by which nothing is searched.
pub(super) fn checked<C>(column: C) -> Checked<C> {
    Checked(column)
}

impl<C: Expression<SqlType = Text>> Expression for Checked<C> {
    type SqlType = Text;
}

impl<C: SelectableExpression<T>, T> SelectableExpression<T> for Checked<C> where
    Self: AppearsOnTable<T>
{
}

impl<C: AppearsOnTable<T>, T> AppearsOnTable<T> for Checked<C> where Self: Expression {}

impl<C, G> ValidGrouping<G> for Checked<C> {
    type IsAggregate = is_aggregate::Never;
}

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Checked<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        // A plus before a column keeps SQLite from using an index on it.
        out.push_sql("+");
        self.0.walk_ast(out)
    }
}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for Checked<C> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}
