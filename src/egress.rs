//! The way out: calls connect by themselves, or by a proxy that the settings name. One that the environment names is never
//! used: it would see whom is called.

use reqwest::ClientBuilder;
use url::{Host, Url};
use zeroize::Zeroizing;

/// The longest name and the longest password that SOCKS5 carries, in bytes.
const LONGEST: usize = 255;

/// A proxy that passes connections on: by CONNECT (HTTP), or by SOCKS5. It resolves the names that are called. What goes
/// through it is encrypted from end to end. It has no `Debug`, as it holds a password.
#[derive(Clone)]
pub struct Proxy {
    address: Url,
    credentials: Option<Credentials>,
}

/// What a proxy lets us in by.
#[derive(Clone)]
pub struct Credentials {
    user: Zeroizing<String>,
    password: Zeroizing<String>,
}

impl Proxy {
    /// The proxy at that address, which [`address`] accepts.
    pub fn new(address: Url, credentials: Option<Credentials>) -> Self {
        Self { address, credentials }
    }

    /// Its host.
    pub fn host(&self) -> Option<Host<&str>> {
        self.address.host()
    }
}

impl Credentials {
    /// Reads `user:password`; the password may have colons.
    pub fn parse(text: &str) -> Option<Self> {
        let (user, password) = text.split_once(':')?;
        let fits = |part: &str| (1..=LONGEST).contains(&part.len()) && !part.contains(char::is_control);
        let owned = |part: &str| Zeroizing::new(part.to_owned());
        (fits(user) && fits(password)).then(|| Self { user: owned(user), password: owned(password) })
    }
}

/// Reads the address of a proxy: scheme and host, and nothing that must not be shown. With `socks5` too the proxy resolves
/// the names, as with `socks5h`.
pub fn address(text: &str) -> Option<Url> {
    let known = ["http", "https", "socks5", "socks5h"];
    let mut url = Url::parse(text).ok().filter(|url| known.contains(&url.scheme()) && url.has_host())?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none();
    // The client connects directly, and says nothing, where it cannot read the address of its proxy.
    let is_read = url.as_str().parse::<http::Uri>().is_ok_and(|uri| uri.host().is_some());
    if url.scheme() == "socks5" {
        url.set_scheme("socks5h").ok()?;
    }
    (bare && is_read).then_some(url)
}

/// The client that `builder` builds connects by `proxy`, if there is one, and by no other.
///
/// # Errors
/// The address is none of a proxy.
pub fn by(proxy: Option<&Proxy>, builder: ClientBuilder) -> Result<ClientBuilder, reqwest::Error> {
    let builder = builder.no_proxy();
    let Some(Proxy { address, credentials }) = proxy else { return Ok(builder) };
    let mut proxy = reqwest::Proxy::all(address.clone())?;
    if let Some(Credentials { user, password }) = credentials {
        // They become part of a URL that is decoded, and a percent sign is not encoded by itself.
        let [user, password] = [user, password].map(|part| Zeroizing::new(part.replace('%', "%25")));
        proxy = proxy.basic_auth(&user, &password);
    }
    Ok(builder.proxy(proxy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_of_a_proxy_has_scheme_and_host_and_no_secret() {
        for good in
            ["http://proxy:3128", "https://proxy.internal/", "socks5h://[::1]:1080", "http://10.0.0.3:80"]
        {
            assert!(address(good).is_some(), "{good}");
        }
        for bad in [
            "proxy:3128",
            "ftp://proxy",
            "socks4://proxy:1080",
            "http://user@proxy",
            "http://user:word@proxy",
            "http://proxy/path",
            "http://proxy/?a",
            "socks5://",
            // A host that the client does not read.
            "socks5h://pr\u{f3}xy:1080",
        ] {
            assert!(address(bad).is_none(), "{bad}");
        }
        assert_eq!(address("socks5://proxy:1080").unwrap().as_str(), "socks5h://proxy:1080");
    }

    #[test]
    fn credentials_have_user_and_password_that_socks_carries() {
        for good in ["user:word", "user:pass:word", "user:p%41 ss@/"] {
            assert!(Credentials::parse(good).is_some(), "{good}");
        }
        // Whatever a password has, the client reads the address with it: else it would connect directly.
        let mut url = address("socks5h://proxy:1080").unwrap();
        for character in (' '..='~').chain("\u{f1}\u{20ac}".chars()) {
            let password = format!("a{character}b").replace('%', "%25");
            url.set_username("user").and_then(|()| url.set_password(Some(&password))).unwrap();
            assert!(url.as_str().parse::<http::Uri>().is_ok(), "{character}");
        }
        for bad in ["user", ":word", "user:", "user:wo\nrd", &format!("user:{}", "x".repeat(256))] {
            assert!(Credentials::parse(bad).is_none(), "{bad}");
        }
    }
}
