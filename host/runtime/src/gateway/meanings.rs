//! What codes of guests mean: the numbers of services whose dialects are known.

use std::sync::LazyLock;

use fusebox_resilience::Meanings;
use fusebox_upstream::answers::guest_codes;

/// What every decision about retries is told of codes of guests.
pub fn meanings() -> &'static Meanings {
    static OF_DIALECTS: LazyLock<Meanings> = LazyLock::new(|| guest_codes().collect());
    &OF_DIALECTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusebox_types::failure::Code;

    #[test]
    fn what_a_plugin_says_of_glm_is_understood() {
        let rows = [
            ("glm.1302", Code::ApiThrottled),
            ("glm.1303", Code::ApiThrottled),
            ("glm.1304", Code::ApiQuota),
            ("glm.1305", Code::ApiOverloaded),
            ("glm.1308", Code::ApiQuota),
            ("glm.1310", Code::ApiQuota),
            ("glm.1312", Code::ApiOverloaded),
            ("glm.1113", Code::ApiBilling),
        ];
        for (own, code) in rows {
            assert_eq!(*meanings().of(&Code::Guest(own.into())), code, "{own}");
        }
        // A number that nobody knows, and a name of the host's that is borrowed.
        for own in ["glm.9999", "1302", "api.billing", "insufficient_quota"] {
            let code = Code::Guest(own.into());
            assert_eq!(*meanings().of(&code), code, "{own}");
        }
    }
}
