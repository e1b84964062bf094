//! The contract suite of `Store`: every back end is held to every test here. A back end is added by one line at
//! the end of this page, and an `open` beside it in [`bench`]. What only one of
//! them has is in [`sqlite_file`] and [`postgres_server`].

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

mod amending;
mod bench;
mod blocking;
mod chat_pages;
mod managing;
mod memberships;
mod mentions;
mod once;
mod overviews;
mod pages;
mod people;
mod postgres_server;
mod posting;
mod rooms;
mod sqlite_file;
mod users;

/// Every test of the contract, for one back end.
macro_rules! contract {
    ($backend:ident) => {
        contract! { $backend;
            posting:
                the_first_message_opens_the_conversation_for_both
                writing_to_oneself_opens_one_conversation_with_one_member
                racing_first_messages_make_one_conversation
                logs_are_gap_free_and_published_in_order
                what_is_not_theirs_does_not_exist
                replies_need_a_message_that_the_author_sees
                a_failed_post_takes_no_number_and_harms_no_neighbour
                text_is_stored_as_it_is;
            once:
                a_nonce_posts_once
                duplicates_at_once_post_once
                a_nonce_outlives_membership
                a_cancelled_call_is_still_published;
            amending:
                an_edit_has_a_history_and_is_made_once
                only_the_author_edits_and_deletes_and_strangers_see_nothing
                a_deleted_message_leaves_a_tombstone_and_nothing_else
                reactions_count_once_a_person_and_emoji
                pinned_messages_are_found
                a_page_brings_what_it_answers
                changes_and_posts_at_once_leave_no_hole
                an_archived_conversation_stands_still;
            blocking:
                who_blocks_hears_no_more_and_the_other_is_not_told
                a_first_message_opens_nothing_for_who_has_blocked_its_author
                blocking_and_a_first_message_at_once;
            memberships:
                an_inbox_knows_where_memberships_begin_and_end;
            mentions:
                unread_messages_that_call_somebody_are_counted;
            managing:
                a_group_is_made_with_its_manager_and_members
                a_creation_that_is_sent_again_makes_one
                a_change_is_one_event_and_none_where_nothing_changes
                who_is_added_hears_of_it_and_reads_from_there
                who_is_removed_hears_of_it_and_nothing_later
                whoever_was_there_longest_follows_the_manager
                who_comes_first_into_a_deserted_room_manages_it
                own_groups_and_rooms_are_found_by_what_they_are_called
                it_is_asked_who_may_and_a_refusal_changes_nothing
                two_peoples_conversation_stays_what_it_is
                a_group_has_an_end
                open_rooms_are_found_by_title
                members_are_listed_a_page_at_a_time
                comings_and_goings_at_once_leave_no_hole;
            pages:
                pages_at_their_boundaries
                numbers_out_of_range_are_harmless
                an_answer_is_bounded
                visibility
                a_group_shows_its_history_from_joining
                event_pages
                a_replay_shows_what_stands_now;
            chat_pages:
                a_page_is_never_older_than_an_answer
                a_version_is_one_users
                an_acknowledged_message_is_on_every_page_from_then_on;
            overviews:
                the_most_recently_active_comes_first
                a_list_pages_without_loss
                unread_counts_what_others_wrote_after_the_mark
                unread_is_counted_up_to_its_bound
                read_marks_only_move_forward
                a_preview_is_short_and_on_one_line
                ready_memberships_and_positions_agree
                ready_gives_in_full_what_is_chosen
                contacts_are_those_of_direct_conversations_and_groups
                nobody_has_nothing;
            users:
                names_are_unique_as_folded
                passwords_end_other_sessions
                a_password_is_changed_only_from_the_expected_one
                sessions_live_until_they_end
                a_session_replaces_the_one_presented
                expired_sessions_are_gone;
            people:
                a_profile_is_changed_in_parts
                a_new_name_shows_everywhere_at_once
                a_version_is_of_names_that_the_list_does_not_show
                people_are_found_by_either_name
                devices_are_listed_and_revoked
                preferences_come_with_the_session
                a_member_keeps_a_conversation_in_their_own_way
                what_was_marked_as_unread_is_read_with_the_mark
                pinned_conversations_come_first
                readers_are_told_where_few_are;
            rooms:
                founding_members_are_part_of_the_creation
                a_room_for_everyone_takes_in_later_sign_ups
                a_room_with_an_unknown_member_is_not_created
                closing_finishes_what_was_handed_in;
        }
    };
    ($backend:ident; $($topic:ident: $($test:ident)+;)+) => {
        mod $backend {$(
            mod $topic {$(
                #[tokio::test]
                async fn $test() {
                    let bench = super::super::bench::$backend().await;
                    super::super::bench::run(super::super::$topic::$test, bench).await;
                }
            )+}
        )+}
    };
}

contract!(sqlite);
contract!(postgres);
