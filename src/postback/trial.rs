//! A trial: one made-up postback, sent to a target at once, to see what it answers.

use super::{
    delivery::{Delivery, DeliveryClient},
    event::{Ending, Event},
    fact::{Fact, Facts},
    outbox::Outbox,
    target::Target,
};
use crate::journey::Attribution;

/// The journey that a trial is about, which never was.
const JOURNEY: &str = "trial";

/// What a trial tells.
const ABOUT: [(Fact, &str); 18] = [
    (Fact::Amount, "0.00"),
    (Fact::Currency, "USD"),
    (Fact::Site, "main"),
    (Fact::Language, "en"),
    (Fact::Zip, "77999"),
    (Fact::Type, "MVI"),
    (Fact::Utility, "D0001"),
    (Fact::Usage, "1000"),
    (Fact::Brand, "RE"),
    (Fact::OfferCode, "59990001"),
    (Fact::Plan, "Trial"),
    (Fact::Term, "12"),
    (Fact::Price500, "15.0"),
    (Fact::Price1000, "14.0"),
    (Fact::Price2000, "13.0"),
    (Fact::Promo, "TRIAL"),
    (Fact::Deposit, "no"),
    (Fact::LastStep, "review"),
];

impl Outbox {
    /// Sends `target` a made-up postback of `ending` about the click `click` now. It is not in the outbox.
    ///
    /// # Errors
    /// No HTTP client can be made with the target's settings.
    pub async fn try_target(
        &self,
        target: &Target,
        ending: Ending,
        click: &Attribution,
    ) -> Result<Delivery, reqwest::Error> {
        let (id, now) = (hex::encode(self.entropy.bytes::<16>()), self.clock.now());
        let mut about = Facts::default();
        ABOUT.into_iter().for_each(|(fact, value)| about.set(fact, Some(value)));
        let event = Event { journey: JOURNEY, ending, occurrence: 1, attribution: click, about, at: now };
        let mut facts = event.facts();
        facts.set(Fact::Id, Some(&id));
        let message = target.message(&id, &facts, now);
        Ok(DeliveryClient::of(target)?.send(message).await)
    }
}
