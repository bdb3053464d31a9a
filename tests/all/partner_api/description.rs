//! The description that is served, and the example of the guide that is made after it.

use std::{path::Path, process::Command};

use serde_json::Value;

use super::{ENABLED, asked, schema::Description};
use crate::support::World;

#[tokio::test]
async fn description_is_served_without_a_key_and_may_be_kept() {
    let world = World::with(&[ENABLED]).await;
    let served = world.browser().ask("GET", "/api/openapi.json", &[]).await;
    assert_eq!(served.headers()["cache-control"], "public, max-age=3600");
    assert_eq!(served.headers()["content-type"], "application/json");
    let tag = served.headers()["etag"].to_str().unwrap().to_owned();
    let served: Value = serde_json::from_slice(&served.bytes().await.unwrap()).unwrap();
    assert_eq!(served, Description::new().0);
    assert_eq!(served["openapi"], "3.1.0");
    let known = world.browser().ask("GET", "/api/openapi.json", &[("if-none-match", &tag)]).await;
    assert_eq!(known.status(), 304);
    // Every problem that is sent is described: each answer is held against the list.
    assert_eq!(asked(&world.base, "/api/plans", &[]).await.problem(), "key-needed");
}

/// By `openapi-spec-validator`, in an environment of its own below the target folder.
#[test]
#[allow(clippy::print_stdout, reason = "says what could not be tried")]
fn description_is_valid_by_the_published_validator() {
    const PACKAGE: &str = "openapi-spec-validator==0.9.0";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE.replace("==", "-"));
    let python = folder.join("bin/python");
    let document = root.join("src/api/openapi.json");
    let run = |program: &Path, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        output.map_or_else(
            |error| (false, error.to_string()),
            |output| {
                let text = [output.stdout, output.stderr].concat();
                (output.status.success(), String::from_utf8_lossy(&text).into_owned())
            },
        )
    };
    let validate = || run(&python, &["-m", "openapi_spec_validator", document.to_str().unwrap()]);
    if !run(&python, &["-c", "import openapi_spec_validator"]).0 {
        let made = run(Path::new("python3"), &["-m", "venv", "--clear", folder.to_str().unwrap()]);
        let installed =
            if made.0 { run(&python, &["-m", "pip", "install", "--quiet", PACKAGE]) } else { made };
        if !installed.0 {
            println!("OpenAPI validation skipped: {}", installed.1.trim());
            return;
        }
    }
    let (valid, said) = validate();
    assert!(valid, "{said}");
    // It finds what is wrong.
    let broken = Path::new(env!("CARGO_TARGET_TMPDIR")).join("broken-openapi.json");
    let text = std::fs::read_to_string(&document).unwrap();
    std::fs::write(&broken, text.replace("\"operationId\": \"plans\"", "\"operationId\": 7")).unwrap();
    assert!(!run(&python, &["-m", "openapi_spec_validator", broken.to_str().unwrap()]).0);
}

#[test]
fn example_of_the_guide_reads_members_that_are_described() {
    let guide = include_str!("../../../docs/partners.md");
    let example = guide.split("```html\n").nth(1).unwrap().split("```").next().unwrap();
    let description = Description::new();
    let mut read = 0;
    for (name, schema) in [("plan.", "Plan"), ("answer.", "Plans"), ("problem.", "Problem")] {
        for member in example.split(name).skip(1) {
            let end = member.find(|sign: char| {
                !(sign.is_ascii_lowercase() || sign == '_' || sign == '.' || sign.is_ascii_digit())
            });
            let path = &member[..end.unwrap_or(member.len())];
            let mut schema = description.schema(schema);
            for part in path.split('.').filter(|part| !["map", "length", "join"].contains(part)) {
                if let Some(reference) = schema["$ref"].as_str() {
                    schema = description.schema(reference.rsplit('/').next().unwrap());
                }
                schema = &schema["properties"][part];
                assert!(schema.is_object(), "{name}{path} is not described");
                read += 1;
            }
        }
    }
    assert!(read > 8, "{read}");
    assert!(example.contains("/api/plans?"));
}
