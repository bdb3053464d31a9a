//! How the structure of the catalogs is written down.

/// A struct for each section. Before the bar are sentences; after it are groups of sentences, for a field or a stop.
macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident { $($key:ident,)* $(| $($group:ident: $kind:ty,)*)? })*) => {$(
        $crate::messages::section_macro::section!(#[cfg(not(test))] pub, $(#[$doc])* $name { $($key: String,)* $($($group: $kind,)*)? });
        // The compiler looks for fields that nothing reads only among those that are not public. So in the build of the
        // unit tests they are not, and there a message that nothing uses does not compile.
        $crate::messages::section_macro::section!(#[cfg(test)] #[deny(dead_code)] pub(crate), $(#[$doc])* $name { $($key: String,)* $($($group: $kind,)*)? });
    )*};
}

macro_rules! section {
    ($(#[$when:meta])+ $vis:vis, $(#[$doc:meta])* $name:ident { $($key:ident: $kind:ty,)* }) => {
        $(#[$when])+
        $(#[$doc])*
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(#[doc = concat!("The message `", stringify!($key), "`.")] $vis $key: $kind,)*
        }
    };
}
pub(super) use {section, sections};
