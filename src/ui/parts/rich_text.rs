//! A message's text as it is shown: views over the tree of `protocol::rich_text`, and never HTML of somebody's making.

mod code_block;
#[cfg(test)]
mod tests;

use leptos::prelude::*;

use self::code_block::CodeBlock;
use crate::protocol::Mention;
use crate::protocol::rich_text::{Block, Inline, Item, Link, is_large, parse};
use crate::ui::text;

/// What a message says, for a reader of this name. One paragraph is one element.
pub(super) fn said(content: &str, me: &str) -> AnyView {
    let mut blocks = parse(content);
    match (blocks.pop(), blocks.is_empty()) {
        (Some(Block::Paragraph(inlines)), true) => {
            let class = if is_large(content) { "said large" } else { "said" };
            view! { <p class=class dir="auto">{draw_inlines(inlines, me)}</p> }.into_any()
        }
        (last, _) => {
            blocks.extend(last);
            view! { <div class="said rich">{draw_blocks(blocks, me)}</div> }.into_any()
        }
    }
}

fn draw_blocks(blocks: Vec<Block>, me: &str) -> Vec<AnyView> {
    blocks.into_iter().map(|block| draw_block(block, me)).collect()
}

fn draw_block(block: Block, me: &str) -> AnyView {
    match block {
        Block::Paragraph(inlines) => view! { <p dir="auto">{draw_inlines(inlines, me)}</p> }.into_any(),
        Block::Code { language, text } => view! { <CodeBlock language code=text/> }.into_any(),
        Block::Quote(blocks) => view! { <blockquote dir="auto">{draw_blocks(blocks, me)}</blockquote> }.into_any(),
        Block::List(items) => draw_list(items, me),
    }
}

fn draw_list(items: Vec<Item>, me: &str) -> AnyView {
    let is_numbered = items.iter().any(|item| item.number.is_some());
    let mut next = Some(1);
    let mut drawn = Vec::with_capacity(items.len());
    for Item { number, mut blocks } in items {
        // Said where counting would not come to it.
        let value = number.filter(|_| number != next).map(|number| number.to_string());
        next = number.map(|number| number.saturating_add(1));
        // Of most items the one paragraph needs no element of its own.
        let inner = match (blocks.pop(), blocks.is_empty()) {
            (Some(Block::Paragraph(inlines)), true) => draw_inlines(inlines, me),
            (last, _) => {
                blocks.extend(last);
                draw_blocks(blocks, me).into_any()
            }
        };
        drawn.push(view! { <li dir="auto" value=value>{inner}</li> }.into_any());
    }
    if is_numbered {
        view! { <ol dir="auto">{drawn}</ol> }.into_any()
    } else {
        view! { <ul dir="auto">{drawn}</ul> }.into_any()
    }
}

fn draw_inlines(mut inlines: Vec<Inline>, me: &str) -> AnyView {
    match inlines.pop() {
        Some(only) if inlines.is_empty() => draw_inline(only, me),
        last => inlines.into_iter().chain(last).map(|inline| draw_inline(inline, me)).collect::<Vec<_>>().into_any(),
    }
}

fn draw_inline(inline: Inline, me: &str) -> AnyView {
    match inline {
        Inline::Text(text) => text.into_any(),
        Inline::Code(code) => view! { <code>{code}</code> }.into_any(),
        Inline::Strong(inner) => view! { <strong>{draw_inlines(inner, me)}</strong> }.into_any(),
        Inline::Emphasis(inner) => view! { <em>{draw_inlines(inner, me)}</em> }.into_any(),
        Inline::Strike(inner) => view! { <s>{draw_inlines(inner, me)}</s> }.into_any(),
        Inline::Link(link) => draw_link(link, me),
        Inline::Mention(mention) => draw_mention(&mention, me),
    }
}

/// What is here stays in the page (`ui::address`); everything else gets a tab of its own and learns nothing of us.
fn draw_link(Link { href, text, beside }: Link, me: &str) -> AnyView {
    let is_away = !href.starts_with('/');
    let target = is_away.then_some("_blank");
    let rel = is_away.then_some("noopener noreferrer nofollow ugc");
    let beside = beside.map(|place| view! { <bdi class="link-place">{text::leads_to(&place)}</bdi> });
    view! { <a href=href target=target rel=rel>{draw_inlines(text, me)}</a>{beside} }.into_any()
}

fn draw_mention(mention: &Mention, me: &str) -> AnyView {
    let class = if mention.calls(me) { "mention me" } else { "mention" };
    let name = format!("@{}", mention.typed());
    view! { <bdi class=class>{name}</bdi> }.into_any()
}
