//! What is said of a session of which something is lost.

use fusebox::archive::{Interrupted, Resumed, Salvaged};
use fusebox_store::journal::Damage;
use fusebox_types::failure::printable;

/// The most tasks that are named in one line.
const MOST_NAMED: usize = 20;

/// Says what became of the end of the journal.
pub(super) fn say_end(interrupted: &Interrupted) {
    if let Some(gone) = interrupted.gone() {
        say!(
            "warning: the journal had been on the disk up to byte {}, and ends at byte {} now: {} bytes of it are gone, and nobody knows what they held",
            gone.offset + gone.bytes,
            gone.offset,
            gone.bytes
        );
    } else if let Some(bytes) = interrupted.repaired() {
        say!(
            "the journal's last {bytes} bytes had not come to the disk whole when the host ended, and were cut off; nobody had been told of what they held"
        );
    }
}

/// Says what was salvaged, and what could not be.
pub(super) fn say_salvaged(salvaged: Option<&Salvaged>) {
    let Some(salvaged) = salvaged else {
        say!("the journal is not damaged: nothing of it had to be left out");
        return;
    };
    for damage in &salvaged.damage {
        say!("warning: the journal is damaged: {}", of_damage(damage));
    }
    if salvaged.made_up {
        say!(
            "warning: it is lost how the session began: its id is its folder's name now, its seed is 0, and its configuration is the one that is given now"
        );
    }
    say!(
        "{} records are intact, and the session resumes from them; the journal as it was is kept in {}",
        salvaged.intact,
        salvaged.original.display()
    );
}

fn of_damage(damage: &Damage) -> String {
    let records = match damage.records {
        None => "it is not known how many records".to_owned(),
        Some(0) => "no record".to_owned(),
        Some(1) => "1 record".to_owned(),
        Some(records) => format!("{records} records"),
    };
    format!("{records} lost between bytes {} and {}", damage.from, damage.to)
}

/// Names the tasks that may have been over.
pub(super) fn say_again(resumed: &Resumed) {
    if resumed.again.is_empty() {
        return;
    }
    let named = resumed.again.iter().take(MOST_NAMED);
    let mut named: Vec<_> = named.map(|task| printable(task).into_owned()).collect();
    let more = resumed.again.len() - named.len();
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    say!(
        "warning: records of the journal are lost, so these tasks may have been over and are run again: {}",
        named.join(", ")
    );
}
