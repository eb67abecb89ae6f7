//! The shop: a loaded rule, and how to ask it for a price.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plugwright::{
    Access, CallError, ForeignText, Grants, Host, HostBuilder, Limit, Limits, Plugin,
};

use crate::contract::Pricing;
use crate::{Cart, Catalogue, Quote, Refusal};

/// The linear memory that a call of a rule may use, in bytes.
const MEMORY: u64 = 16 << 20;

/// A shop that prices carts with a plugin.
#[derive(Debug, Clone)]
pub struct Shop {
    rule: Plugin<Pricing>,
}

impl Shop {
    /// Returns a builder for the host of the shop's plugins. They can read the files in `coupons`, and must be
    /// quick, because a customer waits.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder cannot be granted.
    pub fn host(coupons: &Path) -> Result<HostBuilder, Box<dyn Error>> {
        let limits = Limits::default().deadline(Duration::from_millis(500)).memory(MEMORY);
        let grants = Grants::none().folder(coupons, "/coupons", Access::ReadOnly)?;
        Ok(Host::builder().limits(limits).grants(grants))
    }

    /// Opens a shop that uses the plugin in the file `rule`. The plugin's manifest must promise to use little
    /// memory, because the shop prices many carts at once.
    ///
    /// # Errors
    ///
    /// Returns an error if the plugin cannot be loaded, or if its manifest does not promise enough.
    pub fn open(host: &Host, rule: &Path) -> Result<Self, Box<dyn Error>> {
        let candidate = host.verify(host.open(rule)?)?;
        let rule = host.load_candidate(&candidate)?;
        let promised = candidate.manifest().and_then(|manifest| manifest.limits.get(Limit::Memory));
        match promised {
            Some(memory) if memory <= MEMORY => Ok(Self { rule }),
            _ => Err(format!(
                "`{}` does not promise to stay within 16 MiB: write `limits = [\"memory=16MiB\"]` into its \
                 `plugin.toml`",
                ForeignText::from(candidate.name())
            )
            .into()),
        }
    }

    /// Prices `cart`, with the current `catalogue`.
    ///
    /// # Errors
    ///
    /// Returns [`CallError::Refused`] with the rule's own answer, or another error that ended the call.
    pub fn price(
        &self,
        catalogue: &Arc<Catalogue>,
        cart: &Cart,
    ) -> Result<Quote, CallError<Refusal>> {
        self.rule.with_data(Arc::clone(catalogue)).call("price", async |plugin, store| {
            plugin.shop_pricing_rules().call_price(store, cart).await
        })
    }

    /// Does the same as [`Shop::price`], without blocking other tasks.
    ///
    /// # Errors
    ///
    /// As [`Shop::price`].
    pub async fn price_async(
        &self,
        catalogue: &Arc<Catalogue>,
        cart: &Cart,
    ) -> Result<Quote, CallError<Refusal>> {
        let rule = self.rule.with_data(Arc::clone(catalogue));
        rule.call_async("price", async |plugin, store| {
            plugin.shop_pricing_rules().call_price(store, cart).await
        })
        .await
    }
}
