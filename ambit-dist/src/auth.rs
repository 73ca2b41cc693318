//! Who may be a node: certificates, and what they are made of.
