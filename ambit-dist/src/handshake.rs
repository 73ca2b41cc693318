//! How two nodes become a session, as pure code.
