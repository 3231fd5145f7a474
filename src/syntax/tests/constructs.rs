//! Constructs that no example shows: they parse, and the tree says what the text says.

use crate::source::FileId;
use crate::syntax::ast::*;
use crate::syntax::{CommentKind, parse};

/// Parses a text that has no mistake.
fn items(text: &str) -> Vec<Item> {
    let parsed = parse(FileId(0), text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    assert_eq!(parsed.holes, [], "{text}");
    parsed.ast.items
}

fn only(text: &str) -> Item {
    let mut items = items(text);
    assert_eq!(items.len(), 1, "{text}");
    items.remove(0)
}

/// The one statement of a view.
fn statement(text: &str) -> ViewStatementKind {
    match only(&format!("view v {{\n  a | b.c\n  {text}\n}}\n")) {
        Item::View(mut view) if view.statements.len() == 1 => view.statements.remove(0).kind,
        other => panic!("{other:?}"),
    }
}

/// The one stage of a pipeline.
fn stage(text: &str) -> StageKind {
    match only(&format!("a | {text}")) {
        Item::Bare(mut bare) if bare.stages.len() == 1 => bare.stages.remove(0).kind,
        other => panic!("{other:?}"),
    }
}

fn expr(text: &str) -> ExprKind {
    match stage(&format!("where {text}")) {
        StageKind::Where(expr) => expr.kind,
        other => panic!("{other:?}"),
    }
}

fn members(text: &str) -> Vec<Member> {
    match only(&format!("entity e in a.b {{\n{text}\n}}")) {
        Item::Entity(entity) => entity.members,
        other => panic!("{other:?}"),
    }
}

fn names(names: &[Name]) -> Vec<&str> {
    names.iter().map(|name| name.text.as_str()).collect()
}

#[test]
fn texts_of_the_review() {
    for text in [
        "environment prod {\n  system shop { connector = \"pg-shop\", slot = \"debezium\", publication = \"dbz_pub\", topic_prefix = \"prod.shop\" }\n}\n",
        "entity order in shop.public.orders from topic\n",
        "entity order in shop.public.orders log version 2 replaces 1\n",
        "entity order in shop.public.orders {\n  id bigint key\n  deleted when deleted_at is not null\n}\n",
        "order | nest order_line as lines (line_no, sku, qty) on lines.order_id = order_id | search.orders\n",
        "view v {\n  a | search.b\n  mapping \"search/products.overlay.json\"\n}\n",
        "view v version 1 {\n  a | search.b\n}\nview v version 2 replaces 1 {\n  a | search.c\n}\n",
        "system shop: postgres { epoch 2 }\n",
        "view v {\n  a | b.c\n  guarantee exactly once by id for 400d\n  guarantee exactly once\n}\n",
        "view v {\n  a | b.c\n  audit rows(name, price) every 1h\n  audit assert sum(amount) = 0 by request_id every 1h\n}\n",
        "system shop: postgres per country in de, fr, uk\n",
        "system shop: postgres per country in de, fr, uk { may hold pii }\n",
        "shop except shop.public.audit_log, shop.audit.* | search\n",
        "system shop: postgres {\n  version 15\n  managed rds\n  may not hold pii\n  log bus\n  leaders in eu, us\n  leader per row by region\n}\n",
        "system shop: postgres { version 9.6 }\nsystem crm: mysql { version \"8.0.36\" }\n",
        "defaults {\n  survives outage of 3d\n  bootstrap within 6h\n}\n",
        "view v {\n  a\n  | key by customer_id, lower(email)\n  | b.c\n  partitioned by customer_id\n  guarantee every change\n  retain 30d\n}\n",
        "event e in log.e partitioned by pair(a, b), c {\n  identity index e_pk\n  append only\n  may truncate\n}\n",
    ] {
        // The one that wraps in the text.
        let text = text.replace("from topic\n", "from topic \"prod.shop.public.orders\" {\n  id bigint key\n}\n");
        items(&text);
    }
}

#[test]
fn no_word_is_reserved() {
    let words = [
        "key", "view", "system", "retain", "allow", "from", "unique", "volume", "identity", "may", "deleted", "append",
        "case",
    ];
    let body: String = words.iter().map(|word| format!("  {word} text\n")).collect();
    assert_eq!(members(&body).len(), words.len());
    for member in members(&body) {
        assert!(matches!(member, Member::Column(_)), "{member:?}");
    }
    items("view view {\n  event\n  | where system = 1 and key = 'x'\n  | select.from\n}\n");
    items("import | search\nsystem | where view > 0 | search.system\n");
    items("environment e {\n  secret = 5\n  deploy = \"x\"\n  system = 1\n  raw \"view\" = raw\n}\n");
    items("service service {\n  writes writes, reads\n  reads reads for reads\n}\n");
    let Item::Entity(entity) = only("entity `group by` in a.`b.c` { `select` int }") else { panic!() };
    assert_eq!((entity.name.text.as_str(), entity.home.text().as_str()), ("group by", "a.b.c"));
    assert_eq!(entity.home.parts.len(), 2);
}

#[test]
fn documentation_goes_to_what_follows() {
    let text = "## One.\n##  Two.\n#remark\n\nentity e in a.b {\n  ## Of the column.\n  id int # said\n  ## Of the statement.\n  retain forever\n}\n";
    let parsed = parse(FileId(0), text);
    let [Item::Entity(entity)] = parsed.ast.items.as_slice() else { panic!("{parsed:?}") };
    assert_eq!(entity.docs, ["One.", " Two."]);
    let [Member::Column(column), Member::RetainForever(_)] = entity.members.as_slice() else { panic!("{entity:?}") };
    assert_eq!(column.docs, ["Of the column."]);
    let comments: Vec<(CommentKind, &str)> =
        parsed.comments.iter().map(|c| (c.kind, text.get(c.span.range()).unwrap_or_default())).collect();
    assert_eq!(
        comments,
        [
            (CommentKind::Doc, "## One."),
            (CommentKind::Doc, "##  Two."),
            (CommentKind::Remark, "#remark"),
            (CommentKind::Doc, "## Of the column."),
            (CommentKind::Remark, "# said"),
            (CommentKind::Doc, "## Of the statement."),
        ]
    );
}

#[test]
fn every_place_of_a_remark_is_kept() {
    let text = "# a\nview v # b\n{\n";
    assert_eq!(parse(FileId(0), text).comments.len(), 2);
    let text = "view v { # a\n  # b\n  x # c\n  # d\n  | where a = 1 # e\n    and b = 2 # f\n  | select a, # g\n    b\n  | c.d\n  # h\n} # i\n# j";
    let parsed = parse(FileId(0), text);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.comments.len(), 10);
}

#[test]
fn windows_line_ends_marks_and_tabs() {
    let text = "\u{feff}edition 2026\r\n\r\n## Doc.\r\nview v {\r\n\ta\r\n\t| select b,\r\n\t\tc\r\n\t| d.e\r\n\tallow x\r\n\t\tbecause \"y\"\r\n}\r\n";
    let items = items(text);
    let [Item::Edition(edition), Item::View(view)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!((edition.span.start, edition.value), (11, 2026));
    assert_eq!(view.docs, ["Doc."]);
    assert_eq!(text.get(view.span.range()).map(|text| text.ends_with('}')), Some(true));
}

#[test]
fn values_are_decoded() {
    let text = "environment e {\n  a = \"x\\\"\\n\\t\\\\y\"\n  b = 'it''s'\n  c = 64GiB\n  d = 90s\n  e = [1_000, true, secret s, fast, null, 2026-02-28, 1.50]\n  f = []\n  raw \"x.y\" = 7\n}";
    let Item::Environment(environment) = only(text) else { panic!() };
    let kinds: Vec<ValueKind> = environment
        .statements
        .iter()
        .map(|statement| match statement {
            EnvStatement::Setting(setting) => setting.value.kind.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds[0], ValueKind::Literal(Literal::Text("x\"\n\t\\y".into())));
    assert_eq!(kinds[1], ValueKind::Literal(Literal::Text("it's".into())));
    assert_eq!(kinds[2], ValueKind::Size(64 << 30));
    assert_eq!(kinds[3], ValueKind::Duration(Duration { ms: 90_000 }));
    let ValueKind::List(list) = &kinds[4] else { panic!() };
    assert_eq!(list[0].kind, ValueKind::Literal(Literal::Integer(1000)));
    assert!(matches!(&list[2].kind, ValueKind::Secret(name) if name.text == "s"));
    assert!(matches!(&list[3].kind, ValueKind::Word(name) if name.text == "fast"));
    assert_eq!(list[5].kind, ValueKind::Literal(Literal::Date("2026-02-28".into())));
    assert_eq!(list[6].kind, ValueKind::Literal(Literal::Decimal("1.50".into())));
    assert_eq!(kinds[5], ValueKind::List(Vec::new()));
    assert!(
        matches!(environment.statements.last(), Some(EnvStatement::Setting(Setting { raw: true, name, .. })) if name.text == "x.y")
    );
}

#[test]
fn durations() {
    for (text, ms) in [
        ("5ms", 5),
        ("5s", 5_000),
        ("2m", 120_000),
        ("1h", 3_600_000),
        ("1d", 86_400_000),
        ("1w", 604_800_000),
        ("1y", 31_536_000_000),
    ] {
        assert_eq!(
            statement(&format!("objective fresh within {text}")),
            ViewStatementKind::Fresh(Duration { ms }),
            "{text}"
        );
    }
}

#[test]
fn statements_of_views() {
    use ViewStatementKind as Kind;
    let ms = |ms| Duration { ms };
    assert!(matches!(statement("guarantee ordered totally"), Kind::Guarantee(Claim::OrderedTotally)));
    assert!(
        matches!(statement("guarantee ordered per a, pair(b, c)"), Kind::Guarantee(Claim::OrderedPer(by)) if by.len() == 2)
    );
    assert!(matches!(
        statement("guarantee read your writes within 5s"),
        Kind::Guarantee(Claim::ReadYourWrites(Duration { ms: 5_000 }))
    ));
    assert!(
        matches!(statement("guarantee ordered after paid"), Kind::Guarantee(Claim::After { effect, .. }) if effect.text == "ordered")
    );
    assert!(matches!(
        statement("guarantee replayable for 1s"),
        Kind::Guarantee(Claim::ReplayableFor(Duration { ms: 1_000 }))
    ));
    assert!(
        matches!(statement("guarantee exactly once by a, b for 1s"), Kind::Guarantee(Claim::ExactlyOnce { by, horizon }) if names(&by) == ["a", "b"] && horizon == Some(ms(1_000)))
    );
    assert!(
        matches!(statement("via batch incremental on id every 1s"), Kind::Via(Via::BatchIncremental { on, every: Duration { ms: 1_000 } }) if on.text == "id")
    );
    assert!(matches!(statement("via batch and stream every 1s"), Kind::Via(Via::BatchAndStream { .. })));
    assert!(matches!(statement("via application by a, b"), Kind::Via(Via::Application(by)) if by.len() == 2));
    assert!(matches!(
        statement("bad records to log.dead for 1s"),
        Kind::BadRecordsTo { keep: Some(Duration { ms: 1_000 }), .. }
    ));
    assert!(matches!(statement("deletes mark gone"), Kind::Deletes(Deletes::Mark(name)) if name.text == "gone"));
    assert!(matches!(statement("rebuild from snapshot"), Kind::Rebuild { from: RebuildFrom::Snapshot, within: None }));
    assert!(matches!(statement("audit rows every 1h"), Kind::Audit(Audit { what: AuditKind::Measure(_), .. })));
    assert!(
        matches!(statement("audit rows(a) every 1h within 0.5%"), Kind::Audit(Audit { what: AuditKind::Rows(rows), within: Some(within), .. }) if rows.len() == 1 && within.value == "0.5")
    );
    let Kind::Allow(allow) = statement("allow dual_write\n    because \"x\" until 2026-12-31") else { panic!() };
    assert_eq!((allow.rule.text.as_str(), allow.because.value.as_str()), ("dual_write", "x"));
    assert_eq!(allow.until.map(|until| until.value), Some("2026-12-31".into()));
}

#[test]
fn stages() {
    assert!(matches!(
        stage("left join many b as c on c.x = x within 5s"),
        StageKind::Join { left: true, many: true, alias: Some(_), within: Some(_), .. }
    ));
    assert!(matches!(
        stage("join b on b.x = x"),
        StageKind::Join { left: false, many: false, alias: None, within: None, .. }
    ));
    assert!(
        matches!(stage("mask a with truncate(3), b with hash"), StageKind::Mask(items) if items.len() == 2 && items[0].arg.is_some())
    );
    assert!(matches!(
        stage("window session 5m on at late 1m"),
        StageKind::Window { kind: WindowKind::Session(_), late: Some(_), .. }
    ));
    assert!(matches!(
        stage("window hopping 1h every 5m on at"),
        StageKind::Window { kind: WindowKind::Hopping { .. }, late: None, .. }
    ));
    let StageKind::Select(items) = stage("select *, b.*, c * 2 as d, count(*)") else { panic!() };
    assert!(matches!(&items[0], SelectItem::Star(star) if star.value == "*"));
    assert!(matches!(&items[1], SelectItem::Star(star) if star.value == "b.*"));
    assert!(matches!(&items[2], SelectItem::Expr { alias: Some(name), .. } if name.text == "d"));
    assert!(matches!(&items[3], SelectItem::Expr { expr: Expr { kind: ExprKind::Call { star: true, .. }, .. }, .. }));
    assert!(matches!(stage("where"), StageKind::Sink(_)));
}

#[test]
fn expressions() {
    assert!(
        matches!(expr("a = 1 or b = 2 and not c"), ExprKind::Or(parts) if matches!(&parts[1].kind, ExprKind::And(parts) if matches!(parts[1].kind, ExprKind::Not(_))))
    );
    assert!(matches!(expr("a not in (1, 2)"), ExprKind::In { negated: true, list, .. } if list.len() == 2));
    assert!(matches!(expr("a is not null"), ExprKind::IsNull { negated: true, .. }));
    assert!(matches!(expr("a like 'x%'"), ExprKind::Like { negated: false, .. }));
    assert!(matches!(expr("a - b - c = -d"), ExprKind::Compare { left, right, op: CompareOp::Eq }
        if matches!(&left.kind, ExprKind::Arith { op: ArithOp::Sub, left, .. } if matches!(left.kind, ExprKind::Arith { .. })) && matches!(right.kind, ExprKind::Neg(_))));
    assert!(
        matches!(expr("(a + b) * c > 0"), ExprKind::Compare { left, .. } if matches!(left.kind, ExprKind::Arith { op: ArithOp::Mul, .. }))
    );
    assert!(
        matches!(expr("case when a = 1 then 'x' when a = 2\n then 'y' else 'z' end = 'x'"), ExprKind::Compare { left, .. }
        if matches!(&left.kind, ExprKind::Case { arms, otherwise: Some(_) } if arms.len() == 2))
    );
    assert!(
        matches!(expr("cast(a as decimal(12,2)?)"), ExprKind::Cast { ty, .. } if ty.args.len() == 2 && ty.optional)
    );
    assert!(
        matches!(expr("at > 5m"), ExprKind::Compare { right, .. } if right.kind == ExprKind::Duration(Duration { ms: 300_000 }))
    );
    assert!(matches!(expr("cast.x = 1"), ExprKind::Compare { .. }));
    assert!(matches!(expr("andy = 1"), ExprKind::Compare { .. }));
}

#[test]
fn lines_of_records() {
    let text = "volume 3_000_000 rows, 120/m writes\n a text[]? pii unique references b.c sees d.e default 'x' was f deprecated, key (a, b)";
    let members = members(text);
    let [Member::Volume { rows, writes_per_second: Some(rate), .. }, Member::Column(column), Member::Key(key)] =
        members.as_slice()
    else {
        panic!("{members:?}")
    };
    assert_eq!((rows.value, rate.value), (3_000_000, 2.0));
    assert!(column.ty.array && column.ty.optional);
    assert_eq!(column.modifiers.len(), 7);
    assert_eq!(names(&key.value), ["a", "b"]);
    let Item::Entity(entity) = only("entity e in a.b log version 2 replaces 1") else { panic!() };
    assert!(matches!(entity.log_version, Some((version, Some(replaces))) if version.value == 2 && replaces.value == 1));
}
