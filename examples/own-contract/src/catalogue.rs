//! The shop's articles, and the host function that returns them to plugins.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use plugwright::State;

use crate::contract::shop::pricing::catalogue::{Article, Host};

/// The shop's articles.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    articles: BTreeMap<String, (Article, Duration)>,
}

impl Catalogue {
    /// Adds an article: its price in cents, the number in a box, and the time that the warehouse takes to
    /// answer.
    #[must_use]
    pub fn with(mut self, sku: &str, price: u64, box_size: u32, delay: Duration) -> Self {
        self.articles.insert(sku.to_owned(), (Article { price, box_size }, delay));
        self
    }
}

impl Host for State<Arc<Catalogue>> {
    async fn find(&mut self, sku: String) -> Option<Article> {
        let (article, delay) = self.data.articles.get(&sku)?;
        tokio::time::sleep(*delay).await;
        Some(*article)
    }
}
