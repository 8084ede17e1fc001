//! The reference of the API, drawn from the OpenAPI file.

use std::fmt::Write;

use yaml_rust2::{Yaml, YamlLoader};

use super::text::{blocks, escaped, inline};

const METHODS: [&str; 5] = ["get", "post", "patch", "delete", "head"];

/// The reference as HTML. The file is built in, and a test reads it.
pub(super) fn html(openapi: &str) -> String {
    let documents = YamlLoader::load_from_str(openapi).unwrap_or_default();
    documents
        .first()
        .map_or_else(String::new, |root| Reference { root }.html())
}

struct Reference<'a> {
    root: &'a Yaml,
}

impl Reference<'_> {
    fn html(&self) -> String {
        let root = self.root;
        let operations = self.operations(&root["paths"]);
        let tags = root["tags"].as_vec().map_or(&[][..], Vec::as_slice);
        let mut nav = String::from("<nav aria-label=\"Reference\"><ul>");
        let mut html = format!(
            "<main><h2 id=\"rules\">Rules that hold everywhere</h2>{}",
            blocks(text(&root["info"]["description"]))
        );
        for tag in tags {
            let name = text(&tag["name"]);
            let _ = write!(nav, "<li><a href=\"#{0}\">{0}</a><ul>", escaped(name));
            let _ = write!(
                html,
                "<section><h2 id=\"{0}\">{0}</h2>{1}",
                escaped(name),
                blocks(text(&tag["description"]))
            );
            let of_tag = operations
                .iter()
                .filter(|operation| operation.tags.iter().any(|tag| tag == name));
            for operation in of_tag {
                let _ = write!(
                    nav,
                    "<li><a href=\"#{}\"><b>{}</b> {}</a></li>",
                    escaped(&operation.id),
                    operation.method.to_uppercase(),
                    escaped(&operation.path)
                );
                html.push_str(&operation.html);
            }
            nav.push_str("</ul></li>");
            html.push_str("</section>");
        }
        html.push_str("<section><h2 id=\"webhooks\">Webhooks</h2>");
        for operation in self.operations(&root["webhooks"]) {
            html.push_str(&operation.html);
        }
        html.push_str("</section>");
        html.push_str(&self.schemas());
        nav.push_str(
            "<li><a href=\"#webhooks\">Webhooks</a></li><li><a href=\"#schemas\">Schemas</a></li></ul></nav>",
        );
        format!("{nav}{html}</main>")
    }

    fn operations(&self, paths: &Yaml) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in members(paths) {
            for method in METHODS {
                let operation = &item[method];
                if operation.is_badvalue() {
                    continue;
                }
                let tags = operation["tags"].as_vec().into_iter().flatten();
                operations.push(Operation {
                    id: text(&operation["operationId"]).to_owned(),
                    path: path.to_owned(),
                    method,
                    tags: tags.map(|tag| text(tag).to_owned()).collect(),
                    html: self.operation(path, method, item, operation),
                });
            }
        }
        operations
    }

    fn operation(&self, path: &str, method: &str, item: &Yaml, operation: &Yaml) -> String {
        let id = escaped(text(&operation["operationId"]));
        let mut html = format!(
            "<article id=\"{id}\"><h3><span class=\"method {method}\">{}</span> <code>{}</code></h3>\
             <p class=\"summary\">{}</p>{}",
            method.to_uppercase(),
            escaped(path),
            inline(text(&operation["summary"])),
            blocks(text(&operation["description"]))
        );
        if operation["security"].as_vec().is_some_and(Vec::is_empty) {
            html.push_str("<p>Needs no token.</p>");
        }
        let parameters = [&item["parameters"], &operation["parameters"]]
            .into_iter()
            .filter_map(|parameters| parameters.as_vec())
            .flatten();
        let rows: String = parameters
            .map(|parameter| self.parameter(parameter))
            .collect();
        if !rows.is_empty() {
            let _ = write!(
                html,
                "<table><caption>Parameters</caption><thead><tr><th>Name</th><th>In</th><th>Type</th><th></th></tr></thead><tbody>{rows}</tbody></table>"
            );
        }
        html.push_str(&self.body(self.resolved(&operation["requestBody"])));
        let rows: String = members(&operation["responses"])
            .map(|(status, response)| self.response(status, self.resolved(response)))
            .collect();
        let _ = write!(
            html,
            "<table><caption>Answers</caption><thead><tr><th>Status</th><th></th><th>Body</th></tr></thead><tbody>{rows}</tbody></table></article>"
        );
        html
    }

    fn parameter(&self, parameter: &Yaml) -> String {
        let parameter = self.resolved(parameter);
        let required = parameter["required"].as_bool().unwrap_or(false);
        format!(
            "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(text(&parameter["name"])),
            if required {
                " <span class=\"must\">required</span>"
            } else {
                ""
            },
            escaped(text(&parameter["in"])),
            self.kind(&parameter["schema"]),
            inline(text(&parameter["description"]))
        )
    }

    fn body(&self, body: &Yaml) -> String {
        if body.is_badvalue() {
            return String::new();
        }
        let mut html = format!("<h4>Body</h4>{}", blocks(text(&body["description"])));
        for (media_type, content) in members(&body["content"]) {
            let _ = write!(
                html,
                "<p><code>{}</code>: {}</p>",
                escaped(media_type),
                self.kind(&content["schema"])
            );
            for (name, example) in members(&content["examples"]) {
                let _ = write!(
                    html,
                    "<details><summary>Example: {}</summary><pre><code>{}</code></pre></details>",
                    escaped(name),
                    escaped(&json(&example["value"], 0))
                );
            }
        }
        html
    }

    fn response(&self, status: &str, response: &Yaml) -> String {
        let mut bodies = Vec::new();
        let mut examples = String::new();
        for (_, content) in members(&response["content"]) {
            let kind = self.kind(&content["schema"]);
            if !bodies.contains(&kind) {
                bodies.push(kind);
            }
            for (name, example) in members(&content["examples"]) {
                let _ = write!(
                    examples,
                    "<details><summary>Example: {}</summary><pre><code>{}</code></pre></details>",
                    escaped(name),
                    escaped(&json(&example["value"], 0))
                );
            }
        }
        format!(
            "<tr><td>{}</td><td>{}{examples}</td><td>{}</td></tr>",
            escaped(status),
            blocks(text(&response["description"])),
            bodies.join(", ")
        )
    }

    fn schemas(&self) -> String {
        let mut html = String::from("<section><h2 id=\"schemas\">Schemas</h2>");
        for (name, schema) in members(&self.root["components"]["schemas"]) {
            let _ = write!(
                html,
                "<article id=\"schema-{0}\"><h3><code>{0}</code></h3>{1}{2}</article>",
                escaped(name),
                blocks(text(&schema["description"])),
                self.schema(schema)
            );
        }
        html.push_str("</section>");
        html
    }

    /// An object by its members, anything else in one line.
    fn schema(&self, schema: &Yaml) -> String {
        let parts = schema["allOf"].as_vec();
        let mut html = String::new();
        if schema["properties"].is_badvalue() && parts.is_none() {
            return format!("<p>{}</p>", self.kind(schema));
        }
        for part in parts.into_iter().flatten() {
            if !part["$ref"].is_badvalue() {
                let _ = write!(html, "<p>All of {}, and:</p>", self.kind(part));
            } else if !part["properties"].is_badvalue() {
                html.push_str(&self.members_of(part));
            }
        }
        if !schema["properties"].is_badvalue() {
            html.push_str(&self.members_of(schema));
        }
        html
    }

    fn members_of(&self, schema: &Yaml) -> String {
        let required: Vec<&str> = schema["required"]
            .as_vec()
            .into_iter()
            .flatten()
            .map(text)
            .collect();
        let rows: String = members(&schema["properties"])
            .map(|(name, property)| {
                let must = if required.contains(&name) {
                    " <span class=\"must\">required</span>"
                } else {
                    ""
                };
                format!(
                    "<tr><td><code>{}</code>{must}</td><td>{}</td><td>{}</td></tr>",
                    escaped(name),
                    self.kind(property),
                    inline(&text(&property["description"]).replace('\n', " "))
                )
            })
            .collect();
        format!(
            "<table><thead><tr><th>Member</th><th>Type</th><th></th></tr></thead><tbody>{rows}</tbody></table>"
        )
    }

    /// A schema in one line.
    fn kind(&self, schema: &Yaml) -> String {
        if let Some(name) = schema["$ref"].as_str() {
            let name = escaped(name.rsplit('/').next().unwrap_or_default());
            return format!("<a href=\"#schema-{name}\">{name}</a>");
        }
        for (word, between) in [("anyOf", " or "), ("oneOf", " or "), ("allOf", " and ")] {
            if let Some(parts) = schema[word].as_vec() {
                let parts: Vec<String> = parts.iter().map(|part| self.kind(part)).collect();
                return parts.join(between);
            }
        }
        if !schema["const"].is_badvalue() {
            return format!("<code>{}</code>", escaped(&json(&schema["const"], 0)));
        }
        if let Some(values) = schema["enum"].as_vec() {
            let values = values.iter().map(|value| match value.as_str() {
                Some(value) => format!("<code>{}</code>", escaped(value)),
                None => format!("<code>{}</code>", escaped(&json(value, 0))),
            });
            return values.collect::<Vec<_>>().join(", ");
        }
        let mut kind = match &schema["type"] {
            Yaml::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
            kind => text(kind).to_owned(),
        };
        if kind == "array" {
            kind = format!("list of {}", self.kind(&schema["items"]));
        } else if kind.is_empty() {
            kind = "anything".into();
        }
        let range = |low: &str, high: &str| match (schema[low].as_i64(), schema[high].as_i64()) {
            (Some(low), Some(high)) => format!(", {low} to {high}"),
            (Some(low), None) => format!(", at least {low}"),
            (None, Some(high)) => format!(", at most {high}"),
            (None, None) => String::new(),
        };
        kind.push_str(&range("minimum", "maximum"));
        if let Some(format) = schema["format"].as_str() {
            let _ = write!(kind, ", {}", escaped(format));
        }
        if let Some(pattern) = schema["pattern"].as_str() {
            let _ = write!(
                kind,
                ", <code class=\"pattern\">{}</code>",
                escaped(pattern)
            );
        }
        if !schema["default"].is_badvalue() {
            let _ = write!(
                kind,
                ", default <code>{}</code>",
                escaped(&json(&schema["default"], 0))
            );
        }
        kind
    }

    /// What a `$ref` stands for.
    fn resolved<'a>(&'a self, node: &'a Yaml) -> &'a Yaml {
        match node["$ref"]
            .as_str()
            .and_then(|path| path.strip_prefix("#/"))
        {
            Some(path) => path.split('/').fold(self.root, |node, name| &node[name]),
            None => node,
        }
    }
}

struct Operation {
    id: String,
    path: String,
    method: &'static str,
    tags: Vec<String>,
    html: String,
}

fn text(node: &Yaml) -> &str {
    node.as_str().unwrap_or_default()
}

fn members(node: &Yaml) -> impl Iterator<Item = (&str, &Yaml)> {
    node.as_hash()
        .into_iter()
        .flatten()
        .map(|(name, value)| (text(name), value))
}

/// A value as JSON, indented where it is long.
fn json(node: &Yaml, depth: usize) -> String {
    let indent = "  ".repeat(depth + 1);
    let close = "  ".repeat(depth);
    match node {
        Yaml::String(text) => serde_json::Value::from(text.as_str()).to_string(),
        Yaml::Integer(number) => number.to_string(),
        Yaml::Real(number) => number.clone(),
        Yaml::Boolean(value) => value.to_string(),
        Yaml::Array(list) if list.is_empty() => "[]".into(),
        Yaml::Array(list) => {
            let lines: Vec<String> = list
                .iter()
                .map(|value| format!("{indent}{}", json(value, depth + 1)))
                .collect();
            format!("[\n{}\n{close}]", lines.join(",\n"))
        }
        Yaml::Hash(hash) => {
            let lines: Vec<String> = hash
                .iter()
                .map(|(name, value)| {
                    format!("{indent}{}: {}", json(name, 0), json(value, depth + 1))
                })
                .collect();
            format!("{{\n{}\n{close}}}", lines.join(",\n"))
        }
        _ => "null".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every operation and every schema of the contract has its place, and every link leads to one.
    #[test]
    fn the_reference_is_whole() {
        let html = html(whittle_api::OPENAPI);
        let documents = YamlLoader::load_from_str(whittle_api::OPENAPI).unwrap();
        let root = &documents[0];
        let mut operations = 0;
        for (_, item) in members(&root["paths"]) {
            for method in METHODS {
                if let Some(id) = item[method]["operationId"].as_str() {
                    assert!(html.contains(&format!("<article id=\"{id}\">")), "{id}");
                    operations += 1;
                }
            }
        }
        assert_eq!(operations, 14);
        for (name, _) in members(&root["components"]["schemas"]) {
            assert!(html.contains(&format!("id=\"schema-{name}\"")), "{name}");
        }
        for link in html.split("href=\"#").skip(1) {
            let target = &link[..link.find('"').unwrap()];
            assert!(html.contains(&format!("id=\"{target}\"")), "{target}");
        }
        assert!(
            !html.contains("http://") || !html.contains("src="),
            "nothing is loaded"
        );
        assert!(!html.contains("<script"));
    }
}
