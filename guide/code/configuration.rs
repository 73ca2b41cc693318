//! What the page "Configuration" says, as tests.

// ANCHOR: imports
use ambit::application::{Application, ApplicationError, Applications, Config};
use ambit::supervisor::Supervisor;
use serde::Deserialize;
// ANCHOR_END: imports

use std::error::Error;

// ANCHOR: settings
#[derive(Debug, Deserialize)]
#[serde(default)]
struct Settings {
    port: u16,
    peers: Vec<String>,
    db: Database,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Database {
    pool_size: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 8080,
            peers: Vec::new(),
            db: Database { pool_size: 4 },
        }
    }
}
// ANCHOR_END: settings

#[test]
fn layers() -> Result<(), Box<dyn Error>> {
    // ANCHOR: layers
    let file = "port = 80\n[db]\npool_size = 8";
    let environment = [
        ("SHOP__DB__POOL_SIZE", "16"),
        ("SHOP__PEERS", r#"["a", "b"]"#),
    ];
    let environment = environment.map(|(name, value)| (name.into(), value.into()));
    let settings: Settings = Config::loader()
        .text("shop.toml", file)
        .variables("SHOP", environment)
        .load()?;
    assert_eq!((settings.port, settings.db.pool_size), (80, 16));
    assert_eq!(settings.peers, ["a", "b"]);
    // ANCHOR_END: layers
    Ok(())
}

#[test]
fn mistakes() {
    // ANCHOR: mistakes
    let said = |text: &str| {
        let loaded = Config::<Settings>::loader().text("shop.toml", text).load();
        loaded.unwrap_err().to_string()
    };
    assert_eq!(
        said("[db]\npoolsize = 8"),
        "shop.toml:2: there is no key `db.poolsize`: did you mean `pool_size`?"
    );
    assert_eq!(
        said("port = \"high\""),
        "shop.toml:1: `port`: invalid type: string \"high\", expected u16"
    );
    // ANCHOR_END: mistakes
}

#[ambit::test]
async fn nothing_starts_with_an_invalid_configuration() {
    // ANCHOR: with_config
    static SETTINGS: Config<Settings> = Config::new();

    let loader = Config::loader()
        .text("shop.toml", "port = 0")
        .validate(|settings: &Settings| match settings.port {
            0 => Err("a shop needs a port"),
            _ => Ok(()),
        });
    let web = Application::new("web").on_start(|| Supervisor::builder().start());
    let apps = Applications::new([web]).with_config(&SETTINGS, loader);
    let refused = apps.start("web").await.unwrap_err();
    assert!(matches!(refused, ApplicationError::Config(_)));
    assert_eq!(
        refused.to_string(),
        "the configuration is invalid: a shop needs a port"
    );
    // ANCHOR_END: with_config
}
