//! Over HTTP: a webhook that takes JSON, or an ntfy server (docs.ntfy.sh/publish).

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use serde_json::json;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Error};

use crate::notice::{Level, Notice};
use crate::post::{SendError, World, authorities, quoted};
use crate::settings::{NtfyWay, SecretPlace, Url, WebhookProof, WebhookWay};

/// The whole exchange takes no longer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Posts a notice as JSON. With `hmac`, `X-Beffroi-Signature` is HMAC-SHA256 (RFC 2104), in hexadecimal, of the time in
/// `X-Beffroi-Timestamp`, a full stop, and the body.
pub fn carry_webhook(way: &WebhookWay, notice: &Notice, world: &dyn World) -> Result<(), SendError> {
    let body = notice.to_json().to_string();
    let mut headers = vec![("Idempotency-Key", notice.id.as_str().to_string())];
    match &way.proof {
        WebhookProof::None => {}
        WebhookProof::Bearer(place) => headers.push(("Authorization", bearer(place, world)?)),
        WebhookProof::Hmac(place) => {
            let (secret, time) = (world.secret(place)?, world.now_seconds().to_string());
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
            headers.push(("X-Beffroi-Signature", format!("sha256={}", HEXLOWER.encode(tag.as_ref()))));
            headers.push(("X-Beffroi-Timestamp", time));
        }
    }
    post(&way.url, way.ca_file.as_deref(), &headers, &body, world)
}

/// Publishes a notice on a topic. All goes as JSON, so that no name becomes a header.
pub fn carry_ntfy(way: &NtfyWay, notice: &Notice, world: &dyn World) -> Result<(), SendError> {
    let (priority, tag) = match notice.level {
        Level::Alarm => (5, "rotating_light"),
        Level::Watch => (4, "eyes"),
        Level::Test => (3, "bell"),
    };
    let tags = [vec![tag.to_string()], way.tags.clone()].concat();
    let body = json!({
        "topic": way.topic, "title": notice.title, "message": notice.text, "priority": priority, "tags": tags,
    });
    let mut headers = Vec::new();
    if let Some(place) = way.token() {
        headers.push(("Authorization", bearer(&place, world)?));
    }
    post(&way.server, way.ca_file.as_deref(), &headers, &body.to_string(), world)
}

fn bearer(place: &SecretPlace, world: &dyn World) -> Result<String, SendError> {
    Ok(format!("Bearer {}", world.secret(place)?.as_str()))
}

/// Sends a body. Secrets go where they were meant to go: no redirection is followed. What comes back is not read.
fn post(
    url: &Url,
    ca_file: Option<&Path>,
    headers: &[(&'static str, String)],
    body: &str,
    world: &dyn World,
) -> Result<(), SendError> {
    let place = url.place();
    let agent = agent(ca_file, world)?;
    let mut request = agent.post(url.as_str()).header("Content-Type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let answer = request.send(body).map_err(|error| failure(place.clone(), error))?;
    match answer.status().as_u16() {
        200..=299 => Ok(()),
        code @ 300..=399 => Err(SendError::Redirected { place, code }),
        code @ (401 | 403 | 407) => Err(SendError::LoginRefused { place, code }),
        // RFC 9110 §15.5.9, RFC 6585 §4, RFC 9110 §15.6
        code => Err(SendError::Refused { place, code, is_transient: matches!(code, 408 | 429 | 500..) }),
    }
}

fn agent(ca_file: Option<&Path>, world: &dyn World) -> Result<Agent, SendError> {
    let mut roots: Vec<Certificate<'static>> = Vec::new();
    let known = rustls_native_certs::load_native_certs().certs;
    roots.extend(known.iter().map(|known| Certificate::from_der(known.as_ref()).to_owned()));
    if let Some(path) = ca_file {
        let pem = authorities(path, world)?;
        let own = parse_pem(&pem).filter_map(Result::ok).filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        });
        let before = roots.len();
        roots.extend(own);
        if roots.len() == before {
            return Err(SendError::Authority { path: path.to_path_buf(), source: None });
        }
    }
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_response_header_size(16 << 10)
        .proxy(None)
        .user_agent(concat!("beffroi/", env!("CARGO_PKG_VERSION")));
    Ok(config.build().into())
}

fn failure(place: String, error: Error) -> SendError {
    match error {
        Error::Timeout(_) => SendError::Timeout { place },
        Error::Io(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
            SendError::Timeout { place }
        }
        Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(inner) => SendError::Certificate { place, reason: quoted(inner) },
            None => SendError::Unreachable { place, reason: quoted(&error) },
        },
        Error::Rustls(error) => SendError::Certificate { place, reason: quoted(&error) },
        Error::Tls(reason) => SendError::Certificate { place, reason: quoted(&reason) },
        error @ (Error::HostNotFound | Error::ConnectionFailed) => {
            SendError::Unreachable { place, reason: quoted(&error) }
        }
        // Also 307 and 308, which ask that the body, with its proof, be sent elsewhere.
        Error::RedirectFailed | Error::TooManyRedirects => SendError::Redirected { place, code: 307 },
        error => SendError::Protocol { place, reason: quoted(&error) },
    }
}
