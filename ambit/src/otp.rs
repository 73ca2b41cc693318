//! What OTP's library has beyond servers and supervisors. No room of it knows another.

pub(crate) mod state_machine;
