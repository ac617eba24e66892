//! Mail, to a server outside: RFC 5321, encrypted by STARTTLS (RFC 3207) or from the start (RFC 8314).

use std::error::Error;
use std::io;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error as SmtpError, SmtpTransport};
use lettre::{Address, Transport};

use crate::notice::{Level, Notice};
use crate::post::{SendError, World, authorities, quoted};
use crate::settings::{Security, SmtpWay};

/// An answer is awaited so long.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Hands a mail to the server.
pub fn carry(way: &SmtpWay, notice: &Notice, world: &dyn World) -> Result<(), SendError> {
    let mail = write(way, notice, world)?;
    let tls = match way.security {
        Security::None => Tls::None,
        Security::Starttls => Tls::Required(parameters(way, world)?),
        Security::Tls => Tls::Wrapper(parameters(way, world)?),
    };
    let mut transport = SmtpTransport::builder_dangerous(&*way.server)
        .port(way.port())
        .timeout(Some(TIMEOUT))
        // The name of this machine concerns nobody outside.
        .hello_name(ClientId::Domain("[127.0.0.1]".into()))
        .tls(tls);
    if let (Some(user), Some(place)) = (&way.user, way.password()) {
        let password = world.secret(&place)?;
        transport = transport.credentials(Credentials::new(user.clone(), password.to_string()));
    }
    transport.build().send(&mail).map(drop).map_err(|error| failure(way, &error))
}

/// Writes the mail. No name can add a header: the library encodes what is not plain.
fn write(way: &SmtpWay, notice: &Notice, world: &dyn World) -> Result<Message, SendError> {
    let wrong = |reason: String| SendError::Protocol { place: way.place(), reason };
    let address = |text: &str| text.parse::<Address>().map_err(|error| wrong(quoted(&error)));
    let sender = address(&way.sender)?;
    let message_id = format!("<{}@{}>", notice.id.as_str(), sender.domain());
    let date = UNIX_EPOCH + Duration::from_secs(world.now_seconds());
    let mut mail = Message::builder()
        .from(Mailbox::new(Some("Beffroi".into()), sender))
        .subject(&notice.title)
        .date(date)
        .message_id(Some(message_id))
        .header(ContentType::TEXT_PLAIN)
        // RFC 3834: no machine answers, none goes on holiday about it.
        .header(AutoSubmitted);
    if notice.level == Level::Alarm {
        mail = mail.header(Importance);
    }
    for to in &way.to {
        mail = mail.to(Mailbox::new(None, address(to)?));
    }
    mail.body(notice.text.clone()).map_err(|error| wrong(quoted(&error)))
}

fn parameters(way: &SmtpWay, world: &dyn World) -> Result<TlsParameters, SendError> {
    let mut parameters = TlsParameters::builder(way.server.clone());
    if let Some(path) = &way.ca_file {
        let unusable = || SendError::Authority { path: path.clone(), source: None };
        let pem = authorities(path, world)?;
        parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| unusable())?);
    }
    parameters.build().map_err(|error| SendError::Protocol { place: way.place(), reason: quoted(&error) })
}

/// Says what an error of the library means. What the server said at a login is not repeated: it may hold what was sent.
fn failure(way: &SmtpWay, error: &SmtpError) -> SendError {
    let place = way.place();
    if let Some(code) = error.status() {
        let code = u16::from(code);
        return match code {
            // RFC 4954 §6
            432 | 530 | 534 | 535 | 538 => SendError::LoginRefused { place, code },
            _ => SendError::Refused { place, code, is_transient: error.is_transient() },
        };
    }
    let mut cause = error.source();
    while let Some(one) = cause {
        let system = one.downcast_ref::<io::Error>();
        if let Some(inner) = system.and_then(io::Error::get_ref).and_then(|inner| inner.downcast_ref::<rustls::Error>())
        {
            return SendError::Certificate { place, reason: quoted(inner) };
        }
        if system.is_some_and(|error| matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)) {
            return SendError::Timeout { place };
        }
        cause = one.source();
    }
    let reason = error.source().map_or_else(|| quoted(error), |source| quoted(&source));
    if error.is_tls() {
        SendError::Certificate { place, reason }
    } else if error.is_client() && reason.contains("STARTTLS") {
        SendError::NoEncryption { place }
    } else if error.is_client() || error.is_response() {
        SendError::Protocol { place, reason }
    } else {
        SendError::Unreachable { place, reason }
    }
}

/// A header with one value only.
macro_rules! constant_header {
    ($header:ident, $name:literal, $value:literal) => {
        #[derive(Clone, Copy)]
        struct $header;

        impl Header for $header {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($name)
            }

            fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
                Ok(Self)
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), $value.into())
            }
        }
    };
}

constant_header!(AutoSubmitted, "Auto-Submitted", "auto-generated");
constant_header!(Importance, "Importance", "high");
