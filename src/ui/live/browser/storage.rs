//! One user's outbox and drafts on the disk (IndexedDB), shared by the tabs of this browser.
//!
//! A database for each user, so that no account can touch another's. Every operation is one transaction, has a bound in
//! time, and fails rather than waits: a browser that refuses (private mode, a full disk, a broken profile) costs the
//! outbox its memory beyond the page, and nothing else. What it takes and what follows is decided in `outbox::record`.

mod transaction;

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::futures::JsFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbObjectStoreParameters, IdbOpenDbRequest, IdbTransaction};

use self::transaction::transact;
use super::environment::now_ms;
use crate::protocol::UserId;
use crate::ui::live::Drafts;
use crate::ui::live::outbox::record::{Change, Kept};

const VERSION: u32 = 1;
const OUTBOX: &str = "outbox";
const DRAFTS: &str = "drafts";
/// A disk that takes longer is not waited for.
const DISK_MS: u32 = 5_000;
/// A browser that would not open the database is asked again after this long.
const REST_MS: i64 = 30_000;

/// A draft by its key; none to forget it.
pub(super) type DraftEdit = (String, Option<String>);

/// What is there after an operation; nothing is read when only drafts were written.
pub(super) struct Found {
    pub(super) kept: Vec<Kept>,
    /// Read only when nothing of the outbox was to be changed.
    pub(super) drafts: Drafts,
    /// Whether there was anything to change.
    pub(super) changed: bool,
}

pub(super) struct Storage {
    name: String,
    /// The connection, while it is known to be open.
    database: Rc<RefCell<Option<IdbDatabase>>>,
    /// The one attempt to open it that is under way.
    opening: Rc<RefCell<Option<Promise>>>,
    rest_until_ms: Cell<i64>,
    /// The user signed out: nothing of theirs is written any more.
    over: Cell<bool>,
}

impl Storage {
    pub(super) fn of(user: UserId) -> Self {
        Self {
            name: format!("chatter-{user}"),
            database: Rc::default(),
            opening: Rc::default(),
            rest_until_ms: Cell::new(0),
            over: Cell::new(false),
        }
    }

    pub(super) fn end(&self) {
        self.over.set(true);
    }

    pub(super) async fn read(&self) -> Option<Found> {
        self.change(None, &[]).await
    }

    /// Removes all of it.
    pub(super) async fn clear(&self) -> Option<Found> {
        self.change(Some(&Change::Clear), &[]).await
    }

    /// Changes the outbox and drafts in one transaction. None: it is not known to have happened. What failed on a
    /// connection that was open before may be that connection's fault, as a browser closes those of a page that slept:
    /// it is done once more on a new one, which changes nothing where it had happened. The one operation there is, as
    /// each would be compiled with its own copy of all that it awaits.
    pub(super) async fn change(&self, change: Option<&Change>, drafts: &[DraftEdit]) -> Option<Found> {
        for _ in 0..2 {
            let cached = self.database.borrow().is_some();
            let answer = self.attempt(change, drafts).await;
            if answer.is_some() || self.over.get() {
                return answer;
            }
            if let Some(database) = self.database.take() {
                database.close();
            }
            if !cached {
                self.rest_until_ms.set(now_ms() + REST_MS);
                return None;
            }
        }
        None
    }

    /// The answer, in time or not at all.
    async fn attempt(&self, change: Option<&Change>, drafts: &[DraftEdit]) -> Option<Found> {
        let begun = RefCell::new(None::<IdbTransaction>);
        let work = async {
            let reads = change.is_none() && drafts.is_empty();
            let strict = matches!(change, Some(Change::Add(_) | Change::Clear));
            let transaction = self.begin(if reads { "readonly" } else { "readwrite" }, strict).await?;
            begun.replace(Some(transaction.clone()));
            transact(&transaction, change, drafts).await
        };
        match select(pin!(work), TimeoutFuture::new(DISK_MS)).await {
            Either::Left((answer, _)) => answer.ok(),
            Either::Right(_) => {
                if let Some(transaction) = begun.take() {
                    // Refused when it ended just now: whoever reads the disk finds it done.
                    let _ = transaction.abort();
                }
                None
            }
        }
    }

    /// `strict`: complete means on the disk itself, not merely with the operating system.
    async fn begin(&self, mode: &str, strict: bool) -> Result<IdbTransaction, JsValue> {
        if self.over.get() {
            return Err(JsValue::UNDEFINED);
        }
        let database = self.open().await?;
        let options = Object::new();
        if strict {
            Reflect::set(&options, &"durability".into(), &"strict".into())?;
        }
        let stores = Array::of2(&OUTBOX.into(), &DRAFTS.into());
        // Called by name, as the third argument is younger than the bindings' stable part.
        let begin: Function = Reflect::get(&database, &"transaction".into())?.dyn_into()?;
        begin.call3(&database, &stores, &mode.into(), &options)?.dyn_into()
    }

    async fn open(&self) -> Result<IdbDatabase, JsValue> {
        if let Some(database) = self.database.borrow().clone() {
            return Ok(database);
        }
        let under_way = self.opening.borrow().clone();
        let opening = match under_way {
            Some(opening) => opening,
            None if now_ms() < self.rest_until_ms.get() => return Err(JsValue::UNDEFINED),
            None => {
                let opening = self.connect()?;
                self.opening.replace(Some(opening.clone()));
                opening
            }
        };
        let opened = JsFuture::from(opening).await;
        self.opening.take();
        opened?.dyn_into()
    }

    /// Connects, and has the connection in its place as soon as there is one, however late: one that nobody holds
    /// would be in the way of a later version for good.
    fn connect(&self) -> Result<Promise, JsValue> {
        let request = window().indexed_db()?.ok_or(JsValue::UNDEFINED)?.open_with_u32(&self.name, VERSION)?;
        request.set_onupgradeneeded(Some(&upgrade(request.clone())));
        let (place, opening) = (Rc::clone(&self.database), Rc::clone(&self.opening));
        Ok(Promise::new(&mut |resolve, reject| {
            let (opened, place, opening) = (request.clone(), Rc::clone(&place), Rc::clone(&opening));
            let connected = Closure::once_into_js(move || -> Result<(), JsValue> {
                let database: IdbDatabase = opened.result()?.dyn_into()?;
                let (closing, left) = (database.clone(), Rc::clone(&place));
                let close = Closure::<dyn FnMut()>::new(move || {
                    closing.close();
                    left.borrow_mut().take_if(|held| *held == closing);
                });
                let close = close.into_js_value();
                // A later version of the page wants to change it, or the browser closed it by itself.
                database.set_onversionchange(Some(close.unchecked_ref()));
                database.set_onclose(Some(close.unchecked_ref()));
                place.replace(Some(database.clone()));
                opening.take();
                resolve.call1(&JsValue::UNDEFINED, &database)?;
                Ok(())
            });
            request.set_onsuccess(Some(connected.unchecked_ref()));
            request.set_onerror(Some(&reject));
        }))
    }
}

fn upgrade(opening: IdbOpenDbRequest) -> Function {
    Closure::once_into_js(move || -> Result<(), JsValue> {
        let database: IdbDatabase = opening.result()?.dyn_into()?;
        let numbered = IdbObjectStoreParameters::new();
        numbered.set_auto_increment(true);
        database.create_object_store_with_optional_parameters(OUTBOX, &numbered)?;
        database.create_object_store(DRAFTS)?;
        Ok(())
    })
    .unchecked_into()
}
