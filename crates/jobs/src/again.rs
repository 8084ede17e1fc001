use std::path::Path;
use std::sync::Arc;

use whittle_core::{JobInfo, Level, Mode, Origin};

use crate::{Plan, Watched};

/// What images that are done are worked on with once more.
#[derive(Clone, Debug)]
pub struct Again {
    /// For all but those of watched folders.
    pub plan: Plan,
    /// Images that appeared in one of these follow its rules; those of a folder that is no longer watched,
    /// the rules that they had.
    pub folders: Vec<Watched>,
    /// Mode and level that were chosen for these images, whatever the rest says.
    pub quality: Option<(Mode, Level)>,
}

impl From<Plan> for Again {
    fn from(plan: Plan) -> Again {
        Again {
            plan,
            folders: Vec::new(),
            quality: None,
        }
    }
}

impl Again {
    /// What is to be done with this image, which was worked on with `before`.
    pub(crate) fn plan_for(&self, info: &JobInfo, before: &Arc<Plan>) -> Arc<Plan> {
        let plan = match info.origin {
            Origin::Watch => self.rules_at(&info.path).unwrap_or(before.as_ref()),
            _ => &self.plan,
        };
        let mut plan = Plan {
            // Where it came from stays as it was.
            origin: info.origin,
            ..plan.clone()
        };
        if let Some((mode, level)) = self.quality {
            plan.recipe.mode = mode;
            plan.recipe.level = level;
        }
        Arc::new(plan)
    }

    /// Whether such an image follows the user's settings.
    pub(crate) fn by_settings(&self, info: &JobInfo) -> bool {
        self.quality.is_none() && info.origin != Origin::Watch
    }

    /// The rules of the innermost folder that this lies in.
    fn rules_at(&self, path: &Path) -> Option<&Plan> {
        self.folders
            .iter()
            .filter(|folder| path.starts_with(&folder.path))
            .max_by_key(|folder| folder.path.components().count())
            .map(|folder| &folder.plan)
    }
}
