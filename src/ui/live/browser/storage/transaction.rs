//! One transaction on the disk: what it writes, what it finds, and the requests that it is made of.

use js_sys::futures::JsFuture;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbObjectStore, IdbRequest, IdbTransaction};

use super::{DRAFTS, DraftEdit, Found, OUTBOX};
use crate::ui::live::Drafts;
use crate::ui::live::outbox::record::{Change, Edit, Kept, Record};

/// All that is asked of the disk. Drafts go first, and wait for nothing: a page that is going away asks for no more.
pub(super) async fn transact(
    transaction: &IdbTransaction,
    change: Option<&Change>,
    drafts: &[DraftEdit],
) -> Result<Found, JsValue> {
    let done = completion(transaction);
    let (store, draft_store) = (transaction.object_store(OUTBOX)?, transaction.object_store(DRAFTS)?);
    // The draft that a failed message becomes is there only if it did.
    let becomes = matches!(change, Some(Change::Discard { .. }));
    if !becomes {
        put_drafts(&draft_store, drafts)?;
    }
    if change.is_none() && !drafts.is_empty() {
        commit(transaction);
        done.await?;
        return Ok(Found { kept: Vec::new(), drafts: Drafts::new(), changed: false });
    }
    let mut kept = rows(entries(&store).await?);
    let edits = change.map(|change| change.edits(&kept)).unwrap_or_default();
    for edit in &edits {
        match edit {
            Edit::Add(record) => store.add(&record.encode().into())?,
            Edit::Put(Kept { key, record }) => store.put_with_key(&record.encode().into(), &number(*key))?,
            Edit::Delete(key) => store.delete(&number(*key))?,
        };
    }
    if becomes && !edits.is_empty() {
        put_drafts(&draft_store, drafts)?;
    }
    if change == Some(&Change::Clear) {
        // Also what this version cannot read.
        store.clear()?;
        draft_store.clear()?;
    }
    let drafts = if change.is_none() { texts(entries(&draft_store).await?) } else { Drafts::new() };
    if !edits.is_empty() {
        kept = rows(entries(&store).await?);
    }
    done.await?;
    Ok(Found { kept, drafts, changed: !edits.is_empty() })
}

fn put_drafts(store: &IdbObjectStore, drafts: &[DraftEdit]) -> Result<(), JsValue> {
    for (key, draft) in drafts {
        match draft {
            Some(draft) => store.put_with_key(&draft.into(), &key.into())?,
            None => store.delete(&key.into())?,
        };
    }
    Ok(())
}

/// Says that nothing follows, so that a page that is going away need not: older browsers find out by themselves.
fn commit(transaction: &IdbTransaction) {
    let commit = Reflect::get(transaction, &"commit".into()).and_then(JsCast::dyn_into::<Function>);
    if let Ok(commit) = commit {
        let _ = commit.call0(transaction);
    }
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
