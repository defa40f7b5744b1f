//! From a name to its addresses.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

/// Finds the addresses of a name.
pub trait Resolve: Send + Sync {
    /// All addresses of a name, with a port put to each. Called once for a
    /// connection.
    ///
    /// # Errors
    /// If the name cannot be resolved.
    fn resolve(&self, name: &str, port: u16) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;
}

/// The resolver of the system: files, DNS, and whatever else it is set up for.
///
/// It works on a thread for blocking calls. One that is given up goes on there
/// until the system's own time limit; nothing waits for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((name, port)).await?.collect())
    }
}
