//! What a person should know of a backup that goes on.

use vault::backup::Remark;
use vault::source::LeftOut;

use super::{Gap, Text, text};

/// Returns the message of a remark; what could not be read is an error of its own.
pub fn remark_text(remark: &Remark) -> Option<Text> {
    Some(match remark {
        Remark::Unreadable(_) => return None,
        Remark::Torn { path } => text("say-torn").show("path", path),
        Remark::SilentlyChanged { path } => text("say-silently-changed").show("path", path),
        Remark::LeftOut { path, why } => {
            let key = match why {
                LeftOut::NeverEnter => "say-left-out-own",
                LeftOut::OtherFileSystem => "say-left-out-mount",
                LeftOut::KernelFileSystem => "say-left-out-kernel",
                LeftOut::Cache => "say-left-out-cache",
            };
            text(key).show("path", path)
        }
        Remark::TooLarge { path, bytes } => text("say-too-large").show("path", path).with("size", Gap::Bytes(*bytes)),
        Remark::VaultForgot { seq } => text("say-vault-forgot").with("seq", *seq),
        Remark::Unremembered { seq } => text("say-unremembered").with("seq", *seq),
        Remark::OwnerLogCut { entries } => text("say-owner-log-cut").with("count", *entries),
        Remark::DamagedPack { pack } => text("say-damaged-pack").show("pack", pack),
        Remark::WornPacks { count, bytes } => {
            text("say-worn-packs").with("count", *count).with("size", Gap::Bytes(*bytes))
        }
        Remark::LostPacks { count } => text("say-lost-packs").with("count", *count),
    })
}
