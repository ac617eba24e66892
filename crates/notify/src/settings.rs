//! Who is told, and how: `notify.toml`, as docs/notify.md describes it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

use crate::notice::Level;

/// Who is told, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// After so many seconds a backup waits no longer.
    pub seconds_max: u64,
    /// Who is told.
    pub recipients: Vec<Recipient>,
}

/// Somebody who is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipient {
    /// What the settings call him.
    pub name: String,
    /// What is less loud, he is not told.
    pub from: Level,
    /// His language; none means that of the command.
    pub language: Option<Language>,
    /// Whether he is told which source and machine it is.
    pub names_source: bool,
    /// How he is told.
    pub way: Way,
}

/// A language in which notices are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// French.
    Fr,
    /// English.
    En,
}

/// How somebody is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Way {
    /// By mail.
    Smtp(SmtpWay),
    /// By an HTTP server that takes JSON.
    Webhook(WebhookWay),
    /// By an ntfy server.
    Ntfy(NtfyWay),
    /// By a command.
    Command(CommandWay),
}

/// Mail.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpWay {
    /// The server's name; its certificate must bear it.
    pub server: String,
    port: Option<u16>,
    /// How it is encrypted.
    #[serde(default)]
    pub security: Security,
    /// Whose mail it is.
    pub sender: String,
    /// Who gets it.
    pub to: Vec<String>,
    /// Who logs in; nobody if there is none.
    pub user: Option<String>,
    password_file: Option<PathBuf>,
    password_credential: Option<String>,
    /// Certificates that are believed beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// How mail is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// After a word in the clear; without it, nothing is sent.
    #[default]
    Starttls,
    /// From the start.
    Tls,
    /// Not at all: only to this machine itself.
    None,
}

/// A webhook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebhookWay {
    /// Where.
    pub url: Url,
    /// How it is shown who speaks.
    pub proof: WebhookProof,
    /// Certificates that are believed beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// How a webhook knows who speaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WebhookProof {
    /// It does not.
    None,
    /// A secret in a header.
    Bearer(SecretPlace),
    /// A signature by a secret.
    Hmac(SecretPlace),
}

/// A topic of an ntfy server.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NtfyWay {
    /// The server.
    pub server: Url,
    /// The topic; whoever knows it can read it, unless the server wants a token.
    pub topic: String,
    /// More tags.
    #[serde(default)]
    pub tags: Vec<String>,
    token_file: Option<PathBuf>,
    token_credential: Option<String>,
    /// Certificates that are believed beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// A command.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandWay {
    /// The program and its arguments; no shell reads them.
    pub argv: Vec<String>,
    /// After so many seconds it is ended.
    #[serde(default = "command_seconds")]
    pub seconds_max: u64,
}

/// Where a secret is; never the secret itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SecretPlace {
    /// A file that only its owner may read.
    File(PathBuf),
    /// A credential that the service manager gave (systemd.exec(5), `LoadCredential=`).
    Credential(String),
}

/// An address that begins with `https://`, or with `http://` and leads to this machine itself.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Url(String);

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It is no TOML, or a field is unknown, missing or of another sort.
    #[error("line {line}: {message}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What is wrong. The line itself is not told: it may hold what should be secret.
        message: String,
    },
    /// A recipient has no way, or several.
    #[error("{recipient} needs one of smtp, webhook, ntfy and command, and only one")]
    Ways {
        /// The recipient.
        recipient: String,
    },
    /// Mail in the clear to another machine.
    #[error("{recipient}: mail to {server} would go in the clear")]
    InTheClear {
        /// The recipient.
        recipient: String,
        /// The server.
        server: String,
    },
    /// A secret in two places, or a user without a password.
    #[error("{recipient}: exactly one place for the secret is needed")]
    Secret {
        /// The recipient.
        recipient: String,
    },
    /// A list is empty, or a number without sense.
    #[error("{recipient}: {field} makes no sense")]
    Field {
        /// The recipient.
        recipient: String,
        /// The field.
        field: &'static str,
    },
    /// There are too many.
    #[error("there are more than {max} recipients")]
    TooMany {
        /// How many there may be.
        max: usize,
    },
}

/// More would not be told in time.
const RECIPIENTS_MAX: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default = "level")]
    from: Level,
    language: Option<Language>,
    #[serde(default = "yes")]
    name_source: bool,
    #[serde(default = "seconds")]
    seconds_max: u64,
    #[serde(default)]
    recipient: BTreeMap<String, WrittenRecipient>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRecipient {
    from: Option<Level>,
    language: Option<Language>,
    name_source: Option<bool>,
    smtp: Option<SmtpWay>,
    webhook: Option<WrittenWebhook>,
    ntfy: Option<NtfyWay>,
    command: Option<CommandWay>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWebhook {
    url: Url,
    hmac_file: Option<PathBuf>,
    hmac_credential: Option<String>,
    bearer_file: Option<PathBuf>,
    bearer_credential: Option<String>,
    ca_file: Option<PathBuf>,
}

impl Settings {
    /// Understands the file's text.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let written: Written = toml::from_str(text).map_err(|error| syntax(text, &error))?;
        if written.recipient.len() > RECIPIENTS_MAX {
            return Err(SettingsError::TooMany { max: RECIPIENTS_MAX });
        }
        let mut recipients = Vec::with_capacity(written.recipient.len());
        for (name, one) in written.recipient {
            let recipient = Recipient {
                from: one.from.unwrap_or(written.from).max(Level::Watch),
                language: one.language.or(written.language),
                names_source: one.name_source.unwrap_or(written.name_source),
                way: one.way(&name)?,
                name,
            };
            recipient.check()?;
            recipients.push(recipient);
        }
        Ok(Self { seconds_max: written.seconds_max.clamp(1, 300), recipients })
    }
}

impl WrittenRecipient {
    fn way(self, name: &str) -> Result<Way, SettingsError> {
        match (self.smtp, self.webhook, self.ntfy, self.command) {
            (Some(way), None, None, None) => Ok(Way::Smtp(way)),
            (None, Some(way), None, None) => way.understood(name).map(Way::Webhook),
            (None, None, Some(way), None) => Ok(Way::Ntfy(way)),
            (None, None, None, Some(way)) => Ok(Way::Command(way)),
            _ => Err(SettingsError::Ways { recipient: name.to_string() }),
        }
    }
}

impl WrittenWebhook {
    fn understood(self, name: &str) -> Result<WebhookWay, SettingsError> {
        let twice = || SettingsError::Secret { recipient: name.to_string() };
        let places = [&self.hmac_credential, &self.bearer_credential].into_iter().flatten().count()
            + [&self.hmac_file, &self.bearer_file].into_iter().flatten().count();
        if places > 1 {
            return Err(twice());
        }
        let proof = match (place(self.hmac_file, self.hmac_credential), place(self.bearer_file, self.bearer_credential))
        {
            (Some(place), _) => WebhookProof::Hmac(place),
            (_, Some(place)) => WebhookProof::Bearer(place),
            (None, None) => WebhookProof::None,
        };
        Ok(WebhookWay { url: self.url, proof, ca_file: self.ca_file })
    }
}

impl Recipient {
    fn check(&self) -> Result<(), SettingsError> {
        let recipient = || self.name.clone();
        let sound = |holds: bool, field: &'static str| {
            if holds { Ok(()) } else { Err(SettingsError::Field { recipient: recipient(), field }) }
        };
        let printable = |text: &str| !text.is_empty() && text.len() <= 255 && !text.contains(char::is_control);
        sound(printable(&self.name), "recipient")?;
        match &self.way {
            Way::Smtp(way) => {
                sound(printable(&way.server) && !way.server.contains(char::is_whitespace), "server")?;
                sound((1..=20).contains(&way.to.len()), "to")?;
                if way.security == Security::None && !is_this_machine(&way.server) {
                    return Err(SettingsError::InTheClear { recipient: recipient(), server: way.server.clone() });
                }
                let places = usize::from(way.password_file.is_some()) + usize::from(way.password_credential.is_some());
                if places != usize::from(way.user.is_some()) {
                    return Err(SettingsError::Secret { recipient: recipient() });
                }
                Ok(())
            }
            Way::Webhook(_) => Ok(()),
            Way::Ntfy(way) => {
                let letters = |topic: &str| topic.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
                sound((1..=64).contains(&way.topic.len()) && letters(&way.topic), "topic")?;
                if way.token_file.is_some() && way.token_credential.is_some() {
                    return Err(SettingsError::Secret { recipient: recipient() });
                }
                Ok(())
            }
            Way::Command(way) => {
                sound(way.argv.first().is_some_and(|program| printable(program)), "argv")?;
                sound((1..=300).contains(&way.seconds_max), "seconds_max")
            }
        }
    }
}

impl SmtpWay {
    /// Returns the port: 465 for TLS from the start, else 587 (RFC 8314 §3.3, RFC 6409).
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.security == Security::Tls { 465 } else { 587 })
    }

    /// Returns where the password is.
    pub fn password(&self) -> Option<SecretPlace> {
        place(self.password_file.clone(), self.password_credential.clone())
    }

    /// Names the server for people.
    pub fn place(&self) -> String {
        format!("{}:{}", self.server, self.port())
    }
}

impl NtfyWay {
    /// Returns where the token is.
    pub fn token(&self) -> Option<SecretPlace> {
        place(self.token_file.clone(), self.token_credential.clone())
    }
}

impl Way {
    /// Names the sort of way, as the settings do.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::Webhook(_) => "webhook",
            Self::Ntfy(_) => "ntfy",
            Self::Command(_) => "command",
        }
    }
}

impl Url {
    /// Returns the whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Names the server for people: without the path, which may be a secret.
    pub fn place(&self) -> String {
        authority(&self.0).unwrap_or_default().to_string()
    }
}

impl TryFrom<String> for Url {
    type Error = &'static str;

    fn try_from(url: String) -> Result<Self, Self::Error> {
        if url.len() > 2000 || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("an address is short, and without blanks");
        }
        let authority = authority(&url).ok_or("an address begins with https:// and a name")?;
        if authority.contains('@') {
            return Err("an address holds no password: name a file instead");
        }
        let host = authority.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
        let host = host.map_or(authority, |(host, _)| host);
        if url.starts_with("http://") && !is_this_machine(host.trim_matches(['[', ']'])) {
            return Err("an address begins with https://, unless it is on this machine");
        }
        Ok(Self(url))
    }
}

fn syntax(text: &str, error: &toml::de::Error) -> SettingsError {
    let start = error.span().map_or(0, |span| span.start).min(text.len());
    let line = 1 + text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
    SettingsError::Syntax { line, message: crate::post::quoted(&error.message()) }
}

/// Returns the name and port in an address.
fn authority(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    rest.split(['/', '?', '#']).next().filter(|authority| !authority.is_empty())
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn place(file: Option<PathBuf>, credential: Option<String>) -> Option<SecretPlace> {
    file.map(SecretPlace::File).or(credential.map(SecretPlace::Credential))
}

fn level() -> Level {
    Level::Alarm
}

fn yes() -> bool {
    true
}

fn seconds() -> u64 {
    30
}

fn command_seconds() -> u64 {
    15
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
        from = "watch"
        language = "fr"
        [recipient.astreinte]
        from = "alarm"
        smtp = { server = "smtp.example.fr", sender = "a@example.fr", to = ["b@example.fr"], user = "a", password_file = "/p" }
        [recipient.centre]
        name_source = false
        webhook = { url = "https://hook.example.fr/x", hmac_credential = "hook" }
        [recipient.tel]
        language = "en"
        ntfy = { server = "http://127.0.0.1:8080", topic = "mairie_1" }
        [recipient.sms]
        command = { argv = ["/usr/local/bin/sms", "0600000000"] }
    "#;

    #[test]
    fn settings_are_understood_with_what_is_usual() {
        let settings = Settings::parse(SOUND).unwrap();
        let find = |name: &str| settings.recipients.iter().find(|one| one.name == name).unwrap();
        assert_eq!((settings.seconds_max, settings.recipients.len()), (30, 4));
        assert_eq!((find("astreinte").from, find("centre").from), (Level::Alarm, Level::Watch));
        assert_eq!((find("tel").language, find("sms").language), (Some(Language::En), Some(Language::Fr)));
        assert!(!find("centre").names_source && find("sms").names_source);
        let Way::Smtp(way) = &find("astreinte").way else { panic!() };
        assert_eq!((way.security, way.port()), (Security::Starttls, 587));
        assert!(Settings::parse("").unwrap().recipients.is_empty());
    }

    #[test]
    fn what_is_not_meant_is_refused() {
        let refused = [
            "from = \"loud\"",
            "unknown = 1",
            "[recipient.a]",
            "[recipient.a]\ncommand = { argv = [] }",
            "[recipient.a]\ncommand = { argv = [\"x\"], seconds_max = 0 }",
            "[recipient.a]\ncommand = { argv = [\"x\"] }\nntfy = { server = \"https://n.example\", topic = \"t\" }",
            "[recipient.a]\nntfy = { server = \"http://n.example\", topic = \"t\" }",
            "[recipient.a]\nntfy = { server = \"http://127.0.0.1.example\", topic = \"t\" }",
            "[recipient.a]\nntfy = { server = \"https://u:p@n.example\", topic = \"t\" }",
            "[recipient.a]\nntfy = { server = \"https://n.example\", topic = \"../t\" }",
            "[recipient.a]\nwebhook = { url = \"ftp://x\" }",
            "[recipient.a]\nwebhook = { url = \"https://x\", hmac_file = \"/a\", bearer_file = \"/b\" }",
            "[recipient.a]\nsmtp = { server = \"s\", security = \"none\", sender = \"a@b.fr\", to = [\"c@d.fr\"] }",
            "[recipient.a]\nsmtp = { server = \"s\", sender = \"a@b.fr\", to = [\"c@d.fr\"], user = \"u\" }",
            "[recipient.a]\nsmtp = { server = \"s\", sender = \"a@b.fr\", to = [\"c@d.fr\"], password = \"secret\" }",
            "[recipient.a]\nsmtp = { server = \"s\", sender = \"a@b.fr\", to = [] }",
        ];
        for text in refused {
            assert!(Settings::parse(text).is_err(), "{text}");
        }
        let many: String = (0..40).map(|n| format!("[recipient.r{n}]\ncommand = {{ argv = [\"x\"] }}\n")).collect();
        assert!(matches!(Settings::parse(&many), Err(SettingsError::TooMany { .. })));
    }
}
