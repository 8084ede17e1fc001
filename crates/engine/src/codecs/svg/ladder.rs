//! The ways to make a document smaller, from the strongest to the most careful.

use oxvg_ast::parse::roxmltree::{ParsingOptions, parse_with_options};
use oxvg_ast::serialize::{Indent, Node as _, Options, Space};
use oxvg_ast::visitor::Info;
use oxvg_optimiser::{
    ApplyTransforms, CleanupNumericValues, CollapseGroups, ConvertColors, ConvertEllipseToCircle,
    ConvertPathData, ConvertShapeToPath, ConvertTransform, InlineStyles, Jobs, MergePaths,
    MergeStyles, MinifyStyles, MoveElemsAttrsToGroup, MoveGroupAttrsToElems, RemoveHiddenElems,
    RemoveUnknownsAndDefaults, RemoveUselessDefs, RemoveUselessStrokeAndFill,
};

/// How much a rung may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Numbers, colours and attributes, but every element stays where it is.
    Values,
    /// Groups may collapse and shapes may merge, but path data keep their commands.
    Structure,
    /// Everything.
    All,
}

/// One way to make a document smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rung {
    pub reach: Reach,
    /// Decimal places that coordinates keep.
    pub places: u8,
}

/// The document after one rung; `None` when the optimiser cannot take it.
pub(super) fn climbed(text: &str, rung: Rung) -> Option<String> {
    let mut text = text.to_owned();
    // Each pass makes room for the next; the second finds most of what is left.
    for pass in 0..2 {
        let next = optimised(&text, rung, pass)?;
        let done = next.len() >= text.len();
        text = next;
        if done {
            break;
        }
    }
    Some(text)
}

fn optimised(text: &str, rung: Rung, pass: usize) -> Option<String> {
    let jobs = jobs(rung);
    parse_with_options(text, ParsingOptions::default(), |dom, allocator| {
        let info = Info {
            multipass_count: pass,
            ..Info::new(allocator)
        };
        jobs.run(dom, &info).ok()?;
        dom.serialize_with_options(Options {
            indent: Indent::None,
            trim_whitespace: Space::Auto,
            minify: true,
            ..Options::default()
        })
        .ok()
    })
    .ok()
    .flatten()
}

fn jobs(rung: Rung) -> Jobs {
    let structure = rung.reach >= Reach::Structure;
    let all = rung.reach >= Reach::All;
    let places = rung.places;
    Jobs {
        // The document was tidied before, by the recipe's policy; identifiers stay.
        remove_doctype: None,
        remove_comments: None,
        remove_metadata: None,
        remove_editors_n_s_data: None,
        remove_desc: None,
        cleanup_ids: None,
        merge_styles: structure.then(MergeStyles::default),
        inline_styles: structure.then(InlineStyles::default),
        minify_styles: structure.then(MinifyStyles::default),
        remove_useless_defs: structure.then(RemoveUselessDefs::default),
        remove_hidden_elems: structure.then(RemoveHiddenElems::default),
        move_elems_attrs_to_group: structure.then(MoveElemsAttrsToGroup::default),
        move_group_attrs_to_elems: structure.then(MoveGroupAttrsToElems::default),
        collapse_groups: structure.then(CollapseGroups::default),
        merge_paths: structure.then(MergePaths::default),
        convert_shape_to_path: structure.then(ConvertShapeToPath::default),
        convert_ellipse_to_circle: structure.then(ConvertEllipseToCircle::default),
        remove_useless_stroke_and_fill: structure.then(RemoveUselessStrokeAndFill::default),
        remove_empty_containers: structure.then(Default::default),
        remove_empty_text: structure.then(Default::default),
        apply_transforms: all.then(|| ApplyTransforms {
            transform_precision: None,
            ..ApplyTransforms::default()
        }),
        convert_path_data: all.then(|| {
            let mut job = ConvertPathData::default();
            job.tolerance.precision = i32::from(places);
            job.tolerance.positional = 0.5 * 10f64.powi(-i32::from(places));
            job
        }),
        convert_colors: Some(ConvertColors::default()),
        convert_transform: Some(ConvertTransform {
            float_precision: i32::from(places),
            transform_precision: i32::from(places) + 2,
            ..ConvertTransform::default()
        }),
        cleanup_numeric_values: Some(CleanupNumericValues {
            float_precision: places.min(5),
            ..CleanupNumericValues::default()
        }),
        remove_unknowns_and_defaults: Some(RemoveUnknownsAndDefaults {
            unknown_content: false,
            keep_data_attrs: true,
            keep_aria_attrs: true,
            keep_role_attr: true,
            ..RemoveUnknownsAndDefaults::default()
        }),
        ..Jobs::default()
    }
}
