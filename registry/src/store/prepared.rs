//! Statements that are parsed and planned once for each connection, however often they run.
//!
//! diesel keeps a statement only when it is sure that there is a bounded number of its kind. It is never sure
//! of updates, of upserts, or of lists of ids, which are the hottest statements of a registry.

use std::marker::PhantomData;

use diesel::{
    connection::Connection,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    query_dsl::RunQueryDsl,
    result::QueryResult,
    sql_types::{Array, Bool, Text},
    sqlite::{Sqlite, SqliteConnection},
};

/// A statement whose text is always the same but for the values bound, kept by each connection under `K`, a
/// type that stands for this one place in the program. It must return something and be loaded: of one that is only
/// executed diesel asks the statement inside whether it may be kept. [`prepared!`] makes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prepared<K, Q>(Q, PhantomData<K>);

impl<K, Q> Prepared<K, Q> {
    pub(super) fn new(statement: Q) -> Self {
        Self(statement, PhantomData)
    }
}

/// Lets each connection keep a statement, under the place where this stands: not even its text is put together
/// again. The text must not depend on anything but its type.
macro_rules! prepared {
    ($statement:expr) => {{
        struct Here;
        $crate::store::prepared::Prepared::<Here, _>::new($statement)
    }};
}
pub(super) use prepared;

impl<K: 'static, Q> QueryId for Prepared<K, Q> {
    type QueryId = K;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<K, Q: Query> Query for Prepared<K, Q> {
    type SqlType = Q::SqlType;
}

impl<K, Q, C: Connection> RunQueryDsl<C> for Prepared<K, Q> {}

macro_rules! on_both {
    ($($backend:ty),*) => {$(
        impl<K, Q: QueryFragment<$backend>> QueryFragment<$backend> for Prepared<K, Q> {
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

/// A statement of `SQLite` that takes no values and answers nothing, such as `COMMIT`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Control(pub(super) &'static str);

impl Control {
    /// Runs it on a connection that parses it once.
    pub(super) fn run(self, conn: &mut SqliteConnection) -> QueryResult<()> {
        self.get_results::<bool>(conn).map(drop)
    }
}

// Its text is the key under which it is kept.
impl QueryId for Control {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Control {
    type SqlType = Bool;
}

impl RunQueryDsl<SqliteConnection> for Control {}

impl QueryFragment<Sqlite> for Control {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }

    fn is_safe_to_cache_prepared(&self, _: &Sqlite) -> QueryResult<bool> {
        Ok(true)
    }
}

/// The condition that a text column is one of some values, or none: few different statements however many these
/// are.
#[derive(Debug, Clone, Copy)]
pub(super) struct AnyOf<'a, C> {
    column: C,
    values: &'a [String],
    wants: Wants,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    One,
    None,
}

/// That `column` is one of `values`.
pub(super) fn any_of<C>(column: C, values: &[String]) -> AnyOf<'_, C> {
    AnyOf {
        column,
        values,
        wants: Wants::One,
    }
}

/// That `column` is none of `values`.
pub(super) fn none_of<C>(column: C, values: &[String]) -> AnyOf<'_, C> {
    AnyOf {
        column,
        values,
        wants: Wants::None,
    }
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
            out.push_sql(match self.wants {
                Wants::One => "1=0",
                Wants::None => "1=1",
            });
            return Ok(());
        };
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(match self.wants {
            Wants::One => " IN (",
            Wants::None => " NOT IN (",
        });
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
        out.push_sql(match self.wants {
            Wants::One => " = ANY(",
            Wants::None => " <> ALL(",
        });
        out.push_bind_param::<Array<Text>, _>(&self.values)?;
        out.push_sql(")");
        Ok(())
    }
}
