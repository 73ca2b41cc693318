//! The guarantees of every transport, checked on each of them by the same tests; then the specifics of each.

mod common;
mod faults;
mod in_memory;
mod over_quic;
mod wakers;

macro_rules! on_each_transport {
    ($($test:ident),+ $(,)?) => {
        mod each_in_memory {
            $(#[tokio::test]
            async fn $test() {
                crate::transport::within(crate::transport::common::$test::<crate::transport::in_memory::Pairs>()).await;
            })+
        }

        mod each_over_quic {
            $(#[tokio::test]
            async fn $test() {
                crate::transport::within(crate::transport::common::$test::<crate::transport::over_quic::Loopback>()).await;
            })+
        }
    };
}

on_each_transport! {
    bytes_of_a_stream_arrive_in_order_and_end_with_its_finish,
    streams_do_not_wait_for_each_other,
    both_sides_write_on_a_stream_of_both,
    one_side_of_a_stream_may_end_before_the_other,
    a_writer_waits_while_nobody_reads_and_goes_on_when_somebody_does,
    a_write_that_is_dropped_has_written_nothing,
    a_close_arrives_with_its_code_and_text,
    what_was_read_after_a_close_says_how_it_was_closed,
    a_connection_closes_when_all_of_it_is_dropped,
    a_stream_outlives_the_handle_of_its_connection,
    a_reset_arrives_with_its_code,
    a_stop_arrives_with_its_code,
    priorities_may_be_set_at_any_time,
    a_limit_of_open_streams_holds_and_makes_room_again,
    two_who_dial_each_other_at_once_get_two_connections,
    nobody_is_accepted_after_close,
    what_is_refused_is_told_so,
    an_incoming_connection_that_does_not_go_on_holds_up_no_other,
    a_stream_that_is_waited_for_in_vain_ends_with_the_connection,
    bytes_are_counted,
    the_peer_is_who_it_is_and_where_it_is,
}

/// Runs a test, and fails it if it hangs.
async fn within(test: impl Future<Output = ()>) {
    let minute = std::time::Duration::from_secs(60);
    tokio::time::timeout(minute, test)
        .await
        .expect("the test is done within a minute");
}
