//! A proxy that runs with its recipe.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::support::{Browser, free_port};

/// Where the proxy and the servers behind it listen.
pub struct Front {
    address: SocketAddr,
    /// The servers are at these addresses, at the same ports, as on machines of their own. No other test has them.
    pub servers: [[u8; 4]; 2],
    pub port: u16,
    pub private_port: u16,
    /// The address in browsers.
    pub base: String,
    certificate: String,
    key: String,
}

impl Front {
    /// With TLS, and a certificate of its own making.
    pub fn new() -> Self {
        static FRONTS: AtomicU8 = AtomicU8::new(1);
        let nth = FRONTS.fetch_add(1, Ordering::Relaxed);
        let free = || TcpListener::bind("0.0.0.0:0").unwrap();
        // Held together, so that they differ.
        let [address, port, private_port] =
            [free(), free(), free()].each_ref().map(|listener| listener.local_addr().unwrap().port());
        let address = SocketAddr::from(([127, 0, 0, 1], address));
        let own = rcgen::generate_simple_self_signed([address.ip().to_string()]).unwrap();
        let pem = |kind: &str, der: &[u8]| {
            format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(der))
        };
        Self {
            address,
            servers: [[127, 0, nth, 2], [127, 0, nth, 3]],
            port,
            private_port,
            base: format!("https://{address}"),
            certificate: pem("CERTIFICATE", own.cert.der()),
            key: pem("PRIVATE KEY", &own.signing_key.serialize_der()),
        }
    }

    pub fn browser(&self) -> Browser {
        Browser::trusting(&self.base, &self.certificate)
    }

    /// The certificate of the proxy, in PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Returns once a visitor is answered by a server.
    pub async fn is_served(&self) {
        let browser = self.browser();
        for _ in 0..100 {
            if browser.ask("GET", "/", &[("x-forwarded-for", "192.0.2.1")]).await.status() == 200 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no page in time");
    }

    fn server(&self, nth: usize) -> String {
        SocketAddr::from((self.servers[nth], self.port)).to_string()
    }
}

/// A file of `deploy/`.
pub fn deploy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)
}

/// It runs. Dropping it ends it.
pub struct Proxy {
    child: Child,
    folder: TempDir,
}

impl Proxy {
    pub async fn nginx(front: &Front) -> Option<Self> {
        let program = installed(&["/usr/sbin/nginx", "/usr/bin/nginx"])?;
        let folder = folder(front);
        let at = folder.path().display().to_string();
        recipe(
            "nginx.conf",
            &folder,
            &[
                ("10.0.0.11:8080", &front.server(0)),
                ("10.0.0.12:8080", &front.server(1)),
                ("listen 80;\n    listen [::]:80;", &format!("listen {};", free_port())),
                ("listen 443 ssl;\n    listen [::]:443 ssl;", &format!("listen {} ssl;", front.address)),
                ("/etc/ssl/nrg-enroll", &at),
                ("/etc/nginx/nrg-enroll", &at),
                ("/var/log/nginx", &at),
            ],
        );
        // What surrounds it on Debian, as far as it matters.
        let main = format!(
            "daemon off; pid {at}/pid; error_log {at}/main.log; worker_processes 1;
            events {{ worker_connections 1000; }}
            http {{
                access_log off;
                client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/fastcgi;
                uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;
                include {at}/nginx.conf;
            }}"
        );
        std::fs::write(folder.path().join("main.conf"), main).unwrap();
        let arguments = ["-c", &format!("{at}/main.conf"), "-p", &at];
        Some(Self::run(Command::new(program).args(arguments), folder))
    }

    pub async fn haproxy(front: &Front) -> Option<Self> {
        let program = installed(&["/usr/sbin/haproxy"])?;
        let folder = folder(front);
        let at = folder.path().display().to_string();
        recipe(
            "haproxy.cfg",
            &folder,
            &[
                ("10.0.0.11:8080", &front.server(0)),
                ("10.0.0.12:8080", &front.server(1)),
                ("port 9090", &format!("port {}", front.private_port)),
                ("    user haproxy\n    group haproxy\n", ""),
                ("/dev/log local0", "stdout format raw local0"),
                ("bind :::80 v4v6", &format!("bind {}", free_port())),
                ("bind :::443 v4v6", &format!("bind {}", front.address)),
                ("/etc/haproxy", &at),
            ],
        );
        Some(Self::run(Command::new(program).args(["-db", "-f", &format!("{at}/haproxy.cfg")]), folder))
    }

    pub async fn caddy(front: &Front) -> Option<Self> {
        let program = installed(&["/usr/bin/caddy", "/usr/local/bin/caddy"])?;
        let folder = folder(front);
        let at = folder.path().display().to_string();
        recipe(
            "Caddyfile",
            &folder,
            &[
                ("health_port 9090", &format!("health_port {}", front.private_port)),
                // A certificate of the test's in place of one that Caddy makes or gets, and no listener for that.
                ("\tlog\n", &format!("\tlog\n\tbind 127.0.0.1\n\ttls {at}/fullchain.pem {at}/privkey.pem\n")),
                ("{\n\t# All", "{\n\tadmin off\n\tauto_https disable_redirects\n\t# All"),
            ],
        );
        let mut command = Command::new(program);
        command
            .args(["run", "--adapter", "caddyfile", "--config", &format!("{at}/Caddyfile")])
            .env("SITE", &front.base)
            .env("SERVERS", format!("{} {}", front.server(0), front.server(1)))
            .env("AWAY_FOLDER", &at)
            .envs(["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"].map(|name| (name, &at)));
        Some(Self::run(&mut command, folder))
    }

    fn run(command: &mut Command, folder: TempDir) -> Self {
        let log = File::create(folder.path().join("output.log")).unwrap();
        let child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        Self { child, folder }
    }

    /// Returns once a visitor is answered by a server.
    pub async fn is_ready(&mut self, front: &Front) {
        for _ in 0..200 {
            assert!(self.child.try_wait().unwrap().is_none(), "{}", self.log());
            if TcpStream::connect(front.address).await.is_ok() {
                return front.is_served().await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it does not listen: {}", self.log());
    }

    /// All that it has logged.
    fn log(&self) -> String {
        let files = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let logs = files.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
        logs.map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }

    /// Ends it, and returns its log.
    pub fn stop(mut self) -> String {
        self.end();
        self.log()
    }

    fn end(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // Killed, the first process of nginx would leave its worker behind.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            println!("{}", self.log());
        }
    }
}

/// The first of these programs that is there; none, and a line that says so.
fn installed(paths: &[&'static str]) -> Option<&'static str> {
    let found = paths.iter().find(|path| Path::new(path).is_file()).copied();
    if found.is_none() {
        println!("proxy tests skipped: {} not found", paths[0]);
    }
    found
}

/// A folder with the page and the certificate, under the names of every recipe, which any user may read.
fn folder(front: &Front) -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("fullchain.pem", &front.certificate);
    write("privkey.pem", &front.key);
    write("nrg-enroll.pem", &format!("{}{}", front.certificate, front.key));
    write("away.html", &std::fs::read_to_string(deploy("away.html")).unwrap());
    folder
}

/// Writes the recipe into the folder, with what is another one here; everything else is as an operator gets it.
fn recipe(name: &str, folder: &TempDir, changes: &[(&str, &str)]) {
    let mut text = std::fs::read_to_string(deploy(name)).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{name} has no {from}");
        text = text.replace(from, to);
    }
    std::fs::write(folder.path().join(name), text).unwrap();
}
