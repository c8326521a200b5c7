//! Where boards are kept: so many bytes of them, those that were looked at last.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::known::KnownBoard;

/// Bytes of all boards together, at most.
const MOST: usize = 64 * 1_024 * 1_024;

/// Boards by the ids of their projects.
pub(in crate::cache) struct Shelf {
    /// Nothing is kept without.
    kept: Option<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    boards: HashMap<String, (Arc<KnownBoard>, u64)>,
    /// How often one was looked at.
    looks: u64,
}

impl Shelf {
    /// An empty one, on which boards are kept or not.
    pub(in crate::cache) fn new(keeps: bool) -> Self {
        Self {
            kept: keeps.then(Mutex::default),
        }
    }

    /// The board of a project, if it is kept.
    pub(super) fn get(&self, project_id: &str) -> Option<Arc<KnownBoard>> {
        let kept = self.kept.as_ref()?;
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.looks += 1;
        let looks = kept.looks;
        let (board, look) = kept.boards.get_mut(project_id)?;
        *look = looks;
        Some(Arc::clone(board))
    }

    /// Keeps the board of a project, and lets others go when there is no room for it.
    pub(super) fn put(&self, project_id: &str, board: &Arc<KnownBoard>) {
        let Some(kept) = &self.kept else {
            return;
        };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.boards.remove(project_id);
        if board.weight > MOST {
            return;
        }
        while kept.weight() + board.weight > MOST {
            let oldest = kept.boards.iter().min_by_key(|(_, (_, look))| *look);
            let Some(oldest) = oldest.map(|(id, _)| id.clone()) else {
                break;
            };
            kept.boards.remove(&oldest);
        }
        kept.looks += 1;
        let looks = kept.looks;
        let entry = (Arc::clone(board), looks);
        kept.boards.insert(project_id.to_owned(), entry);
    }
}

impl Kept {
    fn weight(&self) -> usize {
        self.boards.values().map(|(board, _)| board.weight).sum()
    }
}
