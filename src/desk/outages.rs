//! Outages: what is out now, and what is planned. They are settings; here they are only read.

use askama::Template;
use axum::{Extension, extract::State, response::Response};
use http::StatusCode;

use super::{
    error::DeskError,
    operators::Operator,
    page::{Frame, page},
    paths::OUTAGES,
    state::Desk,
};
use crate::texas_time::time;

#[derive(Template)]
#[template(path = "desk/outages.html")]
struct OutagesPage {
    page: Frame,
    sites: Vec<Site>,
}

/// The outages of a site.
struct Site {
    name: String,
    /// Since when no journey begins, and until when.
    windows: Vec<(String, String)>,
    /// The same, of those that are planned.
    planned: Vec<(String, String)>,
    /// The brands that take no enrollment, by their titles.
    brands: Vec<&'static str>,
}

/// `GET /desk/outages`.
pub(super) async fn show(
    State(desk): State<Desk>,
    Extension(operator): Extension<Operator>,
) -> Result<Response, DeskError> {
    let now = desk.app.clock.now();
    let of = |name: &str| {
        let outages = desk.app.outages.at(name);
        let mut windows = outages.windows.clone();
        windows.sort();
        let written = |from, to| (time(from), time(to));
        let (begun, ahead): (Vec<_>, Vec<_>) =
            windows.into_iter().filter(|window| now < window.to).partition(|window| window.from <= now);
        Site {
            name: name.to_owned(),
            windows: begun.into_iter().map(|window| written(window.from, window.to)).collect(),
            planned: ahead.into_iter().map(|window| written(window.from, window.to)).collect(),
            brands: outages.brands.iter().map(|brand| brand.id()).collect(),
        }
    };
    let sites = desk.app.sites.iter().map(|hosted| of(&hosted.site.name)).collect();
    page(StatusCode::OK, &OutagesPage { page: Frame::new(&desk, &operator, "Outages").at(OUTAGES), sites })
}
