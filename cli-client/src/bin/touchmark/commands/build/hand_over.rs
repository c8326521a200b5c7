//! Packer records by itself: it gets the registry's address and our credentials in its environment.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Arguments, Plan};
use crate::exit::{Code, Context, Failure, Result};
use crate::output::Report;
use crate::packer::process;
use crate::record::display::Format;
use crate::record::report;
use crate::session::Session;
use crate::settings::variable;

/// Whether Packer can do all that is asked for, and would reach the registry.
pub(crate) async fn is_possible(session: &Session, arguments: &Arguments, plan: &Plan) -> bool {
    let settings = &session.settings;
    let more = arguments.record
        || !arguments.labels.is_empty()
        || plan.parent.is_some()
        || arguments.region.is_some()
        || !arguments.sboms.is_empty()
        || arguments.message_format == Format::Json;
    let signs_in = settings.get("token").is_none() && settings.get("client_secret").is_some();
    let template = &plan.template;
    let asks = plan.program.speaks() && template.registry.is_some() && !template.has_several;
    if more
        || !signs_in
        || !asks
        || !settings
            .get("url")
            .is_some_and(|url| url.starts_with("https://"))
    {
        return false;
    }
    let away = match session.scoped().await {
        Err(failure) => Some(failure),
        // Whatever it says of the bucket, it is there.
        Ok(client) => match client.get_bucket(&plan.bucket).await {
            Err(error) if error.refusal().is_none() => Some(error.into()),
            _ => None,
        },
    };
    if let Some(failure) = &away {
        session.terminal.say(&format!(
            "Packer is not asked to record: {}",
            failure.message
        ));
    }
    away.is_none()
}

/// Lets it run.
pub(crate) async fn run(session: &Session, arguments: &Arguments, plan: &Plan) -> Result<Report> {
    let environment = environment(session, plan).await?;
    session.terminal.say(&format!(
        "Packer {} records by itself: bucket {}, fingerprint {}",
        plan.program.version, plan.bucket, plan.fingerprint
    ));
    let mut all = vec!["build".to_owned()];
    all.extend(plan.packer.all.iter().cloned());
    let ended = process::hand_over((&plan.program.path, &all), &environment).await?;
    if ended.interrupted {
        return Err(Failure::new(Code::Interrupted, "interrupted"));
    }
    if ended.code != 0 {
        return Err(Failure::of_program(ended.code));
    }
    let client = session.scoped().await?;
    let version = match client.get_version(&plan.bucket, &plan.fingerprint).await {
        Ok(answer) => answer.version.unwrap_or_default(),
        Err(error) if error.refusal().is_some() => {
            let problem = format!(
                "Packer ended well, but recorded nothing: {}",
                Failure::from(error).message
            );
            return Err(Failure::new(Code::NotRecorded, problem)
                .hint("record it here: touchmark build --record"));
        }
        Err(error) => return Err(error.into()),
    };
    report::assign(
        &client,
        &plan.bucket,
        &plan.fingerprint,
        &arguments.channels,
    )
    .await?;
    report::report(&version, "")
}

async fn environment(session: &Session, plan: &Plan) -> Result<Vec<(&'static str, String)>> {
    let settings = &session.settings;
    let text = |name: &str| settings.get(name).unwrap_or_default().to_owned();
    let client = session.scoped().await?;
    let (organization, project) = client.ids();
    let address = text("url");
    let address = address
        .trim_start_matches("https://")
        .trim_end_matches('/')
        .to_owned();
    let auth_url = settings
        .get("auth_url")
        .map_or_else(|| text("url"), str::to_owned);
    let mut environment = vec![
        ("HCP_API_ADDRESS", address),
        ("HCP_AUTH_URL", auth_url),
        ("HCP_CLIENT_ID", text("client_id")),
        ("HCP_CLIENT_SECRET", text("client_secret")),
        ("HCP_ORGANIZATION_ID", organization.to_owned()),
        ("HCP_PROJECT_ID", project.to_owned()),
        ("HCP_PACKER_BUILD_FINGERPRINT", plan.fingerprint.clone()),
    ];
    let block = plan.template.registry.as_ref();
    if block.is_none_or(|block| block.bucket_name != plan.bucket) {
        environment.push(("HCP_PACKER_BUCKET_NAME", plan.bucket.clone()));
    }
    if let Some(file) = settings
        .get("ca_file")
        .filter(|_| variable("SSL_CERT_FILE").is_none())
    {
        environment.push((
            "SSL_CERT_FILE",
            bundle(session, file)?.to_string_lossy().into_owned(),
        ));
    }
    Ok(environment)
}

/// A file with the system's roots and ours, since the variable that names it replaces the former.
fn bundle(session: &Session, ours: &str) -> Result<PathBuf> {
    let path = session.settings.folders.bundle();
    let unwritable = || format!("{} cannot be written", path.display());
    let mut text = std::fs::read_to_string(ours).context(|| format!("{ours} cannot be read"))?;
    for certificate in rustls_native_certs::load_native_certs().certs {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let encoded = STANDARD.encode(&certificate);
        for line in encoded.as_bytes().chunks(64) {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).context(unwritable)?;
    }
    std::fs::write(&path, text).context(unwritable)?;
    Ok(path)
}
