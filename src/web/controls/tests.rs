//! A page with every control, in both languages. `NRG_ENROLL_GALLERY` names a folder to write it to.

use askama::Template;

use super::*;
use crate::{
    fields::{Brand, Language},
    journey::SafeHtml,
    messages::Catalogs,
    theme::tests::theme,
    web::{AffiliateLine, Assets, BrandLine, FieldError, Notice, OrderSummary, Page, SessionTimeout, Steps},
};

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"{% extends "layout.html" %}
{% import "ui/action.html" as action %}{% import "ui/block.html" as block %}{% import "ui/field.html" as field %}
{% block content %}
<h1>{{ page.t.identity.title }}</h1>
<p class="lead">{{ page.interpolate(page.t.identity.birth_date_hint) }}</p>
<form method="post" novalidate>
{{ action::revision(page, 7) }}
{{ field::text(page.t, zip, page.t.zip.zip.label, hint=page.t.zip.zip_hint, autocomplete="postal-code", inputmode="numeric", width="w5") }}
{{ field::text(page.t, middle, page.t.address.unit.label, optional=true) }}
{{ field::birth_date(page.t, birth, page.t.identity.birth_date.label, hint=page.t.identity.birth_date_hint) }}
{{ field::radios(page.t, radios, page.t.identity.document_legend, choices) }}
{{ field::secret(page.t, ssn, page.t.identity.ssn.label, hint=page.t.identity.ssn_hint) }}
{% call block::details(page.t.identity.credit_heading) %}<p>{{ page.interpolate(page.t.identity.ssn_why) }}</p>{% endcall %}
{{ field::select(page.t, select, page.t.billing.state.label, choices) }}
{{ field::checkbox(page.t, tick, page.t.review.consent_documents) }}
<div class="actions">{{ action::submit(page.t, page.t.common.go_on) }}
{{ action::link_button(page.t.outage.other_plan, "/plans", kind="secondary") }}
{{ action::plain(page.t.stop.start_over) }}</div>
</form>
<h2>{{ page.t.review.plan_heading }}</h2>
<dl class="summary">
{{ block::summary_row(page.t, page.t.review.email, "jo@example.com", href="/contact") }}
{{ block::summary_row(page.t, page.t.review.service_address, "100 Example Oak Ln, Unit 12, Sampleton, TX 77999", href="/address") }}
{{ block::summary_row(page.t, page.t.address.unit.label, "") }}
</dl>
{{ block::phone(page) }}
<ul class="plans">
{% for n in [1, 2, 3] %}
<li class="plan brand-GM">
<p class="plan-brand">Green Mountain</p>
<h2>Sample Secure 12 Plan {{ n }}</h2>
<p class="price"><b>14.9¢</b> {{ page.t.common.kwh_1000 }}</p>
{% let id = format!("chart-{n}") %}{{ block::price_chart(page, chart, id) }}
<dl class="facts"><div><dt>{{ page.t.plans.kind }}</dt><dd>{{ page.t.plans.fixed }}</dd></div><div><dt>{{ page.t.plans.cancel_fee }}</dt><dd>$150</dd></div></dl>
<p class="tags"><span class="tag">{{ page.t.plans.green }}</span></p>
{{ action::link_button(page.t.plans.choose, "/plans/GM/59990001") }}
</li>
{% endfor %}
</ul>
{% endblock %}"##
)]
struct Gallery<'a> {
    page: Page<'a>,
    zip: Field,
    middle: Field,
    birth: DateField,
    radios: Field,
    ssn: Field,
    select: Field,
    tick: Field,
    choices: Vec<Choice>,
    chart: PriceChart,
}

fn page<'a>(catalogs: &'a Catalogs, assets: &'a Assets, lang: Language) -> Page<'a> {
    let t = catalogs.of(lang);
    Page {
        assets,
        t,
        lang,
        title: t.identity.title.clone(),
        preview: None,
        errors: Vec::new(),
        steps: Some(Steps {
            names: vec![&t.steps.zip, &t.steps.identity, &t.steps.review],
            n: 2,
            name: &t.steps.identity,
        }),
        order: Some(OrderSummary {
            plan: "Sample Secure 12 Plan",
            lang: "",
            rows: vec![(&t.plans.term, "12".to_owned())],
            change: Some("/plans"),
        }),
        brands: vec!["Sample Brand", "Sample Wind", "Sample Sun"],
        worn: Some(Brand::GreenMountain),
        back: Some("/billing".to_owned()),
        affiliate: AffiliateLine {
            name: "Sample Energy Choice",
            privacy_url: None,
            broker_number: Some("BR000000"),
        },
        brand: BrandLine {
            brand: Brand::GreenMountain,
            name: "Sample Brand",
            legal_name: "Sample Brand LLC",
            certificate: "10000",
            phone: "(866) 555-0100".to_owned(),
            hours: "Mon–Fri 7–8, Sat 8–5".to_owned(),
            opening: "Open until 8 pm".to_owned(),
            is_open: true,
            email: None,
        },
        reference: Some("4900001".to_owned()),
        visit: "J",
        here: "/identity?lang=en&x=1".to_owned(),
        form: None,
        refresh: None,
        session: Some(SessionTimeout { idle_seconds: 1800, later: true, aside: false }),
        said: Vec::new(),
        link: None,
        notices: vec![Notice {
            title: t.advice.switch_hold_notify_title.clone(),
            text: Some(t.advice.switch_hold_notify.clone()),
            message: None,
        }],
    }
}

fn gallery(catalogs: &Catalogs, lang: Language, refused: bool) -> String {
    let assets = Assets::new(&theme(), None);
    let t = catalogs.of(lang);
    let problem = |text: &str| refused.then(|| text.to_owned());
    let message = SafeHtml::from_cleaner("<a href=\"https://brand.example/form.pdf\">form</a>".to_owned());
    let errors = [("zip", &t.zip.zip.missing), ("birth_day", &t.problem.day_missing)]
        .map(|(field, message)| FieldError { field: field.to_owned(), message: message.clone() });
    let mut page = page(catalogs, &assets, lang);
    if refused {
        page.errors = errors.to_vec();
    }
    if let [notice, ..] = page.notices.as_mut_slice() {
        notice.message = message.as_ref();
    }
    Gallery {
        page,
        zip: Field::new("zip", "77<0", problem(&t.zip.zip.missing)),
        middle: Field::new("middle_name", "", None),
        birth: DateField {
            name: "birth".to_owned(),
            month: "3".to_owned(),
            day: String::new(),
            year: "1985".to_owned(),
            problem: problem(&t.problem.day_missing),
            wrong: crate::fields::BirthDatePart::Day,
        },
        radios: Field::new("document", "ssn", None),
        ssn: Field::new("ssn", "900-45-6789", None),
        select: Field::new("state", "licence", None),
        tick: Field::new("documents", "", problem(&t.review.documents.missing)),
        choices: vec![
            Choice::new("ssn", &t.identity.with_ssn).hint(&t.identity.with_license_hint),
            Choice::new("licence", &t.identity.with_license),
        ],
        chart: PriceChart::new([161, 149, 143], Some(1000)),
    }
    .render()
    .unwrap()
}

#[test]
fn form_controls_are_accessible_and_show_their_errors() {
    let catalogs = Catalogs::load().unwrap();
    for lang in [Language::English, Language::Spanish] {
        let html = gallery(&catalogs, lang, true);
        let t = catalogs.of(lang);
        for part in [
            format!("<html lang=\"{}\">", lang.tag()),
            format!("<title>{} ", t.common.error_prefix),
            "<a href=\"#zip\">".to_owned(),
            "aria-describedby=\"zip-hint zip-problem\" aria-invalid=\"true\"".to_owned(),
            "id=\"birth_day\" name=\"birth_day\"".to_owned(),
            "value=\"77&#60;0\"".to_owned(),
            "name=\"visit\" value=\"J\"".to_owned(),
            "name=\"revision\" value=\"7\"".to_owned(),
            format!("href=\"/identity?lang={}&#38;x=1\"", lang.other().tag()),
            format!("<span class=\"hidden\">{}</span>", t.common.error_prefix),
            "href=\"tel:+18665550100\"".to_owned(),
            "<a href=\"https://brand.example/form.pdf\">form</a>".to_owned(),
        ] {
            assert!(html.contains(&part), "{part} is missing in {html}");
        }
        assert!(html.find("error-summary") < html.find("<h1"), "the summary stands above the h1");
        #[allow(clippy::disallowed_methods, reason = "where a test puts its pages is no setting")]
        if let Some(folder) = std::env::var_os("NRG_ENROLL_GALLERY") {
            let at = std::path::Path::new(&folder).join(format!("{}.html", lang.tag()));
            std::fs::write(at, &html).unwrap();
        }
    }
}

#[test]
fn relationship_text_names_all_brands_until_one_is_chosen() {
    let (catalogs, assets) = (Catalogs::load().unwrap(), Assets::new(&theme(), None));
    for (lang, named) in [
        (Language::English, "Sample Brand, Sample Wind and Sample Sun"),
        (Language::Spanish, "Sample Brand, Sample Wind y Sample Sun"),
    ] {
        let mut page = page(&catalogs, &assets, lang);
        assert!(!page.relationship().contains(named) && page.relationship().contains("BR000000"));
        page.worn = None;
        assert!(page.relationship().contains(named), "{}", page.relationship());
        page.affiliate.broker_number = None;
        assert!(page.relationship().contains(named), "{}", page.relationship());
        assert!(!page.relationship().contains('{'), "{}", page.relationship());
    }
}

#[test]
fn secret_field_is_never_rendered_back() {
    let catalogs = Catalogs::load().unwrap();
    assert!(!gallery(&catalogs, Language::English, true).contains("900-45-6789"));
}

#[test]
fn pages_need_no_inline_style_or_script() {
    let catalogs = Catalogs::load().unwrap();
    let html = gallery(&catalogs, Language::English, false);
    assert!(!html.contains("style=") && !html.contains("<style"));
    assert!(!["onclick=", "onload=", "onsubmit="].iter().any(|handler| html.contains(handler)));
    assert_eq!(html.matches("<script").count(), html.matches("<script src=\"/static/enroll.").count());
    assert!(!html.contains("\"/static/\""), "every file of static/ has an address");
    assert!(!html.contains("error-summary") && !html.contains("aria-invalid"));
}

#[test]
fn price_chart_bars_start_at_zero() {
    assert_eq!(PriceChart::new([160, 80, 40], None).heights, [26, 13, 7]);
    assert_eq!(PriceChart::new([0, 0, 0], None).heights, [0, 0, 0]);
    let chart = PriceChart::new([161, 149, 90], Some(1000));
    assert_eq!(chart.prices, ["16.1", "14.9", "9.0"]);
    assert_eq!(chart.bars().map(|bar| bar.counts).collect::<Vec<_>>(), [false, true, false]);
    assert!(chart.bars().all(|bar| bar.y + bar.height == 44));
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% import "ui/field.html" as field %}{{ field::calendar(t, date, "When", weekdays, months) }}"#
)]
struct Dates<'a> {
    t: &'a crate::messages::Messages,
    date: Field,
    weekdays: Weekdays<'a>,
    months: Vec<Month>,
}

#[test]
fn first_offered_date_has_id_error_summary_links_to() {
    let catalogs = Catalogs::load().unwrap();
    let day = |number: i8, month: &str, offered: bool, first| {
        let label = offered.then(|| format!("{month} {number}"));
        Some(MonthDay { number, value: format!("2030-{month}-{number:02}"), label, first })
    };
    let month = |id: &str, open, days: Vec<Option<MonthDay>>| Month {
        id: id.to_owned(),
        heading: id.to_owned(),
        open,
        weeks: vec![days],
    };
    let dates = Dates {
        t: catalogs.of(Language::English),
        date: Field::new("date", "2030-07-01", Some("Choose".to_owned())),
        weekdays: ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"].map(|short| (short.to_owned(), "day")),
        months: vec![
            month(
                "June",
                true,
                vec![
                    None,
                    day(28, "06", false, false),
                    day(29, "06", true, true),
                    day(30, "06", true, false),
                ],
            ),
            month("July", false, vec![day(1, "07", true, false)]),
        ],
    };
    let html = dates.render().unwrap();
    for part in [
        "id=\"date\" name=\"date\" value=\"2030-06-29\"",
        "id=\"date-2030-06-30\" name=\"date\" value=\"2030-06-30\"",
        "<label for=\"date-2030-07-01\">",
        "value=\"2030-07-01\" checked",
        "<details class=\"month\" open>",
        "<td class=\"off\">28</td>",
        "06 29, first day available",
    ] {
        assert_eq!(html.matches(part).count(), 1, "{part} in {html}");
    }
}
