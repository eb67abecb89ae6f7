//! What the calls of a plugin have in common.

use std::sync::Arc;

use crate::call::budget::Budget;
use crate::call::threads::Threads;
use crate::permission::grant_error::GrantError;
use crate::permission::grants::Grants;
use crate::permission::limits::Limits;
use crate::text::foreign_text::ForeignText;

/// What the calls of a plugin have in common. It is one piece, because all threads that call count their
/// handles to it.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) name: Arc<str>,
    pub(crate) version: Option<ForeignText>,
    pub(crate) grants: Arc<Grants>,
    /// What its own manifest says that a call stays within.
    pub(crate) manifest: Limits,
    /// What all calls of the host may make it hold.
    pub(crate) budget: Arc<Budget>,
    pub(crate) threads: Threads,
}

impl Identity {
    /// Sees to it that what was granted is there.
    ///
    /// # Errors
    ///
    /// [`GrantError::Folder`] if a folder is not, or does not answer.
    pub(crate) async fn check_grants(self: &Arc<Self>) -> Result<(), GrantError> {
        for folder in self.grants.folders.values() {
            let granted = folder.clone();
            let checked = self.threads.run(move || granted.check()).await;
            checked.map_err(|stuck| folder.refused(stuck.to_string()))??;
        }
        Ok(())
    }
}
