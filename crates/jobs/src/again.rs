use std::path::Path;

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
    /// What is to be done with an image of this origin. It was worked on with `before`, as far as that is known.
    pub fn plan_for(&self, origin: Origin, path: &Path, before: Option<&Plan>) -> Plan {
        let plan = match origin {
            Origin::Watch => self.rules_at(path).or(before).unwrap_or(&self.plan),
            _ => &self.plan,
        };
        let mut plan = Plan {
            // Where it came from stays as it was.
            origin,
            ..plan.clone()
        };
        if let Some((mode, level)) = self.quality {
            plan.recipe.mode = mode;
            plan.recipe.level = level;
        }
        plan
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

#[cfg(test)]
mod tests {
    use super::*;
    use whittle_core::{Effort, Metadata, WatchRules, WatchedFolder};

    #[test]
    fn images_of_watched_folders_follow_its_rules_but_for_a_chosen_quality() {
        let folder = |path: &str, metadata| {
            let rules = WatchRules {
                metadata,
                effort: Effort::Max,
                ..WatchRules::default()
            };
            let path = path.into();
            Watched::from(WatchedFolder { id: 1, path, rules })
        };
        let again = Again {
            plan: Plan::default(),
            folders: vec![
                folder("/in", Metadata::Strip),
                folder("/in/press", Metadata::Keep),
            ],
            quality: Some((Mode::Lossy, Level::new(70).unwrap())),
        };
        let recipe = |origin, path: &str, before: Option<&Plan>| {
            let plan = again.plan_for(origin, Path::new(path), before);
            assert_eq!((plan.recipe.mode, plan.origin), (Mode::Lossy, origin));
            (plan.recipe.metadata, plan.recipe.effort)
        };
        let usual = (Metadata::default(), Effort::default());
        assert_eq!(
            recipe(Origin::Watch, "/in/a.png", None),
            (Metadata::Strip, Effort::Max)
        );
        assert_eq!(
            recipe(Origin::Watch, "/in/press/a.png", None),
            (Metadata::Keep, Effort::Max)
        );
        assert_eq!(recipe(Origin::File, "/in/a.png", None), usual);
        // Of a folder that is no longer watched, the rules that it had.
        let mut before = Plan::default();
        before.recipe.effort = Effort::Fast;
        assert_eq!(
            recipe(Origin::Watch, "/out/a.png", Some(&before)),
            (Metadata::default(), Effort::Fast)
        );
        assert_eq!(recipe(Origin::Watch, "/out/a.png", None), usual);
    }
}
