//! A browser with a profile of its own, which ends with the test.

use std::{
    os::unix::process::CommandExt as _,
    process::Command,
    time::{Duration, Instant},
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};
use touchmark_tests::{Process, TestServer, installed};

const CHROMIUM: &str = "/usr/bin/chromium";
const DRIVER: &str = "/usr/bin/chromedriver";
/// What says that tests without a browser are a failure.
pub(crate) const REQUIRED: &str = "REQUIRE_BROWSER";
/// How long a browser may take to do what a test waits for.
const PATIENCE: Duration = Duration::from_mins(1);

/// One browser at a time: each takes as much memory as all servers of the tests together.
static TURN: Mutex<()> = Mutex::const_new(());

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    On,
    Off,
}

/// A browser.
pub(crate) struct Chromium {
    /// What drives it.
    pub(crate) client: Client,
    base: String,
    driver: Driver,
    _turn: MutexGuard<'static, ()>,
}

/// The program that starts the browser, and the group of all that belongs to it.
struct Driver {
    process: Process,
    profile: TempDir,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A test that failed did not close its browser.
        let group = format!("-{}", self.process.id());
        let ended = Command::new("/bin/kill")
            .args(["-KILL", "--", &group])
            .output();
        ended.expect("the command kill");
    }
}

/// A command of the browser's own protocol.
#[derive(Debug)]
struct Devtools {
    method: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(
        &self,
        base: &Url,
        session: Option<&str>,
    ) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({"cmd": self.method, "params": self.parameters});
        (Method::POST, Some(body.to_string()))
    }
}

impl Chromium {
    /// Starts a browser in front of a server; `None` when there is none on this machine.
    pub(crate) async fn start(server: &TestServer, scripts: Scripts) -> Option<Self> {
        if !installed(CHROMIUM, REQUIRED) || !installed(DRIVER, REQUIRED) {
            return None;
        }
        let turn = TURN.lock().await;
        let profile = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(DRIVER);
        command.arg("--port=0").process_group(0);
        let driver = Driver {
            process: Process::of(command),
            profile,
        };
        let port = port(&driver.process).await;
        let folder = driver.profile.path().display().to_string();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(&folder, scripts));
        let address = format!("http://127.0.0.1:{port}");
        let client = builder.connect(&address);
        let chromium = Self {
            client: client.await.expect("a session"),
            base: server.url.clone(),
            driver,
            _turn: turn,
        };
        for name in ["clipboard-read", "clipboard-write"] {
            let permission =
                json!({"permission": {"name": name}, "setting": "granted", "origin": server.url});
            chromium.devtools("Browser.setPermission", permission).await;
        }
        Some(chromium)
    }

    /// Ends it.
    pub(crate) async fn close(self) {
        self.client.close().await.expect("the end of the session");
        drop(self.driver);
    }

    /// Opens an address of the server.
    pub(crate) async fn open(&self, address: &str) {
        let url = format!("{}{address}", self.base);
        self.client.goto(&url).await.expect("a page");
    }

    /// The path and query of the page.
    pub(crate) async fn address(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        let address = url.as_str().strip_prefix(&self.base);
        address.unwrap_or(url.as_str()).to_owned()
    }

    /// Types into the field of this name.
    pub(crate) async fn type_into(&self, name: &str, text: &str) {
        let field = self.find(&format!("main [name={name}]")).await;
        field.clear().await.expect("an empty field");
        field.send_keys(text).await.expect("a text");
    }

    /// Clicks on what a selector finds.
    pub(crate) async fn click(&self, selector: &str) {
        self.find(selector).await.click().await.expect("a click");
    }

    /// Follows the link with this text.
    pub(crate) async fn follow(&self, text: &str) {
        let link = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::LinkText(text));
        let link = link
            .await
            .unwrap_or_else(|error| panic!("no link {text}: {error}"));
        link.click().await.expect("a click");
    }

    /// The text of what a selector finds, once it is there, on one line.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let text = self.find(selector).await.text().await.expect("a text");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Waits until the first heading is this one.
    pub(crate) async fn shows(&self, heading: &str) {
        let xpath = format!("//h1[normalize-space()='{heading}']");
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::XPath(&xpath));
        if let Err(error) = found.await {
            panic!("{} does not show {heading}: {error}", self.address().await);
        }
    }

    async fn find(&self, selector: &str) -> fantoccini::elements::Element {
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(selector));
        found
            .await
            .unwrap_or_else(|error| panic!("no {selector}: {error}"))
    }

    /// Runs a script in the page, whatever its policy, and gives what it returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client
            .execute(script, Vec::new())
            .await
            .expect("a script that runs")
    }

    /// What is on the clipboard, once the page says that something is.
    pub(crate) async fn copied(&self) -> String {
        let said = Locator::XPath("//*[@id='announcer' and starts-with(., 'Copied')]");
        let said = self.client.wait().at_most(PATIENCE).for_element(said).await;
        said.expect("that it was copied");
        let read = "navigator.clipboard.readText().then(arguments[0], (error) => arguments[0](String(error)))";
        let text = self.client.execute_async(read, Vec::new()).await;
        text.expect("a text")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Makes the window so large, in CSS pixels.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    /// Says that the system is light or dark, and that nothing is to move: a colour on its way to another is neither.
    pub(crate) async fn prefer(&self, scheme: &str) {
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    async fn devtools(&self, method: &'static str, parameters: Value) {
        let command = Devtools { method, parameters };
        self.client
            .issue_cmd(command)
            .await
            .expect("a command that is obeyed");
    }

    /// Sets the password by this link, which signs in.
    pub(crate) async fn accept(&self, link: &str) {
        self.open(link).await;
        self.accept_here().await;
    }

    /// Chooses a password on the page of a link, which signs in.
    pub(crate) async fn accept_here(&self) {
        let password = "four words are enough";
        self.type_into("password", password).await;
        self.type_into("repeated", password).await;
        self.click("main button.main").await;
        self.find("a[href='/account']").await;
    }
}

/// The port that the driver took, once it says so.
async fn port(process: &Process) -> u16 {
    let until = Instant::now() + PATIENCE;
    loop {
        let said = process.stdout();
        if let Some((_, rest)) = said.split_once("started successfully on port ") {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            return digits.parse().expect("a port");
        }
        assert!(
            Instant::now() < until,
            "chromedriver does not listen: {said}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn capabilities(profile: &str, scripts: Scripts) -> Capabilities {
    let arguments = [
        "--headless=new",
        // In a container, and as root, there is no sandbox to be had; it opens our own pages alone.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-extensions",
        "--disable-background-networking",
        // The authority of a test is known to nobody.
        "--ignore-certificate-errors",
        "--lang=en-US",
        &format!("--user-data-dir={profile}"),
    ];
    let mut preferences = json!({});
    if scripts == Scripts::Off {
        preferences = json!({"profile.managed_default_content_settings.javascript": 2});
    }
    let mut capabilities = Capabilities::new();
    capabilities.insert(
        "goog:chromeOptions".to_owned(),
        json!({"binary": CHROMIUM, "args": arguments, "prefs": preferences}),
    );
    capabilities
}
