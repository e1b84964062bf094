//! One thin-line set on a 24-pixel grid, drawn in the colour of the text. An icon says nothing to screen readers:
//! what it stands for is beside it, or the name of the button around it.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IconName {
    Add,
    Archive,
    Back,
    Close,
    Clock,
    Details,
    Down,
    Rooms,
    Edit,
    Face,
    Find,
    More,
    Muted,
    NewChat,
    People,
    Pin,
    Reply,
    Send,
    Settings,
    Smile,
    Tick,
    Ticks,
    Up,
    Warning,
}

impl IconName {
    fn path(self) -> &'static str {
        match self {
            Self::Add => "M12 5v14M5 12h14",
            Self::Archive => "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
            Self::Back => "M15 5l-7 7 7 7",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Edit => "M4 20h4L19 9l-4-4L4 16z",
            Self::Face => {
                "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M8.5 14.5c1 1.3 2.1 2 3.5 2s2.5-.7 3.5-2M9 9.6v.1M15 9.6v.1"
            }
            Self::Find => "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.5 15.5L20 20",
            Self::More => {
                "M5 12a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0M11.4 12a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0M17.8 12a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0"
            }
            Self::Pin => "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v5",
            Self::Reply => "M9 7l-5 5 5 5M4 12h10a6 6 0 0 1 6 6v1",
            Self::Clock => "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7.5V12l3 2",
            Self::Details => "M4 5h16v14H4zM14.5 5v14",
            Self::Rooms => "M9 4L7 20M17 4l-2 16M4.5 9h16M3.5 15h16",
            Self::Down => "M12 5v14M6 13l6 6 6-6",
            Self::Muted => {
                "M6 9a6 6 0 0 1 9.5-4.9M18 9c0 5 2 6.5 2 6.5H8M6 9c0 5-2 6.5-2 6.5M10.5 19a1.7 1.7 0 0 0 3 0M4 4l16 16"
            }
            Self::People => {
                "M9 5a3.2 3.2 0 1 0 0 6.4a3.2 3.2 0 1 0 0-6.4M3 19a6 6 0 0 1 12 0M15.5 5.4a3.2 3.2 0 0 1 0 5.6M17.5 13.6A6 \
                 6 0 0 1 21 19"
            }
            Self::NewChat => "M13 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-7M9 15v-3L18 3l3 3-9 9z",
            Self::Send => "M12 19V5M5.5 11.5L12 5l6.5 6.5",
            Self::Smile => "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M8.5 14.5c1.8 2.3 5.2 2.3 7 0M9 9.5v.1M15 9.5v.1",
            Self::Settings => {
                "M4 7h9M19 7h1M16 4.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5M4 17h1M11 17h9M8 14.5a2.5 2.5 0 1 0 0 \
                 5a2.5 2.5 0 1 0 0-5"
            }
            Self::Ticks => "M2 12.5l4.5 4.5L16 7.5M11.5 16l1 1L22 7.5",
            Self::Tick => "M5 12.5l4.5 4.5L19 7.5",
            Self::Up => "M12 19V5M6 11l6-6 6 6",
            Self::Warning => "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7.5v5.5M12 16.4v.1",
        }
    }
}

#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=name.path()/>
        </svg>
    }
}

/// The mark of Chatter, as in public/favicon.svg.
#[component]
pub(super) fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
            <path class="mark-bubble" d="M16 3C8.3 3 2 8.4 2 15c0 3.3 1.6 6.3 4.1 8.5L5 29l6.1-2.7c1.5.5 3.2.7 4.9.7 7.7 0 14-5.4 14-12S23.7 3 16 3z"/>
            <path class="mark-dots" d="M9.5 15h.01M16 15h.01M22.5 15h.01"/>
        </svg>
    }
}
