//! The sections of what a person reads after the journey is over.

use crate::messages::section_macro::sections;

sections! {
    /// Where an enrollment stands later: the link to look it up by, the question, and the page.
    StatusText {
        offer, offer_button, link_title, link_lead, qr_title, keep, mail_subject, mail_body, ask_title, ask_lead,
        ask_submit, title, unknown, deposit_open, deposit_paid, papers, other, released, open_heading, told, as_told,
        gone_title, gone,
    }
    /// What is kept of an enrollment, for the person.
    AccessText {
        title, printed, reference, none, submission, record, state, ready, sent, enrolled, accepted, refused,
        correctable, duplicate, unknown, submitted, answered, provider, plan, service, meter, site, account,
        check_digit, customer, document, code, message, unopened, billing_zip, paperless, yes, no, facts,
        link, request, later, activated, cancelled, rejected, corrected, settled, standing, postbacks, mails, mail_reminder, mail_confirmation, reminder, told,
        telling, was_told, not_told, consents, credit, documents, affirmation, records, marketing, text,
        text_named, language, shown_documents, client_address, user_agent, findable, actions, action_access,
        action_erase, action_hold, action_release, action_show, action_find, not_here,
    }
    /// Mails, the form that asks for one, and the page that unsubscribes.
    MailText {
        link_subject, link_lead, reminder_subject, reminder_lead, button, until, not_you, confirmation_subject, enrolled_lead,
        accepted_lead, first_switch_hold, status, status_button, call, automatic, unsubscribe, heading, submit, sent,
        takes_none, unsubscribe_title, unsubscribe_lead, unsubscribe_submit, unsubscribed_title, unsubscribed_lead, unknown_title, unknown_lead,
    }
}
