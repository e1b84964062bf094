//! A lock that one tab of the browser holds at a time (Web Locks). It goes with its tab, however that ends.
//!
//! It spares work, and no promise rests on it: a message that two tabs send has one nonce. So where there are no
//! locks, or the tab that holds one was put to sleep, one goes on without.

use std::cell::RefCell;
use std::pin::pin;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::futures::JsFuture;
use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// Longer than a try can take (`fetch::ANSWER_MS`) and the disk twice: who holds it longer does not run.
const WAIT_MS: u32 = 45_000;
/// Long enough for a lock that is free to be granted.
const ASLEEP_MS: u32 = 250;

thread_local! {
    /// Locks that were waited for in vain: their holder sleeps, and may do so for hours.
    static ASLEEP: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Dropping it gives the lock back, now or as soon as it is granted.
pub(super) struct Held(Function);

impl Drop for Held {
    fn drop(&mut self) {
        // It resolves a promise, which cannot fail.
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// Waits for the lock, though not for ever, and no second time so long for one whose holder sleeps. None where the browser has no locks.
pub(super) async fn hold(name: &str) -> Option<Held> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let (granted, grant) = promise();
    let (held, release) = promise();
    let held_by_us = Held(release);
    let callback = Closure::once_into_js(move || {
        let _ = grant.call0(&JsValue::UNDEFINED);
        held
    });
    let asked: Promise = request.call2(&locks, &name.into(), &callback).ok()?.dyn_into().ok()?;
    // Granted, or refused: a browser may do so to a page that is going away.
    let known = JsFuture::from(Promise::race(&Array::of2(&granted, &asked)));
    let asleep = ASLEEP.with_borrow(|asleep| asleep.iter().any(|other| other == name));
    match select(pin!(known), TimeoutFuture::new(if asleep { ASLEEP_MS } else { WAIT_MS })).await {
        Either::Left(_) => ASLEEP.with_borrow_mut(|asleep| asleep.retain(|other| other != name)),
        Either::Right(_) if asleep => {}
        Either::Right(_) => ASLEEP.with_borrow_mut(|asleep| asleep.push(name.to_owned())),
    }
    Some(held_by_us)
}

fn promise() -> (Promise, Function) {
    let mut resolver = None;
    let promise = Promise::new(&mut |resolve, _| resolver = Some(resolve));
    (promise, resolver.expect("a promise runs its executor at once"))
}
