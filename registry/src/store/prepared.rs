//! Statements that are parsed and planned once for each connection, however often they run.
//!
//! diesel keeps a statement only when it is sure that there is a bounded number of its kind. It is never sure
//! of updates, of upserts, or of lists of ids, which are the hottest statements of a registry.

use diesel::{
    connection::Connection,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    query_dsl::RunQueryDsl,
    result::QueryResult,
    sql_types::{Array, Bool, Text},
    sqlite::Sqlite,
};

/// A statement whose text is always the same but for the values bound. It must return something and be loaded:
/// of one that is only executed diesel asks the statement inside whether it may be kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prepared<Q>(Q);

/// Lets each connection keep `statement`. Its text must not depend on anything but its type.
pub(super) fn prepared<Q>(statement: Q) -> Prepared<Q> {
    Prepared(statement)
}

// Its text is the key under which it is kept.
impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C: Connection> RunQueryDsl<C> for Prepared<Q> {}

macro_rules! on_both {
    ($($backend:ty),*) => {$(
        impl<Q: QueryFragment<$backend>> QueryFragment<$backend> for Prepared<Q> {
            fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                self.0.walk_ast(out)
            }

            fn is_safe_to_cache_prepared(&self, _: &$backend) -> QueryResult<bool> {
                Ok(true)
            }
        }
    )*};
}
on_both!(Pg, Sqlite);

/// The condition that a text column is one of some values: few different statements however many these are.
#[derive(Debug, Clone, Copy)]
pub(super) struct AnyOf<'a, C> {
    column: C,
    values: &'a [String],
}

/// That `column` is one of `values`.
pub(super) fn any_of<C>(column: C, values: &[String]) -> AnyOf<'_, C> {
    AnyOf { column, values }
}

/// `SQLite` takes 32,766 values a statement, and has no arrays: this many are the most that are filled up.
const FILLED: usize = 1 << 14;

impl<C> AnyOf<'_, C> {
    /// How many values stand in a statement of `SQLite`: a power of two, the last repeated to fill it up.
    fn places(&self) -> usize {
        let count = self.values.len();
        if count > FILLED {
            return count;
        }
        count.next_power_of_two()
    }
}

impl<C> QueryId for AnyOf<'_, C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: Expression<SqlType = Text>> Expression for AnyOf<'_, C> {
    type SqlType = Bool;
}

impl<C: SelectableExpression<T> + Expression<SqlType = Text>, T> SelectableExpression<T>
    for AnyOf<'_, C>
where
    Self: AppearsOnTable<T>,
{
}

impl<C: AppearsOnTable<T> + Expression<SqlType = Text>, T> AppearsOnTable<T> for AnyOf<'_, C> {}

impl<C, G> ValidGrouping<G> for AnyOf<'_, C> {
    type IsAggregate = is_aggregate::Never;
}

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for AnyOf<'_, C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let Some(last) = self.values.last() else {
            out.push_sql("1=0");
            return Ok(());
        };
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        for place in 0..self.places() {
            if place > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param::<Text, _>(self.values.get(place).unwrap_or(last))?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for AnyOf<'_, C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<Text>, _>(&self.values)?;
        out.push_sql(")");
        Ok(())
    }
}
