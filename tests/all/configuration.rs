//! The settings that change what a person meets, and the ones that keep the server from starting.

use nrg_enroll::{
    clock::Clock,
    entropy::Entropy,
    server::{Server, StartError},
};

use crate::support::{Person, Walk, World, free_port, settings};

#[tokio::test]
async fn deposit_by_phone_shows_no_gateway_link() {
    let world = World::with(&[("ENROLL__BRANDS__RE__DEPOSIT__HANDOVER", "phone")]).await;
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0200", ..Person::default() });
    let deposit = walk.through_start_date().await;
    let review = walk.deposit(&deposit).await;
    let confirmation = walk.review(&review).await;
    confirmation.is_at("/confirmation");
    confirmation.says("$200");
    assert!(confirmation.attributes("a[href='/pay']", "href").is_empty());
}

#[tokio::test]
async fn identity_hold_continues_only_where_affiliate_allows_it() {
    for (allowed, path) in [("false", "/quiz"), ("true", "/start-date")] {
        let world = World::with(&[("ENROLL__AFFILIATE__ALLOW_IDENTITY_HOLD", allowed)]).await;
        let walk = Walk::new(world.browser(), Person { last_name: "Hold", ..Person::default() });
        walk.through_identity().await.is_at(path);
    }
}

#[tokio::test]
async fn applicant_without_id_continues_only_where_setting_allows_it() {
    for (allowed, path) in [("false", "/stop"), ("true", "/start-date")] {
        let world = World::with(&[
            ("ENROLL__AFFILIATE__ALLOW_NO_ID", allowed),
            ("ENROLL__AFFILIATE__ALLOW_IDENTITY_HOLD", "true"),
        ])
        .await;
        let walk = Walk::new(world.browser(), Person::default());
        let page = walk.to_identity().await;
        let form = page
            .form("/identity")
            .set("birth_date_month", "3")
            .set("birth_date_day", "28")
            .set("birth_date_year", "1985")
            .set("document", "none");
        form.submit(&walk.browser).await.is_at(path);
    }
}

#[tokio::test]
async fn disabled_brand_is_not_offered() {
    let world = World::with(&[("ENROLL__BRANDS__CE__ENABLED", "false")]).await;
    let walk = Walk::new(world.browser(), Person::default());
    let plans = walk.to_plans().await;
    let brands = plans.attributes("form[action='/plans'] input[name=brand]", "value");
    assert!(
        brands.iter().any(|brand| brand == "RE") && !brands.iter().any(|brand| brand == "CE"),
        "{brands:?}"
    );
}

#[tokio::test]
async fn port_in_use_error_names_the_setting() {
    let world = World::new().await;
    let data = tempfile::tempdir().unwrap();
    let taken = world.server.address.to_string();
    let settings = settings(data.path(), "http://127.0.0.1:1", &[("ENROLL__SERVER__LISTEN", &taken)]);
    let error = Server::start(&settings, Clock::system(), Entropy::system()).await.err().unwrap();
    assert!(matches!(error, StartError::Listen { .. }));
    assert!(error.to_string().contains("ENROLL__SERVER__LISTEN"), "{error}");
}

#[tokio::test]
async fn unreachable_nrg_answers_503_and_keeps_typed_answers() {
    let data = tempfile::tempdir().unwrap();
    let lonely = settings(data.path(), &format!("http://{}", free_port()), &[]);
    let server = Server::start(&lonely, Clock::system(), Entropy::system()).await.unwrap();
    let browser = crate::support::Browser::new(&format!("http://{}", server.address));
    let page = browser.get("/").await;
    let page = page.form("/").set("zip", "77999").set("transaction", "SWI").submit(&browser).await;
    assert_eq!(page.status, 503);
    page.says("Your answers are kept");
    let again = browser.get("/").await;
    assert_eq!(again.attributes("#zip", "value"), ["77999"]);
    assert_eq!(again.attributes("input[name=transaction][checked]", "value"), ["SWI"]);
}

#[tokio::test]
async fn health_endpoints_answer_on_private_listener_only() {
    let world = World::new().await;
    let private = crate::support::Browser::new(&format!("http://{}", world.server.private_address));
    assert_eq!(private.get("/healthz").await.status, 200);
    assert_eq!(private.get("/readyz").await.status, 200);
    assert_eq!(world.browser().get("/healthz").await.status, 404);
}

#[tokio::test]
#[allow(
    clippy::disallowed_methods,
    reason = "where the tests' PostgreSQL is, is not a setting of the program"
)]
async fn journey_on_postgresql_completes_enrollment() {
    let Ok(url) = std::env::var("ENROLL_TEST_POSTGRES_URL") else {
        println!("PostgreSQL skipped: ENROLL_TEST_POSTGRES_URL is not set");
        return;
    };
    let name = format!("enroll_walk_{}", std::process::id());
    let admin = sqlx::PgPool::connect(&url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
    let mut own = url::Url::parse(&url).unwrap();
    own.set_path(&name);
    {
        let world = World::with(&[("ENROLL__STORE__URL", own.as_str())]).await;
        let walk = Walk::new(world.browser(), Person::default());
        let review = walk.through_start_date().await;
        walk.review(&review).await.is_at("/confirmation");
        assert_eq!(world.sandbox.count("enroll"), 1);
        world.server.stop().await;
    }
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&admin).await.unwrap();
}
