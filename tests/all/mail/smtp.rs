//! A real SMTP server, Exim as Debian has it: with and without TLS, with a login, refusing, later, slow and away.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use nrg_enroll::{
    fields::{Email, Language},
    mail::{ChallengeKind, Content, NewMail, ResumeLink, State},
};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::support::{World, free_port};

const EXIM: &str = "/usr/sbin/exim4";

/// A server of three ports: without TLS, with STARTTLS, and with TLS from the first byte, where it asks for a password.
struct Exim {
    child: Child,
    folder: TempDir,
    plain: SocketAddr,
    starttls: SocketAddr,
    implicit: SocketAddr,
}

impl Exim {
    /// `None`: it is not installed, or may not be started by this user.
    async fn start() -> Option<Self> {
        if !Path::new(EXIM).exists() {
            println!("mail tests skipped: {EXIM} not found");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("certificate.pem"), pem("CERTIFICATE", own.cert.der())).unwrap();
        fs::write(file("key.pem"), pem("PRIVATE KEY", &own.signing_key.serialize_der())).unwrap();
        let [plain, starttls, implicit] = [free_port(), free_port(), free_port()];
        fs::write(file("exim.conf"), configuration(folder.path(), [plain, starttls, implicit])).unwrap();
        // It gives up its rights, and works in the folder as another user.
        for name in ["spool", "log"] {
            fs::create_dir(file(name)).unwrap();
            fs::set_permissions(file(name), fs::Permissions::from_mode(0o777)).unwrap();
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let child = Command::new(EXIM).arg("-C").arg(file("exim.conf")).arg("-bdf").spawn().unwrap();
        let server = Self { child, folder, plain, starttls, implicit };
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(implicit).await.is_ok() {
                return Some(server);
            }
            sleep(Duration::from_millis(50)).await;
        }
        println!("mail tests skipped: {EXIM} does not start, as it does for root");
        None
    }

    fn certificate(&self) -> String {
        self.folder.path().join("certificate.pem").display().to_string()
    }

    /// The bodies of the mails that it has taken.
    fn taken(&self) -> Vec<String> {
        let Ok(files) = fs::read_dir(self.folder.path().join("spool/input")) else { return Vec::new() };
        let files = files.map(|file| file.unwrap().path());
        files
            .filter(|path| path.to_str().unwrap().ends_with("-D"))
            .map(|path| fs::read_to_string(path).unwrap())
            .collect()
    }

    /// Its log.
    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log/mainlog")).unwrap_or_default()
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pem(kind: &str, der: &[u8]) -> String {
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(der))
}

fn configuration(folder: &Path, [plain, starttls, implicit]: [SocketAddr; 3]) -> String {
    let (folder, plain, starttls, implicit) =
        (folder.display(), plain.port(), starttls.port(), implicit.port());
    format!(
        "primary_hostname = relay.test
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/spool/pid
log_selector = +received_sender +received_recipients +tls_cipher
local_interfaces = 127.0.0.1
daemon_smtp_ports = {plain} : {starttls} : {implicit}
tls_on_connect_ports = {implicit}
tls_advertise_hosts = ${{if eq{{$received_port}}{{{plain}}}{{}}{{*}}}}
tls_certificate = {folder}/certificate.pem
tls_privatekey = {folder}/key.pem
queue_only
keep_environment =
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  deny condition = ${{if eq{{$received_port}}{{{implicit}}}}}
       !authenticated = *
       message = 5.7.1 log in first
  deny local_parts = nobody
       message = 5.1.1 <$local_part@$domain> has no mailbox here
  defer local_parts = later
       message = 4.7.1 come back later
  accept
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_set_id = $auth2
  server_condition = ${{if and{{{{eq{{$auth2}}{{relay}}}}{{eq{{$auth3}}{{canary-password}}}}}}}}
"
    )
}

/// A server that sends by `address`, with these further settings.
async fn world(address: SocketAddr, more: &[(&str, &str)]) -> World {
    let port = address.port().to_string();
    let own = [
        ("ENROLL__MAIL__HOST", "127.0.0.1"),
        ("ENROLL__MAIL__PORT", port.as_str()),
        ("ENROLL__MAIL__TIMEOUT", "2s"),
    ];
    World::with(&[&own, more].concat()).await
}

/// Sends a link to `to`.
async fn send(world: &World, to: &str) {
    let address = Email::parse(to).unwrap();
    let mails = world.server.app.mails.as_ref().unwrap();
    let until = world.server.app.clock.now() + jiff::SignedDuration::from_hours(48);
    let code = "ABCD-EFGH-2345".to_owned();
    let content = Content::Link(ResumeLink { code, until, question: ChallengeKind::Nothing });
    let mail = mails.pending(&NewMail {
        about: &mails.about_link("ABCD-EFGH-2345", &address),
        site: "main",
        language: Language::Spanish,
        address: &address,
        content: &content,
        until: Some(until),
    });
    mails.enqueue(&mail).await.unwrap();
}

/// What became of the newest mail, once it was tried so often.
async fn tried(world: &World, tries: i64) -> (State, String) {
    // While it is tried, that is when the lease ends.
    let leased = world.server.app.clock.now() + jiff::SignedDuration::from_secs(120);
    for _ in 0..1000 {
        let row = world.outbox().await.remove(0);
        let has_come = row.outcome.is_some() && row.next_try() != Some(leased);
        if row.tries == tries && has_come || row.ended_at().is_some() {
            return (row.state(), row.outcome.unwrap());
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", world.outbox().await)
}

#[tokio::test]
async fn real_server_takes_mail_with_and_without_tls_and_with_a_login() {
    let Some(exim) = Exim::start().await else { return };
    let certificate = exim.certificate();
    let trusted = ("ENROLL__MAIL__CA_FILE", certificate.as_str());
    let login = [("ENROLL__MAIL__USERNAME", "relay"), ("ENROLL__MAIL__PASSWORD", "canary-password")];
    for (count, (address, tls, more)) in [
        (exim.plain, "none", &[][..]),
        (exim.starttls, "required", &[trusted]),
        (exim.implicit, "implicit", &[trusted, login[0], login[1]]),
    ]
    .into_iter()
    .enumerate()
    {
        let world = world(address, &[&[("ENROLL__MAIL__TLS", tls)], more].concat()).await;
        send(&world, "jordan@example.com").await;
        let (state, outcome) = tried(&world, 1).await;
        assert_eq!(state, State::Sent, "{tls}: {outcome}");
        assert!(outcome.starts_with("250 OK id="), "{outcome}");
        assert_eq!(world.captured().await.status, 404, "nothing is shown that was sent");
        let taken = exim.taken();
        assert_eq!(taken.len(), count + 1);
        assert!(
            taken.iter().all(|body| body.contains("Content-Type: text/html; charset=utf-8")),
            "{taken:?}"
        );
    }
    let log = exim.log();
    assert_eq!(log.matches("<= hello@example.com").count(), 3, "{log}");
    assert_eq!(log.matches(" X=TLS1.3").count(), 2, "{log}");
    assert_eq!(log.matches("A=plain:relay").count(), 1, "{log}");
}

#[tokio::test]
async fn server_that_is_not_trusted_or_offers_no_tls_gets_no_mail() {
    let Some(exim) = Exim::start().await else { return };
    let certificate = exim.certificate();
    let wrong = [("ENROLL__MAIL__USERNAME", "relay"), ("ENROLL__MAIL__PASSWORD", "canary-other")];
    let trusted = ("ENROLL__MAIL__CA_FILE", certificate.as_str());
    for (address, tls, more, expected) in [
        (exim.starttls, "required", &[][..], "TLS fails with it"),
        (exim.implicit, "implicit", &[], "TLS fails with it"),
        (
            exim.plain,
            "required",
            &[trusted],
            "it does not offer what is needed: STARTTLS, or a way to log in",
        ),
        // What is wrong with the login is not the mail's fault: it waits.
        (exim.implicit, "implicit", &[trusted, wrong[0], wrong[1]], "535 Incorrect authentication data"),
    ] {
        let world = world(address, &[&[("ENROLL__MAIL__TLS", tls)], more].concat()).await;
        send(&world, "jordan@example.com").await;
        assert_eq!(tried(&world, 1).await, (State::Waiting, expected.to_owned()), "{tls}");
    }
    assert!(exim.taken().is_empty());
}

#[tokio::test]
async fn refusal_is_final_and_a_later_is_tried_again_until_the_day_is_over() {
    let Some(exim) = Exim::start().await else { return };
    let world = world(exim.plain, &[("ENROLL__MAIL__TLS", "none")]).await;
    send(&world, "nobody@example.com").await;
    let refused = "550 5.1.1 (address) has no mailbox here".to_owned();
    assert_eq!(tried(&world, 1).await, (State::Dead, refused));
    world.forward(Duration::from_secs(1));
    send(&world, "later@example.com").await;
    let later = "451 4.7.1 come back later".to_owned();
    assert_eq!(tried(&world, 1).await, (State::Waiting, later.clone()));
    world.forward(Duration::from_secs(31));
    assert_eq!(tried(&world, 2).await, (State::Waiting, later.clone()));
    assert!(world.metric("enroll_mails_failing_seconds", &[]).await >= 31.0);
    assert_eq!(world.metric("enroll_mails", &["kind=\"link\"", "state=\"dead\""]).await, 1.0);
    world.forward(Duration::from_secs(25 * 3600));
    assert_eq!(tried(&world, 3).await, (State::Dead, later));
    assert_eq!(world.metric("enroll_mails_failing_seconds", &[]).await, 0.0);
}

#[tokio::test]
async fn server_away_or_slow_is_tried_again_and_mail_goes_out_when_it_is_back() {
    let away = free_port();
    let world = world(away, &[("ENROLL__MAIL__TLS", "none")]).await;
    send(&world, "jordan@example.com").await;
    let refuses = "cannot be reached: it refuses connections".to_owned();
    assert_eq!(tried(&world, 1).await, (State::Waiting, refuses));
    // It accepts, and says nothing.
    let silent = TcpListener::bind(away).unwrap();
    world.forward(Duration::from_secs(31));
    assert_eq!(tried(&world, 2).await, (State::Waiting, "timed out".to_owned()));
    drop(silent);
    let Some(exim) = Exim::start().await else { return };
    let listener = tokio::net::TcpListener::bind(away).await.unwrap();
    let plain = exim.plain;
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = tokio::net::TcpStream::connect(plain).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        }
    });
    world.forward(Duration::from_secs(61));
    assert_eq!(tried(&world, 3).await.0, State::Sent);
    assert_eq!(exim.taken().len(), 1);
}
