//! Step `contact`: name, email, phone, bill language, and optional consents: two to marketing, and one to be reminded.

use askama::Template;

use super::{PageError, Reader, StepPage, checked_again, consent};
use crate::{
    fields::{Email, Language, PersonName, Phone},
    journey::{Contact, Journey, Marketing, Step},
    ledger::ConsentKind,
    messages::interpolate,
    web::{
        Choice, ErrorMessages, Field, Page,
        context::RequestContext,
        form::{FormErrors, digest},
        page_context::PageContext,
    },
};

/// Step `contact`.
pub struct ContactStep;

/// The posted form.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct ContactForm {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub phone: String,
    pub language: String,
    pub marketing_email: String,
    pub marketing_phone: String,
    pub reminder: String,
}

impl StepPage for ContactStep {
    const STEP: Step = Step::Contact;
    const CALLS: bool = false;
    type Form = ContactForm;
    type Input = Contact;
    type Shown = ();

    fn form(ctx: PageContext<'_>) -> ContactForm {
        let Some(contact) = &ctx.journey.contact else {
            return ContactForm { language: ctx.language.tag().to_owned(), ..ContactForm::default() };
        };
        let marketing = ctx.journey.marketing();
        let word = |is_ticked| if is_ticked { "yes".to_owned() } else { String::new() };
        let ticked = |on: fn(&Marketing) -> bool| word(marketing.is_some_and(on));
        ContactForm {
            first_name: contact.first_name.as_str().to_owned(),
            last_name: contact.last_name.as_str().to_owned(),
            email: contact.email.as_str().to_owned(),
            phone: contact.phone.to_string(),
            language: contact.bill_language.tag().to_owned(),
            marketing_email: ticked(|marketing| marketing.email),
            marketing_phone: ticked(|marketing| marketing.phone),
            reminder: word(contact.reminder.is_some()),
        }
    }

    fn render(
        ctx: PageContext<'_>,
        _shown: &(),
        form: &ContactForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        let t = &ctx.messages().contact;
        let mut faults = ErrorMessages::new(ctx.messages(), errors);
        let first_name = faults.field("first_name", &form.first_name, &t.first_name);
        let last_name = faults.field("last_name", &form.last_name, &t.last_name);
        let email = faults.field("email", &form.email, &t.email);
        let phone = faults.field("phone", &form.phone, &t.phone);
        let language = faults.field("language", &form.language, &t.language);
        let confirms = ctx.brand_site().is_some_and(|site| site.confirmation_email);
        let email_hint = if confirms { &t.email_hint } else { &t.email_hint_account };
        let mut page = ctx.form_page(Step::Contact, &t.title, faults.summary());
        page.notices.extend(checked_again::notice(ctx, Step::Contact));
        let page = ContactPage {
            email_hint: interpolate(email_hint, &[("brand", ctx.brand_name())]),
            page,
            revision: ctx.journey.revision(Step::Contact),
            first_name,
            last_name,
            email,
            phone,
            language,
            languages: [
                Choice::new(Language::English.tag(), &t.english),
                Choice::new(Language::Spanish.tag(), &t.spanish),
            ],
            marketing_email: Field::new("marketing_email", &form.marketing_email, None),
            marketing_phone: Field::new("marketing_phone", &form.marketing_phone, None),
            words: marketing_texts(ctx, ctx.language),
            reminder: Field::new("reminder", &form.reminder, None),
            reminder_text: reminder_text(ctx),
            agreed: digest(&Self::consent_text(ctx)),
        };
        Ok(page.render()?)
    }

    fn consent_text(ctx: PageContext<'_>) -> String {
        let texts = marketing_texts(ctx, ctx.language);
        let texts = [texts.email, texts.phone].into_iter().chain(reminder_text(ctx));
        texts.collect::<Vec<_>>().join("\n")
    }

    fn consents(form: &ContactForm) -> bool {
        [&form.marketing_email, &form.marketing_phone, &form.reminder]
            .into_iter()
            .any(|ticked| ticked == "yes")
    }

    fn parse(form: &ContactForm, ctx: PageContext<'_>) -> Result<Contact, FormErrors> {
        let mut reader = Reader::default();
        let first_name = reader.read("first_name", PersonName::parse(&form.first_name));
        let last_name = reader.read("last_name", PersonName::parse(&form.last_name));
        let email = reader.read("email", Email::parse(&form.email));
        let phone = reader.read("phone", Phone::parse(&form.phone));
        let language = reader.read("language", Language::parse(&form.language));
        let input = (|| {
            Some(Contact {
                first_name: first_name?,
                last_name: last_name?,
                email: email?,
                phone: phone?,
                bill_language: language?,
                marketing: Marketing {
                    email: form.marketing_email == "yes",
                    phone: form.marketing_phone == "yes",
                    brand: ctx.brand(),
                    language: ctx.language,
                },
                reminder: (ctx.reminds && form.reminder == "yes").then_some(ctx.language),
            })
        })();
        reader.finish(input)
    }

    async fn record_consent(ctx: &RequestContext, contact: &Contact) -> Result<(), PageError> {
        let known = |known: &Contact| known.reminder.is_some() && known.email == contact.email;
        let view = ctx.view();
        match reminder_text(view).filter(|_| contact.reminder.is_some()) {
            Some(text) if !ctx.journey().contact.as_ref().is_some_and(known) => {
                let consent = consent::of(view, ConsentKind::Reminder, "contact.reminder", &text);
                Ok(ctx.app.ledger.consent(&consent).await?)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn store(contact: &Contact, journey: &mut Journey) {
        journey.contact = Some(contact.clone());
    }
}

/// The texts of the marketing consents.
pub struct MarketingTexts {
    /// "… may send me offers and news by email …".
    pub email: String,
    /// "… may call or text me …".
    pub phone: String,
}

/// The texts for the page's brand in `language`, as they are shown and as they are recorded.
pub fn marketing_texts(ctx: PageContext<'_>, language: Language) -> MarketingTexts {
    let t = &ctx.catalogs.of(language).contact;
    let filled = |text: &str| interpolate(text, &[("brand", ctx.brand_name())]);
    MarketingTexts { email: filled(&t.marketing_email), phone: filled(&t.marketing_phone) }
}

/// The text of the consent to be reminded, where that is offered.
fn reminder_text(ctx: PageContext<'_>) -> Option<String> {
    let affiliate = ctx.site().affiliate_name.as_str();
    ctx.reminds.then(|| interpolate(&ctx.messages().contact.reminder, &[("affiliate", affiliate)]))
}

#[derive(Template)]
#[template(path = "step/contact.html")]
struct ContactPage<'a> {
    page: Page<'a>,
    revision: u64,
    first_name: Field,
    last_name: Field,
    email_hint: String,
    email: Field,
    phone: Field,
    language: Field,
    languages: [Choice; 2],
    marketing_email: Field,
    marketing_phone: Field,
    words: MarketingTexts,
    reminder: Field,
    reminder_text: Option<String>,
    agreed: String,
}
