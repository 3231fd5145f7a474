//! The stages of pipelines.

use super::Builder;
use crate::syntax::ast::{MaskItem, Stage, StageKind, WindowKind};
use crate::syntax::holes::Place;
use crate::syntax::parse::{Node, Rule};

impl<'a> Builder<'a> {
    /// The stages among the parts; the bad ones are reported.
    pub fn stages(&mut self, node: &Node<'a>) -> Vec<Stage> {
        let mut stages = Vec::new();
        let mut pipe = None;
        for child in node.children() {
            match child.rule() {
                Rule::pipe => pipe = Some(child),
                Rule::stage => {
                    let span = self.span(&child);
                    if let Some(kind) = child.first().and_then(|inner| self.stage(&inner)) {
                        stages.push(Stage { kind, span });
                    }
                }
                Rule::bad_stage if child.text().is_empty() => {
                    if let Some(pipe) = &pipe {
                        self.missing_stage(pipe);
                    }
                }
                Rule::bad_stage => {
                    self.hole(Place::Stage, &child);
                }
                _ => {}
            }
        }
        stages
    }

    fn stage(&mut self, node: &Node<'a>) -> Option<StageKind> {
        Some(match node.rule() {
            Rule::where_ => StageKind::Where(self.need_expr(node)?),
            Rule::select => StageKind::Select(self.select_items(node)),
            Rule::drop => StageKind::Drop(self.paths(node)),
            Rule::mask => {
                let mut items = Vec::new();
                for item in node.all(Rule::mask_item) {
                    let (path, method) = (self.need_path(&item)?, self.need_name(&item)?);
                    let arg = item.child(Rule::integer).map(|number| self.integer(&number));
                    items.push(MaskItem { path, method, arg, span: self.span(&item) });
                }
                StageKind::Mask(items)
            }
            Rule::join => StageKind::Join {
                left: node.has(Rule::kw_left),
                many: node.has(Rule::kw_many),
                path: self.need_path(node)?,
                alias: node.child(Rule::name).map(|name| self.name(&name)),
                on: self.need_expr(node)?,
                within: self.optional_duration(node),
            },
            Rule::group_by => StageKind::GroupBy(self.exprs(node)),
            Rule::window => self.window(node)?,
            Rule::nest => StageKind::Nest {
                path: self.need_path(node)?,
                alias: self.need_name(node)?,
                columns: self.names(node),
                on: self.need_expr(node)?,
            },
            Rule::distinct => StageKind::Distinct(self.names(node)),
            Rule::union => StageKind::Union(self.paths(node)),
            Rule::rekey => StageKind::KeyBy(self.exprs(node)),
            Rule::sink => StageKind::Sink(self.need_path(node)?),
            _ => return self.internal(node),
        })
    }

    fn window(&mut self, node: &Node<'a>) -> Option<StageKind> {
        let mut durations = node.all(Rule::duration).map(|child| self.duration(&child)).collect::<Vec<_>>().into_iter();
        let Some(size) = durations.next() else { return self.internal(node) };
        let kind = if node.has(Rule::kw_tumbling) {
            WindowKind::Tumbling(size)
        } else if node.has(Rule::kw_session) {
            WindowKind::Session(size)
        } else {
            let Some(every) = durations.next() else { return self.internal(node) };
            WindowKind::Hopping { size, every }
        };
        Some(StageKind::Window { kind, on: self.need_name(node)?, late: durations.next() })
    }
}
