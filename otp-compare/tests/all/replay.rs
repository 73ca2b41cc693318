//! Replays the recorded scripts: ambit must do the same as Erlang/OTP.

use otp_compare::compare::{explain, first_difference};
use otp_compare::on_ambit;
use otp_compare::record::{RECORDED, read};

#[test]
fn ambit_does_what_was_recorded_from_erlang() {
    let recorded = read(RECORDED).unwrap();
    assert_eq!(recorded.len(), 300);
    for run in recorded.values() {
        let got = on_ambit(&run.script);
        if let Some(at) = first_difference(&run.trace, &got) {
            panic!("{}", explain(&run.script, &run.trace, &got, at));
        }
    }
}

#[test]
fn a_script_does_the_same_on_ambit_each_time() {
    for run in read(RECORDED).unwrap().values().take(30) {
        assert_eq!(on_ambit(&run.script), on_ambit(&run.script));
    }
}
