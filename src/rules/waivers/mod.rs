//! Waivers: which findings an `allow` covers, and what is to be said of the `allow` itself.

pub(crate) mod expired_allow;
pub(crate) mod not_waivable;
pub(crate) mod unused_allow;

use crate::diag::{Code, Diagnostic, Severity, Waived, codes};
use crate::model::{Allow, Model};
use crate::syntax::suggest::nearest;

/// Marks what is waived and adds what is wrong with waivers. `today` is `YYYY-MM-DD`; a waiver holds on its last day. Where nothing was compared
/// with an earlier compilation, nobody knows whether a waiver of a rule that compares is needed.
pub fn apply(model: &Model, today: &str, compared: bool, findings: &mut Vec<Diagnostic>) {
    let mut more = Vec::new();
    for allow in &model.allows {
        let Some(rule) = super::named(&allow.rule) else {
            more.extend((!allow.unread).then(|| unknown(allow)));
            continue;
        };
        if !rule.waivable {
            more.extend((!allow.unread).then(|| not_waivable::finding(allow)));
            continue;
        }
        let expired = allow.until.as_ref().is_some_and(|until| until.value.as_str() < today);
        let met = if expired {
            findings.iter().any(|finding| finding.rule == allow.rule && covers(allow, finding))
        } else {
            cover(allow, rule.name, findings)
        };
        // Where nothing was compared nobody knows whether it is needed.
        let used = met || (!compared && super::COMPARING.contains(&rule.name));
        if expired {
            more.push(expired_allow::finding(allow));
        } else if !used && !allow.unread {
            more.push(unused_allow::finding(allow));
        }
    }
    findings.extend(more);
}

/// Marks the findings of a rule that a waiver covers. Returns whether there is one.
fn cover(allow: &Allow, rule: &str, findings: &mut [Diagnostic]) -> bool {
    let mut used = false;
    for finding in findings.iter_mut().filter(|finding| finding.rule == rule && covers(allow, finding)) {
        used = true;
        let until = allow.until.as_ref().map(|until| until.value.clone());
        finding.waived = Some(Waived { reason: allow.because.clone(), until });
    }
    used
}

/// A waiver covers the findings of its rule that label something in the declaration it stands in.
fn covers(allow: &Allow, finding: &Diagnostic) -> bool {
    allow.reaches(finding.primary.span) || finding.labels.iter().any(|label| allow.reaches(label.span))
}

fn unknown(allow: &Allow) -> Diagnostic {
    let finding = Diagnostic::new(codes::UNKNOWN_NAME, allow.rule_span, format!("unknown rule `{}`", allow.rule));
    match nearest(&allow.rule, super::ALL.iter().map(|rule| rule.name)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(allow.rule_span, near),
        None => finding.help("`diac rules` lists all rules"),
    }
}

const fn code(name: &'static str, severity: Severity) -> Code {
    Code { name, severity }
}
