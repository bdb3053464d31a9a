//! Links to pages of text: their click is kept for the journey that may begin from there.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use crate::{
    rate_limit::Action,
    web::{context::RequestContext, error::PageError, see_other, state::SharedState},
};

/// The context of a page that is the same with and without a session. A link to it that tells a click is answered with a
/// redirect to its address without the click, once that is kept.
pub struct Linked(pub RequestContext);

impl FromRequestParts<SharedState> for Linked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &SharedState) -> Result<Self, Response> {
        let mut ctx =
            RequestContext::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        // Upon a journey that has begun, the page offers to start over.
        if ctx.request.onlooker || ctx.view().has_begun() || ctx.view().link().is_none() {
            return Ok(Self(ctx));
        }
        match keep(&mut ctx).await {
            Ok(true) => {
                let rest = ctx.site().click_params.left_out_of(&ctx.request.query);
                let path = &ctx.request.path;
                let clean = if rest.is_empty() { path.clone() } else { format!("{path}?{rest}") };
                let mut response = see_other(&clean);
                // Without the mark of a first cookie: a browser that takes none may read these pages all the same.
                ctx.session.write_cookie(ctx.app.cookie, response.headers_mut());
                Err(response)
            }
            Ok(false) => Ok(Self(ctx)),
            Err(error) => {
                // The page can be read where no journey can begin.
                error.log(&ctx.request.request_id, &ctx.request.path);
                Ok(Self(ctx))
            }
        }
    }
}

/// Keeps the click of the link, if it has a usable one. The first click of a journey counts.
async fn keep(ctx: &mut RequestContext) -> Result<bool, PageError> {
    ctx.count_link();
    let click = ctx.site().click_params.read(&ctx.request.query);
    if click.is_empty() {
        return Ok(false);
    }
    if !ctx.session.has_session() {
        ctx.count(Action::Begin).await?;
    }
    ctx.session
        .change(|journey| {
            if journey.attribution.is_empty() {
                journey.attribution = click.clone();
            }
        })
        .await?;
    Ok(true)
}
