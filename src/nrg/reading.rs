//! How an answer is read: scalars leniently, texts sanitized, links to allowed hosts only; and what is odd about it is
//! counted.

use url::Url;

use crate::{
    fields::{CentsPerKwh, Dollars, Language, OfferCode, ServiceDate, TdspCode},
    journey::SafeHtml,
};

use super::{
    endpoint::Endpoint,
    oddities::Oddities,
    sanitize,
    scalars::{self, Scalar},
    wire::Text,
};

/// Reads the answer of one call. A method gives none for a value that is absent, and for one that cannot be read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) endpoint: Endpoint,
    pub(super) link_hosts: &'a [String],
    pub(super) oddities: &'a Oddities,
    /// The language that was asked for.
    pub(super) language: Language,
}

impl Reading<'_> {
    fn noted<T>(&self, field: &'static str, scalar: Scalar<T>) -> T {
        if scalar.is_odd {
            self.oddities.reading(self.endpoint, field);
        }
        scalar.value
    }

    fn scalar<T>(
        &self,
        field: &'static str,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Option<Scalar<T>>,
    ) -> Option<T> {
        text.and_then(parse).map(|scalar| self.noted(field, scalar))
    }

    /// An amount of money in whole dollars.
    pub(super) fn dollars(&self, field: &'static str, text: &Text) -> Option<Dollars> {
        self.scalar(field, text.filled(), scalars::dollars)
    }

    /// An amount of money, with cents or without.
    pub(super) fn amount(&self, field: &'static str, text: &Text) -> Option<Dollars> {
        self.scalar(field, text.filled(), scalars::amount)
    }

    /// A term in months; 0 for month to month.
    pub(super) fn months(&self, field: &'static str, text: &Text) -> Option<u16> {
        self.scalar(field, text.filled(), scalars::months)
    }

    /// Kilowatt hours.
    pub(super) fn kwh(&self, field: &'static str, text: &Text) -> Option<u32> {
        self.scalar(field, text.filled(), scalars::kwh)
    }

    /// A count.
    pub(super) fn count(&self, field: &'static str, text: &Text) -> Option<u8> {
        self.scalar(field, text.filled(), |text| scalars::whole(text, &[]))
            .and_then(|count| u8::try_from(count).ok())
    }

    /// The code of an offer.
    pub(super) fn offer_code(&self, field: &'static str, text: &Text) -> Option<OfferCode> {
        self.scalar(field, text.exact(), scalars::offer_code)
    }

    /// The code of a utility.
    pub(super) fn tdsp(&self, field: &'static str, text: &Text) -> Option<TdspCode> {
        self.scalar(field, text.exact(), scalars::tdsp)
    }

    /// Days, in one text with separators or in several.
    pub(super) fn dates(&self, field: &'static str, texts: &[Text]) -> Vec<ServiceDate> {
        let mut is_odd = texts.len() > 1;
        let mut dates = Vec::new();
        for text in texts {
            is_odd |= text.contains([',', '|']);
            for date in text.split([';', ',', '|']).filter_map(scalars::date) {
                is_odd |= date.is_odd;
                dates.push(date.value);
            }
        }
        if is_odd {
            self.oddities.reading(self.endpoint, field);
        }
        dates.sort();
        dates.dedup();
        dates
    }

    /// Whether a flag is set, for which the contract has the word `set`. A blank one is not.
    pub(super) fn flag(&self, field: &'static str, text: &Text, set: &str) -> bool {
        self.noted(field, scalars::flag(text, set))
    }

    /// The average prices at three uses, with the names of their fields; a blank one is none. `Err` is the field of a price
    /// that cannot be read.
    pub(super) fn prices(
        &self,
        fields: [(&'static str, &Text); 3],
    ) -> Result<[Option<CentsPerKwh>; 3], &'static str> {
        let prices = scalars::prices(fields.map(|(field, text)| (field, &**text)))?;
        let mut names = fields.map(|(field, _)| field).into_iter();
        Ok(prices.map(|price| names.next().zip(price).map(|(field, price)| self.noted(field, price))))
    }

    /// A link to an allowed host, as https.
    pub(super) fn link(&self, field: &'static str, text: &Text) -> Option<Url> {
        let address = text.filled()?;
        let url = sanitize::link(address, self.link_hosts)?;
        if !address.starts_with("https://") {
            self.oddities.reading(self.endpoint, field);
        }
        Some(url)
    }

    /// A text for people as safe HTML.
    pub(super) fn message(&self, text: &Text) -> Option<SafeHtml> {
        self.cleaned(sanitize::clean(text, self.link_hosts))
    }

    /// Like [`Reading::message`], for a text that is escaped twice (`depositReasonText`, contract 5.16).
    pub(super) fn escaped_message(&self, text: &Text) -> Option<SafeHtml> {
        self.cleaned(sanitize::clean_escaped(text, self.link_hosts))
    }

    fn cleaned(&self, cleaned: sanitize::Cleaned) -> Option<SafeHtml> {
        self.oddities.refused_links(self.endpoint, cleaned.refused_links);
        cleaned.html.map(|html| html.asked_in(self.language))
    }
}
