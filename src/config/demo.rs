//! The demo's settings: the defaults with their example values, on this machine, with the sandbox of NRG's API.

use std::{
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use url::Url;
use zeroize::Zeroizing;

use super::{
    layers::Layer,
    problem::{Problem, Why},
};
use crate::{entropy::Entropy, store};

/// The origin of the values that the demo sets.
const DEMO: &str = "the demo";
/// The path and query of the sandbox's payment page.
const GATEWAY: &str = "gateway/pay?account={account_number}&customer={customer_number}&amount={amount}\
    &lang={language}&brand={brand}&company={company_code}&reference={tracking_id}&return_url={return_url}";

/// The demo's settings file, with its data in the folder `data` and the sandbox at `nrg`. The keys are not in it.
pub(super) fn text(data: &Path, nrg: &Url) -> String {
    // The text of a JSON string is that of a TOML string.
    let inside = |text: &str| serde_json::Value::from(text).to_string().trim_matches('"').to_owned();
    include_str!("demo.toml")
        .replace("{database}", &inside(&database_url(data)))
        .replace("{gateway}", &inside(&format!("{nrg}{GATEWAY}")))
        .replace("{host}", &inside(nrg.host_str().unwrap_or_default()))
        .replace("{nrg}", &inside(nrg.as_str()))
}

/// The demo's layers: its settings file, and its keys.
pub(super) fn layers(data: &Path, nrg: &Url, entropy: &Entropy) -> Result<Vec<Layer>, Problem> {
    Ok(vec![Layer::toml(DEMO, &text(data, nrg))?, keys(&keys_file(data), entropy)?])
}

/// The layers of a command that only reads the demo's database: its address, and its keys if there are any.
pub(super) fn to_read(data: &Path) -> Result<Vec<Layer>, Problem> {
    let file = keys_file(data);
    let keys = file.exists().then(|| Layer::file(&file)).transpose()?;
    let database = Layer::one(DEMO, &["store", "url"], database_url(data));
    Ok([database].into_iter().chain(keys).collect())
}

fn database_url(data: &Path) -> String {
    // A percent sign or question mark in the folder's name would be read as part of the address.
    let file = data.join("demo.db").display().to_string().replace('%', "%25").replace('?', "%3F");
    format!("sqlite://{file}")
}

fn keys_file(data: &Path) -> PathBuf {
    data.join("demo-keys.toml")
}

/// The layer of random keys. They are in a file that only its owner can read, so that sessions survive a restart.
fn keys(path: &Path, entropy: &Entropy) -> Result<Layer, Problem> {
    if !path.exists() {
        write_keys(path, entropy).map_err(|error| Problem {
            key: path.display().to_string(),
            why: Why::File(error.kind()),
            origin: None,
        })?;
    }
    Layer::file(path)
}

fn write_keys(path: &Path, entropy: &Entropy) -> std::io::Result<()> {
    let key = || Zeroizing::new(STANDARD.encode(Zeroizing::new(entropy.bytes::<32>())));
    let text = Zeroizing::new(format!(
        "# The demo's keys. Delete this file and the database beside it to start anew.\n\
         session.keys = \"demo:{}\"\nledger.key = \"{}\"\n",
        key().as_str(),
        key().as_str()
    ));
    if let Some(folder) = path.parent() {
        store::create_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
