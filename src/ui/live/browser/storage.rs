//! One user's outbox and drafts on the disk (IndexedDB), shared by the tabs of this browser.
//!
//! A database for each user, so that no account can touch another's. Every operation is one transaction, has a bound in
//! time, and fails rather than waits: a browser that refuses (private mode, a full disk, a broken profile) costs the
//! outbox its memory beyond the page, and nothing else. What it takes and what follows is decided in `outbox::record`.

use std::cell::{Cell, RefCell};
use std::pin::pin;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::futures::JsFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbObjectStore, IdbObjectStoreParameters, IdbOpenDbRequest, IdbRequest, IdbTransaction};

use super::environment::now_ms;
use crate::protocol::UserId;
use crate::ui::live::Drafts;
use crate::ui::live::outbox::record::{Change, Edit, Kept, Record};

const VERSION: u32 = 1;
const OUTBOX: &str = "outbox";
const DRAFTS: &str = "drafts";
/// A disk that takes longer is not waited for.
const DISK_MS: u32 = 5_000;
/// A browser that would not open the database is asked again after this long.
const REST_MS: i64 = 30_000;

/// A draft by its key; none to forget it.
pub(super) type DraftEdit = (String, Option<String>);

/// What is there after an operation.
pub(super) struct Found {
    pub(super) kept: Vec<Kept>,
    /// Read only when nothing of the outbox was to be changed.
    pub(super) drafts: Drafts,
    /// Whether there was anything to change.
    pub(super) changed: bool,
}

pub(super) struct Storage {
    name: String,
    database: RefCell<Option<IdbDatabase>>,
    rest_until_ms: Cell<i64>,
    /// The user signed out: nothing of theirs is written any more.
    over: Cell<bool>,
}

impl Storage {
    pub(super) fn of(user: UserId) -> Self {
        Self {
            name: format!("chatter-{user}"),
            database: RefCell::default(),
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

    /// Changes the outbox and drafts in one transaction. None: it is not known to have happened. The one operation there
    /// is, as each would be compiled with its own copy of all that it awaits.
    pub(super) async fn change(&self, change: Option<&Change>, drafts: &[DraftEdit]) -> Option<Found> {
        self.in_time(async {
            let reads = change.is_none() && drafts.is_empty();
            let strict = matches!(change, Some(Change::Add(_) | Change::Clear));
            let transaction = self.begin(if reads { "readonly" } else { "readwrite" }, strict).await?;
            let done = completion(&transaction);
            let (store, draft_store) = (transaction.object_store(OUTBOX)?, transaction.object_store(DRAFTS)?);
            let mut kept = rows(entries(&store).await?);
            let edits = change.map(|change| change.edits(&kept)).unwrap_or_default();
            for edit in &edits {
                match edit {
                    Edit::Add(record) => store.add(&record.encode().into())?,
                    Edit::Put(Kept { key, record }) => store.put_with_key(&record.encode().into(), &number(*key))?,
                    Edit::Delete(key) => store.delete(&number(*key))?,
                };
            }
            if change == Some(&Change::Clear) {
                // Also what this version cannot read.
                store.clear()?;
                draft_store.clear()?;
            }
            for (key, draft) in drafts {
                match draft {
                    Some(draft) => draft_store.put_with_key(&draft.into(), &key.into())?,
                    None => draft_store.delete(&key.into())?,
                };
            }
            let drafts = if change.is_none() { texts(entries(&draft_store).await?) } else { Drafts::new() };
            if !edits.is_empty() {
                kept = rows(entries(&store).await?);
            }
            done.await?;
            Ok(Found { kept, drafts, changed: !edits.is_empty() })
        })
        .await
    }

    /// The answer, in time or not at all. What failed may have lost its connection: the next one opens its own.
    async fn in_time(&self, work: impl Future<Output = Result<Found, JsValue>>) -> Option<Found> {
        let answer = match select(pin!(work), TimeoutFuture::new(DISK_MS)).await {
            Either::Left((answer, _)) => answer.ok(),
            Either::Right(_) => None,
        };
        if answer.is_none() && self.database.take().is_none() {
            self.rest_until_ms.set(now_ms() + REST_MS);
        }
        answer
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
        if now_ms() < self.rest_until_ms.get() {
            return Err(JsValue::UNDEFINED);
        }
        let opening = window().indexed_db()?.ok_or(JsValue::UNDEFINED)?.open_with_u32(&self.name, VERSION)?;
        opening.set_onupgradeneeded(Some(&upgrade(opening.clone())));
        let database: IdbDatabase = success(&opening).await?.dyn_into()?;
        // A later version of the page wants to change it: this one goes on from memory.
        let closing = database.clone();
        let close = Closure::<dyn FnMut()>::new(move || closing.close()).into_js_value();
        database.set_onversionchange(Some(close.unchecked_ref()));
        self.database.replace(Some(database.clone()));
        Ok(database)
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

type Entries = (Array, Array);

/// In the order of keys. What this version cannot read is passed over.
fn rows((keys, values): Entries) -> Vec<Kept> {
    let row = |(key, value): (JsValue, JsValue)| {
        Some(Kept { key: key.as_f64()? as i64, record: Record::decode(&value.as_string()?)? })
    };
    keys.iter().zip(values).filter_map(row).collect()
}

fn texts((keys, values): Entries) -> Drafts {
    keys.iter().zip(values).filter_map(|(key, value)| key.as_string().zip(value.as_string())).collect()
}

async fn entries(store: &IdbObjectStore) -> Result<Entries, JsValue> {
    let (keys, values) = (store.get_all_keys()?, store.get_all()?);
    let (keys, values) = (success(&keys), success(&values));
    Ok((keys.await?.dyn_into()?, values.await?.dyn_into()?))
}

/// Keys are counted from 1 and stay far below what a double holds exactly.
fn number(key: i64) -> JsValue {
    JsValue::from_f64(key as f64)
}

/// The result of a request. It is there while its transaction is still open, so that more can follow.
fn success(request: &IdbRequest) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
    let settled = JsFuture::from(Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    }));
    let request = request.clone();
    async move {
        settled.await?;
        request.result()
    }
}

fn completion(transaction: &IdbTransaction) -> JsFuture {
    JsFuture::from(Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    }))
}
