//! What it means to people that a notice did not go.

use notify::{SecretError, SendError, SettingsError, SpoolError};

use super::{Explain, Explanation, text};

impl Explain for SendError {
    fn explain(&self, to: &mut Explanation) {
        let at = |key: &'static str, place: &str| text(key).with("place", place);
        match self {
            Self::Secret(error) => to.because(error),
            Self::Authority { path, source } => {
                to.say(text("err-notify-ca").show("path", path.display()));
                match source {
                    Some(source) => to.because(source),
                    None => to,
                }
            }
            Self::Unreachable { place, reason } => to.say(at("err-notify-unreachable", place)).quote(reason),
            Self::Timeout { place } => to.say(at("err-notify-timeout", place)),
            Self::Certificate { place, reason } => to.say(at("err-notify-certificate", place)).quote(reason),
            Self::NoEncryption { place } => to.say(at("err-notify-no-encryption", place)),
            Self::LoginRefused { place, code } => to.say(at("err-notify-login", place).show("code", code)),
            Self::Refused { place, code, is_transient: true } => {
                to.say(at("err-notify-later", place).show("code", code))
            }
            Self::Refused { place, code, .. } => to.say(at("err-notify-refused", place).show("code", code)),
            Self::Redirected { place, code } => to.say(at("err-notify-redirected", place).show("code", code)),
            Self::Protocol { place, reason } => to.say(at("err-notify-protocol", place)).quote(reason),
            Self::CommandStart { program, source } => to.say(at("err-notify-command", program)).because(source),
            Self::CommandFailed { program, status } => {
                to.say(at("err-notify-command-failed", program).with("status", status.as_str()))
            }
            Self::CommandSlow { program } => to.say(at("err-notify-command-slow", program)),
        };
    }
}

impl Explain for SecretError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Unreadable { path, source } => {
                to.say(text("err-notify-secret-at").show("path", path.display())).because(source)
            }
            Self::Loose { path, mode } => {
                to.say(text("err-notify-secret-loose").show("path", path.display()).with("mode", format!("{mode:04o}")))
            }
            Self::Malformed { path } => to.say(text("err-notify-secret-malformed").show("path", path.display())),
            Self::NoCredential { name } => to.say(text("err-notify-credential").with("name", name.as_str())),
        };
    }
}

impl Explain for SettingsError {
    fn explain(&self, to: &mut Explanation) {
        let of = |key: &'static str, recipient: &str| text(key).with("recipient", recipient);
        to.usage();
        match self {
            Self::Syntax { line, message } => to.say(text("err-notify-line").show("line", line)).quote(message),
            Self::Ways { recipient } => to.say(of("err-notify-ways", recipient)),
            Self::InTheClear { recipient, server } => {
                to.say(of("err-notify-clear", recipient).with("server", server.as_str()))
            }
            Self::Secret { recipient } => to.say(of("err-notify-one-secret", recipient)),
            Self::Field { recipient, field } => to.say(of("err-notify-field", recipient).with("field", *field)),
            Self::TooMany { max } => to.say(text("err-notify-many").with("max", *max as u64)),
        };
    }
}

impl Explain for SpoolError {
    fn explain(&self, to: &mut Explanation) {
        to.say(text("err-at-path").show("path", self.path.display())).because(&self.source);
    }
}
