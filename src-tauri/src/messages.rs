//! What the system shows for Whittle outside the page: the tray, its dialogs, names of files. The page has
//! words of its own, in `ui/src/lib/messages`.

use whittle_core::Language;

/// Every text, in one language.
pub struct Words {
    pub nothing_to_do: &'static str,
    pub one_to_go: &'static str,
    pub more_to_go: &'static str,
    pub open: &'static str,
    pub pause: &'static str,
    pub resume: &'static str,
    pub quit: &'static str,
    /// The kinds of files that a dialog offers, and the titles of dialogs.
    pub images: &'static str,
    pub presets: &'static str,
    pub choose_images: &'static str,
    pub choose_folders: &'static str,
    pub choose_folder: &'static str,
    pub choose_preset: &'static str,
    pub save_as: &'static str,
    /// What a picture is called that was pasted and has no name.
    pub pasted: &'static str,
    pub no_history: &'static str,
    pub no_history_means: &'static str,
}

pub static ENGLISH: Words = Words {
    nothing_to_do: "Nothing to do",
    one_to_go: "1 image to go",
    more_to_go: "{count} images to go",
    open: "Open Whittle",
    pause: "Pause",
    resume: "Resume",
    quit: "Quit",
    images: "Images",
    presets: "Presets",
    choose_images: "Choose images",
    choose_folders: "Choose folders",
    choose_folder: "Choose a folder",
    choose_preset: "Import a preset",
    save_as: "Save as",
    pasted: "Pasted picture",
    no_history: "Whittle works without its history",
    no_history_means: "Images can be optimized, but nothing is recorded and settings are not remembered.",
};

pub static GERMAN: Words = Words {
    nothing_to_do: "Nichts zu tun",
    one_to_go: "Noch 1 Bild",
    more_to_go: "Noch {count} Bilder",
    open: "Whittle öffnen",
    pause: "Anhalten",
    resume: "Fortsetzen",
    quit: "Beenden",
    images: "Bilder",
    presets: "Vorlagen",
    choose_images: "Bilder wählen",
    choose_folders: "Ordner wählen",
    choose_folder: "Einen Ordner wählen",
    choose_preset: "Vorlage importieren",
    save_as: "Speichern unter",
    pasted: "Eingefügtes Bild",
    no_history: "Whittle arbeitet ohne Verlauf",
    no_history_means: "Bilder lassen sich optimieren, aber nichts davon wird festgehalten, und Einstellungen gelten nur bis zum Beenden.",
};

/// The words of a language; `system` is what the system speaks.
pub fn words(language: Language, system: Language) -> &'static Words {
    match tag(language, system) {
        "de" => &GERMAN,
        _ => &ENGLISH,
    }
}

/// The language, as a page names it.
pub fn tag(language: Language, system: Language) -> &'static str {
    match (language, system) {
        (Language::German, _) | (Language::System, Language::German) => "de",
        _ => "en",
    }
}

/// The language of the system: English where there are no words in it.
pub fn of_the_system() -> Language {
    spoken(names())
}

/// The first of these names, "de_AT.UTF-8" or "de-CH", that there are words in.
fn spoken(names: impl IntoIterator<Item = String>) -> Language {
    names
        .into_iter()
        .find_map(|name| match name.split(['_', '-', '.', '@']).next() {
            Some("de") => Some(Language::German),
            Some("en") => Some(Language::English),
            _ => None,
        })
        .unwrap_or(Language::English)
}

#[cfg(target_os = "linux")]
fn names() -> Vec<String> {
    let names = gtk::glib::language_names().into_iter();
    names.map(|name| name.to_string()).collect()
}

#[cfg(not(target_os = "linux"))]
fn names() -> impl Iterator<Item = String> {
    sys_locale::get_locales()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_is_known_is_spoken() {
        let of = |names: &[&str]| spoken(names.iter().map(|&name| name.to_owned()));
        assert_eq!(of(&["de_AT.UTF-8", "de", "C"]), Language::German);
        assert_eq!(of(&["fr_FR", "fr", "de-CH", "en"]), Language::German);
        assert_eq!(of(&["en_GB", "de"]), Language::English);
        assert_eq!(of(&["C.UTF-8", "C"]), Language::English);
        assert_eq!(of(&["deu"]), Language::English);
    }

    #[test]
    fn a_choice_wins_over_the_system() {
        let pause = |language, system| words(language, system).pause;
        assert_eq!(pause(Language::System, Language::German), GERMAN.pause);
        assert_eq!(pause(Language::English, Language::German), ENGLISH.pause);
        assert_eq!(pause(Language::German, Language::English), GERMAN.pause);
    }
}
