//! What carries bytes between nodes: QUIC, memory, a simulated network.
