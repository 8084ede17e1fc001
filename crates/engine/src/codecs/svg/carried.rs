//! Rights of a drawing, put back into what somebody else made of it.

use whittle_core::{Limits, Metadata};

use super::editors::is_metadata;
use super::nature::Nature;
use super::on_large_stack;
use super::open::{Source, parsed};
use super::tidy::{Removed, drop_unused_declarations, tidy};
use super::tree::{Node, Tree};
use super::weight;
use crate::Result;

/// The made drawing with what the policy keeps of the original's metadata and comments, and nothing else of
/// that kind. Where there is neither, and where scripts run, which could meet it, and where it is packed, it stays as it is.
pub(crate) fn with_metadata_of(
    original: &[u8],
    made: Vec<u8>,
    policy: Metadata,
    limits: &Limits,
) -> Result<Vec<u8>> {
    if policy == Metadata::Keep || made.starts_with(&[0x1f, 0x8b]) {
        return Ok(made);
    }
    on_large_stack(|| {
        let (before, after) = (
            Source::open(original, limits)?,
            Source::open(&made, limits)?,
        );
        weight::check(&after.parse()?, limits)?;
        let mut ours = Tree::of(&parsed(&before.text)?);
        let mut theirs = Tree::of(&parsed(&after.text)?);
        if Nature::of(&theirs).runs_script {
            return Ok(made);
        }
        tidy(&mut ours, policy, false);
        let removed = tidy(&mut theirs, Metadata::Strip, false);
        let declared = ours.root.declared;
        let rights = ours
            .root
            .children
            .into_iter()
            .filter_map(|node| match node {
                Node::Element(mut element) if is_metadata(&element) => {
                    // Their root need not know the prefixes of ours.
                    let known = &theirs.root.declared;
                    let missing = declared.iter().filter(|space| !known.contains(space));
                    element.declared.extend(missing.cloned());
                    drop_unused_declarations(&mut element);
                    Some(Node::Element(element))
                }
                Node::Comment(text) => Some(Node::Comment(text)),
                _ => None,
            });
        let rights: Vec<Node> = rights.collect();
        let around = ours.before.into_iter().chain(ours.after);
        let around: Vec<Node> = around
            .filter(|node| matches!(node, Node::Comment(_)))
            .collect();
        if rights.is_empty() && around.is_empty() && removed == Removed::default() {
            return Ok(made);
        }
        theirs.root.children.splice(0..0, rights);
        theirs.before.extend(around);
        Ok(theirs.written().into_bytes())
    })
}

/// What of the metadata this policy takes away, in words.
pub(crate) fn removable(bytes: &[u8], policy: Metadata, limits: &Limits) -> Result<Vec<String>> {
    on_large_stack(|| {
        let source = Source::open(bytes, limits)?;
        let mut tree = Tree::of(&parsed(&source.text)?);
        let runs_script = Nature::of(&tree).runs_script;
        Ok(tidy(&mut tree, policy, runs_script).words())
    })
}
