//! What the grammar's rules are called in a finding: no finding ever shows the identifier of a rule.

// The rules are generated from the grammar; a reader names those it knows.
#![allow(clippy::wildcard_enum_match_arm)]

use super::parse::Rule;
use super::suggest;

/// How many things a finding says it expected.
const SHOWN: usize = 5;

/// The rules that can be expected, in people's words, in the order in which they are said. Keywords stand for themselves.
static PHRASES: &[(Rule, &str)] = &[
    (Rule::declaration, "a declaration such as `entity` or `view`"),
    (Rule::only_declaration, "a declaration such as `entity` or `view`"),
    (Rule::system_statement, "a statement of a system"),
    (Rule::only_system, "a statement of a system"),
    (Rule::member, "a column or a statement such as `retain`"),
    (Rule::only_member, "a column or a statement such as `retain`"),
    (Rule::view_statement, "a statement of a view"),
    (Rule::only_view, "a statement of a view"),
    (Rule::process_statement, "a statement of a process"),
    (Rule::only_process, "a statement of a process"),
    (Rule::service_statement, "a statement of a service"),
    (Rule::only_service, "a statement of a service"),
    (Rule::constraint_statement, "a statement of a constraint"),
    (Rule::only_constraint, "a statement of a constraint"),
    (Rule::environment_statement, "a statement of an environment"),
    (Rule::only_environment, "a statement of an environment"),
    (Rule::setting, "a setting such as `tasks = 4`"),
    (Rule::only_setting, "a setting such as `tasks = 4`"),
    (Rule::stage, "a stage such as `where`, or the path of a store"),
    (Rule::only_stage, "a stage such as `where`, or the path of a store"),
    (Rule::claim, "a claim such as `ordered per`"),
    (Rule::mechanism, "a mechanism such as `cdc` or `batch`"),
    (Rule::hardness, "`hard` or `soft`"),
    (Rule::tune_kind, "`system`, `entity`, `event`, `view` or `process`"),
    (Rule::duration, "a duration such as 5s or 7d"),
    (Rule::size, "a size such as 64GiB"),
    (Rule::flow, "a rate such as 5MiB/s"),
    (Rule::rate, "a rate such as 40/s"),
    (Rule::largest_row, "the size of the largest row such as 64KiB"),
    (Rule::percent, "a share such as 0.01%"),
    (Rule::date, "a day such as 2026-12-31"),
    (Rule::integer, "a whole number"),
    (Rule::decimal, "a number"),
    (Rule::string, "a text in quotes"),
    (Rule::double_quoted, "a text in quotes"),
    (Rule::literal, "a number, a text, `true`, `false` or `null`"),
    (Rule::boolean, "`true` or `false`"),
    (Rule::null, "`null`"),
    (Rule::value, "a value"),
    (Rule::secret_ref, "`secret`"),
    (Rule::raw_key, "`raw`"),
    (Rule::list, "a list"),
    (Rule::purpose, "a purpose such as `lookup`"),
    (Rule::type_name, "a type such as `bigint`"),
    (Rule::type_word, "a type such as `bigint`"),
    (Rule::type_arg, "a number or a text in quotes"),
    (Rule::kind, "a kind such as `postgres`"),
    (Rule::exprs, "a column or expression"),
    (Rule::expr, "a column or expression"),
    (Rule::and_expr, "a column or expression"),
    (Rule::not_expr, "a column or expression"),
    (Rule::cmp_expr, "a column or expression"),
    (Rule::sum_expr, "a column or expression"),
    (Rule::mul_expr, "a column or expression"),
    (Rule::unary, "a column or expression"),
    (Rule::primary, "a column or expression"),
    (Rule::parens, "a column or expression"),
    (Rule::select_item, "a column or expression"),
    (Rule::case_arm, "`when`"),
    (Rule::mask_item, "a column and its mask"),
    (Rule::only_source, "a name or path"),
    (Rule::paths, "a name or path"),
    (Rule::path, "a name or path"),
    (Rule::expr_path, "a column or expression"),
    (Rule::names, "a name"),
    (Rule::name, "a name"),
    (Rule::star, "`*`"),
    (Rule::bare_pipeline, "a pipeline"),
    (Rule::because, "`because`"),
    (Rule::version, "`version`"),
    (Rule::from_topic, "`from topic`"),
    (Rule::log_version, "`log version`"),
    (Rule::outbox, "`via outbox`"),
    (Rule::partitioned, "`partitioned by`"),
    (Rule::modifier, "a word for a column such as `key` or `pii`"),
    (Rule::cmp_op, OPERATOR),
    (Rule::sum_op, OPERATOR),
    (Rule::mul_op, OPERATOR),
    (Rule::is_null, OPERATOR),
    (Rule::in_list, OPERATOR),
    (Rule::like, OPERATOR),
    (Rule::kw_and, OPERATOR),
    (Rule::kw_or, OPERATOR),
    (Rule::minus, "`-`"),
    (Rule::colon, "`:`"),
    (Rule::pipe, "`|`"),
    (Rule::eq, "`=`"),
    (Rule::comma, "`,`"),
    (Rule::lparen, "`(`"),
    (Rule::rparen, "`)`"),
    (Rule::lbracket, "`[`"),
    (Rule::rbracket, "`]`"),
    (Rule::lbrace, "`{`"),
    (Rule::rbrace, "`}`"),
    (Rule::array, "`[]`"),
    (Rule::optional, "`?`"),
    (Rule::EOI, "the end of the line"),
];

const OPERATOR: &str = "an operator";

/// The word of a keyword's rule. The grammar makes all of these rules in one form.
pub(super) fn keyword(rule: Rule) -> Option<String> {
    format!("{rule:?}").strip_prefix("kw_").map(str::to_owned)
}

/// Whether a rule is a word that is no operator.
pub(super) fn is_word(rule: Rule, expected: &[Rule]) -> bool {
    let operator =
        matches!(rule, Rule::kw_and | Rule::kw_or | Rule::kw_in | Rule::kw_is | Rule::kw_like | Rule::kw_not);
    !(operator && expected.contains(&Rule::cmp_op)) && keyword(rule).is_some()
}

/// The words that a group of alternatives starts with, for did-you-mean.
pub(super) fn words(rule: Rule) -> &'static [&'static str] {
    match rule {
        Rule::modifier => &[
            "key",
            "mutable",
            "wide",
            "unique",
            "pii",
            "operation",
            "event_time",
            "references",
            "sees",
            "sequence",
            "was",
            "deprecated",
            "default",
        ],
        Rule::claim => &["ordered", "every", "exactly", "read", "agrees", "replayable"],
        Rule::mechanism => &["cdc", "events", "batch", "application", "two_phase_commit", "unknown"],
        Rule::hardness => &["hard", "soft"],
        Rule::tune_kind => &["system", "entity", "event", "view", "process"],
        Rule::value => &["secret", "true", "false", "null"],
        _ => &[],
    }
}

/// The expected word nearest to one that is not.
pub(super) fn nearest(word: &str, expected: &[Rule]) -> Option<String> {
    let keywords: Vec<String> = expected.iter().filter_map(|rule| keyword(*rule)).collect();
    let groups = expected.iter().flat_map(|rule| words(*rule)).copied();
    suggest::nearest(word, keywords.iter().map(String::as_str).chain(groups)).map(str::to_owned)
}

/// Says what was expected: "`a`, `b` or `c`".
pub(super) fn list(expected: &[Rule]) -> String {
    let has = |rule| expected.contains(&rule);
    let mut said: Vec<(usize, String)> = Vec::new();
    for &rule in expected {
        let of_operators =
            matches!(rule, Rule::kw_in | Rule::kw_not | Rule::kw_is | Rule::kw_like) && has(Rule::cmp_op);
        let of_a_type =
            matches!(rule, Rule::lparen | Rule::array | Rule::optional) && (has(Rule::modifier) || has(Rule::cmp_op));
        if of_operators || of_a_type {
            continue;
        }
        let place = PHRASES.iter().position(|(known, _)| *known == rule);
        let phrase = match place.and_then(|place| PHRASES.get(place)) {
            Some((_, phrase)) => Some((*phrase).to_owned()),
            None => keyword(rule).map(|word| format!("`{word}`")),
        };
        // Keywords stand before everything that has a phrase.
        let place = place.map_or(0, |place| place + 1);
        if let Some(phrase) = phrase.filter(|phrase| said.iter().all(|(_, other)| other != phrase)) {
            said.push((place, phrase));
        }
    }
    said.sort_by_key(|(place, _)| *place);
    let mut phrases: Vec<String> = said.into_iter().map(|(_, phrase)| phrase).collect();
    if phrases.len() > SHOWN {
        phrases.truncate(SHOWN - 1);
        phrases.push("something else".to_owned());
    }
    or(&phrases)
}

/// Joins alternatives: "a, b or c".
pub(super) fn or(phrases: &[String]) -> String {
    match phrases {
        [] => "something else".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
