//! What a link looks like elsewhere: the previews that messengers and social networks make of it, and what search engines
//! may list.

use crate::support::{Page, Person, Walk, World};

const HOSTS: [&str; 2] = ["enroll.test", "beta.test"];

/// Programs that make previews of links or read for search engines, by their user agents.
const PROGRAMS: [&str; 9] = [
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0 A",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Twitterbot/1.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    // iMessage.
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 \
     Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
];

/// Two sites, at [`HOSTS`].
async fn two_sites(env: &[(&str, &str)]) -> World {
    let mut all = vec![
        ("ENROLL__SERVER__PUBLIC_URL", "https://enroll.test"),
        ("ENROLL__SITES__BETA__PUBLIC_URL", "https://beta.test"),
        ("ENROLL__SITES__BETA__AFFILIATE__NAME", "Beta Sample Power"),
    ];
    all.extend_from_slice(env);
    World::with(&all).await
}

/// The page that a program at `host` is led to, which keeps no cookies.
async fn fetch(world: &World, agent: &str, host: &str, path: &str) -> Page {
    let mut path = path.to_owned();
    for _ in 0..2 {
        let headers = [("host", host), ("user-agent", agent)];
        let answer = world.browser().ask("GET", &path, &headers).await;
        assert!(!answer.headers().contains_key("set-cookie"), "{agent} {path}");
        match answer.headers().get("location") {
            Some(to) => path = to.to_str().unwrap().to_owned(),
            None => return Page::read(answer, path).await.unwrap(),
        }
    }
    panic!("{agent} is led on and on, to {path}");
}

/// What the page says under a name of its head.
fn meta(page: &Page, name: &str) -> Option<String> {
    let found = page.attributes(&format!("meta[property='{name}'], meta[name='{name}']"), "content");
    assert!(found.len() <= 1, "{name}: {found:?}");
    found.into_iter().next()
}

fn says(page: &Page, expected: &[(&str, &str)]) {
    for (name, content) in expected {
        assert_eq!(meta(page, name).as_deref(), Some(*content), "{name} of {}", page.path);
    }
}

/// How many sessions, tries, postbacks and counts there are.
async fn rows(world: &World) -> i64 {
    world.server.app.funnel.flush().await.unwrap();
    let store = format!("sqlite://{}/demo.db", world.data.path().display());
    let pool = sqlx::SqlitePool::connect(&store).await.unwrap();
    let all = "SELECT (SELECT COUNT(*) FROM sessions) + (SELECT COUNT(*) FROM limits) \
               + (SELECT COUNT(*) FROM postbacks) + (SELECT COUNT(*) FROM funnel_counts)";
    let (rows,): (i64,) = sqlx::query_as(all).fetch_one(&pool).await.unwrap();
    rows
}

#[tokio::test]
async fn preview_of_link_is_the_site_in_the_language_of_the_link() {
    let world = two_sites(&[]).await;
    for (host, name) in HOSTS.into_iter().zip(["Demo Affiliate", "Beta Sample Power"]) {
        for (lang, title, description, locales) in [
            (
                "en",
                "Compare electricity plans in Texas with",
                "See prices and terms, choose a plan for your home and enroll online, in about 10 minutes.",
                ["en_US", "es_MX"],
            ),
            (
                "es",
                "Compare planes de electricidad en Texas con",
                "Vea precios y condiciones, elija un plan para su hogar e inscríbase en línea en unos 10 minutos.",
                ["es_MX", "en_US"],
            ),
        ] {
            let link = format!("/?zip=77999&type=MVI&brand=RE&cid=click-1&LANG={lang}&utm_source=x");
            let page = fetch(&world, PROGRAMS[0], host, &link).await;
            let address = format!("https://{host}/?lang={lang}");
            says(
                &page,
                &[
                    ("og:title", &format!("{title} {name}")),
                    ("og:description", description),
                    ("description", description),
                    ("og:site_name", name),
                    ("og:type", "website"),
                    ("og:url", &address),
                    ("og:locale", locales[0]),
                    ("og:locale:alternate", locales[1]),
                    ("twitter:card", "summary"),
                ],
            );
            assert_eq!(meta(&page, "og:image"), None);
            assert_eq!(page.attributes("link[rel=canonical]", "href"), [address]);
            let others = page.attributes("link[rel=alternate]", "hreflang");
            let addresses = page.attributes("link[rel=alternate]", "href");
            let all = ["/?lang=en", "/?lang=es", "/"].map(|path| format!("https://{host}{path}"));
            assert_eq!(
                (others, addresses),
                (vec!["en".into(), "es".into(), "x-default".into()], all.to_vec())
            );
        }
        let page = fetch(&world, PROGRAMS[0], host, "/?cid=click-1").await;
        assert_eq!(page.attributes("link[rel=canonical]", "href"), [format!("https://{host}/")]);
    }
}

#[tokio::test]
async fn preview_of_page_of_text_has_its_own_words() {
    let world = two_sites(&[]).await;
    let page = fetch(&world, PROGRAMS[3], HOSTS[1], "/about?cid=click-1&lang=es").await;
    says(
        &page,
        &[
            ("og:title", "Quiénes somos – Beta Sample Power"),
            (
                "og:description",
                "Beta Sample Power le ayuda a comparar y elegir un plan de electricidad, y envía su inscripción a la \
                 compañía que usted elija.",
            ),
            ("og:url", "https://beta.test/about?lang=es"),
        ],
    );
    for path in ["/how-it-works", "/help", "/privacy", "/accessibility"] {
        let page = fetch(&world, PROGRAMS[3], HOSTS[0], path).await;
        let title = format!("{} – Demo Affiliate", page.h1());
        says(&page, &[("og:title", &title), ("og:url", &format!("https://enroll.test{path}"))]);
        assert!(!meta(&page, "og:description").unwrap().contains('{'), "{path}");
    }
}

#[tokio::test]
async fn programs_that_make_previews_are_shown_a_page_and_begin_nothing() {
    let world = two_sites(&[]).await;
    for agent in PROGRAMS {
        for path in [
            "/",
            "/?cid=click-1",
            "/?cid=click-1&zip=77999&type=MVI&brand=RE&offer=59990001",
            "/plans?cid=click-1",
            "/plans/RE/59990001?cid=click-1&zip=77999&type=SWI",
            "/contact",
            "/about?cid=click-1",
            "/resume?code=AAAA-AAAA-AAAA",
        ] {
            let page = fetch(&world, agent, HOSTS[0], path).await;
            assert_eq!(page.status, 200, "{agent} {path}");
            assert!(meta(&page, "og:title").unwrap().ends_with("Demo Affiliate"), "{agent} {path}");
            let canonical = page.attributes("link[rel=canonical]", "href");
            assert_eq!(meta(&page, "og:url").as_ref(), canonical.first(), "{agent} {path}");
            assert!(canonical.iter().all(|address| !address.contains('?')), "{agent} {path}: {canonical:?}");
        }
    }
    assert_eq!(rows(&world).await, 0);
    assert_eq!(world.sandbox.calls().len(), 0);
}

#[tokio::test]
async fn preview_of_resume_link_tells_nothing_of_its_journey() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    let saved = page.form("/later").submit(&walk.browser).await;
    let link = saved.attributes("main .saved a", "href").remove(0);
    let path = &link[link.find("/resume").unwrap()..];
    let before = rows(&world).await;
    let program = fetch(&world, PROGRAMS[1], "127.0.0.1", path).await;
    let stranger = fetch(&world, PROGRAMS[1], "127.0.0.1", "/resume?code=AAAA-AAAA-AAAA&lang=en").await;
    assert_eq!((program.status, program.text()), (stranger.status, stranger.text()));
    assert_eq!((meta(&program, "og:url"), rows(&world).await), (None, before));
    // Nothing was taken from who has it.
    assert_eq!(world.browser().get(path).await.status, 200);
}

#[tokio::test]
async fn page_of_a_session_has_no_preview() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let plans = walk.to_plans().await;
    let plan = plans.attributes("main a[href^='/plans/RE/']", "href").remove(0);
    for path in ["/", "/plans", &plan, "/about"] {
        let page = walk.browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        for words in ["og:", "twitter:", "canonical", "\"description\""] {
            assert!(!page.body.contains(words), "{words} in {path}");
        }
    }
}

#[tokio::test]
async fn own_words_and_picture_replace_those_of_the_messages_per_site() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.png");
    let size = [1200_u32.to_be_bytes(), 630_u32.to_be_bytes()].concat();
    let picture = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &size].concat();
    std::fs::write(&path, &picture).unwrap();
    let world = two_sites(&[
        ("ENROLL__SITES__BETA__PREVIEW__TITLE__EN", "Beta <b>power</b>"),
        ("ENROLL__SITES__BETA__PREVIEW__TITLE__ES", "Luz de Beta"),
        ("ENROLL__SITES__BETA__PREVIEW__DESCRIPTION__EN", "Plans & \"prices\""),
        ("ENROLL__SITES__BETA__PREVIEW__DESCRIPTION__ES", "Planes y precios"),
        ("ENROLL__SITES__BETA__PREVIEW__PICTURE", path.to_str().unwrap()),
    ])
    .await;
    let page = fetch(&world, PROGRAMS[2], HOSTS[1], "/?cid=click-1").await;
    says(&page, &[("og:title", "Beta <b>power</b>"), ("og:description", "Plans & \"prices\"")]);
    says(
        &page,
        &[
            ("og:image:width", "1200"),
            ("og:image:height", "630"),
            ("og:image:alt", "Beta Sample Power"),
            ("twitter:card", "summary_large_image"),
        ],
    );
    let page = fetch(&world, PROGRAMS[2], HOSTS[1], "/?lang=es").await;
    says(&page, &[("og:title", "Luz de Beta"), ("og:description", "Planes y precios")]);

    let image = meta(&page, "og:image").unwrap();
    let path = image.strip_prefix("https://beta.test").unwrap();
    let ask = async |host| world.browser().ask("GET", path, &[("host", host)]).await;
    let answer = ask(HOSTS[1]).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"image/png".parse().unwrap())
    );
    assert!(!answer.headers().contains_key("x-robots-tag"));
    assert_eq!(answer.bytes().await.unwrap(), picture);
    assert_eq!(ask(HOSTS[0]).await.status(), 404);
    assert_eq!(meta(&fetch(&world, PROGRAMS[2], HOSTS[0], "/").await, "og:image"), None);
}

/// Whether the answer forbids to list the page.
async fn is_hidden(world: &World, method: &str, host: &str, path: &str) -> bool {
    let answer = world.browser().ask(method, path, &[("host", host)]).await;
    answer.headers().get("x-robots-tag").is_some_and(|says| says == "noindex, nofollow")
}

#[tokio::test]
async fn search_engines_may_list_the_first_page_and_pages_of_text_alone() {
    let world = two_sites(&[("ENROLL__SITES__BETA__PREVIEW__SEARCH_ENGINES", "false")]).await;
    for method in ["GET", "HEAD"] {
        for path in
            ["/", "/?lang=es", "/about", "/how-it-works", "/help/", "/privacy?lang=es", "/accessibility"]
        {
            assert!(!is_hidden(&world, method, HOSTS[0], path).await, "{method} {path}");
            assert!(is_hidden(&world, method, HOSTS[1], path).await, "{method} {path}");
        }
        for path in [
            "/plans",
            "/plans/RE/59990001",
            "/contact",
            "/review",
            "/stop",
            "/confirmation",
            "/session-ended",
            "/resume",
            "/status?code=AAAA-AAAA-AAAA",
            "/link-builder",
            "/nowhere",
            "/partner/report",
            "/change/zip",
        ] {
            assert!(is_hidden(&world, method, HOSTS[0], path).await, "{method} {path}");
        }
    }
    // A page that fails is none that may be listed.
    assert!(is_hidden(&world, "POST", HOSTS[0], "/help").await);
    let walk = World::new().await;
    let walk = Walk::new(walk.browser(), Person::default());
    assert_eq!(walk.to_contact().await.headers["x-robots-tag"], "noindex, nofollow");
}

#[tokio::test]
async fn robots_file_is_answered_at_every_site_without_a_session() {
    let world = two_sites(&[("ENROLL__SITES__BETA__PREVIEW__SEARCH_ENGINES", "false")]).await;
    for host in HOSTS {
        for method in ["GET", "HEAD"] {
            let answer = world.browser().ask(method, "/robots.txt", &[("host", host)]).await;
            assert_eq!(answer.status(), 200, "{method} {host}");
            assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
            assert!(!answer.headers().contains_key("set-cookie"));
            let body = answer.text().await.unwrap();
            // What must not be fetched could not say that it must not be listed.
            assert!(method == "HEAD" || body.ends_with("\nUser-agent: *\nDisallow:\n"), "{body}");
        }
    }
    assert_eq!(rows(&world).await, 0);
}
