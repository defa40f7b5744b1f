//! One connection to the first of some addresses that takes it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::ConnectError;

/// Most addresses that are tried.
const MOST: usize = 8;

/// Connects to the first address that answers. The time that is left is divided
/// evenly among those that are left, so that one that is silent does not take
/// all of it. The last one is waited for as long as the caller likes.
pub(super) async fn any(addresses: &[SocketAddr], until: Instant) -> Result<TcpStream, ConnectError> {
    let tried = addresses.len().min(MOST);
    let mut failed = None;
    for (at, address) in addresses.iter().take(tried).enumerate() {
        let result = match u32::try_from(tried - at) {
            Ok(left @ 2..) => within(*address, until.saturating_duration_since(Instant::now()) / left).await,
            _ => TcpStream::connect(address).await,
        };
        match result.and_then(|stream| stream.set_nodelay(true).map(|()| stream)) {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = Some((*address, error)),
        }
    }
    let (address, why) = match failed {
        Some((address, error)) => (address, error.to_string()),
        None => (SocketAddr::from(([0; 4], 0)), "there is no address".into()),
    };
    Err(ConnectError::Connect { address, why })
}

async fn within(address: SocketAddr, time: Duration) -> io::Result<TcpStream> {
    match timeout(time, TcpStream::connect(address)).await {
        Ok(result) => result,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}
