//! The table of all settings names each setter of the builders.

use crate::files::{guide, read};

/// The files with builders, and the methods of them that set nothing.
const BUILDERS: [&str; 15] = [
    "ambit/src/system.rs",
    "ambit/src/supervisor/builder.rs",
    "ambit/src/supervisor/dynamic.rs",
    "ambit/src/supervisor/partition_supervisor.rs",
    "ambit/src/supervisor/spec.rs",
    "ambit/src/supervisor/backoff.rs",
    "ambit/src/otp/task/supervisor.rs",
    "ambit/src/otp/task/stream.rs",
    "ambit/src/otp/pool/builder.rs",
    "ambit/src/otp/table/builder.rs",
    "ambit/src/otp/breaker.rs",
    "ambit/src/otp/rate_limit/rate.rs",
    "ambit/src/otp/application/spec.rs",
    "ambit/src/retry/policy.rs",
    "ambit/src/inspect/watcher.rs",
];

/// The names of the methods that take `self` by value and return `Self`.
fn setters(source: &str) -> Vec<String> {
    let methods = source.split("pub fn ").skip(1);
    let setter = |method: &str| {
        let (head, _) = method.split_once('{')?;
        let (name, arguments) = head.split_once(['(', '<'])?;
        let by_value = arguments.contains("self,") || arguments.contains("self)");
        let borrows = arguments.contains("&self") || arguments.contains("&mut self");
        (by_value && !borrows && head.contains("-> Self")).then(|| name.to_owned())
    };
    methods.filter_map(setter).collect()
}

#[test]
fn the_page_names_every_setter() {
    let page = read(&guide().join("src/reference/settings.md"));
    let mut missing = Vec::new();
    let mut setters_found = 0;
    for builder in BUILDERS {
        for setter in setters(&read(&guide().join("..").join(builder))) {
            setters_found += 1;
            let forms = [
                format!("`{setter}`"),
                format!(".{setter}("),
                format!("{setter} = "),
            ];
            if !forms.iter().any(|form| page.contains(form)) {
                missing.push(format!("{setter} of {builder}"));
            }
        }
    }
    assert!(setters_found > 40, "{setters_found} setters");
    assert!(missing.is_empty(), "settings.md does not name {missing:#?}");
}
