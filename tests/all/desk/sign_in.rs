//! Who comes in, and how long for.

use std::time::Duration;

use futures_util::future::join_all;
use nrg_enroll::{
    desk::{Operators, PasswordHash},
    entropy::Entropy,
};

use super::{Desk, PASSWORD};
use crate::support::{Browser, World, log::Log};

/// The cookie of the desk that was set last, as it was set.
fn cookie(browser: &Browser) -> String {
    let heads: Vec<String> = browser.seen().into_iter().map(|seen| seen.head).collect();
    let mut set =
        heads.iter().flat_map(|head| head.lines()).filter_map(|line| line.strip_prefix("set-cookie: "));
    set.rfind(|cookie| cookie.starts_with("desk=")).unwrap().to_owned()
}

#[tokio::test]
async fn operator_signs_in_and_is_led_back_to_the_page_asked_for() {
    let desk = Desk::open(&[]).await;
    let browser = desk.browser();
    let page = browser.get("/desk/outages").await;
    assert_eq!(page.h1(), "Sign in");
    page.never_says("Outages");
    let form = page.form("/desk/sign-in").set("name", "ben").set("password", PASSWORD);
    let page = form.submit(&browser).await;
    assert_eq!((page.path.as_str(), page.h1().as_str()), ("/desk/outages", "Outages"));
    page.says("ben (read)");
    let set = cookie(&browser).to_lowercase();
    for attribute in ["httponly", "samesite=strict", "path=/desk"] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(!set.contains("secure") && !set.contains("max-age"), "{set}");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    assert_eq!(page.headers["cache-control"], "no-store");
    for sheet in page.attributes("link[rel=stylesheet]", "href") {
        assert_eq!(desk.browser().get(&sheet).await.headers["content-type"], "text/css; charset=utf-8");
    }
    // Forged, it leads to no other server.
    let evil = desk.browser().get("/desk/sign-in?to=//evil.test/desk").await;
    assert_eq!(evil.form("/desk/sign-in").value("to"), Some("/desk"));
}

#[tokio::test]
async fn desk_without_operators_file_or_with_a_broken_one_lets_nobody_in() {
    let world = World::new().await;
    assert_eq!(world.private("/desk").await.0, 404);
    assert_eq!(world.browser().get("/desk").await.status, 404, "the public listener has no desk");
    let desk = Desk::open(&[]).await;
    let browser = desk.signed_in("ana").await;
    std::fs::write(desk.file(), "ana settle correct-horse\n").unwrap();
    assert_eq!(browser.get("/desk").await.status, 503);
    assert_eq!(desk.sign_in(&desk.browser(), "ana", PASSWORD).await.status, 503);
}

#[tokio::test]
async fn secure_cookie_of_the_desk_is_set_where_the_setting_says_so() {
    let desk = Desk::open(&[("ENROLL__DESK__SECURE_COOKIE", "true")]).await;
    let browser = desk.browser();
    desk.sign_in(&browser, "ana", PASSWORD).await;
    let heads: String = browser.seen().iter().map(|seen| seen.head.to_lowercase()).collect();
    assert!(heads.contains("set-cookie: desk=") && heads.contains("; secure"), "{heads}");
}

#[tokio::test]
async fn wrong_password_unknown_name_and_too_many_guesses_are_refused() {
    let log = Log::listen();
    let desk = Desk::open(&[]).await;
    for (name, password) in
        [("ana", "canary-guess wrong"), ("canary-name", PASSWORD), ("ana", ""), ("", ""), ("ANA", PASSWORD)]
    {
        let browser = desk.browser();
        let page = desk.sign_in(&browser, name, password).await;
        assert_eq!(page.status, 422, "{name}");
        page.says("The name or the password is wrong.");
        assert_eq!(browser.get("/desk").await.h1(), "Sign in");
    }
    assert_eq!(desk.world.metric("enroll_desk_refused_total", &[]).await, 5.0);
    let flood = join_all((0..20).map(|_| async {
        let browser = desk.browser();
        desk.sign_in(&browser, "ana", "canary-guess again").await
    }));
    let flood = flood.await;
    let turned_away: Vec<_> = flood.iter().filter(|page| page.status == 429).collect();
    assert!((10..=18).contains(&turned_away.len()), "{}", turned_away.len());
    assert!(turned_away.iter().all(|page| page.headers["retry-after"] == "20"));
    // The right one has its turn.
    desk.signed_in("ana").await;
    assert!(!log.lines("desk: wrong name or password").is_empty());
    assert!(!log.text().contains("canary") && !log.text().contains(PASSWORD));
}

#[tokio::test]
async fn session_ends_when_idle_signed_out_removed_or_given_another_password() {
    let desk = Desk::open(&[("ENROLL__DESK__IDLE", "10m")]).await;
    let is_in = async |browser: &Browser| browser.get("/desk/health").await.h1() == "Health";
    let ana = desk.signed_in("ana").await;
    for _ in 0..3 {
        desk.world.forward(Duration::from_secs(9 * 60));
        assert!(is_in(&ana).await, "each request begins the time anew");
    }
    desk.world.forward(Duration::from_secs(10 * 60));
    assert!(!is_in(&ana).await);

    let (ana, ben) = (desk.signed_in("ana").await, desk.signed_in("ben").await);
    let first = cookie(&ben);
    desk.sign_in(&ben, "ben", PASSWORD).await;
    assert_ne!(cookie(&ben).split(';').next(), first.split(';').next(), "a new id at each sign-in");
    let stolen = cookie(&ana);
    let page = ana.get("/desk").await.form("/desk/sign-out").submit(&ana).await;
    assert_eq!(page.h1(), "Sign in");
    assert!(!is_in(&ana).await && is_in(&ben).await);
    let stolen = stolen.split(';').next().unwrap();
    let again = desk.browser().ask("GET", "/desk/health", &[("cookie", stolen)]).await;
    assert_eq!(again.status(), 303, "the session is gone, not the cookie alone");

    let ana = desk.signed_in("ana").await;
    let mut operators = Operators::read(&desk.file()).unwrap();
    operators.0.iter_mut().find(|operator| operator.name == "ana").unwrap().hash =
        PasswordHash::of("battery staple", &Entropy::system()).unwrap();
    operators.write(&desk.file()).unwrap();
    assert!(!is_in(&ana).await && is_in(&ben).await);
    operators.0.retain(|operator| operator.name != "ben");
    operators.write(&desk.file()).unwrap();
    assert!(!is_in(&ben).await);
    assert_eq!(desk.sign_in(&desk.browser(), "ben", PASSWORD).await.status, 422);
}
