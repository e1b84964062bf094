//! How one's pages look, and who sees that one is there.

use leptos::prelude::*;

use super::section::{Choices, Section};
use crate::protocol::{Account, Density, Theme};
use crate::ui::text;

#[component]
pub(super) fn Appearance(account: Account) -> impl IntoView {
    let (theme, density) = (account.preferences.theme, account.preferences.density);
    let themes = [
        ("system", text::THEME_SYSTEM, Theme::System),
        ("light", text::THEME_LIGHT, Theme::Light),
        ("dark", text::THEME_DARK, Theme::Dark),
    ];
    let densities = [
        ("comfortable", text::DENSITY_COMFORTABLE, Density::Comfortable),
        ("compact", text::DENSITY_COMPACT, Density::Compact),
    ];
    let themes = themes.map(|(value, label, is)| (value, label, is == theme)).to_vec();
    let densities = densities.map(|(value, label, is)| (value, label, is == density)).to_vec();
    view! {
        <Section id="appearance" title=text::APPEARANCE saved=text::SAVED>
            <form class="form" method="post" action="/api/profile-update">
                <input type="hidden" name="as_user" value=account.profile.id.to_string()/>
                <Choices name="theme" legend=text::THEME options=themes/>
                <Choices name="density" legend=text::DENSITY options=densities/>
                <button class="button" type="submit">{text::SAVE_APPEARANCE}</button>
            </form>
        </Section>
    }
    .into_any()
}

#[component]
pub(super) fn Privacy(account: Account) -> impl IntoView {
    let options = vec![
        ("false", text::PRESENCE_SHOWN, !account.presence_hidden),
        ("true", text::PRESENCE_HIDDEN, account.presence_hidden),
    ];
    view! {
        <Section id="privacy" title=text::PRIVACY saved=text::SAVED>
            <form class="form" method="post" action="/api/profile-update">
                <input type="hidden" name="as_user" value=account.profile.id.to_string()/>
                <Choices name="presence_hidden" legend=text::PRESENCE options/>
                <button class="button" type="submit">{text::SAVE_PRIVACY}</button>
            </form>
        </Section>
    }
    .into_any()
}
