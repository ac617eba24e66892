//! An attestation, as somebody may hand it in: the file, and the statement that a signature covers.

use damage::Attestation;
use vault::bytes::SigningKey;
use vault::secret::SecretKey;

/// Reads an input as a file, and as a statement that was signed with a key that everybody knows.
///
/// A statement that was read is the same when it is signed again, and none holds with another byte in it.
pub fn attestation(data: &[u8]) {
    let _ = Attestation::verify(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let key = SigningKey::new(SecretKey::new([3; 32]));
    let (owner, signature) = (hexadecimal(&key.public()), base64(&key.sign_statement(data)));
    let file = serde_json::json!({ "statement": text, "owner": owner, "signature": signature }).to_string();
    let Ok((statement, signer)) = Attestation::verify(file.as_bytes()) else { return };
    assert!(signer == key.public());
    let signed = statement.sign(&key).expect("a statement is written");
    let again = serde_json::to_vec(&signed).expect("an attestation is written");
    assert!(Attestation::verify(&again) == Ok((statement, signer)), "a statement is read as it was written");
    let other = serde_json::json!({ "statement": format!("{text} "), "owner": owner, "signature": signature });
    assert!(Attestation::verify(other.to_string().as_bytes()).is_err(), "what was changed holds");
}

fn hexadecimal(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn base64(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}
