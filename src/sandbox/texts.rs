//! The customer-facing texts, English and Spanish, HTML where the contract says there may be some.

/// The language of a text.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Language {
    English,
    Spanish,
}

impl Language {
    /// The language of a code: `S` is Spanish, everything else English (contract 2.5).
    pub fn from_code(code: &str) -> Self {
        if code == "S" { Self::Spanish } else { Self::English }
    }

    /// The text in this language.
    pub fn pick(self, english: &'static str, spanish: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Spanish => spanish,
        }
    }
}

/// The text that goes with a message code; blank for a code that has none.
pub fn text_for(code: &str, language: Language) -> &'static str {
    TEXTS
        .iter()
        .find(|(known, ..)| *known == code)
        .map_or("", |(_, english, spanish)| language.pick(english, spanish))
}

/// The customer's address in NRG's records: invented, and always the same.
pub const ADDRESS_ON_FILE: &str = "7 Old Elm St, Sampleton, TX, 77999";

const TEXTS: &[(&str, &str, &str)] = &[
    (
        "AREA_NOT_SERVICED",
        "We are sorry, we do not offer service in this area.",
        "Lo sentimos, no ofrecemos servicio en esta zona.",
    ),
    (
        "SWITCH_HOLD",
        "The utility has placed a switch hold on this address, so the switch cannot go on. Please call us.",
        "La compañía de distribución puso un bloqueo de cambio en este domicilio; no podemos continuar. Llámenos.",
    ),
    (
        "NOTIFY_SWITCH_HOLD",
        "There is a switch hold at this address. Please complete the <a href='https://docs.example.com/new-occupant.pdf' target='_blank'>new occupant form</a> and send it to us.",
        "Hay un bloqueo de cambio en este domicilio. Llene el <a href='https://docs.example.com/nuevo-ocupante.pdf' target='_blank'>formulario de nuevo ocupante</a> y env&iacute;elo.",
    ),
    (
        "ESID_ACTIVE",
        "We already provide electricity at this address.",
        "Ya proveemos electricidad en este domicilio.",
    ),
    (
        "BUSINESS_METER",
        "This address has a business meter. Please call us about a business plan.",
        "Este domicilio tiene un medidor comercial. Llámenos para un plan comercial.",
    ),
    (
        "MESID",
        "We found more than one meter at this address.",
        "Encontramos más de un medidor en este domicilio.",
    ),
    (
        "NESID",
        "We could not find a meter at this address yet.",
        "Todavía no encontramos un medidor en este domicilio.",
    ),
    (
        "NRESID",
        "The meter at this address is not residential.",
        "El medidor de este domicilio no es residencial.",
    ),
    (
        "TDSP_MISMATCH",
        "Another utility delivers electricity to this address. Please choose a plan again.",
        "Otra compañía distribuye la electricidad en este domicilio. Elija de nuevo un plan.",
    ),
    (
        "PROMO_INVALID",
        "This promotion is not available at your address.",
        "Esta promoción no está disponible en su domicilio.",
    ),
    (
        "POSID_FAIL",
        "We could not verify your identity. Please check your information and try again.",
        "No pudimos verificar su identidad. Revise sus datos e intente de nuevo.",
    ),
    (
        "POSID_FAIL_MAX",
        "We could not verify your identity. Please call us to complete your enrollment.",
        "No pudimos verificar su identidad. Llámenos para completar su inscripción.",
    ),
    (
        "POSIDHOLD",
        "We need to verify your identity before service can start.<br>We will contact you about the documents we need.",
        "Necesitamos verificar su identidad antes de iniciar el servicio.<br>Le diremos qu&eacute; documentos necesitamos.",
    ),
    (
        "POSID_PASTDUE",
        "We need to verify your identity.<br>There is also a balance from an earlier account.",
        "Necesitamos verificar su identidad.<br>También hay un saldo de una cuenta anterior.",
    ),
    (
        "POSID_PASTSERVICE",
        "We need to verify your identity.<br>Did you receive service at this address before?",
        "Necesitamos verificar su identidad.<br>¿Recibió antes servicio en este domicilio?",
    ),
    (
        "PAST_BALANCE",
        "There is a balance from an earlier account. Please call us to settle it.",
        "Hay un saldo de una cuenta anterior. Llámenos para liquidarlo.",
    ),
    (
        "PAST_SERVICE_HISTORY",
        "Did you receive service at this address before?",
        "¿Recibió antes servicio en este domicilio?",
    ),
    (
        "CURRENT_CUSTOMER",
        "You are already our customer. We provide service at",
        "Usted ya es nuestro cliente. Le damos servicio en",
    ),
    (
        "BP_RESTRICTION",
        "We cannot complete your enrollment online. Please call us.",
        "No podemos completar su inscripción en línea. Llámenos.",
    ),
    (
        "NO_PROSPECT_MATCH_FOUND",
        "We could not find this offer number.",
        "No encontramos este número de oferta.",
    ),
    (
        "TOKEN_SERVER_DOWN",
        "We cannot check your information at the moment. Please try again later.",
        "En este momento no podemos revisar sus datos. Intente más tarde.",
    ),
    (
        "TECHNICAL_ERROR",
        "We are sorry, something went wrong on our side. Please try again later.",
        "Lo sentimos, algo falló de nuestro lado. Intente más tarde.",
    ),
    (
        "CREDIT_FREEZE",
        "Your credit file is frozen. Please ask the credit bureau to lift the freeze, then try again.",
        "Su historial de crédito está congelado. Pida a la agencia que lo descongele e intente de nuevo.",
    ),
    (
        "CREDIT_FRAUD",
        "Your credit file carries a security alert. Please call us to complete your enrollment.",
        "Su historial de crédito tiene una alerta de seguridad. Llámenos para completar su inscripción.",
    ),
    (
        "HOLD_LOOKUP_ERROR",
        "The status of your account could not be read.",
        "No se pudo leer el estado de su cuenta.",
    ),
    ("NO_HOLD_ON_ACCOUNT", "There is no hold on your account.", "No hay ningún bloqueo en su cuenta."),
    (
        "PARTIAL_MATCH",
        "We found a similar address. Is this yours?",
        "Encontramos un domicilio parecido. ¿Es el suyo?",
    ),
    ("NO_MATCH", "We could not find this address.", "No encontramos este domicilio."),
    (
        "UNIT_NEEDED",
        "Please add your apartment or unit number.",
        "Agregue su número de apartamento o unidad.",
    ),
    (
        "INCORRECT_UNIT",
        "We could not find this unit in the building.",
        "No encontramos esta unidad en el edificio.",
    ),
    ("UNVERIFIED_ADDRESS", "We could not verify this address.", "No pudimos verificar este domicilio."),
    (
        "(tdsp fee)",
        "Your utility may charge a connection fee of about $5. It appears on your first bill.",
        "Su compañía de distribución puede cobrar unos $5 por la conexión. Aparecen en su primera factura.",
    ),
    (
        "(deposit due)",
        "The deposit is due before your service starts.",
        "El depósito debe pagarse antes de que inicie su servicio.",
    ),
    (
        "(deposit reason)",
        "&lt;p&gt;We ask for a deposit because of information in a consumer report from the agency named here. The agency did not make this decision. You may ask it for a free copy of your report within 60 days &amp;amp; dispute what is wrong in it.&lt;/p&gt;",
        "&lt;p&gt;Pedimos un dep&amp;oacute;sito por la informaci&amp;oacute;n de un informe de la agencia aqu&amp;iacute; nombrada. La agencia no tom&amp;oacute; esta decisi&amp;oacute;n. Puede pedirle una copia gratuita dentro de 60 d&amp;iacute;as y disputar lo que sea incorrecto.&lt;/p&gt;",
    ),
];
