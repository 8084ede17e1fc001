//! The OpenAPI file as a judge.

use std::sync::OnceLock;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Map, Value};
use yaml_rust2::{Yaml, YamlLoader};

use super::Answer;

const AT: &str = "http://contract/openapi.json";

struct Contract {
    root: Value,
    schemas: Schemas,
    by_name: Vec<(String, SchemaIndex)>,
}

fn contract() -> &'static Contract {
    static CONTRACT: OnceLock<Contract> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let text = std::fs::read_to_string(super::contract_folder().join("openapi.yaml")).unwrap();
        let root = json(&YamlLoader::load_from_str(&text).unwrap()[0]);
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource(AT, root.clone()).unwrap();
        let mut schemas = Schemas::new();
        let names = root["components"]["schemas"].as_object().unwrap().keys();
        let by_name = names
            .map(|name| {
                let at = format!("{AT}#/components/schemas/{name}");
                let index = compiler
                    .compile(&at, &mut schemas)
                    .unwrap_or_else(|error| panic!("{name}: {error:#}"));
                (name.clone(), index)
            })
            .collect();
        Contract {
            root,
            schemas,
            by_name,
        }
    })
}

fn json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::String(text) => Value::from(text.as_str()),
        Yaml::Integer(number) => Value::from(*number),
        Yaml::Real(number) => Value::from(number.parse::<f64>().unwrap()),
        Yaml::Boolean(value) => Value::from(*value),
        Yaml::Array(list) => list.iter().map(json).collect(),
        Yaml::Hash(hash) => Value::Object(
            hash.iter()
                .map(|(name, value)| {
                    let name = match name {
                        Yaml::String(name) => name.clone(),
                        other => panic!("{other:?} is no name"),
                    };
                    (name, json(value))
                })
                .collect::<Map<_, _>>(),
        ),
        _ => Value::Null,
    }
}

/// A value fits a schema of the contract.
#[track_caller]
pub fn holds(schema: &str, value: &Value) {
    let contract = contract();
    let (_, index) = contract
        .by_name
        .iter()
        .find(|(name, _)| name == schema)
        .unwrap_or_else(|| panic!("there is no schema {schema}"));
    if let Err(error) = contract.schemas.validate(value, *index) {
        panic!("{schema}: {error:#}\n{value:#}");
    }
}

/// An answer is one that the contract foresees, in status, headers and body.
#[track_caller]
pub fn held(method: &str, path: &str, answer: &Answer) {
    let id = answer.header("x-request-id");
    assert!(
        id.is_some_and(|id| !id.is_empty()),
        "{method} {path}: no X-Request-Id"
    );
    let is_json = answer.header("content-type") == Some("application/json");
    if answer.status >= 400 && method != "HEAD" {
        assert!(is_json, "{method} {path}: {answer:?}");
        let body = answer.json();
        holds("Error", &body);
        assert_eq!(body["status"], answer.status, "{method} {path}");
        assert_eq!(body["request_id"].as_str(), id, "{method} {path}");
        let retry = answer.header("retry-after");
        if matches!(answer.status, 429 | 503) {
            let seconds: u64 = retry.expect("Retry-After").parse().unwrap();
            assert!(seconds >= 1);
        }
        if answer.status == 401 {
            let scheme = answer.header("www-authenticate").expect("WWW-Authenticate");
            assert!(scheme.starts_with("Bearer"));
        }
    }
    let Some(operation) = operation(method, path) else {
        return;
    };
    let responses = &operation["responses"];
    let foreseen = resolved(&responses[answer.status.to_string()]);
    // What stands before every operation may refuse any of them.
    let anywhere = matches!(
        answer.status,
        400 | 401 | 403 | 404 | 405 | 413 | 429 | 500 | 503
    );
    assert!(
        foreseen.is_object() || anywhere,
        "{method} {path}: {} is not foreseen",
        answer.status
    );
    if method == "HEAD" {
        return;
    }
    let Some(content) = foreseen["content"].as_object() else {
        return;
    };
    let content_type = answer.header("content-type").unwrap_or_default();
    let kind = content
        .get(content_type)
        .unwrap_or_else(|| panic!("{method} {path}: {content_type} is not foreseen"));
    if is_json {
        let name = kind["schema"]["$ref"].as_str().expect("a named schema");
        holds(name.rsplit('/').next().unwrap(), &answer.json());
    }
    for (name, header) in foreseen["headers"].as_object().into_iter().flatten() {
        let header = resolved(header);
        let constant = &resolved(&header["schema"])["const"];
        if let (Some(expected), Some(value)) = (constant.as_str(), answer.header(name)) {
            assert_eq!(value, expected, "{method} {path}: {name}");
        }
    }
}

fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next()?.trim_end_matches('/');
    let paths = contract().root["paths"].as_object()?;
    let (_, item) = paths.iter().find(|(template, _)| fits(template, path))?;
    item.get(method.to_ascii_lowercase())
}

fn fits(template: &str, path: &str) -> bool {
    let (wanted, given): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    wanted.len() == given.len()
        && wanted
            .iter()
            .zip(given)
            .all(|(wanted, given)| wanted.starts_with('{') || *wanted == given)
}

fn resolved(node: &Value) -> &Value {
    match node["$ref"].as_str() {
        Some(at) => contract()
            .root
            .pointer(at.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{at} leads nowhere")),
        None => node,
    }
}
