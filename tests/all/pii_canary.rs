//! Canaries: whole journeys of marked, invented people, good and bad endings, in a server of its own process that logs
//! at trace. Then everything it left is searched: the database and its files, the log, every page, header and address,
//! and its memory. Only the places of [`MAY_SHOW`] show a value.

use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use nrg_enroll::sandbox::Sandbox;
use nrg_enroll::{clock::Clock, entropy::Entropy};
use tempfile::TempDir;

use crate::{
    postbacks::Receiver,
    support::{Browser, Page, Person, Seen, Walk},
};

/// What may be where; everything else is nowhere. A page by its path, a header by its name, the `database`, the `log`.
const MAY_SHOW: &[(&str, &[&str])] = &[
    ("SSN", &[]),
    ("licence number", &[]),
    ("token", &[]),
    ("guid", &[]),
    ("Basic credentials", &[]),
    ("key", &[]),
    ("quiz", &["/quiz"]),
    // Its page has it in three fields, where it was typed.
    ("birth date", &[]),
    ("first name", &["/contact", "/review", "/confirmation"]),
    ("last name", &["/contact", "/review"]),
    ("e-mail address", &["/contact", "/review", "/confirmation"]),
    ("phone number", &["/contact", "/review"]),
    (
        "street",
        &[
            "/address",
            "/ask",
            "/contact",
            "/billing",
            "/identity",
            "/quiz",
            "/start-date",
            "/deposit",
            "/review",
            "/confirmation",
        ],
    ),
    ("account number", &["/confirmation", "/pay", "location of /pay"]),
    // The name of the record: the ledger's key, what a person reads out on the phone, and NRG's own reference.
    ("tracking id", &["database", "/stop", "/processing", "/confirmation", "location of /pay"]),
    ("session id", &["set-cookie"]),
    // The one page that tells it, and the one it leads to, whose address has it.
    ("resume code", &["/later", "/resume", "address"]),
];

/// An invented person with values that nobody and nothing else has.
#[derive(Clone, Copy)]
struct Canary {
    first_name: &'static str,
    last_name: &'static str,
    email: &'static str,
    phone: &'static str,
    /// Month, day, year.
    born: [&'static str; 3],
    street: &'static str,
    document: &'static str,
    number: &'static str,
}

/// Names choose what NRG answers where they are of its list, and are no canary then.
const PEOPLE: [Canary; 8] = [
    Canary {
        first_name: "Zephyrcanary",
        last_name: "Quillcanary",
        email: "plume.one@example.com",
        phone: "(713) 555-0161",
        born: ["11", "23", "1971"],
        street: "100 Featherbird Ln",
        document: "ssn",
        number: "987-45-0200",
    },
    Canary {
        first_name: "Ondinecanary",
        last_name: "Kba",
        email: "plume.two@example.com",
        phone: "(713) 555-0162",
        born: ["10", "24", "1972"],
        street: "101 Warblerbird Ln",
        document: "licence",
        number: "39481726",
    },
    Canary {
        first_name: "Mirthcanary",
        last_name: "Posidfail",
        email: "plume.three@example.com",
        phone: "(713) 555-0163",
        born: ["9", "25", "1973"],
        street: "102 Finchbird Ln",
        document: "ssn",
        number: "912 83 7465",
    },
    Canary {
        first_name: "Rowancanary",
        last_name: "Technical",
        email: "plume.four@example.com",
        phone: "(713) 555-0164",
        born: ["8", "26", "1974"],
        street: "103 Thrushbird Ln",
        document: "ssn",
        number: "913847562",
    },
    Canary {
        first_name: "Cut",
        last_name: "Larkcanary",
        email: "plume.five@example.com",
        phone: "(713) 555-0165",
        born: ["7", "27", "1975"],
        street: "104 Siskinbird Ln",
        document: "ssn",
        number: "914756382",
    },
    Canary {
        first_name: "Existing",
        last_name: "Wrencanary",
        email: "plume.six@example.com",
        phone: "(713) 555-0166",
        born: ["6", "28", "1976"],
        street: "105 Dunnockbird Ln",
        document: "ssn",
        number: "915665748",
    },
    Canary {
        first_name: "Orlacanary",
        last_name: "Garbage",
        email: "plume.seven@example.com",
        phone: "(713) 555-0167",
        born: ["5", "29", "1977"],
        street: "106 Robinbird Ln",
        document: "ssn",
        number: "916574839",
    },
    Canary {
        first_name: "Peregrinecanary",
        last_name: "Current",
        email: "plume.eight@example.com",
        phone: "(713) 555-0168",
        born: ["4", "30", "1978"],
        street: "200 Plumebird Ln",
        document: "ssn",
        number: "917483925",
    },
];

/// From April to November, in which they were born.
const MONTHS: [(&str, &str); 8] = [
    ("April", "abril"),
    ("May", "mayo"),
    ("June", "junio"),
    ("July", "julio"),
    ("August", "agosto"),
    ("September", "septiembre"),
    ("October", "octubre"),
    ("November", "noviembre"),
];

/// A value to search for.
struct Secret {
    kind: &'static str,
    value: String,
}

/// A place that was searched, and what is in it.
struct Output {
    place: String,
    bytes: Vec<u8>,
}

/// The server in a process of its own.
struct Served {
    child: Child,
    address: SocketAddr,
    private: SocketAddr,
    data: TempDir,
    sandbox: Sandbox,
    /// What the affiliate is told of endings.
    told: Receiver,
    keys: [String; 4],
}

const PASSWORD: &str = "canary:pass word-%41";

impl Served {
    async fn start(store: Option<&str>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (nrg, sandbox) =
            crate::support::sandbox(Clock::system(), "AFF-CANARY", "canary-user", PASSWORD).await;
        let key = || STANDARD.encode(Entropy::system().bytes::<32>());
        let keys = [key(), key(), key(), key()];
        let told = Receiver::open(&[]).await;
        let own = format!("sqlite://{}/canary.db", data.path().display());
        let nrg = format!("http://{nrg}");
        let gateway = format!(
            "{nrg}/gateway/pay?account={{account_number}}&customer={{customer_number}}&amount={{amount}}\
            &lang={{language}}&brand={{brand}}&company={{company_code}}&reference={{tracking_id}}&return_url={{return_url}}"
        );
        let log = std::fs::File::create(data.path().join("log")).unwrap();
        let env = [
            ("SERVER__LISTEN", "127.0.0.1:0"),
            ("SERVER__PRIVATE_LISTEN", "127.0.0.1:0"),
            ("SERVER__PUBLIC_URL", ""),
            ("STORE__URL", store.unwrap_or(&own)),
            ("SESSION__KEYS", &format!("canary:{}", keys[0])),
            ("LEDGER__KEY", &keys[1]),
            ("NRG__BASE_URL", &nrg),
            ("NRG__USERNAME", "canary-user"),
            ("NRG__PASSWORD", PASSWORD),
            ("AFFILIATE__ID", "AFF-CANARY"),
            ("AFFILIATE__NAME", "Affiliate"),
            ("AFFILIATE__PRIVACY_URL", "https://www.affiliate.test/privacy"),
            ("AFFILIATE__LINK_HOSTS", ".com"),
            ("BRANDS__RE__PROMO_CODE", "DEMORE"),
            ("BRANDS__RE__DEPOSIT__HANDOVER", "gateway"),
            ("BRANDS__RE__DEPOSIT__URL", &gateway),
            ("BRANDS__RE__DEPOSIT__ALLOWED_HOSTS", "127.0.0.1"),
            ("BRANDS__RE__DEPOSIT__HMAC_KEY", &keys[2]),
            ("POSTBACKS__CRM__URL", &format!("http://{}/in", told.address)),
            ("POSTBACKS__CRM__LOOPBACK", "true"),
            ("POSTBACKS__CRM__SECRET", &keys[3]),
            ("POSTBACKS__CRM__WITHOUT_CLICK", "true"),
            ("POSTBACKS__CRM__ENDINGS", "enrolled,accepted,stopped,abandoned,unknown"),
            ("LIMITS__MINIMUM_SECONDS", "0"),
            ("LIMITS__IDENTITY__METER", "2 per 1h"),
            ("LOG__LEVEL", "trace"),
        ];
        let child = Command::new(env!("CARGO_BIN_EXE_nrg-enroll"))
            .arg("serve")
            .env_clear()
            .env("RUST_BACKTRACE", "full")
            .envs(env.map(|(name, value)| (format!("ENROLL__{name}"), value)))
            .stdout(log.try_clone().unwrap())
            .stderr(Stdio::from(log))
            .spawn()
            .unwrap();
        let mut served = Self {
            child,
            address: ([127, 0, 0, 1], 0).into(),
            private: ([127, 0, 0, 1], 0).into(),
            data,
            sandbox,
            told,
            keys,
        };
        served.wait_until_it_serves().await;
        served
    }

    async fn wait_until_it_serves(&mut self) {
        for _ in 0..300 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let log = String::from_utf8(self.log()).unwrap();
            let line = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
            if let Some(line) = line.into_iter().find(|line| line["message"] == "server: listening") {
                self.address = line["address"].as_str().unwrap().parse().unwrap();
                self.private = line["private"].as_str().unwrap().parse().unwrap();
                return;
            }
            assert!(self.child.try_wait().unwrap().is_none(), "{log}");
        }
        panic!("it does not serve");
    }

    fn log(&self) -> Vec<u8> {
        std::fs::read(self.data.path().join("log")).unwrap()
    }

    fn walk(&self, person: &Canary) -> Walk {
        let person = Person { street: person.street, ..Person::default() };
        Walk::new(Browser::new(&format!("http://{}", self.address)), person)
    }

    /// Ends it as an orchestrator does, and waits until it has ended.
    async fn end(&mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        for _ in 0..300 {
            if self.child.try_wait().unwrap().is_some() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it does not end");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

async fn contact(walk: &Walk, page: &Page, person: &Canary) -> Page {
    page.is_at("/contact");
    page.form("/contact")
        .set("first_name", person.first_name)
        .set("last_name", person.last_name)
        .set("email", person.email)
        .set("phone", person.phone)
        .submit(&walk.browser)
        .await
}

async fn identity(walk: &Walk, page: &Page, person: &Canary) -> Page {
    page.is_at("/identity");
    page.form("/identity")
        .set("birth_date_month", person.born[0])
        .set("birth_date_day", person.born[1])
        .set("birth_date_year", person.born[2])
        .set("document", person.document)
        .set(person.document, person.number)
        .submit(&walk.browser)
        .await
}

async fn to_identity(walk: &Walk, person: &Canary) -> Page {
    let mut page = walk.to_contact().await;
    if page.path.starts_with("/ask") {
        page = page.form("/ask").set("choice", "suggested").submit(&walk.browser).await;
    }
    let page = contact(walk, &page, person).await;
    walk.billing(&page).await
}

/// The journeys: every answer they brought, and the browsers, whose connections stay open.
async fn journeys(served: &Served) -> (Vec<Seen>, Vec<Browser>) {
    let [deposit, quiz, wrong, technical, cut, refused, garbage, current] = &PEOPLE;
    let (mut seen, mut open) = (Vec::new(), Vec::new());

    // With a deposit, checked again with the SSN, paid at the gateway, looked at in both languages, and left.
    let walk = served.walk(deposit);
    let page = to_identity(&walk, deposit).await;
    let page = identity(&walk, &page, deposit).await;
    // Put aside, and taken up in another browser at the second try.
    let saved = page.form("/later").submit(&walk.browser).await;
    let link = saved.attributes("main p.card a", "href").remove(0);
    open.push(walk.browser);
    let walk = served.walk(deposit);
    let mut page = walk.browser.get(&link[link.find("/resume").unwrap()..]).await;
    for day in ["1", deposit.born[1]] {
        let form = page.form("/resume").set("birth_date_month", deposit.born[0]).set("birth_date_day", day);
        page = form.set("birth_date_year", deposit.born[2]).submit(&walk.browser).await;
    }
    let page = walk.start_date(&page).await;
    page.is_at("/deposit");
    let form = page.form("/deposit").set("choice", "with_ssn").set("ssn", deposit.number);
    let page = form.submit(&walk.browser).await;
    walk.deposit(&page).await.is_at("/review");
    for path in ["/contact", "/identity?lang=es", "/review?lang=en", "/address", "/billing"] {
        walk.browser.get(path).await;
    }
    let page = walk.review(&walk.browser.get("/review").await).await;
    page.is_at("/confirmation");
    let pay = walk.browser.get("/pay").await;
    walk.browser.post_only("/pay", pay.form("/pay").fields(), &[]).await;
    walk.browser.get("/pay/return?status=paid").await;
    let page = walk.browser.get("/confirmation").await;
    page.form("/leave").submit(&walk.browser).await.is_at("/session-ended");
    open.push(walk.browser);

    // With a licence and a quiz, in Spanish, to the end; the session stays.
    let walk = served.walk(quiz);
    walk.browser.get("/?lang=es").await;
    let page = to_identity(&walk, quiz).await;
    let page = identity(&walk, &page, quiz).await;
    page.is_at("/quiz");
    let names: BTreeSet<String> =
        page.attributes("form[action='/quiz'] input[type=radio]", "name").into_iter().collect();
    let mut form = page.form("/quiz");
    for name in &names {
        let choices = page.attributes(&format!("input[name={name}]"), "value");
        form = form.set(name, &choices[0]);
    }
    form.submit(&walk.browser).await;
    open.push(walk.browser);

    // Not verified, corrected, not verified again, and then held back by a limit.
    let walk = served.walk(wrong);
    let page = to_identity(&walk, wrong).await;
    let mut page = identity(&walk, &page, wrong).await;
    for day in ["1", "2"] {
        page = walk.browser.get("/identity").await;
        let form = page.form("/identity").set("birth_date_day", day).set("ssn", wrong.number);
        page = form.submit(&walk.browser).await;
    }
    assert_eq!(page.status, 429);
    open.push(walk.browser);

    // NRG fails, answers with rubbish, knows the person already.
    for person in [technical, garbage, current] {
        let walk = served.walk(person);
        let page = to_identity(&walk, person).await;
        identity(&walk, &page, person).await;
        // Forms with everything in them that are refused: garbled, from elsewhere, too large, of another kind.
        let page = walk.browser.get("/identity").await;
        if page.path == "/identity" {
            let all = page
                .form("/identity")
                .set("ssn", person.number)
                .set("birth_date_month", "")
                .fields()
                .to_vec();
            let twice = [&all[..], &[("ssn".to_owned(), person.number.to_owned())]].concat();
            let large = [&all[..], &[("more".to_owned(), "x".repeat(70_000))]].concat();
            let foreign = [("sec-fetch-site", "cross-site")];
            for (fields, headers) in [(&all, &[][..]), (&twice, &[]), (&large, &[]), (&all, &foreign)] {
                let answer = walk.browser.post_only("/identity", fields, headers).await;
                let seen_page = Page::read(answer, "/identity".to_owned()).await.unwrap();
                assert!(seen_page.status.is_client_error(), "{}", seen_page.status);
                seen.push(Seen { asked: "POST /identity".into(), head: String::new(), body: seen_page.body });
            }
        }
        open.push(walk.browser);
    }

    // The answer to the submission is lost, and refused.
    for (person, end) in [(cut, "/processing"), (refused, "/stop")] {
        let walk = served.walk(person);
        let page = to_identity(&walk, person).await;
        let page = identity(&walk, &page, person).await;
        let page = walk.start_date(&page).await;
        walk.review(&page).await.is_at(end);
        walk.browser.get("/no-such-page").await;
        open.push(walk.browser);
    }
    seen.extend(open.iter().flat_map(Browser::seen));
    (seen, open)
}

/// Everything to search for, as it was given and as NRG gave it.
fn secrets(served: &Served, seen: &[Seen]) -> Vec<Secret> {
    let mut all = Vec::new();
    let mut add = |kind, value: &str| all.push(Secret { kind, value: value.to_owned() });
    for person in &PEOPLE {
        let digits: String = person.number.chars().filter(char::is_ascii_digit).collect();
        let number = if person.document == "ssn" { "SSN" } else { "licence number" };
        add(number, &digits);
        add(number, person.number);
        if digits.len() == 9 {
            add(number, &format!("{}-{}-{}", &digits[..3], &digits[3..5], &digits[5..]));
        }
        let [month, day, year] = person.born;
        add("birth date", &format!("{month:0>2}{day:0>2}{year}"));
        add("birth date", &format!("{year}-{month:0>2}-{day:0>2}"));
        add("birth date", &format!("{month:0>2}/{day:0>2}/{year}"));
        let (english, spanish) = MONTHS[month.parse::<usize>().unwrap() - 4];
        add("birth date", &format!("{english} {day}, {year}"));
        add("birth date", &format!("{day} de {spanish} de {year}"));
        for (kind, name) in [("first name", person.first_name), ("last name", person.last_name)] {
            if name.ends_with("canary") {
                add(kind, name);
            }
        }
        add("e-mail address", person.email);
        add("phone number", person.phone);
        add("phone number", &person.phone.chars().filter(char::is_ascii_digit).collect::<String>());
        add("street", person.street.split(' ').nth(1).unwrap());
    }
    for call in served.sandbox.calls() {
        for (kind, field) in [
            ("token", "tokenizedSSN"),
            ("token", "tokenizedTDL"),
            ("guid", "guid"),
            ("tracking id", "trackingId"),
            ("account number", "caNumber"),
        ] {
            if let Some(value) = call.parameters.get(field).and_then(|value| value.as_str()) {
                add(kind, value);
            }
        }
    }
    for seen in seen {
        for line in seen.head.lines().filter_map(|line| line.strip_prefix("set-cookie: enroll=")) {
            let id = line.split(';').next().unwrap_or_default();
            if !id.is_empty() {
                add("session id", id);
            }
        }
        if let Some((_, code)) = seen.body.split_once("resume?code=") {
            add("resume code", &code[..22]);
        }
    }
    add("Basic credentials", "canary-user");
    add("Basic credentials", PASSWORD);
    add("Basic credentials", &STANDARD.encode(format!("canary-user:{PASSWORD}")));
    for key in &served.keys {
        add("key", key);
        add(
            "key",
            &STANDARD.decode(key).unwrap().iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        );
    }
    add("quiz", "Invented Blvd");
    all.sort_by(|a, b| (a.kind, &a.value).cmp(&(b.kind, &b.value)));
    all.dedup_by(|a, b| a.value == b.value);
    all
}

/// A value as it may be written: as it is, in lower case, escaped for addresses, JSON and HTML, in hexadecimal, in
/// base64 at each of its three positions, and in UTF-16.
fn writings(value: &str) -> Vec<Vec<u8>> {
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let json = serde_json::to_string(value).unwrap();
    let html =
        value.replace('&', "&amp;").replace('\'', "&#x27;").replace('"', "&quot;").replace('<', "&lt;");
    let wide: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut all: Vec<Vec<u8>> = vec![
        value.into(),
        value.to_lowercase().into(),
        value.to_uppercase().into(),
        form.replace('+', "%20").into(),
        form.into(),
        json.trim_matches('"').into(),
        html.into(),
        hex.to_uppercase().into(),
        hex.into(),
        wide,
    ];
    for shift in 0..3 {
        let padded = [&vec![b' '; shift][..], value.as_bytes()].concat();
        // The characters that hang on what stands before and after are left out.
        let whole = &padded[..padded.len() - padded.len() % 3];
        let text = STANDARD.encode(whole);
        let text = text.get(if shift == 0 { 0 } else { 4 }..).unwrap_or_default();
        if text.len() >= 8 {
            all.push(text.into());
            all.push(text.replace('+', "-").replace('/', "_").into());
        }
    }
    all.sort();
    all.dedup();
    all
}

/// A search for many writings at once.
struct Search {
    /// Whether a writing begins with these two bytes.
    begins: Vec<bool>,
    by_start: HashMap<[u8; 4], Vec<(usize, Vec<u8>)>>,
}

impl Search {
    /// For each of `values` by its number, all its writings.
    fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut search = Self { begins: vec![false; 1 << 16], by_start: HashMap::new() };
        for (number, value) in values.into_iter().enumerate() {
            for writing in writings(value) {
                let start: [u8; 4] = writing[..4].try_into().unwrap();
                search.begins[usize::from(u16::from_le_bytes([start[0], start[1]]))] = true;
                search.by_start.entry(start).or_default().push((number, writing));
            }
        }
        search
    }

    /// The numbers of the values that are in `bytes`.
    fn of(&self, bytes: &[u8]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for (at, start) in bytes.windows(4).enumerate() {
            if !self.begins[usize::from(u16::from_le_bytes([start[0], start[1]]))] {
                continue;
            }
            for (number, writing) in self.by_start.get(start).into_iter().flatten() {
                if bytes[at..].starts_with(writing) {
                    found.insert(*number);
                }
            }
        }
        found
    }
}

/// What a browser, its history, and a proxy could keep.
fn of_browser(seen: &[Seen]) -> Vec<Output> {
    let mut outputs = Vec::new();
    for Seen { asked, head, body } in seen {
        let path =
            asked.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
        outputs.push(Output { place: "address".into(), bytes: asked.clone().into() });
        for line in head.lines() {
            let name = line.split(':').next().unwrap_or_default();
            let place = if name == "location" { format!("location of {path}") } else { name.to_owned() };
            outputs.push(Output { place, bytes: line.into() });
        }
        outputs.push(Output { place: path, bytes: body.clone().into() });
    }
    outputs
}

fn files(folder: &std::path::Path) -> Vec<Output> {
    let mut outputs = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let place = if name == "log" { "log" } else { "database" };
        outputs.push(Output { place: place.into(), bytes: std::fs::read(&path).unwrap() });
    }
    outputs
}

/// Every row of every table, as text and its bytes in hexadecimal.
async fn rows(store: &str) -> Vec<Output> {
    let pool = sqlx::PgPool::connect(store).await.unwrap();
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut outputs = Vec::new();
    for (table,) in tables {
        let sql = format!("SELECT row_to_json(t)::text FROM \"{table}\" t");
        let rows: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap();
        outputs.extend(rows.into_iter().map(|(row,)| Output { place: "database".into(), bytes: row.into() }));
    }
    outputs
}

/// Every value that is somewhere, by kind and place: all of it allowed.
fn judge(secrets: &[Secret], outputs: &[Output]) -> BTreeSet<(&'static str, String)> {
    let search = Search::new(secrets.iter().map(|secret| secret.value.as_str()));
    let (mut shown, mut wrong) = (BTreeSet::new(), BTreeSet::new());
    for Output { place, bytes } in outputs {
        for Secret { kind, value } in search.of(bytes).into_iter().map(|number| &secrets[number]) {
            let (_, allowed) = MAY_SHOW.iter().find(|(known, _)| known == kind).unwrap();
            if !allowed.contains(&place.as_str()) {
                wrong.insert(format!("{kind} {value:?} is in {place}"));
            }
            shown.insert((*kind, place.clone()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    shown
}

/// The log as programs read it: one object a line, in UTC, nothing else.
fn is_a_log(log: &[u8]) {
    let text = std::str::from_utf8(log).unwrap();
    let mut requests = 0;
    for line in text.lines() {
        let line: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("not a line of the log: {line}"));
        assert!(line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
        assert!(!line.to_string().contains('\u{1b}'), "{line}");
        if line["message"] == "request" {
            assert_eq!(line["span"]["request_id"].as_str().map(str::len), Some(16), "{line}");
            assert!(!line["path"].as_str().unwrap().contains('?'), "{line}");
            requests += 1;
        }
    }
    assert!(requests > 100, "{requests} requests");
}

/// The values that are somewhere in the memory of the process.
#[cfg(target_os = "linux")]
fn in_memory(pid: u32, secrets: &[Secret]) -> Result<BTreeSet<(&'static str, &str)>, std::io::Error> {
    use std::os::unix::fs::FileExt;

    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let memory = std::fs::File::open(format!("/proc/{pid}/mem"))?;
    let search = Search::new(secrets.iter().map(|secret| secret.value.as_str()));
    let mut found = BTreeSet::new();
    for line in
        maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|rights| rights.starts_with("rw")))
    {
        let (from, to) = line.split(' ').next().unwrap_or_default().split_once('-').unwrap_or_default();
        let (Ok(from), Ok(to)) = (u64::from_str_radix(from, 16), u64::from_str_radix(to, 16)) else {
            continue;
        };
        // A page at a time: one that was never touched is all zeros, and there are many.
        const PAGE: usize = 1 << 16;
        let mut bytes = vec![0; PAGE + 64];
        for start in (from..to).step_by(PAGE) {
            let length = usize::try_from(to - start).unwrap().min(bytes.len());
            if memory.read_exact_at(&mut bytes[..length], start).is_ok()
                && bytes[..length].iter().any(|byte| *byte != 0)
            {
                found.extend(
                    search
                        .of(&bytes[..length])
                        .into_iter()
                        .map(|number| (secrets[number].kind, secrets[number].value.as_str())),
                );
            }
        }
    }
    Ok(found)
}

#[allow(clippy::print_stdout, reason = "says what could not be tried")]
async fn everything(store: Option<&str>) {
    let mut served = Served::start(store).await;
    let (seen, open) = journeys(&served).await;
    let private = Browser::new(&format!("http://{}", served.private));
    for path in ["/metrics", "/healthz", "/readyz"] {
        private.get(path).await;
    }
    let secrets = secrets(&served, &seen);
    for kind in MAY_SHOW.iter().map(|(kind, _)| *kind).filter(|kind| *kind != "account number") {
        assert!(secrets.iter().any(|secret| secret.kind == kind), "no {kind} to search for");
    }

    let mut outputs = of_browser(&seen);
    outputs.extend(of_browser(&private.seen()));
    // While it runs, with the log of changes beside the database; and as it is left.
    outputs.extend(files(served.data.path()));
    if let Some(store) = store {
        outputs.extend(rows(store).await);
    }
    #[cfg(target_os = "linux")]
    {
        tokio::time::sleep(Duration::from_millis(300)).await;
        match in_memory(served.child.id(), &secrets) {
            Ok(found) => {
                let numbers: Vec<_> =
                    found.iter().filter(|(kind, _)| ["SSN", "licence number"].contains(kind)).collect();
                assert!(numbers.is_empty(), "in memory: {numbers:?}");
                // What has to be there is found.
                assert!(found.contains(&("Basic credentials", PASSWORD)), "the memory was not read");
            }
            Err(error) => println!("memory not searched: {error}"),
        }
    }
    // Until here the browsers are connected.
    drop((open, private));
    served.end().await;
    outputs.extend(files(served.data.path()));
    is_a_log(&served.log());
    let told = served.told.all();
    assert!(["enrolled", "stopped"].iter().all(|ending| told.contains(ending)), "{told}");
    outputs.push(Output { place: "postback".into(), bytes: told.into() });
    let shown = judge(&secrets, &outputs);
    // The search finds what is there.
    for (kind, place) in [
        ("tracking id", "database"),
        ("first name", "/review"),
        ("street", "/address"),
        ("account number", "location of /pay"),
        ("session id", "set-cookie"),
        ("quiz", "/quiz"),
        ("resume code", "/later"),
    ] {
        assert!(shown.contains(&(kind, place.to_owned())), "{kind} is not in {place}: {shown:?}");
    }
}

#[tokio::test]
async fn personal_data_appears_only_where_allowed() {
    everything(None).await;
}

#[tokio::test]
#[allow(
    clippy::disallowed_methods,
    reason = "where the tests' PostgreSQL is, is not a setting of the program"
)]
async fn personal_data_appears_only_where_allowed_on_postgresql() {
    let Ok(url) = std::env::var("ENROLL_TEST_POSTGRES_URL") else {
        println!("PostgreSQL skipped: ENROLL_TEST_POSTGRES_URL is not set");
        return;
    };
    let name = format!("enroll_canary_{}", std::process::id());
    let admin = sqlx::PgPool::connect(&url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
    let mut own = url::Url::parse(&url).unwrap();
    own.set_path(&name);
    everything(Some(own.as_str())).await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&admin).await.unwrap();
}

#[test]
fn search_finds_value_in_every_encoding() {
    let value = "912-83-7465 O'Hara&ñ";
    let search = Search::new([value]);
    for shift in 0..3 {
        let text = format!("{}{value} and more", "x".repeat(shift));
        for written in [
            text.clone(),
            text.to_uppercase(),
            serde_json::to_string(&text).unwrap(),
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            text.replace('&', "&amp;").replace('\'', "&#x27;"),
            text.bytes().map(|byte| format!("{byte:02x}")).collect(),
            STANDARD.encode(&text),
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&text),
        ] {
            assert!(search.of(written.as_bytes()).contains(&0), "{written}");
        }
        assert!(search.of(text.replace('7', "8").as_bytes()).is_empty());
    }
}
