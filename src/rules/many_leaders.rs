use super::{Context, Sink, rule};
use crate::model::{Leadership, SystemId};

rule! {
    /// Several leaders accept writes for one entity.
    ///
    /// Two regions that both accept writes of one row need somebody who decides which of two writes counts. A clock is no such somebody: it throws one of them
    /// away. One finding for a system, however many entities it records.
    ///
    /// ```dia,bad
    /// system profiles: postgres { leaders in eu, us }
    /// entity profile in profiles.public.profiles { user_id bigint key, home_region text }
    /// ```
    ///
    /// ```dia,good
    /// system profiles: postgres { leader per row by home_region }
    /// entity profile in profiles.public.profiles { user_id bigint key, home_region text }
    /// ```
    {
        name: "many_leaders", severity: Error, waivable: true, title: "several leaders accept writes for one entity",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for (at, system) in model.systems.iter().enumerate() {
        let Leadership::Several(leaders) = &system.leadership else { continue };
        let mut regions: Vec<&str> = leaders.iter().map(|leader| leader.value.as_str()).collect();
        regions.sort_unstable();
        regions.dedup();
        let (Some(first), Some(last)) = (leaders.first(), leaders.last()) else { continue };
        let [one, other, ..] = regions.as_slice() else { continue };
        let entities: Vec<_> = model.entities.iter().filter(|entity| entity.home.system == SystemId(at)).collect();
        let Some(example) = entities.first() else { continue };
        let list = regions.join(", ");
        let mut finding = sink
            .at(first.span.to(last.span), format!("`{}` has leaders in {list}", system.name))
            .here("each of them accepts writes of every row");
        let told = entities.iter().filter(|entity| entity.declared || entity.span == example.span);
        for entity in told {
            finding = finding.also(entity.span, format!("`{}` is recorded there", entity.name));
        }
        sink.push(
            finding
                .help("write `leader per row by …` with the column that says where a row is at home, or name one leader: `leader in …`")
                .story([
                    format!("One row of `{}` is changed in {one} and in {other} within the same second.", example.name),
                    "Both say yes. When the regions meet, one of the two changes is thrown away by a clock.".to_owned(),
                ]),
        );
    }
}
