//! A journey that a partner handed over: what it gave for each step, and the opening of the link.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{service::Service, state::Journey, step::Step};
use crate::fields::{Phone, Transaction, Zip};

impl Journey {
    /// The values of the form of `step` that a partner gave, if the step was not answered since.
    pub fn given_fields(&self, step: Step) -> Option<&BTreeMap<String, String>> {
        self.handed_over.as_ref()?.fields.get(&step)
    }

    /// The service that a partner gave, before the person has answered the first step.
    pub fn given_service(&self) -> Option<Service> {
        let (_, fields) = self.draft.as_ref().filter(|(step, _)| *step == Step::Zip)?;
        self.handed_over.as_ref().filter(|_| self.service.is_none())?;
        let value = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let (zip, transaction) =
            (Zip::parse(value("zip")).ok()?, Transaction::parse(value("transaction")).ok()?);
        Some(Service { zip, transaction })
    }

    /// The phone number that a partner gave, before the person has answered the step.
    pub(super) fn given_phone(&self) -> Option<Phone> {
        Phone::parse(self.given_fields(Step::Contact)?.get("phone")?).ok()
    }

    /// Whether a partner handed it over, and nobody has opened the link yet.
    pub fn waits_to_be_opened(&self) -> bool {
        self.handed_over.as_ref().is_some_and(|handed| !handed.opened)
    }

    /// Notes that the person has opened the link at `now`: the journey begins.
    pub fn open_handed_over(&mut self, now: Timestamp) {
        if let Some(handed) = self.handed_over.as_mut().filter(|handed| !handed.opened) {
            handed.opened = true;
            self.started = now;
        }
    }
}
