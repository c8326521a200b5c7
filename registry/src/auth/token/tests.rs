//! Good tokens come back; every kind of bad one is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::Signer as _;
use serde_json::{Value, json};

use sha2::{Digest as _, Sha256};

use super::*;

const NOW: i64 = 1_800_000_000;

fn claims() -> Claims {
    Claims {
        sub: "p1".into(),
        sid: "s1".into(),
        generation: 7,
    }
}

fn body() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "iat": NOW, "exp": NOW + 3600,
           "sub": "p1", "sid": "s1", "gen": 7})
}

fn with(key: &str, value: Value) -> Value {
    let mut body = body();
    body[key] = value;
    body
}

fn text(header: &Value, body: &Value) -> String {
    let part = |v: &Value| BASE64.encode(v.to_string());
    format!("{}.{}", part(header), part(body))
}

fn signed(key: &TokenKey, body: &Value) -> String {
    let text = text(&json!({"alg": "EdDSA", "kid": key.id()}), body);
    let signature = key.key.sign(text.as_bytes()).to_bytes();
    format!("{text}.{}", BASE64.encode(signature))
}

/// HMAC-SHA-256 by hand, for the attack that passes a public key off as a shared secret.
fn hs256(key: &[u8; 32], text: &str) -> String {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text);
    let outer = Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner.finalize());
    BASE64.encode(outer.finalize())
}

#[test]
fn a_token_comes_back_as_its_claims() {
    let old = TokenKey::generate().unwrap();
    let (token, lifetime) = KeyRing::new(old.clone(), vec![])
        .issue(claims(), NOW)
        .unwrap();
    assert_eq!(lifetime, 3600);
    let ring = KeyRing::new(TokenKey::generate().unwrap(), vec![old]);
    let verified = ring.verify(&token, NOW + 3599).unwrap();
    assert_eq!(verified.claims, claims());
    assert_eq!(verified.expires_at, NOW + 3600);
    assert_eq!(ring.verify(&token, NOW + 3600), Err(TokenError::Expired));
    assert_eq!(ring.verify(&token, NOW - 60).unwrap(), verified);
    assert_eq!(ring.verify(&token, NOW - 61), Err(TokenError::NotYet));
}

/// Asserts for each named token that it is refused for the reason given.
fn refused(key: &TokenKey, table: &[(&str, String, TokenError)]) {
    let ring = KeyRing::new(key.clone(), vec![]);
    for (name, token, expected) in table {
        assert_eq!(ring.verify(token, NOW), Err(*expected), "{name}");
    }
}

#[test]
fn tokens_with_a_bad_signature_are_refused() {
    use TokenError::{Algorithm, Signature, UnknownKey};
    let key = TokenKey::generate().unwrap();
    let stranger = TokenKey::generate().unwrap();
    let good = signed(&key, &body());
    assert!(KeyRing::new(key.clone(), vec![]).verify(&good, NOW).is_ok());
    let (unsigned, signature) = good.rsplit_once('.').unwrap();

    let none = text(&json!({"alg": "none", "kid": key.id()}), &body());
    let hmac = text(&json!({"alg": "HS256", "kid": key.id()}), &body());
    let mac = hs256(key.key.verifying_key().as_bytes(), &hmac);
    let no_kid = text(&json!({"alg": "EdDSA"}), &body());
    let no_kid_signature = BASE64.encode(key.key.sign(no_kid.as_bytes()).to_bytes());
    let header = json!({"alg": "EdDSA", "kid": key.id()});
    let tampered = text(&header, &with("sub", json!("p2")));
    let foreign = BASE64.encode(stranger.key.sign(unsigned.as_bytes()).to_bytes());
    let truncated = good[..good.len() - 2].to_owned();

    refused(
        &key,
        &[
            ("alg none", format!("{none}."), Algorithm),
            ("alg none, signed", format!("{none}.{signature}"), Algorithm),
            ("HS256 by public key", format!("{hmac}.{mac}"), Algorithm),
            ("other key", signed(&stranger, &body()), UnknownKey),
            ("no kid", format!("{no_kid}.{no_kid_signature}"), UnknownKey),
            ("our kid only", format!("{unsigned}.{foreign}"), Signature),
            ("tampered", format!("{tampered}.{signature}"), Signature),
            ("truncated", truncated, Signature),
            ("no signature", format!("{unsigned}."), Signature),
        ],
    );
}

#[test]
fn tokens_with_bad_claims_are_refused() {
    use TokenError::{Audience, Expired, Malformed, NotYet, TooLong};
    let key = TokenKey::generate().unwrap();
    let sign = |name: &str, value: Value| signed(&key, &with(name, value));
    refused(
        &key,
        &[
            ("empty", String::new(), Malformed),
            ("no JWT", "tms_abc".to_owned(), Malformed),
            ("huge", "a".repeat(LONGEST + 1), TooLong),
            ("expired", sign("exp", json!(NOW)), Expired),
            ("future", sign("iat", json!(NOW + 61)), NotYet),
            ("audience", sign("aud", json!("x")), Audience),
            ("issuer", sign("iss", json!("x")), Audience),
            ("no exp", sign("exp", Value::Null), Malformed),
            ("no iat", sign("iat", Value::Null), Malformed),
            ("no sub", sign("sub", Value::Null), Malformed),
        ],
    );
}

#[test]
fn keys_that_a_token_brings_along_or_points_to_are_not_used() {
    use TokenError::{Signature, UnknownKey};
    let key = TokenKey::generate().unwrap();
    let stranger = TokenKey::generate().unwrap();
    let public = BASE64.encode(stranger.key.verifying_key().as_bytes());
    let brought = |kid: &str| {
        json!({"alg": "EdDSA", "kid": kid, "typ": "JWT",
            "jwk": {"kty": "OKP", "crv": "Ed25519", "x": public, "kid": kid},
            "jku": "http://127.0.0.1:9/keys", "x5u": "http://127.0.0.1:9/chain",
            "x5c": ["MIIB"]})
    };
    let by = |signer: &TokenKey, header: &Value| {
        let text = text(header, &body());
        let signature = signer.key.sign(text.as_bytes()).to_bytes();
        format!("{text}.{}", BASE64.encode(signature))
    };
    let (ours, theirs) = (brought(key.id()), brought(stranger.id()));
    refused(
        &key,
        &[
            ("our kid, their key", by(&stranger, &ours), Signature),
            ("their kid and key", by(&stranger, &theirs), UnknownKey),
        ],
    );
    // Nor do they spoil a token that we have signed.
    let ring = KeyRing::new(key.clone(), vec![]);
    assert!(ring.verify(&by(&key, &ours), NOW).is_ok());
}

#[test]
fn claims_of_the_wrong_kind_are_refused() {
    use TokenError::{Algorithm, Malformed};
    let key = TokenKey::generate().unwrap();
    let sign = |name: &str, value: Value| signed(&key, &with(name, value));
    let of_algorithm = |algorithm: &str| {
        let text = text(&json!({"alg": algorithm, "kid": key.id()}), &body());
        let signature = key.key.sign(text.as_bytes()).to_bytes();
        format!("{text}.{}", BASE64.encode(signature))
    };
    refused(
        &key,
        &[
            (
                "list of audiences",
                sign("aud", json!([AUDIENCE])),
                Malformed,
            ),
            ("exp as text", sign("exp", json!("tomorrow")), Malformed),
            ("exp beyond time", sign("exp", json!(u64::MAX)), Malformed),
            ("gen as text", sign("gen", json!("7")), Malformed),
            ("sub as number", sign("sub", json!(1)), Malformed),
            ("RS256", of_algorithm("RS256"), Algorithm),
            ("ES256", of_algorithm("ES256"), Algorithm),
            ("eddsa", of_algorithm("eddsa"), Algorithm),
        ],
    );
}
