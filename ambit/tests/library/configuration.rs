//! Configuration: layers, types, locations of errors, values that are set once.

use std::collections::BTreeMap;

use ambit::application::{
    Application, ApplicationError, Applications, Config, ConfigError, ConfigLoader,
};
use ambit::prelude::*;
use ambit::process::Process;
use serde::Deserialize;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(default)]
struct Settings {
    name: String,
    port: u16,
    ratio: f64,
    verbose: bool,
    peers: Vec<String>,
    limits: BTreeMap<String, u64>,
    level: Level,
    db: Database,
    comment: Option<String>,
    shape: Shape,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(default)]
struct Database {
    host: String,
    pool_size: usize,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Level {
    Info,
    Debug,
}

#[derive(Debug, Deserialize, PartialEq)]
enum Shape {
    Point,
    Circle { radius: i64 },
    Pair(u8, u8),
    Named(String),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "shop".into(),
            port: 8080,
            ratio: 0.5,
            verbose: false,
            peers: Vec::new(),
            limits: BTreeMap::new(),
            level: Level::Info,
            db: Database::default(),
            comment: None,
            shape: Shape::Point,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            host: "localhost".into(),
            pool_size: 10,
        }
    }
}

fn file(text: &str) -> ConfigLoader<Settings> {
    Config::loader().text("shop.toml", text)
}

fn variables<const N: usize>(all: [(&str, &str); N]) -> Vec<(String, String)> {
    all.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn env<const N: usize>(all: [(&str, &str); N]) -> ConfigLoader<Settings> {
    Config::loader().variables("SHOP", variables(all))
}

#[track_caller]
fn says(loader: ConfigLoader<Settings>, expected: &str) {
    assert_eq!(loader.load().unwrap_err().to_string(), expected);
}

#[test]
fn app_12_what_is_not_set_is_the_default() {
    assert_eq!(
        Config::<Settings>::loader().load().unwrap(),
        Settings::default()
    );
    let some = file("[db]\npool_size = 3").load().unwrap();
    assert_eq!((some.db.pool_size, &*some.db.host), (3, "localhost"));
    assert_eq!(some.port, 8080);
}

#[test]
fn later_layers_cover_earlier_ones() {
    let loader = file("port = 1\npeers = [\"a\"]\n[db]\nhost = \"file\"\npool_size = 1")
        .text("more.toml", "port = 2\n[db]\npool_size = 2")
        .variables(
            "SHOP",
            variables([
                ("SHOP__DB__POOL_SIZE", "3"),
                ("OTHER__PORT", "9"),
                ("SHOP_PORT", "9"),
            ]),
        );
    let settings = loader.load().unwrap();
    assert_eq!(
        (settings.port, settings.db.pool_size, &*settings.db.host),
        (2, 3, "file")
    );
    assert_eq!(settings.peers, ["a"]);
}

#[test]
fn a_table_in_a_variable_is_merged_with_those_of_other_layers() {
    let settings = file("[db]\nhost = \"file\"\npool_size = 7")
        .variables("SHOP", variables([("SHOP__DB", " { host = \"env\" }")]))
        .load()
        .unwrap();
    assert_eq!((settings.db.pool_size, &*settings.db.host), (7, "env"));
    let settings = env([("SHOP__DB", "{ host = \"env\", pool_size = 7 }")])
        .text("later.toml", "[db]\nhost = \"file\"")
        .load()
        .unwrap();
    assert_eq!((settings.db.pool_size, &*settings.db.host), (7, "file"));
    // An invalid table is reported with the name of its variable.
    let invalid = variables([("SHOP__DB", "{ host = }")]);
    let error = file("[db]\npool_size = 7")
        .variables("SHOP", invalid)
        .load();
    let text = error.unwrap_err().to_string();
    assert!(text.contains("SHOP__DB"), "{text}");
}

#[test]
fn a_variable_is_parsed_as_the_field_type_requires() {
    let settings = env([
        ("SHOP__NAME", "8080"),
        ("SHOP__PORT", " 81 "),
        ("SHOP__RATIO", "2"),
        ("SHOP__VERBOSE", "true"),
        ("SHOP__PEERS", r#"["a", "b"]"#),
        ("SHOP__LIMITS__UP", "18446744073709551615"),
        ("SHOP__LEVEL", "debug"),
        ("SHOP__COMMENT", ""),
        ("SHOP__SHAPE", "Point"),
    ]);
    let settings = settings.load().unwrap();
    let expected = Settings {
        name: "8080".into(),
        port: 81,
        ratio: 2.0,
        verbose: true,
        peers: vec!["a".into(), "b".into()],
        limits: [("up".to_owned(), u64::MAX)].into(),
        level: Level::Debug,
        comment: Some(String::new()),
        ..Settings::default()
    };
    assert_eq!(settings, expected);
}

#[test]
fn variants_with_content() {
    let shape = |text: &str| file(text).load().map(|settings| settings.shape);
    assert_eq!(
        shape("shape = { Circle = { radius = -3 } }"),
        Ok(Shape::Circle { radius: -3 })
    );
    assert_eq!(shape("shape = { Pair = [1, 2] }"), Ok(Shape::Pair(1, 2)));
    assert_eq!(
        shape("[shape]\nNamed = \"x\""),
        Ok(Shape::Named("x".into()))
    );
    let wrong = shape("shape = { Circle = { radios = 1 } }").unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "shop.toml:1: there is no key `shape.Circle.radios`: did you mean `radius`?"
    );
}

#[test]
fn a_variable_holds_a_variant_with_content() {
    let shape = |text: &str| env([("SHOP__SHAPE", text)]).load();
    let shape = |text: &str| shape(text).map(|settings| settings.shape);
    assert_eq!(
        shape(" { Circle = { radius = -3 } }"),
        Ok(Shape::Circle { radius: -3 })
    );
    assert_eq!(shape("{ Pair = [1, 2] }"), Ok(Shape::Pair(1, 2)));
    assert_eq!(shape("{ Named = \"x\" }"), Ok(Shape::Named("x".into())));
    says(
        env([("SHOP__SHAPE", "{ Circle = { radios = 1 } }")]),
        "SHOP__SHAPE: there is no key `shape.Circle.radios`: did you mean `radius`?",
    );
    let unclosed = shape("{ Pair = [1, 2]").unwrap_err().to_string();
    assert!(unclosed.ends_with("write it in TOML"), "{unclosed}");
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Floor(i8);

#[derive(Debug, Deserialize)]
struct Tower {
    ports: BTreeMap<u16, String>,
    rooms: BTreeMap<Floor, u8>,
    open: BTreeMap<bool, u8>,
    names: BTreeMap<String, u8>,
}

#[test]
fn the_keys_of_a_table_are_parsed_as_their_type_requires() {
    let text =
        "ports = { 80 = \"http\" }\nrooms = { -1 = 2 }\nopen = { true = 1 }\nnames = { 7 = 3 }";
    let tower = Config::<Tower>::loader()
        .text("tower.toml", text)
        .variables("TOWER", variables([("TOWER__PORTS__443", "https")]))
        .load()
        .unwrap();
    let ports = [(80, "http".to_owned()), (443, "https".to_owned())];
    assert_eq!(tower.ports, ports.into());
    assert_eq!(tower.rooms, [(Floor(-1), 2)].into());
    assert_eq!(tower.open, [(true, 1)].into());
    assert_eq!(tower.names, [("7".to_owned(), 3)].into());
    let wrong = "[ports]\n80 = \"http\"\n70000 = \"none\"";
    let wrong = Config::<Tower>::loader().text("tower.toml", wrong).load();
    let wrong = wrong.unwrap_err().to_string();
    assert!(wrong.starts_with("tower.toml:3: "), "{wrong}");
}

#[test]
fn x81_a_mistake_is_rejected_with_its_location() {
    says(
        file("prot = 80"),
        "shop.toml:1: there is no key `prot`: did you mean `port`?",
    );
    says(
        file("port = 80\n\n[db]\nhots = \"x\""),
        "shop.toml:4: there is no key `db.hots`: did you mean `host`?",
    );
    says(
        file("something = 1"),
        "shop.toml:1: there is no key `something`",
    );
    says(
        env([("SHOP__DB__POOLSIZE", "1")]),
        "SHOP__DB__POOLSIZE: there is no key `db.poolsize`: did you mean `pool_size`?",
    );
    says(
        file("\nport = \"high\""),
        "shop.toml:2: `port`: invalid type: string \"high\", expected u16",
    );
    says(
        file("port = 70000"),
        "shop.toml:1: `port`: invalid value: integer `70000`, expected u16",
    );
    says(
        env([("SHOP__PORT", "high")]),
        "SHOP__PORT: `port`: invalid type: string \"high\", expected u16",
    );
    says(
        env([("SHOP__VERBOSE", "yes")]),
        "SHOP__VERBOSE: `verbose`: invalid type: string \"yes\", expected `true` or `false`",
    );
    says(
        file("level = \"loud\""),
        "shop.toml:1: `level`: unknown variant `loud`, expected `info` or `debug`",
    );
    says(
        file("peers = [\n  \"a\",\n  3,\n]"),
        "shop.toml:3: `peers.1`: invalid type: integer `3`, expected a string",
    );
}

#[test]
fn x81_a_repeated_key_is_rejected() {
    let twice = file("port = 1\nport = 2").load().unwrap_err();
    assert!(
        matches!(twice, ConfigError::Syntax { line: 2, .. }),
        "{twice}"
    );
    let broken = file("a = 1\nport = = 2").load().unwrap_err();
    assert!(
        matches!(broken, ConfigError::Syntax { line: 2, .. }),
        "{broken}"
    );
    says(
        env([("SHOP__PORT", "1"), ("SHOP__Port", "2")]),
        "SHOP__PORT and SHOP__Port set the same key: remove one of them",
    );
    says(
        env([("SHOP__DB", "{}"), ("SHOP__DB__HOST", "x")]),
        "SHOP__DB and SHOP__DB__HOST set the same key: remove one of them",
    );
}

#[test]
fn a_key_without_a_default_must_be_set() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Strict {
        db: Inner,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Inner {
        url: String,
    }
    let missing = Config::<Strict>::loader()
        .text("x.toml", "[db]")
        .load()
        .unwrap_err();
    assert_eq!(
        missing,
        ConfigError::Missing {
            key: "db.url".into()
        }
    );
    assert_eq!(
        missing.to_string(),
        "the key `db.url` is not set, and has no default: set it in the file or the environment"
    );
    let given = Config::<Strict>::loader()
        .variables("X", variables([("X__DB__URL", "u")]))
        .load();
    assert_eq!(
        given,
        Ok(Strict {
            db: Inner { url: "u".into() }
        })
    );
}

#[test]
fn files_may_be_optional() {
    let folder = std::env::temp_dir().join(format!("ambit-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (there, missing) = (folder.join("there.toml"), folder.join("missing.toml"));
    std::fs::write(&there, "port = 7").unwrap();
    let settings: Settings = Config::loader()
        .optional_file(&missing)
        .file(&there)
        .load()
        .unwrap();
    assert_eq!(settings.port, 7);
    let refused = Config::<Settings>::loader()
        .file(&missing)
        .load()
        .unwrap_err();
    assert!(
        matches!(&refused, ConfigError::Unreadable { file, .. } if file.ends_with("missing.toml"))
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_whole_is_checked_after_its_types() {
    let checked = |text: &str| {
        file(text)
            .validate(|settings| {
                if settings.port == 0 {
                    Err("port 0 is nobody's")
                } else {
                    Ok(())
                }
            })
            .load()
    };
    assert!(checked("port = 1").is_ok());
    let refused = checked("port = 0").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the configuration is invalid: port 0 is nobody's"
    );
}

#[test]
fn it_is_set_once() {
    let config = Config::<u8>::new();
    assert_eq!(config.get(), Err(ConfigError::NotSet));
    assert_eq!(config.set(1), Ok(()));
    assert_eq!(config.set(2), Err(ConfigError::AlreadySet));
    assert_eq!(config.get(), Ok(&1));
}

#[ambit::test]
async fn nothing_starts_with_a_bad_configuration() {
    static SETTINGS: Config<Settings> = Config::new();
    let web = || {
        Application::new("web").on_start(|| async {
            assert_eq!(SETTINGS.get()?.port, 9);
            Ok::<_, ConfigError>(Process::from(ambit::spawn(|_: Inbox<()>| {
                std::future::pending::<()>()
            })))
        })
    };
    let bad = Applications::new([web()]).with_config(&SETTINGS, file("port = -1"));
    let text = "shop.toml:1: `port`: invalid value: integer `-1`, expected u16";
    assert_eq!(bad.start("web").await.unwrap_err().to_string(), text);
    assert!(matches!(
        bad.check(),
        Err(ApplicationError::Config(ConfigError::Invalid { .. }))
    ));
    let good = Applications::new([web()]).with_config(&SETTINGS, file("port = 9"));
    good.start("web").await.unwrap();
    let again = Applications::new([web()]).with_config(&SETTINGS, file("port = 10"));
    assert_eq!(
        again.check(),
        Err(ApplicationError::Config(ConfigError::AlreadySet))
    );
}

#[derive(Debug, Deserialize, PartialEq)]
struct Credentials {
    password: String,
    pin: String,
    unit: String,
    attempts: u32,
}

#[derive(Debug, Deserialize)]
struct Flattened {
    #[serde(flatten)]
    credentials: Credentials,
}

#[test]
fn quotes_make_a_variable_of_a_flattened_field_a_text() {
    let variables = [
        ("APP__PASSWORD", "\"12345\""),
        ("APP__PIN", "007"),
        ("APP__UNIT", "inf"),
        ("APP__ATTEMPTS", "3"),
    ];
    let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let loaded = Config::<Flattened>::loader().variables("APP", variables);
    let expected = Credentials {
        password: "12345".into(),
        pin: "007".into(),
        unit: "inf".into(),
        attempts: 3,
    };
    assert_eq!(loaded.load().unwrap().credentials, expected);
}
