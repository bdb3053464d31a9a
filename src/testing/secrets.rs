//! Traits that the types of secrets must not implement, checked when the tests are compiled.

use std::fmt::{Debug, Display};

use serde::Serialize;

use crate::{
    fields::{DriverLicense, Ssn},
    ledger::LedgerKey,
    partners::PartnerKey,
    session::{KeyRing, ResumeCode, SessionId},
    steps::{deposit::DepositInput, identity::IdentityInput},
    web::form::FormBody,
};

/// Compiles only where `$type` is none of `$traits`: a type that is one has two ways to be `Ambiguous`.
macro_rules! is_never {
    ($type:ty: $($traits:path),+) => {
        $({
            trait Ambiguous<A> {
                fn known() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $traits> Ambiguous<u8> for T {}
            <$type as Ambiguous<_>>::known();
        })+
    };
}

#[test]
fn secret_types_implement_no_debug_display_or_serialize() {
    is_never!(Ssn: Debug, Display, Serialize, Clone);
    is_never!(DriverLicense: Debug, Display, Serialize, Clone);
    is_never!(IdentityInput: Debug, Display, Serialize, Clone);
    is_never!(DepositInput: Debug, Display, Serialize, Clone);
    is_never!(FormBody: Debug, Display, Serialize);
    is_never!(SessionId: Debug, Display, Serialize);
    is_never!(ResumeCode: Debug, Display, Serialize);
    is_never!(KeyRing: Debug, Display, Serialize);
    is_never!(LedgerKey: Debug, Display, Serialize);
    is_never!(PartnerKey: Debug, Display, Serialize, Clone);
}
