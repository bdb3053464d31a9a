//! For the affiliate: builds a deep link into the journey, and an HTML form for the affiliate's own page that does the same.
//!
//! The input is the query of this page's address, which can be bookmarked; nothing is stored. A value that a link cannot
//! carry gets an error message at its field, and no link is built then.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use url::form_urlencoded::Serializer;

use super::error::respond;
use crate::{
    fields::{Language, Query, Transaction},
    journey::{Attribution, DeepLink, RejectedParam},
    messages::{Messages, interpolate},
    web::{
        Choice, Field, FieldError, Page, context::RequestContext, error::PageError, html,
        page_context::PageContext,
    },
};

/// How many characters of a value are read: one more than a link may carry.
const MAX: usize = 513;

/// GET `/link-builder`.
pub async fn show(ctx: RequestContext) -> Response {
    let shown = if ctx.hosted.link_builder { build(ctx.view()) } else { Err(PageError::NotFound) };
    respond(&ctx, shown)
}

fn build(ctx: PageContext<'_>) -> Result<Response, PageError> {
    let t = ctx.messages();
    let (given, params) = (Query::read(&ctx.request.query), &ctx.site().click_params);
    let value = |name: &str| given.get(name).unwrap_or_default().chars().take(MAX).collect::<String>();
    let mut asked: Vec<(&str, String)> =
        ["zip", "type", "brand", "offer", "promo"].into_iter().map(|name| (name, value(name))).collect();
    // `lang` would be the language of this page.
    let language = Language::parse(&value("link_lang")).ok();
    asked.push(("lang", language.map_or_else(String::new, |language| language.tag().to_owned())));
    // Of a click nothing is left out unsaid but the spaces around it.
    let click = |name: &str| {
        let mut values = given.to_the_letter().filter(|(known, _)| *known == name);
        values.next().map_or_else(String::new, |(_, value)| value.trim().chars().take(MAX).collect())
    };
    asked.extend(params.iter().map(|name| (name, click(name))));
    asked.retain(|(_, value)| !value.is_empty());

    let query = asked.iter().map(|(name, value)| pair(name, value)).collect::<Vec<_>>().join("&");
    let unused = DeepLink::read(&query, ctx.site()).map(|link| link.rejected_params).unwrap_or_default();
    let attribution = params.read(&query);
    let mut errors = Vec::new();
    let mut field = |name: &str| {
        let given = asked.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        let rejected =
            params.contains(name) && attribution.get(name).is_none() && !Attribution::is_macro(given);
        let problem = unused
            .iter()
            .find_map(|unused| problem(t, *unused).filter(|(of, _)| *of == name))
            .map(|(_, words)| words)
            .or((rejected && !given.is_empty()).then_some(&*t.link_builder.click_problem))
            .map(str::to_owned);
        errors.extend(problem.clone().map(|message| FieldError { field: name.to_owned(), message }));
        Field::new(name, given, problem)
    };
    let [zip, transaction, brand, offer, promo] = ["zip", "type", "brand", "offer", "promo"].map(&mut field);
    let clicks: Vec<Field> = params.iter().map(&mut field).collect();
    let made = if errors.is_empty() && !asked.is_empty() {
        Some((
            format!("{}?{query}", ctx.hosted.public_url),
            snippet(ctx, &asked, language.unwrap_or(ctx.language))?,
        ))
    } else {
        None
    };
    let macros: Vec<&str> =
        asked.iter().map(|(_, value)| value.as_str()).filter(|value| Attribution::is_macro(value)).collect();
    let macros =
        (!macros.is_empty()).then(|| interpolate(&t.link_builder.macros, &[("macros", &macros.join(", "))]));
    let site = ctx.site();
    let mut page = ctx.page(&t.link_builder.title);
    page.errors = errors;
    // The clicks in this address are what the page makes links of, and none that came.
    page.link = None;
    let page = LinkBuilderPage {
        zip,
        transaction,
        transactions: [
            Choice::new(Transaction::MoveIn.wire(), &t.zip.move_in),
            Choice::new(Transaction::Switch.wire(), &t.zip.switch),
        ],
        brand,
        brands: site.brands.iter().map(|(brand, site)| Choice::new(brand.id(), &site.name)).collect(),
        offer,
        promo,
        language: Field::new("link_lang", language.map_or("", Language::tag), None),
        languages: [
            Choice::new(Language::English.tag(), &t.contact.english),
            Choice::new(Language::Spanish.tag(), &t.contact.spanish),
        ],
        tracked: clicks.iter().any(|click| !click.value.is_empty()),
        clicks: clicks.into_iter().map(|click| (macro_hint(t, &click.value), click)).collect(),
        made,
        macros,
        page,
    };
    Ok(html(StatusCode::OK, page.render()?))
}

/// A parameter as it stands in the link. A macro stands as it is: encoded, the network would not know it.
fn pair(name: &str, value: &str) -> String {
    if Attribution::is_macro(value) {
        format!("{name}={value}")
    } else {
        Serializer::new(String::new()).append_pair(name, value).finish()
    }
}

/// What the network puts in for `value`; empty if that is no macro.
fn macro_hint(t: &Messages, value: &str) -> String {
    let is_macro = Attribution::is_macro(value);
    if is_macro { interpolate(&t.link_builder.macro_hint, &[("macro", value)]) } else { String::new() }
}

/// The field of a rejected parameter, and its error message.
fn problem(t: &Messages, unused: RejectedParam) -> Option<(&'static str, &str)> {
    match unused {
        RejectedParam::Zip => Some(("zip", &t.problem.zip_digits)),
        RejectedParam::Type => Some(("type", &t.problem.not_a_choice)),
        RejectedParam::Brand => Some(("brand", &t.problem.not_a_choice)),
        RejectedParam::Offer => Some(("offer", &t.link_builder.offer_problem)),
        RejectedParam::Promo => Some(("promo", &t.link_builder.promo_problem)),
        // The language is one of a list; whether a plan is offered is only known when the link is followed.
        RejectedParam::Language | RejectedParam::Plan => None,
    }
}

/// An HTML form that asks for the ZIP code and sends the other parameters of the link in hidden fields.
fn snippet(ctx: PageContext<'_>, asked: &[(&str, String)], language: Language) -> Result<String, PageError> {
    let t = ctx.catalogs.of(language);
    let hidden = asked.iter().filter(|(name, _)| *name != "zip").map(|(name, value)| (*name, value.as_str()));
    let snippet = Snippet {
        action: ctx.hosted.public_url.as_str(),
        language,
        label: &t.zip.zip.label,
        submit: &t.zip.submit,
        hidden: hidden.collect(),
    };
    Ok(snippet.render()?)
}

#[derive(Template)]
#[template(path = "page/link-builder.html")]
struct LinkBuilderPage<'a> {
    page: Page<'a>,
    zip: Field,
    transaction: Field,
    transactions: [Choice; 2],
    brand: Field,
    brands: Vec<Choice>,
    offer: Field,
    promo: Field,
    language: Field,
    languages: [Choice; 2],
    /// The parameters of the click, each with what the network does with the macro in it.
    clicks: Vec<(String, Field)>,
    /// Whether the link has attribution parameters.
    tracked: bool,
    /// The link and the HTML form.
    made: Option<(String, String)>,
    /// What the network does with the macros in the link.
    macros: Option<String>,
}

/// The HTML form for the affiliate's own page.
#[derive(Template)]
#[template(path = "page/link-snippet.html")]
struct Snippet<'a> {
    action: &'a str,
    language: Language,
    label: &'a str,
    submit: &'a str,
    hidden: Vec<(&'a str, &'a str)>,
}
