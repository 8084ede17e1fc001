//! Texts of the contract as HTML.

/// Safe within HTML, attributes included.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// One line, where backticks mark code.
pub(super) fn inline(text: &str) -> String {
    let mut html = String::new();
    for (at, part) in text.split('`').enumerate() {
        match at % 2 {
            1 => html.push_str(&format!("<code>{}</code>", escaped(part))),
            _ => html.push_str(&escaped(part)),
        }
    }
    html
}

/// Paragraphs and lists.
pub(super) fn blocks(text: &str) -> String {
    let mut html = String::new();
    for block in text.trim().split("\n\n") {
        if block.trim_start().starts_with("* ") {
            let items = block.trim_start()[2..].split("\n* ");
            let items = items.map(|item| format!("<li>{}</li>", inline(&item.replace('\n', " "))));
            html.push_str(&format!("<ul>{}</ul>", items.collect::<String>()));
        } else if !block.trim().is_empty() {
            html.push_str(&format!("<p>{}</p>", inline(&block.replace('\n', " "))));
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_html() {
        assert_eq!(
            escaped("<a href=\"x\">&'"),
            "&lt;a href=&quot;x&quot;&gt;&amp;&#39;"
        );
        assert_eq!(inline("say `a<b` now"), "say <code>a&lt;b</code> now");
        assert_eq!(
            blocks("One\nparagraph.\n\n* a\n  b\n* c\n"),
            "<p>One paragraph.</p><ul><li>a   b</li><li>c</li></ul>"
        );
    }
}
