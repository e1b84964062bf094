//! The self-test as a test: each fault is found in its class, and nothing where nothing is wrong.

use std::sync::Mutex;

use chatter_checker::self_test;

#[tokio::test]
async fn each_fault_is_found_in_its_class() {
    let lines = Mutex::new(Vec::new());
    let right = self_test::run(|line| lines.lock().unwrap().push(line)).await;
    assert!(right, "\n{}\n", lines.into_inner().unwrap().join("\n"));
}
