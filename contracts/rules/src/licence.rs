//! A licence as a state machine.
