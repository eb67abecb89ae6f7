//! What all calls of a plugin share.

use std::sync::Arc;

use crate::call::budget::Budget;
use crate::call::threads::Threads;
use crate::permission::grant_error::GrantError;
use crate::permission::grants::Grants;
use crate::permission::limits::Limits;
use crate::text::foreign_text::ForeignText;

/// What all calls of a plugin share. It is one allocation, because every thread that calls the plugin counts a handle
/// to it.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) name: Arc<str>,
    pub(crate) version: Option<ForeignText>,
    pub(crate) grants: Arc<Grants>,
    /// The limits that the plugin's own manifest declares for a call.
    pub(crate) manifest: Limits,
    /// What the host may hold for all its calls.
    pub(crate) budget: Arc<Budget>,
    pub(crate) threads: Threads,
}

impl Identity {
    /// Checks that everything that was granted is available.
    ///
    /// # Errors
    ///
    /// [`GrantError::Folder`] if a folder is not available or does not respond.
    pub(crate) async fn check_grants(self: &Arc<Self>) -> Result<(), GrantError> {
        for folder in self.grants.folders.values() {
            let granted = folder.clone();
            let checked = self.threads.run(move || granted.check()).await;
            checked.map_err(|stuck| folder.refused(stuck.to_string()))??;
        }
        Ok(())
    }
}
