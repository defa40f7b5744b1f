//! Words for a shell.

/// A word for a shell, whatever is in it.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        return word.to_owned();
    }
    if fusebox_types::failure::printable(word) == word {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    // What a terminal would act on is written as bytes.
    let mut quoted = String::from("$'");
    for byte in word.bytes() {
        match byte {
            b'\'' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            0x20..0x7f => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quote;

    /// Each word comes back from a real shell as it was.
    #[test]
    fn a_quoted_word_survives_the_shell() {
        for word in [
            "plain",
            "",
            "-x",
            "a b",
            "it's",
            "$HOME `id`",
            "界\u{202e}",
            "a\nb\u{1b}[2J\\",
            "../../x",
        ] {
            let script = format!("printf %s {}", quote(word));
            let out = std::process::Command::new("bash")
                .args(["-c", &script])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(out.stdout).unwrap(), word);
        }
    }
}
