//! The host's own log: its lines may quote a guest, a service or a file, and leave
//! the host like everything else.

use std::borrow::Cow;
use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

use fusebox::config::LogFormat;
use fusebox_secrets::hide_in_log;
use fusebox_system::json::harmless;
use fusebox_types::failure::printable;

/// Where the log is written to: each line without secrets and with everything
/// escaped that could mislead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogLines<W> {
    to: W,
    format: LogFormat,
}

impl<W> LogLines<W> {
    pub(crate) const fn new(to: W, format: LogFormat) -> Self {
        Self { to, format }
    }
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for LogLines<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Line {
            to: self.to.make_writer(),
            format: self.format,
            said: Vec::new(),
        }
    }
}

/// One event, gathered until it is whole.
pub(crate) struct Line<W: Write> {
    to: W,
    format: LogFormat,
    said: Vec<u8>,
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.said.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Drop for Line<W> {
    fn drop(&mut self) {
        if self.said.is_empty() {
            return;
        }
        let said = String::from_utf8_lossy(&self.said);
        let mut line = said.trim_end_matches('\n').to_owned();
        hide_in_log(&mut line);
        let safe: Cow<'_, str> = match self.format {
            LogFormat::Text => printable(&line),
            LogFormat::Json => harmless(&line),
        };
        // Where the log is gone nobody reads it.
        let _ = self.to.write_all(format!("{safe}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusebox_secrets::{Secret, Vault, log_hides};
    use std::sync::{Arc, Mutex};

    /// What a log of this form writes for an event.
    fn written(format: LogFormat, said: &str) -> String {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = bytes.clone();
        let lines = LogLines::new(move || Kept(kept.clone()), format);
        let mut line = lines.make_writer();
        for piece in said.as_bytes().chunks(3) {
            line.write_all(piece).unwrap();
        }
        drop(line);
        let bytes = bytes.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(piece);
            Ok(piece.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_of_the_log_is_one_harmless_line_without_secrets() {
        let (vault, other) = (Arc::new(Vault::default()), Arc::new(Vault::default()));
        vault.learn("key", &Secret::of("hunter22"));
        other.learn("other", &Secret::of("swordfish"));
        for vault in [&vault, &other, &vault] {
            log_hides(vault);
        }
        let text = written(
            LogFormat::Text,
            "WARN a\u{1b}[2J\u{9b}0m\u{202e}\nERROR forged: hunter22 swordfish\n",
        );
        assert_eq!(
            text,
            "WARN a\\u{1b}[2J\\u{9b}0m\\u{202e}\\nERROR forged: [secret key] [secret other]\n"
        );
        let json = written(LogFormat::Json, "{\"message\":\"\u{202e}hunter22\u{9b}\"}\n");
        assert_eq!(json, "{\"message\":\"\\u202e[secret key]\\u009b\"}\n");
        assert_eq!(written(LogFormat::Text, ""), "");
    }
}
