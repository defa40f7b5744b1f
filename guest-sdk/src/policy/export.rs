//! What the macros that export a policy have in common.

#[doc(hidden)]
#[macro_export]
macro_rules! __export_policy {
    ($kind:ident, $policy:ty) => {
        const _: () = {
            use $crate::policy::bindings::$kind::exports::fusebox::policy::$kind as wire;

            struct Exported;

            impl wire::Guest for Exported {
                fn decide(snapshot: wire::Snapshot) -> wire::Verdict {
                    $crate::policy::$kind::decide::<$policy>(snapshot)
                }
            }

            $crate::policy::bindings::$kind::export_guest!(
                Exported with_types_in $crate::policy::bindings::$kind
            );
        };
    };
}
