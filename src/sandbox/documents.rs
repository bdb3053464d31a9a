//! Where the documents of plans lie, and the other pages that NRG's texts lead to.

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http_body_util::BodyExt as _;

use super::state::Sandbox;

/// The address under which every document lies if the settings name no other. Nothing is there.
pub const DOCUMENTS_URL: &str = "https://docs.example.com/";

/// Has every address of a document in an answer lead to where the settings say. NRG spells some without their scheme.
pub async fn relocate(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let documents = sandbox.settings.documents_url.as_str();
    if documents == DOCUMENTS_URL {
        return response;
    }
    let (from, to) = (without_scheme(DOCUMENTS_URL), without_scheme(documents).to_owned());
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            frame.map_data(|data| Bytes::from(String::from_utf8_lossy(&data).replace(from, &to)))
        }))
    })
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}
