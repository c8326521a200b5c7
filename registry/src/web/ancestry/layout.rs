//! Where the versions of a family stand in a drawing: columns from parents to children, rows in each. Pure
//! arithmetic; circles do no harm, since every loop here is bounded.

use std::collections::{BTreeMap, BTreeSet};

/// Width of a box.
pub(super) const WIDTH: i64 = 176;
/// Height of a box.
pub(super) const HEIGHT: i64 = 46;
/// Between two columns.
const GAP: i64 = 76;
/// From a column to the next.
const COLUMN: i64 = WIDTH + GAP;
/// From a row to the next.
const ROW: i64 = HEIGHT + 18;
/// Around everything.
const MARGIN: i64 = 8;
/// Columns on either side at most.
const FARTHEST: i64 = 6;

/// A box: a version, or some that are folded into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// Its left side.
    pub(super) x: i64,
    /// Its upper side.
    pub(super) y: i64,
    /// The version in it, by its place in what was given; `None` for several.
    pub(super) node: Option<usize>,
    /// How many are in it.
    pub(super) count: usize,
}

/// A line from a parent to a child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its path, as SVG writes it.
    pub(super) path: String,
    /// The middle of it.
    pub(super) middle: (i64, i64),
    /// The edge that it stands for, by its place in what was given.
    pub(super) edge: usize,
}

/// A drawing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Drawing {
    /// Boxes, column by column from the left.
    pub(super) spots: Vec<Spot>,
    /// Lines between them.
    pub(super) lines: Vec<Line>,
    /// Its width.
    pub(super) width: i64,
    /// Its height.
    pub(super) height: i64,
}

/// A parent and a child, by their places.
pub(super) type Edge = (usize, usize);

/// Draws a family. `near` says of each version how many steps it is from where one looks, parents negative; of
/// more than `most` the farthest are folded together, column by column.
pub(super) fn draw(near: &[i64], edges: &[Edge], most: usize) -> Drawing {
    let levels = levels(near, edges);
    let mut order: Vec<(usize, i64)> = levels.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, level)| level.abs());
    let kept: BTreeSet<usize> = order.iter().take(most).map(|(node, _)| *node).collect();
    let columns = columns(&levels, edges, &kept);
    let tallest = columns.values().map(Column::boxes).max().unwrap_or(0);
    let mut drawing = Drawing::default();
    let mut place_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, column) in (0_i64..).zip(columns.values()) {
        let free = as_length(tallest - column.boxes()) * ROW / 2;
        let mut y = MARGIN + free;
        let x = MARGIN + at * COLUMN;
        for node in &column.shown {
            place_of.insert(*node, drawing.spots.len());
            drawing.spots.push(Spot {
                x,
                y,
                node: Some(*node),
                count: 1,
            });
            y += ROW;
        }
        for node in &column.folded {
            place_of.insert(*node, drawing.spots.len());
        }
        if !column.folded.is_empty() {
            let (node, count) = (None, column.folded.len());
            drawing.spots.push(Spot { x, y, node, count });
        }
    }
    drawing.width = as_length(columns.len()) * COLUMN - GAP + 2 * MARGIN;
    drawing.height = as_length(tallest) * ROW - (ROW - HEIGHT) + 2 * MARGIN;
    drawing.lines = lines(&drawing.spots, edges, &place_of);
    drawing
}

fn as_length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX / COLUMN)
}

/// The column of each version: its distance, and further out where a line would lead backwards else.
fn levels(near: &[i64], edges: &[Edge]) -> Vec<i64> {
    let mut levels = near.to_vec();
    for _ in 0..FARTHEST {
        let mut moved = false;
        for (parent, child) in edges {
            let (Some(above), Some(below)) = (levels.get(*parent), levels.get(*child)) else {
                continue;
            };
            let (above, below) = (*above, *below);
            let (node, level) = match (above < below, below > 0, above < 0) {
                (false, true, _) => (*child, (above + 1).min(FARTHEST)),
                (false, false, true) => (*parent, (below - 1).max(-FARTHEST)),
                _ => continue,
            };
            if let Some(old) = levels.get_mut(node).filter(|old| **old != level) {
                *old = level;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    levels
}

/// The versions of a column, from above.
#[derive(Default)]
struct Column {
    shown: Vec<usize>,
    folded: Vec<usize>,
}

impl Column {
    fn boxes(&self) -> usize {
        self.shown.len() + usize::from(!self.folded.is_empty())
    }
}

/// The columns, each in the order in which its relatives nearer to the middle stand.
fn columns(levels: &[i64], edges: &[Edge], kept: &BTreeSet<usize>) -> BTreeMap<i64, Column> {
    let mut columns: BTreeMap<i64, Column> = BTreeMap::new();
    for (node, level) in levels.iter().enumerate() {
        let column = columns.entry(*level).or_default();
        if kept.contains(&node) {
            column.shown.push(node);
        } else {
            column.folded.push(node);
        }
    }
    let mut outwards: Vec<i64> = columns.keys().copied().collect();
    outwards.sort_by_key(|level| level.abs());
    let mut row_of: BTreeMap<usize, i64> = BTreeMap::new();
    for level in outwards {
        let Some(column) = columns.get_mut(&level) else {
            continue;
        };
        column
            .shown
            .sort_by_cached_key(|node| mean(*node, edges, &row_of));
        // Of columns of different heights the middles stand beside each other.
        let first = -as_length(column.shown.len());
        let rows = (0..).map(|row| first + 2 * row);
        row_of.extend(column.shown.iter().copied().zip(rows));
    }
    columns
}

/// Where the relatives of a version stand that have their place already, on average.
fn mean(node: usize, edges: &[Edge], row_of: &BTreeMap<usize, i64>) -> i64 {
    let other = |(parent, child): &Edge| match (*parent == node, *child == node) {
        (true, false) => Some(*child),
        (false, true) => Some(*parent),
        _ => None,
    };
    let rows = edges.iter().filter_map(other);
    let rows: Vec<i64> = rows
        .filter_map(|other| row_of.get(&other).copied())
        .collect();
    rows.iter().sum::<i64>() * 1_000 / as_length(rows.len().max(1))
}

/// The lines, those between the same two boxes once, and none within a box.
fn lines(spots: &[Spot], edges: &[Edge], place_of: &BTreeMap<usize, usize>) -> Vec<Line> {
    let mut drawn = BTreeSet::new();
    let mut lines = Vec::new();
    for (edge, (parent, child)) in edges.iter().enumerate() {
        let (Some(from), Some(to)) = (place_of.get(parent), place_of.get(child)) else {
            continue;
        };
        if from == to || !drawn.insert((from, to)) {
            continue;
        }
        if let (Some(from), Some(to)) = (spots.get(*from), spots.get(*to)) {
            lines.push(line(from, to, edge));
        }
    }
    lines
}

fn line(from: &Spot, to: &Spot, edge: usize) -> Line {
    let (x1, y1) = (from.x + WIDTH, from.y + HEIGHT / 2);
    let (x2, y2) = (to.x, to.y + HEIGHT / 2);
    // A line that leads back, as in a circle, swings out on both sides.
    let swing = ((x2 - x1) / 2).max(40);
    Line {
        path: format!(
            "M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}",
            x1 + swing,
            x2 - swing
        ),
        middle: (i64::midpoint(x1, x2), i64::midpoint(y1, y2) - 5),
        edge,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Column and row of each version that is shown.
    fn places(drawing: &Drawing) -> BTreeMap<usize, (i64, i64)> {
        let shown = drawing.spots.iter();
        shown
            .filter_map(|spot| Some((spot.node?, ((spot.x - MARGIN) / COLUMN, spot.y))))
            .collect()
    }

    #[test]
    fn parents_stand_left_of_their_children() {
        // A grandparent, a parent, where one looks, two children.
        let edges = [(0, 1), (1, 2), (2, 3), (2, 4)];
        let drawing = draw(&[-2, -1, 0, 1, 1], &edges, 40);
        let at = places(&drawing);
        for (parent, child) in edges {
            assert!(at[&parent].0 < at[&child].0, "{parent} {child}");
        }
        assert_eq!(drawing.width, 4 * COLUMN - GAP + 2 * MARGIN);
        assert_eq!(drawing.height, 2 * ROW - 18 + 2 * MARGIN);
        // One box stands in the middle of two.
        assert_eq!(2 * at[&2].1, at[&3].1 + at[&4].1);
        assert_eq!(drawing.lines.len(), 4);
    }

    #[test]
    fn who_has_a_parent_in_the_same_column_moves_on() {
        let at = places(&draw(&[0, 1, 1], &[(0, 1), (0, 2), (1, 2)], 40));
        assert_eq!((at[&0].0, at[&1].0, at[&2].0), (0, 1, 2));
    }

    #[test]
    fn a_circle_ends() {
        let drawing = draw(
            &[0, 1, 2, -1],
            &[(0, 1), (1, 2), (2, 0), (2, 1), (3, 0), (0, 3)],
            40,
        );
        assert_eq!(drawing.spots.len(), 4);
        assert_eq!(drawing.lines.len(), 6);
        let alone = draw(&[0], &[(0, 0)], 40);
        assert_eq!((alone.spots.len(), alone.lines.len()), (1, 0));
        assert_eq!(draw(&[], &[], 40).spots, []);
    }

    #[test]
    fn the_farthest_are_folded() {
        // 30 children and 30 grandchildren of one.
        let near: Vec<i64> = [0].into_iter().chain([1; 30]).chain([2; 30]).collect();
        let edges: Vec<Edge> = (1..31).flat_map(|n| [(0, n), (n, n + 30)]).collect();
        let drawing = draw(&near, &edges, 40);
        let folded: Vec<&Spot> = drawing.spots.iter().filter(|s| s.node.is_none()).collect();
        assert_eq!(
            folded.iter().map(|spot| spot.count).collect::<Vec<_>>(),
            [21]
        );
        assert_eq!(drawing.spots.len(), 41);
        // Every child leads somewhere: nine to a box of their own, the others to the fold.
        assert_eq!(drawing.lines.len(), 60);
    }

    #[test]
    fn children_stand_in_the_order_of_their_parents() {
        // The children of the second come first in what is given.
        let edges = [(0, 1), (0, 2), (2, 3), (1, 4)];
        let at = places(&draw(&[0, 1, 1, 2, 2], &edges, 40));
        assert!(at[&4].1 < at[&3].1);
    }
}
