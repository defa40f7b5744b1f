//! The journal as a whole: what is written comes back, whatever the end.

mod arbitrary;
mod cuts;
mod damage;
mod full;
mod grouping;

pub(super) use arbitrary::{record, started, task_ended, write};
