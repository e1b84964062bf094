//! Every page's address. All are rendered to the end before the first byte leaves, so they read without scripts.

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use super::pages::{Chat, Home, NotFound, Settings, SignUp};

#[component]
pub fn AppRoutes() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/") view=Home ssr=SsrMode::Async/>
                <Route path=path!("/sign-up") view=SignUp ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=Settings ssr=SsrMode::Async/>
                // One route for the list and for a conversation: the sidebar stays mounted while the pane changes.
                <Route path=path!("/c/:conversation?") view=Chat ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
