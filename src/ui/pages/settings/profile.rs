//! What one says of oneself.

use leptos::prelude::*;

use super::section::Section;
use crate::api::PageContext;
use crate::protocol::{ErrorCode, Profile, profile};
use crate::ui::app::failure_of;
use crate::ui::parts::{FORM_ERROR, Field, FormError, area_html};
use crate::ui::text;

#[component]
pub(super) fn ProfileForm(page: PageContext, of: Profile) -> impl IntoView {
    // The forms of this page share their function: which one failed, its fields tell.
    let failure = failure_of(&page, "profile-update").filter(|failure| failure.typed("display_name").is_some());
    let code = failure.as_ref().map(|failure| failure.code);
    let typed = |field: &str, is: &Option<String>| {
        failure.as_ref().and_then(|failure| failure.typed(field)).or_else(|| is.clone()).unwrap_or_default()
    };
    let (display, about) = (typed("display_name", &of.display), typed("about", &of.about));
    let zone = typed("time_zone", &of.time_zone);
    // Both are refused with one code: which one it was, the same check tells here.
    let refused = code == Some(ErrorCode::BadRequest);
    let about_wrong = refused && profile::about(&about).is_err();
    let zone_wrong = refused && !about_wrong;
    let about_described = if about_wrong { format!("{FORM_ERROR} about-hint") } else { "about-hint".to_owned() };
    view! {
        <Section id="profile" title=text::PROFILE saved=text::PROFILE_SAVED>
            <form class="form" method="post" action="/api/profile-update">
                <FormError failure=failure.clone()/>
                <input type="hidden" name="as_user" value=of.id.to_string()/>
                <Field
                    label=text::DISPLAY_NAME
                    name="display_name"
                    autocomplete="name"
                    hint=text::DISPLAY_NAME_HINT
                    value=Some(display)
                    wrong=code == Some(ErrorCode::NameInvalid)
                    optional=true
                />
                <div class="field">
                    <label for="about">{text::ABOUT}</label>
                    <textarea
                        id="about"
                        name="about"
                        rows="3"
                        dir="auto"
                        aria-describedby=about_described
                        aria-invalid=about_wrong.then_some("true")
                        autofocus=about_wrong
                        inner_html=area_html(&about)
                    ></textarea>
                    <p class="hint" id="about-hint">{text::ABOUT_HINT}</p>
                </div>
                <Field
                    label=text::TIME_ZONE
                    name="time_zone"
                    autocomplete="off"
                    hint=text::TIME_ZONE_HINT
                    value=Some(zone)
                    wrong=zone_wrong
                    optional=true
                />
                <button class="button primary" type="submit">{text::SAVE_PROFILE}</button>
            </form>
        </Section>
    }
    .into_any()
}
