//! Breakers hold work back and never lose it: what a person has at the end when inputs
//! are bad, or a service is down for a while.

mod bad_inputs;
mod outages;
