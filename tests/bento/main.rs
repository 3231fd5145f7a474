//! Bento's files: texts that people have read, and what the real Bento and Redis make of them.
//!
//! Cases that need a program which is not there are reported as ignored: Bento is looked for in `DIAC_BENTO` and in the lab's folder, Redis in the
//! search path. `UPDATE_EXPECT=1` writes the texts anew.

#![expect(clippy::indexing_slicing, reason = "a test that reads past its sample must fail")]

mod expected;
mod filters;
mod process;
mod real;
mod redis;
mod sample;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let always: [(&str, fn()); 6] = [
        ("process", expected::process),
        ("search that stops", expected::search_that_stops),
        ("search with filters and dead letters", expected::search_with_filters_and_dead_letters),
        ("redis", expected::redis),
        ("redis that expires", expected::redis_that_expires),
        ("index template", expected::index_template),
    ];
    let with_bento: [(&str, fn()); 19] = [
        ("operations, versions and keys", real::operations_versions_and_keys),
        ("values keep what they say", real::values_keep_what_they_say),
        ("placeholders are never stored", real::placeholders_are_never_stored),
        ("masks hide", real::masks_hide),
        ("nothing is hashed without the secret", real::nothing_is_hashed_without_the_secret),
        ("keys are joined and escaped", real::keys_are_joined_and_escaped),
        ("ids have a length", real::ids_have_a_length),
        ("unknown keys come from the message", real::unknown_keys_come_from_the_message),
        ("hostile names and values", real::hostile_names_and_values_stay_names_and_values),
        ("every file passes lint", real::every_file_passes_lint),
        ("logic has three values", filters::logic_has_three_values),
        ("numbers compare exactly", filters::numbers_compare_exactly),
        ("arithmetic is the database's", filters::arithmetic_is_the_databases),
        ("texts are texts", filters::texts_are_texts),
        ("moments meet in one unit", filters::moments_meet_in_one_unit),
        ("exact arithmetic", process::arithmetic_is_exact),
        ("values fit or are refused", process::values_fit_or_are_refused),
        ("a process makes events", process::a_process_makes_events),
        ("several events of a topic", process::several_events_of_a_topic),
    ];
    let no_bento = real::bento().is_none();
    let trials = always
        .into_iter()
        .map(|(name, case)| trial(&format!("texts/{name}"), case))
        .chain(
            with_bento
                .into_iter()
                .map(|(name, case)| trial(&format!("bento/{name}"), case).with_ignored_flag(no_bento)),
        )
        .chain([trial("redis/newer wins", redis::newer_wins_and_the_rest_is_told_apart)
            .with_ignored_flag(!redis::is_there())])
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(name: &str, case: fn()) -> Trial {
    Trial::test(name, move || {
        case();
        Ok(())
    })
}
